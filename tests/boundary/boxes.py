"""Short ways to say a job and to read an outcome, and what to do where a wall is missing."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, NoReturn

import pytest

from autograder.boundary.job import Box, Call, Cell, Job, Outcome, Returned, Task
from autograder.boundary.launcher import FreshBox, Tier
from autograder.boundary.limits import Limits
from autograder.boundary.tiers import try_tier, warm_fault
from autograder.boundary.warm import WarmBox

Kind = Tier | Literal["warm"]

QUICK = Limits(cell_cpu=0.5, load_cpu=4.0, call_cpu=0.5, task_cpu=0.75, grace_cpu=0.25, wall_slack=60.0)
"""Limits for submissions that are meant to use up their CPU seconds."""

DROWSY = Limits(wall_factor=0.0, wall_slack=1.5)
"""Limits for submissions that are meant to wait until the deadline."""

DROWSY_TOO = Limits(wall_factor=0.0, wall_slack=1.6)
"""The same for a second box, in which another one waits at the same time."""


def missing_wall(wall: str, reason: str) -> NoReturn:
    """Skip the test, or fail it where walls are required: this machine lacks the wall that it tries."""
    report = pytest.fail if os.environ.get("AUTOGRADER_REQUIRE_TIER") == "1" else pytest.skip
    report(f"wall not tested: {wall} ({reason})")


def unshare_fault(*namespaces: str) -> str:
    """Why `unshare` cannot make these namespaces here; empty if it can."""
    program = shutil.which("unshare")
    if program is None:
        return "no unshare on PATH (Debian: util-linux)"
    done = subprocess.run([program, *namespaces, "true"], capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stderr.strip() or f"unshare ends with exit code {done.returncode}"


def box_of(kind: Kind, limits: Limits | None = None) -> FreshBox | WarmBox:
    """A box of this kind; where its walls are missing the test cannot be run, or fails if they are required."""
    reason = warm_fault() if kind == "warm" else try_tier(kind).reason
    if reason:
        missing_wall(kind, reason)
    return _warm(limits) if kind == "warm" else FreshBox(kind, limits, proven=True)


@functools.cache
def _warm(limits: Limits | None) -> WarmBox:
    """One for all tests of a process: its parents are closed when the process ends."""
    return WarmBox(limits, proven=True)


def cells(*sources: str) -> tuple[Cell, ...]:
    """Cells named c0, c1, ..."""
    return tuple(Cell(f"c{number}", source) for number, source in enumerate(sources))


def read(*names: str, exercise: str = "read") -> Task:
    """A task that reads variables."""
    return Task(exercise, "read", names=names)


def call(exercise: str, *argument_lists: Sequence[object]) -> Task:
    """A task that calls a function with each of the argument lists."""
    return Task(exercise, calls=tuple(Call(f"case {n}", tuple(args)) for n, args in enumerate(argument_lists)))


def job(sources: Sequence[str], *tasks: Task, torch: bool = False) -> Job:
    """A job from sources and tasks."""
    return Job(cells(*sources), tasks, torch)


def side_by_side(*lanes: tuple[Box, Mapping[str, Job]]) -> dict[str, Outcome]:
    """What becomes of named jobs: each box runs its own one after the other, all boxes at once.

    A box that sleeps until its deadline costs no time that way.
    """

    def run(lane: tuple[Box, Mapping[str, Job]]) -> dict[str, Outcome]:
        box, jobs = lane
        return {name: box.run(job) for name, job in jobs.items()}

    with ThreadPoolExecutor(len(lanes)) as pool:
        return {name: outcome for outcomes in pool.map(run, lanes) for name, outcome in outcomes.items()}


def values(outcome: Outcome, exercise: str = "read") -> list[object]:
    """The values of a complete reply."""
    return [one.value for one in answers(outcome, exercise)]


def answers(outcome: Outcome, exercise: str) -> tuple[Returned, ...]:
    """All answers of a complete reply."""
    assert exercise in outcome.replies, outcome
    assert outcome.replies[exercise].complete, outcome
    return outcome.replies[exercise].returned


def only(outcome: Outcome, exercise: str) -> Returned:
    """The one answer of a complete reply."""
    (answer,) = answers(outcome, exercise)
    return answer
