"""Grades the hostile course as `autograder grade` does, in a process of its own that notices what is left behind.

    python -m tests.hostile.grade COURSE MODE ASSIGNMENT

Run as a child: it changes the catalogue, adopts every orphan below it, and writes what it saw to COURSE/seen.json.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from autograder.boundary.job import Box, Job, Outcome
from autograder.boundary.launcher import FreshBox
from autograder.boundary.limits import MIB, TORCH, Limits
from autograder.boundary.warm import WarmBox
from autograder.bridges.nbgrader.register import register
from autograder.commands import grade as command
from autograder.commands.walls import Walls
from autograder.grading.course import Course
from autograder.grading.passes import CANARY
from autograder.grading.plan import open_plan
from autograder.grading.run import Settings, run
from tests.hostile import course as small
from tests.hostile.folders import WAITS

WORKERS = 5
"""More than cores: who waits until a deadline keeps nobody else from being graded."""

QUICK = Limits(
    cell_cpu=2.5, load_cpu=4.0, call_cpu=0.3, task_cpu=0.8, child_cpu=3.0, grace_cpu=0.3, wall_slack=60.0,
    reply_in_all=4 * MIB,
)  # fmt: skip
"""Endless code is stopped soon; a busy machine costs nobody anything."""

DROWSY = replace(QUICK, wall_factor=0.0, wall_slack=2.5)
"""For submissions that wait."""

FOR_TORCH = replace(QUICK, memory=TORCH.memory, load_cpu=10.0, call_cpu=5.0, task_cpu=10.0, child_cpu=30.0)

Make = Callable[[Limits | None], Box]
MODES: Mapping[str, Callable[[], Make]] = {
    "fresh": lambda: partial(FreshBox, "namespaces"),
    "warm": lambda: partial(Limited, WarmBox()),
}
"""How boxes are made, for limits or for those of every day."""

PATIENCE = 5.0
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER


@dataclass(frozen=True)
class Limited:
    """One warm box for all, so that attackers who wait share their parent with everybody else."""

    box: WarmBox
    limits: Limits | None

    def run(self, job: Job) -> Outcome:
        """Run the job within these limits."""
        self.box._limits = self.limits
        return self.box.run(job)

    def close(self) -> None:
        """End its parents."""
        self.box.close()


@dataclass
class Seen:
    """What was noticed besides grades."""

    exit_codes: list[int] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    internal: list[list[str]] = field(default_factory=list)
    graded_again: list[str] = field(default_factory=list)
    processes: list[str] = field(default_factory=list)
    threads: int = 0
    temporary: list[str] = field(default_factory=list)
    workers: dict[str, list[dict[str, int]]] = field(default_factory=dict)


class Watched:
    """Boxes with the limits that a submission needs, and a look at the grader's own process after each job."""

    def __init__(self, make: Make, log: Path, *, torch: bool) -> None:
        """Proves fresh boxes once, as the command does before its workers are forked."""
        self._quick, self._drowsy = make(FOR_TORCH if torch else QUICK), make(DROWSY)
        self._log = log
        if isinstance(self._quick, FreshBox):
            for box in (self._quick, self._drowsy):
                box.run(replace(CANARY, torch=torch))

    def run(self, job: Job) -> Outcome:
        """Run the job; never raises."""
        waits = any(WAITS in cell.source for cell in job.cells)
        outcome = (self._drowsy if waits else self._quick).run(job)
        noticed = {
            "descriptors": len(os.listdir("/proc/self/fd")),
            "kilobytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
            "children": len(list(_children(os.getpid()))),
        }
        with open(self._log / f"{os.getpid()}", "a", encoding="utf-8") as log:
            log.write(json.dumps(noticed) + "\n")
        return outcome

    def close(self) -> None:
        """Close both."""
        self._quick.close()
        self._drowsy.close()


def main(root: Path, mode: str, assignment: str) -> None:
    """Grade, hand in again, grade again; then grade the honest ones alone."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    log = root / "watched"
    log.mkdir()
    box = Watched(MODES[mode](), log, torch=small.ASSIGNMENTS[assignment].torch)
    seen = Seen()
    course = Course.at(root)
    with _commanded(box, mode, seen):
        for _ in range(2):
            seen.exit_codes.append(
                command.run_grade(
                    course, (assignment,), submitted=None, force=False, workers=WORKERS, reseed=False, allow_weak=False
                )
            )
            shutil.copytree(root / "again", course.submitted, dirs_exist_ok=True)
    seen.workers = {path.name: list(map(json.loads, path.read_text().splitlines())) for path in log.iterdir()}
    _grade_alone(course, mode, assignment)
    seen.processes = _left_behind()
    seen.threads = threading.active_count()
    seen.temporary = os.listdir(tempfile.gettempdir())
    (root / "seen.json").write_text(json.dumps(asdict(seen)))


@contextlib.contextmanager
def _commanded(box: Box, mode: str, seen: Seen) -> Iterator[None]:
    """`autograder grade` with this box, and its summary kept."""
    patched: Any = command
    original = command.run

    def kept(*args: Any, **kwargs: Any) -> Any:
        summary = original(*args, **kwargs)
        seen.notices += summary.problems
        seen.internal += map(list, summary.internal)
        seen.graded_again = [done.student for done in summary.graded]
        return summary

    def proven(console: Console, **_: Any) -> Walls:
        return Walls(box, mode, weak=False)

    patched.run, patched.proven_box = kept, proven
    try:
        yield
    finally:
        patched.run = original


def _grade_alone(course: Course, mode: str, assignment: str) -> None:
    """The honest students without the others, in boxes of their own, with the limits of every day."""
    alone = Course.at(course.root, submitted=course.root / "honest", results=course.root / "alone")
    alone.results.mkdir()
    register(alone, assignment)
    box = MODES[mode]()(None)
    run(alone, {assignment: open_plan(alone, assignment)}, Settings(box, mode, workers=1))
    box.close()


def _left_behind() -> list[str]:
    """What is still alive when everything had a moment to end."""
    deadline = time.monotonic() + PATIENCE
    while (found := list(_children(os.getpid()))) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def _children(parent: int) -> Iterator[str]:
    """The living children of this process, orphans that it adopted included: number and command line."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            state, its_parent = Path("/proc", name, "stat").read_text().rpartition(")")[2].split()[:2]
            if int(its_parent) == parent and state != "Z":
                yield f"{name}: {Path('/proc', name, 'cmdline').read_bytes().decode('utf-8', 'replace')[:200]}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
