"""The feedback page: one self-contained HTML file per submission, for the student."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from autograder.boundary.text import clean
from autograder.judging.verdict import Status, Verdict
from autograder.reports.values import Matrix, matrix, points

LONGEST = 2_000  # characters of one piece of student text
MOST_LINES = 400  # lines of one answer
SECURITY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
WORDS: Mapping[Status, str] = {
    Status.PASSED: "right",
    Status.PARTIAL: "partly right",
    Status.FAILED: "not right yet",
    Status.NOT_ATTEMPTED: "not attempted",
    Status.CRASHED: "crashed",
    Status.MANUAL: "read by a person",
    Status.INTERNAL: "could not be graded",
}


@dataclass(frozen=True)
class Section:
    """One exercise on the page. ``earned`` is None where no score was written."""

    exercise: str
    verdict: Verdict
    earned: float | None
    points: float
    source: str

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
        return self.verdict.status not in (Status.PASSED, Status.NOT_ATTEMPTED)

    @property
    def student_text(self) -> str:
        """What the student's code said, without control characters."""
        return clean(self.verdict.student_text, LONGEST, keep="\n")

    @property
    def lines(self) -> Sequence[tuple[int, str, bool]]:
        """The student's source: line number, text, whether the error came from there."""
        here = self.verdict.line if self.verdict.cell == self.exercise else None
        lines = self.source.split("\n")[:MOST_LINES]
        return [(n, clean(text, LONGEST, keep="\t"), n == here) for n, text in enumerate(lines, start=1)]

    @property
    def inputs(self) -> Sequence[Matrix]:
        """The arguments of the smallest failing shown case."""
        shown = self.verdict.shown
        return [matrix(name, value) for name, value in shown.inputs] if shown else []

    @property
    def compared(self) -> Sequence[Matrix]:
        """Got and expected of that case, with the entries that differ marked."""
        shown = self.verdict.shown
        if shown is None or shown.finding.got is None:
            return []
        finding = shown.finding
        return [matrix("got", finding.got, finding.differs), matrix("expected", finding.expected, finding.differs)]


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

    @property
    def earned(self) -> float:
        """Points of all exercises that have a score."""
        return sum(section.earned or 0.0 for section in self.sections)

    @property
    def points(self) -> float:
        """Points of all exercises, without the essays."""
        return sum(section.points for section in self.sections)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = points
    return environment


def render(page: Page) -> str:
    """The page as HTML: no script, nothing from outside, everything a student wrote escaped."""
    return _environment().get_template("feedback.html").render(page=page, security=SECURITY)
