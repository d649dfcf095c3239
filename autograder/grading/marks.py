"""What the gradebook says, as plain data: marks, totals, what was completed, what recording changed."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Mark:
    """One grade cell of one submission, in points."""

    cell: str
    points: float
    auto: float | None
    manual: float | None
    extra: float | None
    needs_human: bool

    @property
    def score(self) -> float:
        """What counts, as nbgrader counts: the manual score if there is one, plus extra credit."""
        counted = self.manual if self.manual is not None else self.auto
        return 0.0 if counted is None else counted + (self.extra or 0.0)


@dataclass(frozen=True)
class Total:
    """One submission. ``score`` has no penalty taken off; ``timestamp`` is naive and in UTC."""

    student: str
    marks: tuple[Mark, ...]
    penalty: float
    timestamp: datetime.datetime | None

    @property
    def score(self) -> float:
        """The sum of what counts."""
        return sum(mark.score for mark in self.marks)

    @property
    def points(self) -> float:
        """The most there was to earn, without extra credit."""
        return sum(mark.points for mark in self.marks)

    @property
    def needs_human(self) -> bool:
        """Whether anything waits for a human."""
        return any(mark.needs_human for mark in self.marks)


@dataclass(frozen=True)
class Completion:
    """That a submission was dealt with, and how.

    ``state`` is "graded", "rejected", or "internal": then it must be done again, and ``earlier`` holds the automatic
    scores that were taken back, by grade id. ``files`` maps what was written (paths below the results) to SHA-256.
    """

    student: str
    assignment: str
    state: str
    digest: str
    version: str
    tier: str
    fingerprint: str
    files: Mapping[str, str]
    finished: datetime.datetime
    earlier: Mapping[str, float]


@dataclass(frozen=True)
class Hidden:
    """A manual score that stands in front of an automatic one which is no longer what it was."""

    student: str
    assignment: str
    cell: str
    manual: float
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Recorded:
    """What recording replaced: the last automatic scores, by grade id, and manual scores that a human may look at."""

    earlier: Mapping[str, float] = field(default_factory=dict)
    hidden: tuple[Hidden, ...] = ()
