"""The station as a plugin of a Dask worker, and the task that brings it a batch.

Dask gives the plugin to every worker that is there or joins later, before any task, and takes it away when the run
ends or the worker does.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from distributed import WorkerPlugin, get_worker

from autograder.errors import AutograderError, UsageError
from autograder.grading.cluster.address import is_safe
from autograder.grading.cluster.freight import Answer, Batch, Order
from autograder.grading.cluster.station import Station


class StationPlugin(WorkerPlugin):  # type: ignore[misc]
    """Opens a station in the worker, and closes it."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self.station: Station | None = None

    async def setup(self, worker: Any) -> None:
        """Open the station, in the thread that will grade, so that the worker goes on answering the scheduler.

        (A box ends with the thread that started it, too.) Raises UsageError where this worker can't take part.
        """
        for address in (worker.address, worker.scheduler.address):
            if not is_safe(address):
                raise UsageError(
                    f"The worker at {worker.address} can be reached over plain tcp from other machines",
                    next_step="Start scheduler and workers with tls:// addresses (docs/scaling.md says how)",
                )
        station = Station(self._order, Path(worker.local_directory))
        try:
            await asyncio.get_running_loop().run_in_executor(worker.executors["default"], station.open)
        except AutograderError as error:
            wrong = f"The worker at {worker.address} can't take part: {error.wrong}"
            raise UsageError(wrong, error.expected, error.got, error.next_step) from None
        except OSError as error:
            raise UsageError(f"The worker at {worker.address} can't take part", got=str(error)) from None
        self.station = station

    def teardown(self, worker: Any) -> None:
        """Close the station."""
        if self.station is not None:
            self.station.close()


def grade_batch(name: str, batch: Batch) -> Answer:
    """The task: in a worker, have the station called ``name`` grade a batch. Raises what the station raises."""
    return _station(get_worker(), name).grade(batch)


def walls_of(name: str, dask_worker: Any) -> tuple[str, bool]:
    """The tier of a worker's box, and whether that is weak."""
    settings = _station(dask_worker, name).settings
    return settings.tier, settings.weak


def _station(worker: Any, name: str) -> Station:
    plugin = worker.plugins.get(name)
    station = plugin.station if isinstance(plugin, StationPlugin) else None
    if station is None:
        raise AutograderError(
            f"The worker at {worker.address} joined and could not take part",
            next_step="Its log says why. Stop it or mend it, and run again; what was recorded stays",
        )
    return station
