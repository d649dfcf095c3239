"""``autograder grade --scheduler``: the workers of a Dask cluster in the place of this machine's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.commands.walls import tell
from autograder.errors import UsageError
from autograder.grading.cluster.address import checked_address
from autograder.grading.course import Course
from autograder.grading.plan import Plan
from autograder.grading.release import Release

if TYPE_CHECKING:
    from autograder.grading.cluster.client import Cluster


def check_scheduler(address: str, *, workers: int = 0) -> None:
    """Raise UsageError where no run could be distributed as asked for.

    The address is not safe, ``workers`` of this machine were asked for too, or Dask is not installed.
    """
    checked_address(address)
    if workers:
        raise UsageError(
            "With --scheduler the workers are the cluster's",
            "no --workers",
            f"--workers {workers}",
            "Leave it out, and start as many workers as you want on the cluster",
        )
    if find_spec("distributed") is None:
        raise UsageError(
            "Grading on a cluster needs Dask, which is not installed",
            next_step="Run `python3 requirements/install.py .venv grade cluster --project .` here, on the scheduler's "
            "machine and on every worker's",
        )


@contextmanager
def cluster(
    console: Console,
    address: str,
    course: Course,
    plans: Mapping[str, Plan],
    releases: Mapping[str, Release],
    *,
    accept_weak: bool,
) -> Iterator[Cluster]:
    """The workers of the scheduler at ``address``, each behind proven walls. Raises as `joined`."""
    from autograder.grading.cluster.client import joined

    with joined(address, course, plans, releases, accept_weak=accept_weak) as made:
        tell(console, made.tier, weak=made.weak)
        yield made
