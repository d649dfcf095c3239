"""The verdict on one exercise: what the judge decides and everything else only translates."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from autograder.kit.ladder import Finding


class Status(enum.Enum):
    """How an exercise ended. Only ``PASSED`` and ``PARTIAL`` earn points."""

    PASSED = "passed"  # every check passed
    PARTIAL = "partial"  # the gate passed, another check did not
    FAILED = "failed"  # answered, and the gate did not pass
    NOT_ATTEMPTED = "not attempted"  # the skeleton is untouched
    CRASHED = "crashed"  # the submission took its box down: what was not answered earns nothing
    MANUAL = "manual"  # an essay: a human reads it
    INTERNAL = "internal"  # our fault: no score is written, a human is asked


@dataclass(frozen=True)
class Hint:
    """A named mistake or a structural finding, with the question that leads out of it."""

    name: str
    text: str
    source: str  # "bank" or "structure"


@dataclass(frozen=True)
class Shown:
    """One shown case on which an answer failed: values that feedback may print."""

    case: str
    inputs: tuple[tuple[str, object], ...]  # (argument name, value), grad_output included
    finding: Finding


@dataclass(frozen=True)
class CheckResult:
    """One check of one exercise. ``share`` is its part of the exercise's points, 0 to 1."""

    name: str  # "values", "edges", "stability", "inputs unchanged", "cost", ...
    share: float
    passed: bool
    message: str = ""  # own words only; safe to show, never student text
    case: str = ""  # the name of the first failing case


@dataclass(frozen=True)
class Verdict:
    """The judge's decision on one exercise of one submission.

    ``fraction`` is the earned part of the exercise's points, 0.0 to 1.0.
    ``message``, ``hint`` and ``where`` (which entries and cases differ, for when there is no hint) are our own words;
    ``student_text`` is what the student's code raised and ``printed`` what it printed, both only on the shown case.
    They must be escaped wherever they are shown.
    """

    exercise: str
    status: Status
    checks: tuple[CheckResult, ...] = ()
    rung: str = ""  # missing | raised | type | count | shape | value, or "" when passed
    message: str = ""
    hint: Hint | None = None
    shown: Shown | None = None
    student_text: str = ""
    cell: str | None = None  # where student code raised: cell id
    line: int | None = None  # and line in that cell, from 1
    cpu_seconds: float = 0.0
    notes: tuple[str, ...] = field(default=())
    where: str = ""
    printed: str = ""

    @property
    def fraction(self) -> float:
        """The earned share of the points: the gate first, then what each passed check is worth."""
        if self.status is Status.PASSED:
            return 1.0
        if self.status is not Status.PARTIAL:
            return 0.0
        earned = round(sum(check.share for check in self.checks if check.passed), 10)
        return 1.0 if earned > 1.0 else earned  # what is no share at all is refused where it becomes a score
