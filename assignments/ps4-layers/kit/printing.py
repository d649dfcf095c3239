"""Arrays as words: number formats, small matrices as rows of cells, large ones as a summary."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .ladder import Array, shape_text

ENTRIES = 80  # more are summed up
COLUMNS = 12
LISTED = 4  # differing entries of a large array
LONGEST_INTEGER = 256  # bits
DIGITS = (4, 6, 9, 12, 17)


@dataclass(frozen=True)
class Block:
    """A matrix of cells with its caption; ``marked`` cells differ from what was expected."""

    caption: str
    cells: tuple[tuple[str, ...], ...]
    marked: tuple[tuple[bool, ...], ...]


def blocks(array: Array, marked: Array | None = None, digits: int = DIGITS[0]) -> Iterator[Block]:
    """The array as one block, or one for each of its last two axes; nothing if it is too large or empty."""
    if array.size == 0 or array.size > ENTRIES or (array.ndim and array.shape[-1] > COLUMNS):
        return
    marks = np.zeros(array.shape, dtype=bool) if marked is None else marked
    if array.ndim <= 2:
        yield _block("", array, marks, digits)
        return
    for index in np.ndindex(array.shape[:-2]):
        yield _block(f"[{', '.join(map(str, index))}]", array[index], marks[index], digits)


def _block(caption: str, array: Array, marks: Array, digits: int) -> Block:
    rows, flags = np.atleast_2d(array), np.atleast_2d(marks)
    cells = tuple(tuple(number(entry, digits) for entry in row) for row in rows)
    return Block(caption, cells, tuple(tuple(bool(flag) for flag in row) for row in flags))


def number(value: Any, digits: int = DIGITS[0]) -> str:
    """One entry: whole numbers without a point, floats with so many significant digits."""
    if isinstance(value, (bool, np.bool_, int, np.integer)):
        return str(value)
    return f"{float(value):.{digits}g}"


def digits_for(got: Array, expected: Array, differs: Array) -> int:
    """As many digits as make every entry that differs also look different."""
    for digits in DIGITS:
        pairs = zip(got[differs].flat, expected[differs].flat, strict=True)
        if all(number(a, digits) != number(b, digits) for a, b in pairs):
            return digits
    return DIGITS[-1]


def first_differences(got: Array, expected: Array, differs: Array) -> list[str]:
    """The first few entries that differ, with their place: for arrays too large to print."""
    digits = digits_for(got, expected, differs)
    places = np.argwhere(differs)
    lines = [
        f"[{', '.join(map(str, place))}]: got {number(got[tuple(place)], digits)}, "
        f"expected {number(expected[tuple(place)], digits)}"
        for place in places[:LISTED]
    ]
    if len(places) > LISTED:
        lines.append(f"and {len(places) - LISTED} more")
    return lines


def brief(value: Any) -> str:
    """A value in a few words, next to its name."""
    if isinstance(value, np.ndarray):
        kind = "" if value.dtype == np.float64 else f" {value.dtype}"
        return f"shape {shape_text(value.shape)}{kind}"
    if callable(value) and not isinstance(value, type):
        return "a function"
    text = in_words(value) if not isinstance(value, str) else repr(value)
    return text if len(text) <= 200 else f"{text[:200]}..."


def in_words(value: Any) -> str:
    """A value that is no array as text, however long or deep it is: what is beyond a few entries is left out."""
    return value if isinstance(value, str) else _SHORT.repr(value)


class _Short(reprlib.Repr):
    """`reprlib` with room for what the course uses, and for integers with more digits than Python prints."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 6
        self.maxlist = self.maxtuple = self.maxdict = 24
        self.maxstring = self.maxother = 200

    def repr_int(self, x: int, level: int) -> str:
        bits = x.bit_length()
        return repr(x) if bits <= LONGEST_INTEGER else f"{'-' if x < 0 else ''}(an integer of {bits} bits)"


_SHORT = _Short()
