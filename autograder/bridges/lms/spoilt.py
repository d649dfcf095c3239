"""Ids that a spreadsheet made numbers of: read where nothing was lost, refused with row and column where it may be.

4711.0   4711,00   ="0815"   '0815      read as 4711 and 0815
4.711E+03   4,711   1.234.567   4 711   #####   #N/A      refused: digits may be gone, or it is another id
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from autograder.bridges.lms.names import shown
from autograder.errors import UsageError

MORE = 10
"""How many such cells are listed."""

_WHOLE = re.compile(r"([+-]?\d+)[.,]0+", re.ASCII)
_QUOTED = re.compile(r"=\"([^\"]*)\"|'(\w.*)")
_EXPONENT = re.compile(r"[+-]?\d+(?:[.,]\d*)?[eE][+-]?\d+", re.ASCII)
_SURE_EXPONENT = re.compile(r"[+-]?\d+(?:[.,]\d*)?[eE][+-]\d+|[+-]?\d+[.,]\d+[eE]\d+", re.ASCII)
_THOUSANDS = re.compile(r"\d{1,3}(?:([,.'’ \u00a0\u202f])\d{3})(?:\1\d{3})*(?:[.,]\d+)?", re.ASCII)
_SURE_THOUSANDS = re.compile(r"\d{1,3}(?:[,'’\u00a0\u202f]\d{3})+", re.ASCII)
_FRACTION = re.compile(r"[+-]?\d*[.,]\d+", re.ASCII)
_ERRORS = re.compile(r"#+|#(?:N/A|NAME\?|REF!|VALUE!|NUM!|NULL!|DIV/0!|NV|WERT!)", re.IGNORECASE)
_HINT = (
    "Give the column the format 'text' in the spreadsheet before the ids get into it (import the original file again), "
    "and save it as CSV"
)


def id_of(cell: str, *, number: bool) -> str | None:
    """The id in a cell, None for one that a spreadsheet spoilt.

    ``number`` says that ids of this kind are whole numbers; others may have dots and blanks in them.
    """
    cell = cell.strip()
    quoted = _QUOTED.fullmatch(cell)
    if quoted:
        cell = (quoted[1] if quoted[1] is not None else quoted[2]).strip()
    whole = _WHOLE.fullmatch(cell)
    if whole and not _THOUSANDS.fullmatch(cell):
        return whole[1]
    signs = (_ERRORS, _EXPONENT, _THOUSANDS, _FRACTION) if number else (_ERRORS, _SURE_EXPONENT, _SURE_THOUSANDS)
    return None if any(sign.fullmatch(cell) for sign in signs) else cell


def refuse(what: str, cells: Iterable[tuple[int, str, str]]) -> None:
    """Raise UsageError if there are cells (row, heading, text) that a spreadsheet spoilt."""
    found = [f"{shown(text)} in row {row}, column {heading}" for row, heading, text in cells]
    if found:
        more = f" and {len(found) - MORE} more" if len(found) > MORE else ""
        raise UsageError(
            f"A spreadsheet made numbers of ids in {what}", "ids as they were given out, digit by digit",
            ", ".join(found[:MORE]) + more, _HINT,
        )  # fmt: skip
