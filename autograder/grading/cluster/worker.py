"""The station as a plugin of a Dask worker, and the task that brings it a batch.

Dask gives the plugin to every worker that is there or joins later, before any task, and takes it away when the run
ends or the worker does.
"""

from __future__ import annotations

import asyncio
import traceback
from pathlib import Path
from typing import Any

from distributed import WorkerPlugin, get_worker

from autograder.errors import AutograderError, UsageError
from autograder.grading.cluster.address import is_safe
from autograder.grading.cluster.freight import Answer, Batch, Failure, Order
from autograder.grading.cluster.station import Station

DEEPEST = 20
"""How many calls of a fault of ours are told."""


class StationPlugin(WorkerPlugin):  # type: ignore[misc]
    """Opens a station in the worker, and closes it."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._station: Station | None = None
        self._refusal = ""

    async def setup(self, worker: Any) -> None:
        """Open the station, in the thread that will grade, so that the worker goes on answering the scheduler.

        (A box ends with the thread that started it, too.) Raises UsageError where this worker can't take part.
        """
        try:
            for address in (worker.address, worker.scheduler.address):
                _check_safe(address)
            station = Station(self._order, Path(worker.local_directory))
            await asyncio.get_running_loop().run_in_executor(worker.executors["default"], station.open)
        except (AutograderError, OSError) as error:
            self._refusal = f"The worker at {worker.address} can't take part: {error}"
            raise UsageError(self._refusal) from None
        self._station = station

    def teardown(self, worker: Any) -> None:
        """Close the station."""
        if self._station is not None:
            self._station.close()

    @property
    def station(self) -> Station:
        """The open station. Raises UsageError where this worker joined and could not take part."""
        if self._station is None:
            raise UsageError(self._refusal, next_step="Stop it or mend it, and run again; what was recorded stays")
        return self._station


def grade_batch(name: str, batch: Batch) -> Answer | Failure:
    """The task: in a worker, have the station called ``name`` grade a batch."""
    try:
        return _station(get_worker(), name).grade(batch)
    except AutograderError as error:
        return Failure(error.with_traceback(None))
    except Exception as error:
        fault = RuntimeError(f"{type(error).__name__} {'; '.join(getattr(error, '__notes__', ()))}")
        fault.add_note(traceback.format_exc(limit=-DEEPEST))
        return Failure(fault)


def walls_of(name: str, dask_worker: Any) -> tuple[str, bool]:
    """The tier of a worker's box, and whether that is weak."""
    settings = _station(dask_worker, name).settings
    return settings.tier, settings.weak


def _station(worker: Any, name: str) -> Station:
    plugin = worker.plugins.get(name)
    if not isinstance(plugin, StationPlugin):
        raise AutograderError(
            f"The worker at {worker.address} does not know of this run",
            next_step="Is another one going on for the same course? Run it again; what was recorded stays",
        )
    return plugin.station


def _check_safe(address: str) -> None:
    if not is_safe(address):
        raise UsageError(
            "Other machines could reach it over plain tcp",
            expected="tls://, or tcp:// on this machine alone",
            got=address,
            next_step="Start scheduler and workers with tls:// addresses, as docs/scaling.md says",
        )
