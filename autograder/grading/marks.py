"""What the gradebook says, as plain data: marks, totals, what was completed, what recording changed."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter


@dataclass(frozen=True, slots=True)
class Mark:
    """One grade cell of one submission, in points.

    ``extra`` is nbgrader's extra credit, which the grader and humans share: ``bonus`` is what the last verdict gave,
    ``ours`` whether the grader wrote it there.
    """

    cell: str
    points: float
    auto: float | None
    manual: float | None
    extra: float | None
    needs_human: bool
    bonus: float = 0.0
    ours: bool = False

    @property
    def decided(self) -> bool:
        """Whether there is a score."""
        return self.manual is not None or self.auto is not None

    @property
    def credit(self) -> float:
        """The extra credit that counts, as nbgrader counts: none without a score."""
        return (self.extra or 0.0) if self.decided else 0.0

    @property
    def score(self) -> float:
        """What counts, as nbgrader counts: the manual score if there is one, plus extra credit."""
        counted = self.manual if self.manual is not None else self.auto
        return (counted or 0.0) + self.credit

    @property
    def extra_by_hand(self) -> bool:
        """Whether a human gave the extra credit, a 0 included. An empty one says nothing."""
        return self.extra is not None and not (self.ours and self.extra == self.bonus)

    def with_bonus(self, earned: float | None) -> Mark:
        """The mark after a verdict gave ``earned``; None, where it gave none yet, takes back what the grader wrote.

        What a human wrote stays. An empty bonus is written as nothing, so that a 0 is always a human's.
        """
        bonus = self.bonus if earned is None else earned
        if self.extra_by_hand:
            return replace(self, bonus=bonus, ours=False)
        return replace(self, bonus=bonus, ours=bool(earned), extra=earned or None)


@dataclass(frozen=True)
class Total:
    """One submission, all notebooks of it. ``score`` has no penalty taken off; ``timestamp`` is naive and in UTC."""

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

    def __add__(self, other: Total) -> Total:
        """The same submission with another notebook of it."""
        marks = sorted((*self.marks, *other.marks), key=attrgetter("cell"))
        return replace(self, marks=tuple(marks), penalty=self.penalty + other.penalty)

    def credit(self, cells: Collection[str]) -> float:
        """The extra credit on ``cells``, which is part of the score."""
        return sum(mark.credit for mark in self.marks if mark.cell in cells)

    @property
    def needs_human(self) -> bool:
        """Whether anything waits for a human."""
        return any(mark.needs_human for mark in self.marks)


@dataclass(frozen=True)
class Completion:
    """That a submission was dealt with, and how. ``assignment`` is the unit: it may be one notebook of several.

    ``state`` is "graded", "rejected", or "internal": then it must be done again, and ``earlier`` holds the automatic
    scores that were taken back, by grade id. ``files`` maps what was written (paths below the results) to SHA-256.
    ``answers`` and ``closed`` are as in `closed.Remembered`; ``grader`` is that of `plan.Plan`.
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
    answers: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    closed: Mapping[str, float] = field(default_factory=dict)
    grader: str = ""


@dataclass(frozen=True)
class Hidden:
    """A manual score, or extra credit by hand, in front of an automatic one which is no longer what it was."""

    student: str
    assignment: str
    cell: str
    manual: float
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Changed:
    """An automatic score that is, or would be, another one; None is no score. A ``manual`` one would hide it."""

    student: str
    assignment: str
    cell: str
    before: float | None
    after: float | None
    manual: float | None = None


@dataclass(frozen=True)
class Reopened:
    """A cell that a person had graded and must look at again, and why."""

    student: str
    assignment: str
    cell: str
    why: str


@dataclass(frozen=True)
class Recorded:
    """What recording replaced: the last automatic scores, by grade id, and manual scores that a human may look at.

    ``reopened`` are cells that a human had graded and must look at again, with the reason. ``changed`` are automatic
    scores that are not what they were, though the same file was graded.
    """

    earlier: Mapping[str, float] = field(default_factory=dict)
    hidden: tuple[Hidden, ...] = ()
    reopened: tuple[Reopened, ...] = ()
    changed: tuple[Changed, ...] = ()


def hidden(
    student: str, assignment: str, last: Mapping[str, float], before: tuple[Mark, ...], now: tuple[Mark, ...]
) -> tuple[Hidden, ...]:
    """Scores, and then bonuses, that changed behind a human's. ``last`` are the automatic scores before."""
    scores = tuple(
        Hidden(student, assignment, mark.cell, mark.manual, last.get(mark.cell), mark.auto)
        for mark in now
        if mark.manual is not None and last.get(mark.cell) != mark.auto
    )
    bonuses = tuple(
        Hidden(student, assignment, mark.cell, mark.extra, was.bonus, mark.bonus)
        for was, mark in zip(before, now, strict=True)
        if mark.extra is not None and mark.extra_by_hand and was.bonus != mark.bonus
    )
    return scores + bonuses
