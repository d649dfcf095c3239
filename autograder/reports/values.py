"""Values as people read them: small arrays in full, large ones by their first differences and a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from autograder.boundary.text import clean
from autograder.kit.functions import Named
from autograder.kit.ladder import Finding
from autograder.kit.printing import DIGITS, Block, blocks, digits_for, first_differences, in_words

WORDS = 200  # characters of a value that is no array
PARTS = 12  # of a list or dict, printed one by one
SIDE = 48  # squares along a side of the picture of a large array
LEVELS = ((0.5, 4), (0.1, 3), (0.01, 2), (0.0, 1))
"""How a difference compares with the largest one, and its level; what does not differ has level 0."""


@dataclass(frozen=True)
class Entry:
    """One printed number, whether it is among those that differ, and how much compared with the others (0 to 4)."""

    text: str
    marked: bool
    level: int = 0


@dataclass(frozen=True)
class Grid:
    """Rows of entries; ``caption`` is the index of the leading axes where there are more than two."""

    caption: str
    rows: tuple[tuple[Entry, ...], ...]


@dataclass(frozen=True)
class Matrix:
    """An array under a ``title``. Where it is too large there are no ``grids`` but ``notes``, and perhaps ``squares``.

    ``squares`` are the entries that differ as (row, column, level) of a picture with ``size`` rows and columns.
    """

    title: str
    shape: str
    grids: tuple[Grid, ...] = ()
    notes: tuple[str, ...] = ()
    squares: tuple[tuple[int, int, int], ...] = ()
    size: tuple[int, int] = field(default=(0, 0))

    @property
    def paths(self) -> list[tuple[int, str]]:
        """The squares of each level as one SVG path: the larger the difference, the larger the square."""
        found = []
        for level in (1, 2, 3, 4):
            side = 2 * level + 1
            inset = (10 - side) / 2
            drawn = "".join(
                f"M{10 * column + inset:g} {10 * row + inset:g}h{side}v{side}h-{side}z"
                for row, column, its in self.squares
                if its == level
            )
            if drawn:
                found.append((level, drawn))
        return found


def named_values(name: str, value: Any) -> list[Matrix]:
    """An argument: an array as a matrix, the parts of a short list or dict one by one."""
    if isinstance(value, Mapping) and 0 < len(value) <= PARTS:
        return [matrix(f"{name}[{key!r}]", part) for key, part in value.items()]
    if isinstance(value, (list, tuple)) and 0 < len(value) <= PARTS and any(isinstance(p, np.ndarray) for p in value):
        return [matrix(f"{name}[{place}]", part) for place, part in enumerate(value)]
    return [matrix(name, value)]


def matrix(title: str, value: Any, marked: Any = None, digits: int = DIGITS[0]) -> Matrix:
    """``value`` as a printable matrix; ``marked`` is a mask of its shape. What is no array becomes one line of text."""
    if isinstance(value, Named):
        return _text(title, "a function", _function(value))
    if isinstance(value, (list, tuple)) and any(isinstance(part, Named) for part in value):
        parts = [_function(part) for part in value if isinstance(part, Named)]
        return _text(title, f"{len(value)} functions", *parts)
    array = real_array(value)
    if array is None:
        return _text(title, "" if value is None else type(value).__name__, clean(in_words(value), WORDS))
    shape = str(array.shape) if array.ndim else "scalar"
    if array.size == 0:
        return Matrix(title, shape, notes=("empty",))
    same = marked is not None and np.shape(marked) == array.shape
    grids = tuple(_grid(block) for block in blocks(array, np.asarray(marked) if same else None, digits))
    return Matrix(title, shape, grids, () if grids else ("too large to print",))


def compared(finding: Finding) -> list[Matrix]:
    """Got, expected, and the difference as a heat map, as far as the finding has them."""
    got, expected, differs = finding.got, finding.expected, finding.differs
    if got is None:
        return []
    first, second = real_array(got), real_array(expected)
    if differs is None or first is None or second is None or first.shape != second.shape or not first.size:
        return [matrix("got", got), matrix("expected", expected)]
    digits = digits_for(first, second, differs)
    return [
        matrix("got", first, differs, digits),
        matrix("expected", second, differs, digits),
        difference(first, second, np.asarray(differs, bool)),
    ]


def difference(got: np.ndarray[Any, Any], expected: np.ndarray[Any, Any], differs: np.ndarray[Any, Any]) -> Matrix:
    """Got minus expected, each entry with its level."""
    with np.errstate(all="ignore"):
        off = np.where(differs, got.astype(np.float64) - expected.astype(np.float64), 0.0)
    levels = heat(off, differs)
    shape = str(off.shape) if off.ndim else "scalar"
    grids = tuple(
        Grid(
            block.caption,
            tuple(
                tuple(
                    Entry(text if level else "0", False, int(level))
                    for text, level in zip(row, row_levels, strict=True)
                )
                for row, row_levels in zip(block.cells, by_row, strict=True)
            ),
        )
        for block, by_row in zip(blocks(off, None, 3), _stacked(levels), strict=False)
    )
    if grids:
        return Matrix("got − expected", shape, grids)
    small = _pooled(levels)
    squares = tuple((int(row), int(column), int(small[row, column])) for row, column in np.argwhere(small))
    notes = tuple(first_differences(got, expected, differs))
    return Matrix("got − expected", shape, (), notes, squares, (small.shape[0], small.shape[1]))


def heat(off: np.ndarray[Any, Any], differs: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The level of each entry: 0 where it does not differ, else 1 to 4 by its share of the largest difference."""
    size = np.abs(off)
    finite = np.isfinite(size)
    largest = float(size[finite & differs].max(initial=0.0)) or 1.0
    levels = np.zeros(off.shape, dtype=int)
    for share, level in reversed(LEVELS):
        levels[differs & (np.where(finite, size, np.inf) >= share * largest)] = level
    return levels


