"""``roster.csv``: for each of our student ids, what Canvas and Moodle call that person.

    student,name,canvas_id,sis_login_id,email
    ada,Ada Lovelace,4711,alove,ada@example.edu

Only ``student`` is needed. Other columns than those of `COLUMNS` are ignored; an empty cell says nothing. Moodle's
numbers in file names are other ones in each assignment: a column ``moodle_participant ps2`` has those of that one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.bridges.lms.likeness import UNLIKE, likeness
from autograder.bridges.lms.names import spellings, spelt, squash
from autograder.bridges.lms.sheet import numbered_rows
from autograder.bridges.lms.spoilt import id_of, refuse
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

PARTICIPANT = "moodle_participant"

_NAMES = ("name", "first_name", "last_name")
_NUMBERS = ("canvas_id", "moodle_id", PARTICIPANT)
_FIELDS = {
    STUDENT: "student id", "email": "e-mail address", "sis_login_id": "login", "username": "login",
    "sis_user_id": "ID number", "idnumber": "ID number",
}  # fmt: skip
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
        self._fields: dict[str, dict[str, tuple[Person, str]]] = {}
        for person in people:
            for spelling in spellings(person.name):
                self._spelt.setdefault(spelling, []).append(person)
            for kind, value in _fields(person):
                self._fields.setdefault(squash(value), {}).setdefault(person.student, (person, kind))
            for column in [column for column in person.known if column not in _NAMES]:
                key = (column, _key(column, person.known[column]))
                other = self._by.setdefault(key, person)
                if other is not person:
                    raise UsageError(
                        f"Two rows of the roster have the same {column}",
                        "one row per student", f"{told(key[1])} for {other.student} and {person.student}",
                        "Correct the roster",
                    )  # fmt: skip

        folded: dict[str, str] = {}
        for person in people:
            other_id = folded.setdefault(person.student.casefold(), person.student)
            if other_id != person.student:
                raise UsageError(
                    "Two student ids differ in small and capital letters only",
                    "ids that are different folders on every system", f"{told(other_id)} and {told(person.student)}",
                    "Change one of them in the roster, and in submitted/",
                )  # fmt: skip

    def __iter__(self) -> Iterator[Person]:
        return iter(self.people)

    def find(self, column: str, value: str) -> Person | None:
        """The person with ``value`` in ``column``."""
        return self._by.get((column, _key(column, value))) if value else None

    def in_field(self, text: str) -> tuple[tuple[Person, str], ...]:
        """Everybody of whom the text is an id, login, number or address, as an LMS may spell it, and which of them."""
        return tuple(self._fields.get(squash(text), {}).values()) if squash(text) else ()

    def alike(self, name: str) -> tuple[Person, ...]:
        """Everybody whose name is like ``name``: misspelt, a part of it, or with more around it."""
        return tuple(one for one in self.people if one.name and likeness(name, one.name).level > UNLIKE)

    def has(self, column: str) -> bool:
        """Whether anybody has something in ``column``."""
        return any(column in person.known for person in self.people)

    def participants(self, assignment: str) -> str:
        """The column with Moodle's numbers of ``assignment``: its own, else the one that does not say of which."""
        for name in (assignment, assignment.partition("-")[0]):
            if self.has(column := f"{PARTICIPANT} {squash(name)}"):
                return column
        return PARTICIPANT

    def named(self, name: str) -> tuple[Person, ...]:
        """Everybody who may be called ``name``, however it is written."""
        orders = [name, "".join(reversed(name.split(",", 1)))] if "," in name else [name]
        found = {one.student: one for order in orders for word in spelt(order) for one in self._spelt.get(word, ())}
        return tuple(found.values())


def read_roster(path: Path) -> Roster:
    """The roster in the file. Raises UsageError, naming the line, where it is not one."""
    (_, heads), *rows = numbered_rows(path, what="roster")
    places = _places(heads, path)
    people, spoilt = [], []
    for number, row in rows:
        if any(cell.strip() for cell in row[len(heads) :]):
            raise UsageError(
                f"Row {number} of {path.name} has more cells than the heading", f"{len(heads)}", f"{len(row)}",
                "Put names and numbers that have a comma in them into quotation marks",
            )  # fmt: skip
        cells = {column: row[at].strip() for column, at in places.items() if at < len(row)}
        known = {}
        for column, text in cells.items():
            read = text if column in _NAMES else id_of(text, number=column.partition(" ")[0] in _NUMBERS)
            if read is None:
                spoilt.append((number, heads[places[column]].strip(), text))
            elif read:
                known[column] = read
        if known:
            people.append((number, known))
    refuse(f"the roster {path.name}", spoilt)
    for number, known in people:
        student = known.get(STUDENT, "")
        if not is_student_id(student):
            raise UsageError(
                f"Row {number} of {path.name} has no student id",
                "1 to 64 letters, digits and _.@+-, without '..'", told(student) if student else "none",
                "Correct the roster",
            )  # fmt: skip
    return Roster(tuple(Person(known[STUDENT], known) for _, known in people))


def _places(heads: list[str], path: Path) -> dict[str, int]:
    """Where each known column is. nbgrader's list of students calls the student's id ``id``."""
    squashed = [squash(head) for head in heads]
    places: dict[str, int] = {}
    for column, headings in COLUMNS.items():
        found = [at for word in headings for at, head in enumerate(squashed) if head == word]
        if found:
            places[column] = found[0]
    of_one = "".join(PARTICIPANT.split("_"))
    for at, head in enumerate(squashed):
        if head.startswith(of_one) and head not in COLUMNS[PARTICIPANT] and at not in places.values():
            places[f"{PARTICIPANT} {head.removeprefix(of_one)}"] = at
    if STUDENT not in places:
        raise UsageError(
            f"{path.name} has no column of student ids",
            f"a column '{STUDENT}', and any of {', '.join(list(COLUMNS)[1:])}",
            ", ".join(told(head) for head in heads[:6]),
            "Put the names of the columns into the first row",
        )
    return places


def _fields(person: Person) -> Iterator[tuple[str, str]]:
    """What the person is known by other than a name, and what to call it."""
    for column, value in person.known.items():
        if column not in _NAMES:
            yield _FIELDS.get(column, "number"), value
            local, at, _ = value.partition("@")
            if at and local:
                yield f"{_FIELDS.get(column, 'number')} up to the @", local


def _key(column: str, value: str) -> str:
    return value.casefold() if column in _CASELESS else value
