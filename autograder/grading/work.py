"""What a run hands around: what every submission needs, and what came of one."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from autograder.boundary.job import Box
from autograder.boundary.limits import AGAIN, SUBMISSION, Allowance
from autograder.grading.course import Course
from autograder.grading.gradebook import Penalty
from autograder.grading.intake import Rejected
from autograder.grading.pipeline import Graded
from autograder.grading.plan import Plan
from autograder.grading.release import Release
from autograder.grading.roster import Found

Entry: TypeAlias = Found | Rejected
"""One of what was handed in: a notebook, or why there is none."""


@dataclass(frozen=True)
class Settings:
    """What a run needs besides the course: a proven box, what its walls are called, how many workers.

    A worker process uses the box that it inherits, and closes it before it ends. A box that keeps something running
    starts it in the process that first uses it, and leaves alone what a parent started.
    """

    box: Box
    tier: str
    weak: bool = False
    workers: int = 0
    force: bool = False
    late: Penalty | None = None
    dry: bool = False
    """Whether files are made and not put in place."""
    allowance: Allowance = SUBMISSION
    """What one submission may use."""
    again: Allowance = AGAIN
    """What one may use that is graded once more, alone, for it was waited for while others were graded beside it."""

    @property
    def processes(self) -> int:
        """One worker per core unless told otherwise."""
        return self.workers or os.cpu_count() or 1


@dataclass(frozen=True)
class Work:
    """What dealing with one submission needs; the same for all of a run."""

    course: Course
    plans: Mapping[str, Plan]
    settings: Settings
    releases: tuple[Release, ...]


@dataclass(frozen=True)
class Done:
    """One submission dealt with: its files are in place, and this is what the gradebook is to record.

    ``result`` is without what only the files show (`Graded.for_the_gradebook`); ``files`` maps what was written (paths
    below the results) to SHA-256. ``timestamp`` is when it was handed in.
    """

    assignment: str
    student: str
    result: Graded | Rejected
    files: Mapping[str, str]
    timestamp: datetime.datetime | None
    problems: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        """What was graded: the assignment, or one of its notebooks."""
        return self.result.unit
