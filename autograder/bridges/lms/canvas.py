"""Canvas's gradebook file, written on the pattern of one that Canvas exported.

Canvas finds a column by the ``(id)`` at the end of its heading, and makes a new assignment of one that it does not
find; so a column without an id that Canvas itself gave out is refused. It finds people by its own ID first. An empty
cell would delete the grade that Canvas has, so a cell without a grade keeps what was exported. There is no column for
comments: Canvas would make an assignment of it. Rules: canvas-lms lib/gradebook_importer.rb.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from math import isclose
from pathlib import Path

from autograder.bridges.lms.canvas_template import GET_ONE, HEADS, Place, Row, Template, read_template
from autograder.bridges.lms.grades import Column
from autograder.bridges.lms.names import resembles, shown, spellings, squash
from autograder.bridges.lms.roster import Person, Roster
from autograder.bridges.lms.sheet import is_inert, number
from autograder.bridges.lms.sorting import canvas_student
from autograder.errors import UsageError

POINTS = "    Points Possible"
_NOT_ASSIGNED = "N/A"
_CENT = 0.005  # Canvas rounds to two decimals
_NOT_CHECKED = (
    "Without --template it can't be checked that these ids are of this course. Canvas makes a new assignment of one "
    "that is not: look at the preview after the upload"
)


def canvas_sheet(
    columns: Sequence[Column],
    students: Iterable[str],
    roster: Roster | None,
    template: Path | None,
    ids: Mapping[str, str],
    titles: Mapping[str, str],
    *,
    only_graded: bool,
) -> tuple[list[list[str]], list[str]]:
    """The rows of the file, and lines for the terminal. Raises UsageError if an assignment's id is not known."""
    if template is not None:
        return _filled_in(read_template(template), columns, students, roster, ids, titles, only_graded=only_graded)
    unknown = [column.assignment for column in columns if column.assignment not in ids]
    if unknown or roster is None:
        raise UsageError(
            f"The Canvas id of {', '.join(unknown)} is not known" if unknown else "Who is who in Canvas is not known",
            "Canvas's own gradebook, or an id for each assignment and a roster: by title alone, Canvas would make a "
            "new assignment",
            next_step=GET_ONE,
        )
    return _from_roster(columns, students, roster, ids, titles)


def _filled_in(
    template: Template,
    columns: Sequence[Column],
    students: Iterable[str],
    roster: Roster | None,
    ids: Mapping[str, str],
    titles: Mapping[str, str],
    *,
    only_graded: bool,
) -> tuple[list[list[str]], list[str]]:
    places = [_place(column, template.places, ids, titles) for column in columns]
    if len({place.id for place in places}) < len(places):
        raise UsageError("Two assignments have the same id in Canvas", "an id for each", next_step="Check the ids")
    lines = [_other_points(column, place) for column, place in zip(columns, places, strict=True)]
    rows_of: dict[int, list[str]] = {}
    for student in students:
        person = roster.find("student", student) if roster else None
        found = _rows_of(student, person, template)
        against = _contradiction(person, template, found[0]) if person and len(found) == 1 else ""
        if against:
            lines.append(f"{student}: {against}; not exported")
        elif len(found) == 1:
            rows_of.setdefault(found[0], []).append(student)
        else:
            lines.append(f"{student}: {'more than one row' if found else 'no row'} in Canvas's gradebook; not exported")
    written = []
    for at, row in enumerate(template.rows):
        owners = rows_of.get(at, [])
        if not _is_number(row.id):
            lines.append(f"{shown(row.name)} in Canvas's gradebook has no ID; left out")
            continue
        if len(owners) != 1:
            why = f"the row of {' and of '.join(owners)}" if owners else "nobody here"
            lines.append(f"{shown(row.name)} ({row.id}) in Canvas's gradebook is {why}; left out")
            continue
        scores = [column.score(owners[0]) for column in columns]
        if only_graded and not any(score is not None for score in scores):
            continue
        about = [_safe(cell, head, owners[0], lines) for head, cell in zip(template.heads, row.cells, strict=False)]
        kept = [row.cells[place.at] for place in places]
        lines += [_about_old(owners[0], *three) for three in zip(columns, scores, kept, strict=True)]
        written.append(about + [_cell(score, old) for score, old in zip(scores, kept, strict=True)])
    heads = [*template.heads, *(place.heading for place in places)]
    worth = [POINTS, *[""] * (len(template.heads) - 1), *(place.points for place in places)]
    return [heads, worth, *written], [line for line in lines if line]


def _cell(score: float | None, old: str) -> str:
    return old if score is None else number(score)


def _about_old(student: str, column: Column, score: float | None, old: str) -> str:
    """A line where what is in Canvas counts and not the gradebook here."""
    if score is not None:
        not_assigned = f"{student}: {column.assignment} is not assigned to them in Canvas, which ignores the grade"
        return not_assigned if old == _NOT_ASSIGNED else ""
    return (
        f"{student}: no grade for {column.assignment}; Canvas keeps {shown(old)}"
        if old not in ("", _NOT_ASSIGNED)
        else ""
    )


