"""The gradebook as a file for an LMS: one function for `autograder export` and for nbgrader's exporters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from autograder.bridges.lms.canvas import canvas_sheet
from autograder.bridges.lms.grades import Column, graded_assignments, read_grades, waiting_line
from autograder.bridges.lms.moodle import IDENTIFIERS, moodle_sheet
from autograder.bridges.lms.names import shown
from autograder.bridges.lms.plain import plain_sheet
from autograder.bridges.lms.receipts import late_marks
from autograder.bridges.lms.roster import Roster, read_roster
from autograder.bridges.lms.sheet import csv_bytes
from autograder.errors import UsageError
from autograder.grading.asked import asked, one_asked
from autograder.grading.course import Course

To: TypeAlias = Literal["canvas", "moodle", "csv"]


@dataclass(frozen=True)
class Request:
    """What is asked for. No assignments or students means all; ``ids`` and ``titles`` are by assignment.

    Assignments may be named by the beginning of their name, such as ``ps2``.
    """

    to: To
    assignments: Sequence[str] = ()
    students: Sequence[str] = ()
    roster: Path | None = None
    template: Path | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    identify_by: str = ""
    only_graded: bool = False


@dataclass(frozen=True)
class Exported:
    """The file's bytes, how many rows of people it has, and lines on everybody who is not in it or has no grade."""

    data: bytes
    rows: int
    lines: tuple[str, ...]


def export(course: Course, url: str, request: Request) -> Exported:
    """Make the file from the gradebook at ``url``. Raises UsageError where it would not be imported as it is meant."""
    known = course.assignment_names()
    names = asked(known, request.assignments) if request.assignments else graded_assignments(course, url)
    if not names:
        raise UsageError("The gradebook has no submissions", next_step="Run `make grade`")
    columns = read_grades(course, url, names)
    roster = read_roster(request.roster) if request.roster else None
    ids = _by_assignment(known, request.ids, "ids in Canvas")
    titles = _by_assignment(known, request.titles, "titles")
    _check(request, ids)
    students, lines = _students(columns, roster, request)
    if request.to == "canvas":
        rows, more = canvas_sheet(
            columns, students, roster, request.template, ids, titles, only_graded=request.only_graded
        )
    elif request.to == "moodle":
        rows, more = moodle_sheet(
            columns, students, roster, titles, identify_by=request.identify_by, only_graded=request.only_graded
        )
    else:
        late = {column.assignment: _late_marks(course, column.release.units) for column in columns}
        rows, more = plain_sheet(columns, students, roster, late, only_graded=request.only_graded), []
    lines += [line for column in columns for line in _without_grade(column, students) if line]
    heads = 2 if request.to == "canvas" else 1
    return Exported(csv_bytes(rows), len(rows) - heads, (*lines, *more))


def _late_marks(course: Course, units: Sequence[str]) -> Mapping[str, bool]:
    """Whether the LMS marked any notebook of a student's late, by student."""
    found: dict[str, bool] = {}
    for unit in units:
        for student, late in late_marks(course.submitted, unit).items():
            found[student] = late or found.get(student, False)
    return found


def _students(columns: Sequence[Column], roster: Roster | None, request: Request) -> tuple[list[str], list[str]]:
    """Who is exported: the roster, else whoever is in the gradebook. And lines on those who are in one of them only."""
    in_gradebook = sorted({student for column in columns for student in column.grades})
    listed = in_gradebook if roster is None else [person.student for person in roster]
    known = set(listed)
    lines = [f"{student}: in the gradebook, but not in the roster; not exported" for student in in_gradebook
             if student not in known]  # fmt: skip
    if request.students:
        unknown = sorted(set(request.students) - known)
        if unknown:
            raise UsageError(
                "Some students are not known", "ids from the roster or gradebook", ", ".join(map(shown, unknown))
            )
        return [student for student in listed if student in set(request.students)], []
    return listed, lines


def _without_grade(column: Column, students: Iterable[str]) -> Iterable[str]:
    nothing = [student for student in students if student not in column.grades]
    yield f"{column.assignment}: nothing handed in: {', '.join(nothing)}" if nothing else ""
    yield waiting_line(column)


def _check(request: Request, ids: Mapping[str, str]) -> None:
    if request.identify_by and request.identify_by not in IDENTIFIERS:
        raise UsageError(
            "Moodle can't find people by that", f"one of {', '.join(IDENTIFIERS)}", shown(request.identify_by),
        )  # fmt: skip
    for assignment, number in ids.items():
        if not (number.isascii() and number.isdigit()):
            raise UsageError(
                f"The Canvas id of {assignment} is not a number", "the number at the end of its address in Canvas",
                shown(number),
            )  # fmt: skip


def _by_assignment(known: Iterable[str], given: Mapping[str, str], what: str) -> dict[str, str]:
    """``given`` by the whole names of assignments. Raises UsageError for two values of one."""
    found: dict[str, str] = {}
    for word, value in given.items():
        name = one_asked(known, word)
        if name in found:
            raise UsageError(
                f"{name} was given two {what}", "one", f"{shown(found[name])} and {shown(value)}", "Leave one out"
            )
        found[name] = value.strip()
    return found
