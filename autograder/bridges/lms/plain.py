"""A plain table for people and spreadsheets: a row for each student and assignment, with everything that there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from autograder.bridges.lms.grades import NOTHING, Column
from autograder.bridges.lms.roster import Roster
from autograder.bridges.lms.sheet import number

HEADS = (
    "student", "name", "email", "assignment", "score", "points possible", "late penalty", "handed in", "marked late",
    "state", "feedback",
)  # fmt: skip


def plain_sheet(
    columns: Sequence[Column],
    students: Iterable[str],
    roster: Roster | None,
    late: Mapping[str, Mapping[str, bool]],
    *,
    only_graded: bool,
) -> list[list[str]]:
    """The rows of the file; ``late`` are the LMS's marks, by assignment and student. No grade is an empty cell."""
    rows = [list(HEADS)]
    for student in students:
        person = roster.find("student", student) if roster else None
        about = [student, person.name if person else "", person.known.get("email", "") if person else ""]
        for column in columns:
            grade = column.grades.get(student)
            score = column.score(student)
            if only_graded and score is None:
                continue
            marked = late.get(column.assignment, {}).get(student)
            handed_in = grade.handed_in if grade else None
            rows.append([
                *about,
                column.assignment,
                "" if score is None else number(score),
                number(column.points),
                number(grade.penalty) if grade else "",
                f"{handed_in:%Y-%m-%d %H:%M:%S} UTC" if handed_in else "",
                "" if marked is None else "yes" if marked else "no",
                grade.state if grade else NOTHING,
                column.feedback(student),
            ])  # fmt: skip
    return rows