def real_array(value: Any) -> np.ndarray[Any, Any] | None:
    """``value`` as an array of real numbers, None if it is none."""
    if value is None or isinstance(value, (str, Mapping)):
        return None
    try:
        array = np.asarray(value)
    except ValueError:
        return None
    return array if array.dtype.kind in "biuf" else None


def _stacked(levels: np.ndarray[Any, Any]) -> Iterator[np.ndarray[Any, Any]]:
    """The levels as two-dimensional arrays in the order of ``blocks``."""
    flat = np.atleast_2d(levels)
    yield from flat.reshape(-1, *flat.shape[-2:])


def _pooled(levels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The levels as one matrix of at most SIDE by SIDE: of neighbours the largest."""
    flat = np.atleast_1d(levels).reshape(-1, levels.shape[-1] if levels.ndim else 1)
    for axis in (0, 1):
        step = -(-flat.shape[axis] // SIDE)
        flat = np.maximum.reduceat(flat, range(0, flat.shape[axis], step), axis=axis)
    return flat


def _grid(block: Block) -> Grid:
    rows = zip(block.cells, block.marked, strict=True)
    return Grid(
        block.caption, tuple(tuple(Entry(t, m) for t, m in zip(texts, marks, strict=True)) for texts, marks in rows)
    )


def _text(title: str, shape: str, *lines: str) -> Matrix:
    return Matrix(title, shape, (Grid("", tuple((Entry(line, False),) for line in lines[:PARTS])),))


def _function(value: Named) -> str:
    return value.name.replace("_", " ")


def as_lines(found: Matrix) -> list[str]:
    """A matrix as lines of plain text; ``*`` stands behind the entries that differ."""
    lines = [f"{found.title} {found.shape}".rstrip() + ":"]
    for grid in found.grids:
        cells = [[entry.text + ("*" if entry.marked else " ") for entry in row] for row in grid.rows]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        rows = [" ".join(f"{c:>{w}}" for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
        lines += [f"  {line}" for line in chain([grid.caption] if grid.caption else [], rows)]
    return lines + [f"  {note}" for note in found.notes]


def points(value: float) -> str:
    """Points without trailing zeros: ``6``, ``4.5``, ``3.33``."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def bonus(earned: float, worth: float) -> str:
    """Extra credit: ``+3 of 5 bonus``."""
    return f"+{points(earned)} of {points(worth)} bonus"
