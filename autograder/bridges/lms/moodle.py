"""A file for Moodle's grade import: one column that says who, and for each item its grade and its feedback.

One unknown person or one grade that is no number ends the whole import, and a row without an identifier would go to
the person of the row above. So only who can be named is written. Feedback without its grade column would delete
grades: both are always there, the grade first. Rules: moodle grade/import/csv/classes/load_data.php.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from autograder.bridges.lms.grades import Column
from autograder.bridges.lms.names import shown
from autograder.bridges.lms.roster import Roster
from autograder.bridges.lms.sheet import NO_GRADE, is_inert, number
from autograder.errors import UsageError

IDENTIFIERS: Mapping[str, tuple[str, str]] = {
    "email": ("email", "Email address"),
    "idnumber": ("idnumber", "ID number"),
    "username": ("username", "Username"),
    "id": ("moodle_id", "User ID"),
}
"""What Moodle can find a person by: our column in the roster, and the heading in the file."""

FEEDBACK = "feedback"
_MOST = 100.0


def moodle_sheet(
    columns: Sequence[Column],
    students: Iterable[str],
    roster: Roster | None,
    titles: Mapping[str, str],
    *,
    identify_by: str,
    only_graded: bool,
) -> tuple[list[list[str]], list[str]]:
    """The rows of the file, and lines for the terminal. Raises UsageError if nothing says how to name people."""
    students = list(students)
    chosen = identify_by or _best_known(students, roster)
    lines = []
    written = []
    for student in students:
        scores = [column.score(student) for column in columns]
        if only_graded and not any(score is not None for score in scores):
            continue
        identifier = _identifier(student, chosen, roster)
        wrong = _objection(identifier, chosen)
        if wrong:
            lines.append(f"{student}: {wrong}; not exported")
            continue
        cells = [
            cell
            for column, score in zip(columns, scores, strict=True)
            for cell in (NO_GRADE if score is None else number(score), column.feedback(student))
        ]
        written.append([identifier, *cells])
    lines += [line for column in columns if (line := _too_much(column))]
    items = [titles.get(column.assignment, column.assignment) for column in columns]
    heads = [IDENTIFIERS[chosen][1], *(head for item in items for head in (item, f"{item} {FEEDBACK}"))]
    if len({head.casefold() for head in heads}) < len(heads):
        raise UsageError(
            "Two columns would have the same heading", got=", ".join(heads), next_step="Name them with --item"
        )
    return [heads, *written], lines


def _best_known(students: Sequence[str], roster: Roster | None) -> str:
    """What most students can be named by; e-mail addresses first where it is the same."""
    if roster is None:
        raise UsageError(
            "Who is who in Moodle is not known",
            "a roster with an email, idnumber, username or moodle_id for each student",
            next_step="Name it with --roster; if your student ids are Moodle's, say which with --identify-by username",
        )
    known = {name: sum(bool(_identifier(student, name, roster)) for student in students) for name in IDENTIFIERS}
    return max(known, key=lambda name: known[name])


def _identifier(student: str, chosen: str, roster: Roster | None) -> str:
    if roster is None:
        return student
    person = roster.find("student", student)
    return person.known.get(IDENTIFIERS[chosen][0], "") if person else ""


def _objection(identifier: str, chosen: str) -> str:
    """Why Moodle can't be given this identifier, or nothing."""
    if not identifier:
        return f"no {IDENTIFIERS[chosen][0]} in the roster"
    if identifier == "0" or (chosen == "id" and not (identifier.isascii() and identifier.isdigit())):
        return f"{shown(identifier)} is no {chosen} of Moodle's"
    return "" if is_inert(identifier) else f"{shown(identifier)} is what a spreadsheet takes for a formula"


def _too_much(column: Column) -> str:
    """A line if Moodle may refuse a grade, and all the others with it."""
    scores = [grade.score for grade in column.grades.values() if grade.score is not None]
    if not scores or max(scores) <= _MOST:
        return ""
    return (
        f"{column.assignment}: {number(max(scores))} is more than {number(_MOST)}; Moodle refuses the whole file "
        "unless its setting 'unlimitedgrades' is on"
    )
