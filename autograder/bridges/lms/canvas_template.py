"""A gradebook as Canvas exports it: the pattern for a file that Canvas takes back.

The headings about people end with "Section"; then come columns of the instructor's own, the assignments with their ids,
and totals. Above the people stand a row with points and perhaps one about posting. canvas-lms lib/gradebook_exporter.rb
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.bridges.lms.names import shown
from autograder.bridges.lms.sheet import numbered_rows
from autograder.bridges.lms.spoilt import id_of, refuse
from autograder.errors import UsageError

HEADS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
GET_ONE = (
    "Export the gradebook from Canvas (Grades > Export > Export Entire Gradebook) and name that file with --template"
)

_IDS = HEADS[1:4]
_POINTS = "Points Possible"
_TITLE = re.compile(r"(?P<title>.*) \((?P<id>\d+)\)", re.ASCII)
_IGNORED = re.compile(r"(?:Current|Final) (?:Score|Points|Grade)|Override (?:Score|Grade|Status)")
_READ_ONLY = re.compile(r"read\s+only")


@dataclass(frozen=True)
class Place:
    """One assignment's column in a template: its heading as it is, and what Canvas says it is worth."""

    at: int
    heading: str
    title: str
    id: str
    points: str


@dataclass(frozen=True)
class Row:
    """One person of a template, cell by cell."""

    cells: Sequence[str]
    name: str
    id: str
    sis_user_id: str
    sis_login_id: str


@dataclass(frozen=True)
class Template:
    """A gradebook that Canvas exported: the headings about people, the assignments, and the people."""

    heads: Sequence[str]
    places: tuple[Place, ...]
    rows: tuple[Row, ...]


def read_template(path: Path) -> Template:
    """The gradebook at ``path``. Raises UsageError if Canvas did not export it."""
    (_, heading), *rest = numbered_rows(path, what="template")
    two_names = heading[:3] == ["LastName", "FirstName", "ID"]
    whole = "Section" in heading and ((heading[0] == "Student" and heading[1] == "ID") or two_names)
    if not whole:
        raise UsageError(
            f"{path.name} is no gradebook of Canvas's",
            f"the headings {', '.join(HEADS)}",
            ", ".join(shown(head) for head in heading[:6]),
            GET_ONE,
        )
    people = heading.index("Section") + 1
    rows = [row + [""] * (len(heading) - len(row)) for _, row in rest]
    worth = next((row for row in rows if _POINTS in row[0] and not row[1]), [""] * len(heading))
    places = []
    for at, head in enumerate(heading[people:], start=people):
        found = _TITLE.fullmatch(head)
        if found and not _IGNORED.search(head) and not _READ_ONLY.search(worth[at]):
            places.append(Place(at, head, found["title"], found["id"], worth[at]))
    at_id = heading.index("ID")
    spoilt = []
    for (number, _), row in zip(rest, rows, strict=True):
        for at in [at for at, head in enumerate(heading[:people]) if head in _IDS and row is not worth]:
            read = id_of(row[at], number=heading[at] == "ID")
            if read is None:
                spoilt.append((number, heading[at], row[at]))
            else:
                row[at] = read
    refuse(f"the template {path.name}", spoilt)
    return Template(
        heading[:people],
        tuple(places),
        tuple(_row(row, heading, at_id, two_names) for row in rows if row is not worth and (row[0] or row[at_id])),
    )


def _row(cells: list[str], heading: list[str], at_id: int, two_names: bool) -> Row:
    def cell(head: str) -> str:
        return cells[heading.index(head)].strip() if head in heading else ""

    name = f"{cells[0]}, {cells[1]}" if two_names else cells[0]
    return Row(cells, name, cells[at_id].strip(), cell("SIS User ID"), cell("SIS Login ID"))