def _from_roster(
    columns: Sequence[Column],
    students: Iterable[str],
    roster: Roster,
    ids: Mapping[str, str],
    titles: Mapping[str, str],
) -> tuple[list[list[str]], list[str]]:
    """Without a template: people by the ids in the roster, and nobody without a grade (it would delete Canvas's)."""
    lines = [_NOT_CHECKED]
    written = []
    for student in students:
        person = roster.find("student", student)
        scores = [column.score(student) for column in columns]
        if person is None or not any(score is not None for score in scores):
            continue
        about = [person.known.get(key, "") for key in ("canvas_id", "sis_user_id", "sis_login_id")]
        if about[0] and not _is_number(about[0]):
            lines.append(f"{student}: {shown(about[0])} is no ID of Canvas's; not exported")
        elif not any(about):
            lines.append(f"{student}: no canvas_id, sis_user_id or sis_login_id in the roster; not exported")
        elif not about[0] and not all(is_inert(cell) for cell in about):
            lines.append(f"{student}: an id that a spreadsheet takes for a formula; not exported")
        else:
            missing = [column.assignment for column, score in zip(columns, scores, strict=True) if score is None]
            if missing:
                lines.append(f"{student}: empty for {', '.join(missing)}, which deletes a grade that Canvas has there")
            safe = [cell if is_inert(cell) else "" for cell in about]
            written.append([person.name or student, *safe, "", *(_cell(score, "") for score in scores)])
    heads = [f"{titles.get(column.assignment, column.assignment)} ({ids[column.assignment]})" for column in columns]
    worth = [POINTS, *[""] * (len(HEADS) - 1), *(number(column.points) for column in columns)]
    return [[*HEADS, *heads], worth, *written], lines


def _place(column: Column, places: Sequence[Place], ids: Mapping[str, str], titles: Mapping[str, str]) -> Place:
    """The column of an assignment: the id that was given, else the only title that is its name."""
    name = column.assignment
    if name in ids:
        found = [place for place in places if place.id == ids[name]]
    else:
        wanted = {squash(titles.get(name, name)), squash(column.release.notebook)}
        found = [place for place in places if squash(place.title) in wanted]
    if len(found) != 1:
        listed = ", ".join(f"{shown(place.title)} is {place.id}" for place in places) or "no assignment at all"
        raise UsageError(
            f"Which column of Canvas's gradebook is {name} can't be told",
            f"one column with the id {ids[name]}" if name in ids else "one column with its name",
            f"{len(found)}; there {listed}",
            f"Say it with --assignment-id {name}=ID; make the assignment in Canvas first if it is not there",
        )
    return found[0]


def _rows_of(student: str, person: Person | None, template: Template) -> list[int]:
    """The rows that may be a student's. The first id that the roster has and Canvas exported decides alone."""
    if person is None:
        login = student.casefold()
        return _where(
            template,
            lambda row: (
                student in (row.id, row.sis_user_id, canvas_student(row.name, row.id))
                or row.sis_login_id.casefold() == login
            ),
        )
    known = person.known
    if "canvas_id" in known:
        return _where(template, lambda row: row.id == known["canvas_id"])
    if "sis_user_id" in known and "SIS User ID" in template.heads:
        return _where(template, lambda row: row.sis_user_id == known["sis_user_id"])
    if "sis_login_id" in known and "SIS Login ID" in template.heads:
        return _where(template, lambda row: row.sis_login_id.casefold() == known["sis_login_id"].casefold())
    if "email" in known and (
        found := _where(template, lambda row: row.sis_login_id.casefold() == known["email"].casefold())
    ):
        return found
    return _where(template, lambda row: squash(row.name) in spellings(person.name))


def _contradiction(person: Person, template: Template, at: int) -> str:
    """Why the row that one id points to is not ``person``'s by what else it says, or nothing."""
    row = template.rows[at]
    said = {"canvas_id": row.id, "sis_user_id": row.sis_user_id, "sis_login_id": row.sis_login_id}
    for column, text in said.items():
        ours = person.known.get(column, "")
        if ours and text and ours.casefold() != text.casefold():
            return f"Canvas's row of {shown(row.name)} has the {column} {shown(text)}, the roster has {shown(ours)}"
    if person.name and squash(row.name) not in spellings(person.name) and not resembles(row.name, person.name):
        by_name = _where(template, lambda other: squash(other.name) in spellings(person.name))
        if by_name:
            return f"by its ids Canvas's row is that of {shown(row.name)}, by the name that of {shown(person.name)}"
    return ""


def _where(template: Template, fits: Callable[[Row], bool]) -> list[int]:
    return [at for at, row in enumerate(template.rows) if fits(row)]


def _safe(cell: str, head: str, student: str, lines: list[str]) -> str:
    """A cell about a person. Canvas goes by the ID: another id is left out rather than altered, a name is altered."""
    if is_inert(cell) or head in ("Student", "LastName", "FirstName", "Section"):
        return cell
    lines.append(f"{student}: {head} looks like a formula and was left empty; Canvas goes by the ID")
    return ""


def _other_points(column: Column, place: Place) -> str:
    """A line if Canvas thinks that the assignment is worth something else."""
    if not place.points or any(isclose(worth, column.points, abs_tol=_CENT) for worth in _readings(place.points)):
        return ""
    return (
        f"{column.assignment} is worth {number(column.points)} points here and {place.points} in Canvas: change it "
        "there, scores are exported as they are"
    )


def _readings(points: str) -> Iterator[float]:
    """The numbers that Canvas may mean: "1,000" is a thousand in one language and one in another."""
    for thousands, decimal in ((",", "."), (".", ","), (" ", ",")):
        with suppress(ValueError):
            yield float(points.replace(thousands, "").replace(decimal, "."))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
