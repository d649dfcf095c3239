"""What Canvas and Moodle do with a file that is uploaded, as far as it matters here: written from their own rules.

Canvas: lib/gradebook_importer.rb. Moodle: grade/import/csv/classes/load_data.php. Both as described in FORMATS.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

NON_ASSIGNMENT = re.compile(
    "Current Score|Current Points|Current Grade|Final Score|Final Points|Final Grade"
    "|Override Score|Override Grade|Override Status"
)
ANY_NUMBER = re.compile(r"-?[0-9.,]+%?")


class ImportAbortedError(Exception):
    """The whole import ended."""


@dataclass
class CanvasCourse:
    """Assignments by id, people as (sortable name, SIS user id, login) by id."""

    assignments: dict[int, str]
    people: dict[int, tuple[str, str, str]]
    created: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    points: dict[int, str] = field(default_factory=dict)
    grades: dict[tuple[int, int], str] = field(default_factory=dict)

    def upload(self, data: bytes) -> None:
        """Import a file; afterwards ``created`` are assignments and ``strangers`` people that it would have made."""
        text = data.decode("utf-8")
        first = text.split("\r\n", 1)[0]
        delimiter = ";" if first.count(";") > first.count(",") else ","
        rows = [
            [_number(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ]
        head, *rest = rows
        width = self._width(head)
        columns = {at: self._assignment(cell) for at, cell in enumerate(head) if at >= width}
        columns = {at: found for at, found in columns.items() if found is not None}
        login = head.index("SIS Login ID") if "SIS Login ID" in head else None
        sis = head.index("SIS User ID") if "SIS User ID" in head else None
        for row in rest:
            if "Points Possible" in row[0]:
                self.points = {found: row[at] for at, found in columns.items()}
                continue
            who = self._person(row, sis, login)
            for at, assignment in columns.items():
                if who is not None:
                    self.grades[who, assignment] = row[at].strip()

    def _width(self, head: list[str]) -> int:
        if not (len(head) > 3 and "Student" in head[0] and "ID" in head[1]):
            raise ImportAbortedError("invalid header row")
        width = 3
        if re.search(r"SIS\s+Login\s+ID", head[2]):
            width += 1
        elif re.search(r"SIS\s+User\s+ID", head[2]) and re.search(r"SIS\s+Login\s+ID", head[3]):
            more = 1 if re.search(r"Integration\s+ID", head[4]) else 0
            width += 2 + more
            width += 1 if re.search(r"Root\s+Account", head[4 + more]) else 0
        if "Section" not in head[width - 1]:
            raise ImportAbortedError("invalid header row")
        return width

    def _assignment(self, heading: str) -> int | None:
        if NON_ASSIGNMENT.search(heading):
            return None
        found = re.fullmatch(r"(.*) \((\d+)\)", heading)
        if found and int(found[2]) in self.assignments:
            return int(found[2])
        for key, title in self.assignments.items():
            if title == heading:
                return key
        self.created.append(heading)
        return None

    def _person(self, row: list[str], sis: int | None, login: int | None) -> int | None:
        number = int(re.match(r"\d*", row[1].strip())[0] or 0)
        if number in self.people:
            return number
        for at, which in ((sis, 1), (login, 2)):
            for key, about in self.people.items():
                if at is not None and row[at] and about[which] == row[at]:
                    return key
        for key, about in self.people.items():
            if about[0] == row[0]:
                return key
        self.strangers.append(row[0])
        return None


@dataclass
class MoodleCourse:
    """People by what they are found by ("Email address", ...), and the items that grades are imported into."""

    people: Mapping[str, Mapping[str, str]]
    items: tuple[str, ...]
    grades: dict[tuple[str, str], float | None] = field(default_factory=dict)
    feedback: dict[tuple[str, str], str] = field(default_factory=dict)

    def upload(self, data: bytes) -> None:
        """Import a file with its headings mapped by name. After an ImportAbortedError nothing is imported."""
        head, *rows = csv.reader(io.StringIO(data.decode("utf-8").removeprefix("\ufeff"), newline=""))
        head = [cell.strip() for cell in head]
        known = self.people[head[0]]
        grades: dict[tuple[str, str], float | None] = {}
        feedback: dict[tuple[str, str], str] = {}
        person = ""
        for row in rows:
            for heading, cell in zip(head, (cell.strip() for cell in row), strict=True):
                if heading == head[0]:
                    if cell in ("", "0"):
                        continue  # Moodle goes on with the person of the row above
                    if cell not in known:
                        raise ImportAbortedError(f"unknown user {cell}")
                    person = known[cell]
                elif heading in self.items:
                    grades[person, heading] = _moodle_grade(cell)
                elif heading.removesuffix(" feedback") in self.items:
                    if (person, heading.removesuffix(" feedback")) not in grades:
                        raise ImportAbortedError("feedback before its grade")
                    feedback[person, heading.removesuffix(" feedback")] = cell
                else:
                    raise ImportAbortedError(f"no such item: {heading}")
        self.grades, self.feedback = grades, feedback


def _moodle_grade(cell: str) -> float | None:
    if cell in ("", "-"):
        return None
    try:
        grade = float(cell)
    except ValueError:
        raise ImportAbortedError(f"not a number: {cell}") from None
    if grade > 100:
        raise ImportAbortedError("too large")
    return grade


def _number(cell: str) -> str:
    """Canvas's converter: commas and points of a number become one decimal point."""
    if not ANY_NUMBER.fullmatch(cell):
        return cell
    *whole, last = re.split("[,.]", cell)
    return f"{''.join(whole)}.{last}" if whole else last
