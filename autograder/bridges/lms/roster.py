"""``roster.csv``: for each of our student ids, what Canvas and Moodle call that person.

    student,name,canvas_id,sis_login_id,email
    ada,Ada Lovelace,4711,alove,ada@example.edu

Only ``student`` is needed. Other columns than those of `COLUMNS` are ignored; an empty cell says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.bridges.lms.names import spellings, squash
from autograder.bridges.lms.sheet import numbered_rows
from autograder.errors import UsageError
from autograder.grading.roster import is_student_id, told

STUDENT = "student"

COLUMNS: Mapping[str, tuple[str, ...]] = {
    STUDENT: ("student", "studentid", "id"),
    "name": ("name", "fullname", "studentname"),
    "first_name": ("firstname",),
    "last_name": ("lastname", "surname"),
    "email": ("email", "emailaddress", "mail"),
    "canvas_id": ("canvasid", "canvasuserid"),
    "sis_user_id": ("sisuserid", "sisid"),
    "sis_login_id": ("sisloginid", "loginid", "login"),
    "moodle_id": ("moodleid", "moodleuserid", "userid"),
    "moodle_participant": ("moodleparticipant", "participant", "participantnumber"),
    "idnumber": ("idnumber",),
    "username": ("username", "moodleusername"),
}
"""Our names of the columns, and how a heading may be spelt (without case, spaces and marks)."""

_UNIQUE = tuple(column for column in COLUMNS if column not in ("name", "first_name", "last_name"))
_CASELESS = ("email", "sis_login_id", "username")


@dataclass(frozen=True)
class Person:
    """One row. ``known`` has the cells that say something, by our names of the columns."""

    student: str
    known: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The full name, or nothing."""
        return self.known.get("name") or f"{self.known.get('first_name', '')} {self.known.get('last_name', '')}".strip()


class Roster:
    """The people of a course, looked up by any of their names."""

    def __init__(self, people: tuple[Person, ...]) -> None:
        """Raises UsageError if two rows share what must be one person's own."""
        self.people = people
        self._by: dict[tuple[str, str], Person] = {}
        self._spelt: dict[str, list[Person]] = {}
        for person in people:
            for spelling in spellings(person.name):
                self._spelt.setdefault(spelling, []).append(person)
            for column in _UNIQUE:
                key = (column, _key(column, person.known.get(column, "")))
                other = self._by.setdefault(key, person) if key[1] else person
                if other is not person:
                    raise UsageError(
                        f"Two rows of the roster have the same {column}",
                        "one row per student", f"{told(key[1])} for {other.student} and {person.student}",
                        "Correct the roster",
                    )  # fmt: skip

    def __iter__(self) -> Iterator[Person]:
        return iter(self.people)

    def find(self, column: str, value: str) -> Person | None:
        """The person with ``value`` in ``column``."""
        return self._by.get((column, _key(column, value))) if value else None

    def named(self, name: str) -> tuple[Person, ...]:
        """Everybody who may be called ``name``, however it is written."""
        return tuple(self._spelt.get(squash(name), ()))


def read_roster(path: Path) -> Roster:
    """The roster in the file. Raises UsageError, naming the line, where it is not one."""
    (_, heads), *rows = numbered_rows(path, what="roster")
    places = _places(heads, path)
    people = []
    for number, row in rows:
        cells = {column: row[at].strip() for column, at in places.items() if at < len(row)}
        known = {column: text for column, text in cells.items() if text}
        if not known:
            continue
        student = known.get(STUDENT, "")
        if not is_student_id(student):
            raise UsageError(
                f"Row {number} of {path.name} has no student id",
                "1 to 64 letters, digits and _.@+-, without '..'", told(student) if student else "none",
                "Correct the roster",
            )  # fmt: skip
        people.append(Person(student, known))
    return Roster(tuple(people))


def _places(heads: list[str], path: Path) -> dict[str, int]:
    """Where each known column is. nbgrader's list of students calls the student's id ``id``."""
    squashed = [squash(head) for head in heads]
    places: dict[str, int] = {}
    for column, spelt in COLUMNS.items():
        found = [at for word in spelt for at, head in enumerate(squashed) if head == word]
        if found:
            places[column] = found[0]
    if STUDENT not in places:
        raise UsageError(
            f"{path.name} has no column of student ids",
            f"a column '{STUDENT}', and any of {', '.join(list(COLUMNS)[1:])}",
            ", ".join(told(head) for head in heads[:6]),
            "Put the names of the columns into the first row",
        )
    return places


def _key(column: str, value: str) -> str:
    return value.casefold() if column in _CASELESS else value
