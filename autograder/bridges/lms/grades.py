"""What the gradebook says of each student, ready for any LMS: a grade or none, why there is none, and a short comment.

No grade is not a zero: whoever handed nothing in, or waits for a person, gets no number from here.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.errors import UsageError
from autograder.grading.class_report import whole_record
from autograder.grading.course import Course
from autograder.grading.gradebook import Ledger
from autograder.grading.marks import Total
from autograder.grading.release import Release, load_assignment, whole
from autograder.judging.verdict import Status
from autograder.reports.record import ExerciseRecord, Record

GRADED, WAITING, NOTHING = "graded", "waits for a person", "nothing handed in"

_LONGEST, _LONGEST_PAGE = 1_200, 300
_PER_EXERCISE = 160
_CELLS_NAMED = 4
_NAMED = 6


@dataclass(frozen=True)
class Grade:
    """One student's grade. ``score`` is what nbgrader shows: extra credit in it, late penalty off; None is no grade.

    ``waiting`` are the cells at which a person must look, ``feedback`` is in our own words. Times are in UTC.
    """

    student: str
    score: float | None
    penalty: float = 0.0
    handed_in: datetime.datetime | None = None
    waiting: tuple[str, ...] = ()
    feedback: str = ""

    @property
    def state(self) -> str:
        """In words."""
        return WAITING if self.waiting else GRADED


@dataclass(frozen=True)
class Column:
    """One assignment: what it is worth without extra credit, and the grades that there are, by student."""

    release: Release
    points: float
    grades: Mapping[str, Grade]

    @property
    def assignment(self) -> str:
        """Its name."""
        return self.release.assignment

    def score(self, student: str) -> float | None:
        """The grade of a student, None if there is none."""
        grade = self.grades.get(student)
        return None if grade is None else grade.score

    def feedback(self, student: str) -> str:
        """The comment on a grade, nothing without one."""
        grade = self.grades.get(student)
        return "" if grade is None or grade.score is None else grade.feedback

    @property
    def waiting(self) -> Mapping[str, tuple[str, ...]]:
        """Who has no grade yet, and the cells for which a person is needed."""
        return {student: grade.waiting for student, grade in self.grades.items() if grade.waiting}


def read_grades(course: Course, url: str, assignments: Sequence[str]) -> tuple[Column, ...]:
    """The columns for ``assignments``, from the gradebook at ``url``. Raises UsageError if nothing of one is there."""
    columns = []
    with Ledger(url) as ledger:
        for name in assignments:
            release = whole(load_assignment(course, name))
            totals = ledger.totals(name)
            if not totals:
                raise UsageError(
                    f"The gradebook has no submission of {name}",
                    next_step="Run `make grade`, or name another one with --assignment",
                )
            grades = {total.student: _grade(course, release, total) for total in totals}
            columns.append(Column(release, max(total.points for total in totals), grades))
    return tuple(columns)


def graded_assignments(course: Course, url: str) -> tuple[str, ...]:
    """The assignments of which the gradebook has any submission."""
    with Ledger(url) as ledger:
        return tuple(name for name in course.assignment_names() if ledger.totals(name))


def _grade(course: Course, release: Release, total: Total) -> Grade:
    open_cells = [mark.cell for mark in total.marks if mark.needs_human or not mark.decided]
    waiting = tuple(open_cells) if total.marks else ("everything: nothing was graded yet",)
    record = whole_record(course, release, total.student)
    page = course.feedback_page(total.student, release.assignment, release.notebook)
    return Grade(
        total.student,
        None if waiting else max(0.0, total.score - total.penalty),
        total.penalty,
        total.timestamp,
        waiting,
        _feedback(release, total, record, course.below_results(page)),
    )


def _feedback(release: Release, total: Total, record: Record | None, page: str) -> str:
    """One line: what was taken off, what is wrong in which exercise, what was left out, and where the rest stands."""
    parts = [f"Late: {total.penalty:g} points taken off."] if total.penalty else []
    if record is not None and record.reason:
        parts.append(f"Not graded by the program: {_cut(record.reason, _PER_EXERCISE)}")
    if record is not None and record.state == "graded":
        wrong = [f"{one.exercise}: {_why(one)}" for one in record.exercises if _is_wrong(one)]
        missing = [*_not_answered(record, release), *_not_written(total, release)]
        parts += ["; ".join(wrong)] if wrong else []
        parts += [f"Not answered: {_listed(missing)}."] if missing else []
        if not wrong and not missing and not record.reason:
            parts.append("Everything that the program checks is right.")
    where = f"Details: {page}" if len(page) <= _LONGEST_PAGE else "Details: on your feedback page"
    said = " ".join(part if part.endswith((".", "?")) else f"{part}." for part in parts)
    return f"{_cut(said, _LONGEST - len(where) - 1)} {where}".strip()


def _not_answered(record: Record, release: Release) -> list[str]:
    """The exercises that give points and were left as they were."""
    untouched = [one.exercise for one in record.exercises if one.status == Status.NOT_ATTEMPTED.value]
    return [name for name in untouched if release.exercises.get(name)]


def _not_written(total: Total, release: Release) -> list[str]:
    """The written answers that nobody had to read: they were left as they were."""
    return [m.cell for m in total.marks if m.cell in release.essays and m.manual is None and m.points and not m.score]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= _NAMED else f"{len(names)} exercises"


def _is_wrong(one: ExerciseRecord) -> bool:
    return one.status in (Status.FAILED.value, Status.PARTIAL.value, Status.CRASHED.value)


def _why(one: ExerciseRecord) -> str:
    """The message, which is in our own words; without one the checks that failed."""
    if one.rung == "raised":
        return "raised an error"  # the page shows it
    failed = ", ".join(check.name for check in one.checks if not check.passed)
    return _cut(one.message, _PER_EXERCISE) or (f"not right: {failed}" if failed else "not right")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 4].rstrip()} ..."


def waiting_line(column: Column) -> str:
    """Who has no grade yet and why, for the terminal; nothing if nobody waits."""
    people = [
        f"{student} ({', '.join(cells) if len(cells) <= _CELLS_NAMED else f'{len(cells)} cells'})"
        for student, cells in sorted(column.waiting.items())
    ]
    return f"{column.assignment}: no grade yet, a person is needed: {', '.join(people)}" if people else ""
