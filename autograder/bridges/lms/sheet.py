"""CSV files: read as other programs write them, written so that no spreadsheet takes a cell for a formula.

What is written is UTF-8 without a byte order mark, with commas: Canvas looks at the very first characters, Moodle
and Python expect none, and ids and scores are ASCII, so that Excel shows those right even if it guesses wrong.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.errors import UsageError
from autograder.grading._files import write_atomically
from autograder.reports.grades_table import inert

SHEET_BYTES = 50_000_000
_FIELD = 1_000_000


def read_sheet(path: Path, *, what: str) -> list[list[str]]:
    """The rows of a CSV file with commas or semicolons, the heading first, blank ones left out. Raises UsageError."""
    return [row for _, row in numbered_rows(path, what=what)]


def numbered_rows(path: Path, *, what: str) -> list[tuple[int, list[str]]]:
    """The same, each with its number in the file: blank rows, which a spreadsheet shows, are counted from 1."""
    wanted = f"The {what} {path.name} can't be read"
    try:
        with path.open("rb") as stream:
            data = stream.read(SHEET_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(wanted, got=str(error.strerror), next_step="Check the path") from error
    except UnicodeDecodeError as error:
        raise UsageError(wanted, "a CSV file in UTF-8", "other bytes", "Save it as 'CSV UTF-8'") from error
    if len(data) > SHEET_BYTES or "\0" in text:
        raise UsageError(wanted, f"a CSV file of at most {SHEET_BYTES:,} bytes", "something else", "Save it as CSV")
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    before = csv.field_size_limit(_FIELD)
    try:
        read = enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1)
        rows = [(at, row) for at, row in read if any(row)]
    except csv.Error as error:
        raise UsageError(wanted, "a CSV file", str(error), "Save it as CSV again") from error
    finally:
        csv.field_size_limit(before)
    if not rows:
        raise UsageError(wanted, "a heading and a row per student", "nothing", "Name another file")
    return rows


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """The rows as a file. Every cell that looks like a formula and is no number gets an apostrophe before it.

    Ids that this would alter don't belong here: see `is_inert`.
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    for row in rows:
        writer.writerow([cell if _is_number(cell) else inert(one_line(cell)) for cell in row])
    return written.getvalue().encode("utf-8", "replace")


def write_sheet(path: Path, data: bytes) -> None:
    """The whole file or none of it; its folder is made. Raises UsageError if it can't be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, data)
    except OSError as error:
        raise UsageError(f"{path} can't be written", got=str(error.strerror), next_step="Name another file") from error


def is_inert(identifier: str) -> bool:
    """Whether ``identifier`` is written as it is, so that whoever imports the file finds the person by it."""
    return bool(inert(identifier) == identifier == one_line(identifier))


def one_line(text: str) -> str:
    """``text`` without line ends and other control characters, which importers count rows by."""
    return "".join(char if char.isprintable() else " " for char in text)


def number(points: float) -> str:
    """Points with at most four decimals, never with an exponent or a sign on nothing."""
    text = f"{round(points, 4):.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


NO_GRADE = "-"
"""What Moodle writes and reads where there is no grade. Alone it is no formula."""


def _is_number(cell: str) -> bool:
    """Whether a spreadsheet reads a number, with a decimal point or, as Canvas writes in some languages, a comma."""
    if cell == NO_GRADE:
        return True
    digits = cell.removeprefix("-").replace(",", ".")
    return digits.replace(".", "", 1).isdigit() and digits.isascii()
