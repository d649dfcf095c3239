"""Values as people read them: small arrays in full, large ones by their shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.kit.functions import Named

LARGEST = 60  # numbers shown of one array
DIGITS = 5


@dataclass(frozen=True)
class Entry:
    """One printed number, and whether it is among those that differ."""

    text: str
    marked: bool


@dataclass(frozen=True)
class Matrix:
    """An array as rows of entries (``rows`` is empty where it is too large); ``title`` says what it is."""

    title: str
    shape: str
    rows: tuple[tuple[Entry, ...], ...]


def matrix(title: str, value: Any, marked: Any = None) -> Matrix:
    """``value`` as a printable matrix; ``marked`` is a mask of its shape. What is no array becomes one line of text."""
    if isinstance(value, Named):
        return Matrix(title, "a function", ((Entry(_function(value), False),),))
    if isinstance(value, (list, tuple)) and any(isinstance(part, Named) for part in value):
        parts = [_function(part) for part in value if isinstance(part, Named)][:LARGEST]
        return Matrix(title, f"{len(value)} functions", tuple((Entry(part, False),) for part in parts))
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.asarray(None, dtype=object)
    if array.dtype.kind not in "biuf":
        return Matrix(title, type(value).__name__, ((Entry(str(value)[:200], False),),))
    shape = str(array.shape) if array.ndim else "scalar"
    if array.size > LARGEST or array.size == 0:
        return Matrix(title, shape, ())
    flags = np.zeros(array.shape, bool) if marked is None or np.shape(marked) != array.shape else np.asarray(marked)
    last = array.shape[-1] if array.ndim else 1
    rows = zip(array.reshape(-1, last), flags.reshape(-1, last), strict=True)
    return Matrix(
        title,
        shape,
        tuple(tuple(Entry(number(v), bool(f)) for v, f in zip(row, flag, strict=True)) for row, flag in rows),
    )


def _function(value: Named) -> str:
    return value.name.replace("_", " ")


def number(value: Any) -> str:
    """A number with five significant digits; whole numbers and booleans as they are."""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    return f"{float(value) + 0.0:.{DIGITS}g}"  # adding zero takes the sign off a negative zero


def points(value: float) -> str:
    """Points without trailing zeros: ``6``, ``4.5``, ``3.33``."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
