"""The reports on a class: gathered from the gradebook and the records on disk, unchanged submissions included."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from autograder.grading._files import File, put
from autograder.grading.course import Course
from autograder.grading.marks import Hidden, Mark, Total
from autograder.grading.release import CHECK, Release
from autograder.reports.class_page import render_class
from autograder.reports.class_report import SCHEMA, CellMark, Class, Standing, build
from autograder.reports.comparison import read_earlier
from autograder.reports.grades_table import grades_csv
from autograder.reports.record import Record, merged, read_record

REPORT, TABLE, PAGE = "report.json", "grades.csv", "index.html"


def write_class_report(
    course: Course,
    release: Release,
    totals: Sequence[Total],
    *,
    hidden: Sequence[Hidden] = (),
    weak: bool = False,
    now: datetime.datetime | None = None,
) -> Path:
    """Write report, table and page of one assignment, each atomically, and return the page's path.

    ``release`` is `release.whole` of its notebooks.

    What is there already is the previous run, with which this one is compared. Raises StorageError.
    """
    folder = course.reports / release.assignment
    earlier = read_earlier(folder / REPORT, schema=SCHEMA, assignment=release.assignment)
    made = (now or datetime.datetime.now(datetime.UTC)).astimezone(datetime.UTC)
    report = build(
        _gathered(course, release, totals, hidden, weak), made=f"{made:%Y-%m-%d %H:%M:%S} UTC", earlier=earlier
    )
    contents = {
        TABLE: grades_csv(report).encode(),
        PAGE: render_class(report).encode(),
        # the report comes last: until it is there, the next run compares with the one before
        REPORT: json.dumps(report, separators=(",", ":"), allow_nan=False).encode(),
    }
    below = folder.relative_to(course.results).as_posix()
    put(course.results, [File(f"{below}/{name}", data) for name, data in contents.items()])
    return folder / PAGE


def _gathered(course: Course, release: Release, totals: Sequence[Total], hidden: Sequence[Hidden], weak: bool) -> Class:
    name = release.assignment
    students = [total.student for total in totals]
    records = {student: whole_record(course, release, student) for student in students}
    return Class(
        name,
        release.exercises,
        release.essays,
        {exercise: f"{exercise}{CHECK}" for exercise in release.exercises},
        [_standing(total) for total in totals],
        {student: record for student, record in records.items() if record is not None},
        {student: _link(course, student, release) for student in students},
        [
            {"student": h.student, "cell": h.cell, "manual": h.manual, "before": h.before, "after": h.after}
            for h in hidden
            if h.assignment == name
        ],
        weak,
        release.bonuses,
    )


def whole_record(course: Course, release: Release, student: str) -> Record | None:
    """The record of what a student handed in for an assignment, all notebooks together; None where one is missing."""
    return merged({unit: read_record(course.record(student, unit)) for unit in release.units})


def _standing(total: Total) -> Standing:
    moment = total.timestamp
    return Standing(
        total.student,
        tuple(_mark(mark) for mark in total.marks),
        total.penalty,
        None if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC",
    )


def _mark(mark: Mark) -> CellMark:
    score = mark.score if mark.decided else None
    return CellMark(mark.cell, mark.points, score, mark.auto, mark.manual, mark.needs_human, mark.credit)


def _link(course: Course, student: str, release: Release) -> str:
    """The feedback page as seen from the class page."""
    page = course.feedback_page(student, release.assignment, release.notebook)
    parts = Path("..", "..", page.relative_to(course.results)).parts
    return "/".join(quote(part) for part in parts)
