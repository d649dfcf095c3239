"""The feedback page: one self-contained HTML file per submission, for the student."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from autograder.boundary.text import clean
from autograder.judging.verdict import Status, Verdict
from autograder.reports.pages import SECURITY, SIZE, template
from autograder.reports.values import Matrix, compared, named_values

LONGEST = 2_000  # characters of one piece of student text
CODE = 16_000  # characters of one answer, those that a line costs included
LINE = 40  # what a line costs besides its text
MOST_LINES = 400  # lines of one answer
MOST_CELLS = 20  # cells of which loading is told
TIGHTER = (1, 4, 16, 64)
"""By how much student text is cut where a page would be too large."""

WORDS: Mapping[Status, str] = {
    Status.PASSED: "right",
    Status.PARTIAL: "partly right",
    Status.FAILED: "not right yet",
    Status.NOT_ATTEMPTED: "not attempted",
    Status.CRASHED: "crashed",
    Status.MANUAL: "read by a person",
    Status.INTERNAL: "could not be graded",
}
LADDER = (
    ("missing", "is defined"),
    ("raised", "runs"),
    ("type", "gives numbers"),
    ("count", "one array for each"),
    ("shape", "right shapes"),
    ("value", "right values"),
)
"""What is asked of an answer, in this order, and the rung's name where it stops there."""


@dataclass(frozen=True)
class Loading:
    """What one cell did when the notebook was loaded: what it raised and printed, and the line that raised."""

    cell: str
    line: int | None = None
    raised: str = ""
    code: str = ""
    printed: str = ""


@dataclass(frozen=True)
class Section:
    """One exercise on the page. ``earned`` is None where no score was written; ``cut`` divides what may be shown.

    ``bonus`` is the extra credit that the exercise gives on top of the points of all others.
    """

    exercise: str
    verdict: Verdict
    earned: float | None
    points: float
    source: str
    cut: int = 1
    bonus: float = 0.0

    @property
    def bonus_earned(self) -> float:
        """Extra credit, none where no score was written."""
        return 0.0 if self.earned is None else self.verdict.fraction * self.bonus

    @property
    def word(self) -> str:
        """The status in words."""
        return WORDS[self.verdict.status]

    @property
    def status(self) -> str:
        """The status as a CSS class."""
        return self.verdict.status.name.lower().replace("_", "-")

    @property
    def told(self) -> bool:
        """Whether there is more to say than the status."""
        right = self.verdict.status is Status.PASSED and not self.verdict.notes
        return not right and self.verdict.status is not Status.NOT_ATTEMPTED

    @cached_property
    def ladder(self) -> Sequence[tuple[str, str]]:
        """The rungs with "yes", "no" or "not reached"; empty where the answer never came so far."""
        names = [name for name, _ in LADDER]
        if self.verdict.rung not in names:
            return []
        stop = names.index(self.verdict.rung)
        states = ["yes"] * stop + ["no"] + ["not reached"] * (len(LADDER) - stop - 1)
        return [(words, state) for (_, words), state in zip(LADDER, states, strict=True)]

    @cached_property
    def student_text(self) -> str:
        """What the student's code raised, without control characters."""
        return clean(self.verdict.student_text, LONGEST // self.cut, keep="\n\t")

    @cached_property
    def printed(self) -> str:
        """What the student's code printed on the shown case."""
        return clean(self.verdict.printed, LONGEST // self.cut, keep="\n\t").rstrip()

    @property
    def elsewhere(self) -> str:
        """Where the error came from if that is not in the code below."""
        cell, line = self.verdict.cell, self.verdict.line
        if cell is None or cell == self.exercise:
            return ""
        return f"line {line} of the cell {cell}" if line else f"the cell {cell}"

    @cached_property
    def lines(self) -> Sequence[tuple[int, str, bool]]:
        """The student's source: line number, text, whether the error came from there."""
        here = self.verdict.line if self.verdict.cell == self.exercise else None
        room = CODE // self.cut
        shown: list[tuple[int, str, bool]] = []
        for number, text in enumerate(self.source.split("\n")[:MOST_LINES], start=1):
            if room <= 0:
                break
            line = clean(text, min(room, LONGEST), keep="\t")
            room -= len(line) + LINE
            shown.append((number, line, number == here))
        return shown

    @property
    def hidden_lines(self) -> int:
        """How many lines of the source are not shown."""
        return self.source.count("\n") + 1 - len(self.lines)

    @cached_property
    def inputs(self) -> Sequence[Matrix]:
        """The arguments of the smallest failing shown case."""
        shown = self.verdict.shown
        return [one for name, value in shown.inputs for one in named_values(name, value)] if shown else []

    @cached_property
    def compared(self) -> Sequence[Matrix]:
        """Got, expected and their difference on that case."""
        return compared(self.verdict.shown.finding) if self.verdict.shown else []


@dataclass(frozen=True)
class Page:
    """Everything on one student's page."""

    student: str
    assignment: str
    sections: Sequence[Section]
    essays: Sequence[tuple[str, float, bool]]  # id, points, whether something was written
    problems: Sequence[str] = ()
    notice: str = ""
    rejected: str = ""
    loading: Sequence[Loading] = ()
    others: Sequence[str] = ()
    """The other notebooks of the assignment, whose pages lie beside this one."""

    @property
    def earned(self) -> float:
        """Points of all exercises that have a score, extra credit included."""
        return sum(section.earned or 0.0 for section in self.sections) + self.bonus_earned

    @property
    def bonus(self) -> float:
        """The most extra credit there is."""
        return sum(section.bonus for section in self.sections)

    @property
    def bonus_earned(self) -> float:
        """Extra credit of all exercises."""
        return sum(section.bonus_earned for section in self.sections)

    @property
    def points(self) -> float:
        """Points of all exercises, without the essays and without extra credit."""
        return sum(section.points for section in self.sections)

    @property
    def right(self) -> int:
        """How many exercises are right."""
        return sum(section.verdict.status is Status.PASSED for section in self.sections)

    def cut(self, by: int) -> Page:
        """The same page with less of what the student's code wrote."""
        sections = [replace(section, cut=by) for section in self.sections]
        loading = [
            Loading(
                one.cell,
                one.line,
                clean(one.raised, LONGEST // by, keep="\n\t"),
                clean(one.code, LONGEST // by // 4, keep="\t").strip(),
                clean(one.printed, LONGEST // by, keep="\n\t").rstrip(),
            )
            for one in self.loading
        ]
        return replace(self, sections=sections, loading=loading)


def render(page: Page) -> str:
    """The page as HTML: no script, nothing from outside, everything a student wrote escaped and cut to fit."""
    made = ""
    for by in TIGHTER:
        made = template("feedback.html").render(page=page.cut(by), security=SECURITY, most_cells=MOST_CELLS)
        if len(made.encode()) <= SIZE:
            break
    return made
