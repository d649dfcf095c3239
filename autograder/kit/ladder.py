"""The ladder of feedback: type, count, shape, value, in this order, stopping at the first failed rung."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .notes import read

Array = np.ndarray[Any, np.dtype[Any]]

RTOL = 1e-9
FLOOR = 1e-12  # of the case's scale: cancellation is not a mistake
PLAIN_NAME = re.compile(
    r"[A-Za-z_][A-Za-z0-9_]{0,79}( of [a-z]+[0-9]*| with keys that are not text| with masked entries)?"
)
FLOAT32 = 3e-6  # differences below this, relative, look like single precision


@dataclass(frozen=True)
class Finding:
    """The first rung that failed. ``which`` is the index of the returned array, None if it concerns all.

    ``got``, ``expected`` and ``differs`` (a mask of the entries that differ) are there on the value rung;
    ``got`` and ``expected`` on the shape rung too.
    """

    rung: str  # missing | raised | type | count | shape | value
    message: str
    which: int | None = None
    got: Any = None
    expected: Any = None
    differs: Any = None


def compare(
    returned: Any,
    expected: Sequence[Array | None],
    names: Sequence[str],
    *,
    scale: float = 1.0,
    rtol: float = RTOL,
    floor: float = FLOOR,
) -> Finding | None:
    """The first rung of the ladder on which ``returned`` fails, or None if it is right.

    ``expected`` holds float64 arrays in order and ``names`` what they are called. One result may come back bare or as a
    1-tuple, several as tuple or list. Where None is expected (a gradient that must not arrive) nothing else is right.
    ``scale`` is the case's own size (that of its upstream gradient, say): entries may differ by ``floor * scale``
    besides ``rtol`` of their value.
    """
    parts = arrays(returned, expected, names)
    if isinstance(parts, Finding):
        return parts
    for index, (got, want, name) in enumerate(zip(parts, expected, names, strict=True)):
        if got is None or want is None:
            continue
        wrong = differing(got, want, scale=scale, rtol=rtol, floor=floor)
        if wrong.any():
            return Finding("value", _value_message(name, got, want, wrong, scale), index, got, want, wrong)
    return None


def arrays(returned: Any, expected: Sequence[Array | None], names: Sequence[str]) -> list[Array | None] | Finding:
    """What came back as real arrays with the types and shapes of ``expected``, or the first rung below the values.

    A rung is climbed by all results before the next one is tried.
    """
    parts = split(returned, expected)
    if isinstance(parts, Finding):
        return parts
    found: list[Array | None] = []
    for index, (part, want, name) in enumerate(zip(parts, expected, names, strict=True)):
        if want is None:
            if part is not None:
                return Finding("value", f"{name}: got {type_text(part)}, expected None", index, part)
            found.append(None)
            continue
        got = as_real_array(part)
        if isinstance(got, str):
            return Finding("type", f"{name}: {got}", index)
        found.append(got)
    pairs = [
        (index, got, want, name)
        for index, (got, want, name) in enumerate(zip(found, expected, names, strict=True))
        if got is not None and want is not None
    ]
    for index, got, want, name in pairs:
        if got.shape != want.shape:
            message = f"{name}: got shape {shape_text(got.shape)}, expected shape {shape_text(want.shape)}"
            return Finding("shape", message, index, got, want)
    for index, got, want, name in pairs:
        if got.dtype.kind == "f" and got.dtype.itemsize < 8 and want.dtype == np.float64:
            message = f"{name}: got {got.dtype}, expected float64 (the inputs are float64)"
            return Finding("type", message, index, got, want)
    return found


def split(returned: Any, expected: Sequence[Array | None]) -> list[Any] | Finding:
    """What came back as one entry per expected array, or the finding that it cannot be."""
    wanted = len(expected)
    noted = read(returned)
    if noted is not None:
        return Finding(*noted)
    if returned is None and not (wanted == 1 and expected[0] is None):
        return Finding("type", f"got None, expected {count_text(wanted)}: is there a return statement?")
    if wanted == 1:
        if isinstance(returned, tuple) and len(returned) == 1 and not _is_one_entry(returned[0], expected[0]):
            return [returned[0]]
        only = expected[0]
        if isinstance(returned, tuple) and (only is None or not only.ndim or len(returned) != len(only)):
            return Finding("count", f"got a tuple of {len(returned)}, expected one array")
        return [returned]
    if isinstance(returned, (tuple, list)):
        if len(returned) != wanted:
            return Finding("count", f"got {count_text(len(returned))}, expected {wanted}, one for each input")
        return list(returned)
    if isinstance(returned, np.ndarray):
        return Finding("count", f"got one array, expected a tuple of {wanted}, one for each input")
    return Finding("type", f"got {type_text(returned)}, expected a tuple of {wanted} arrays")


def _is_one_entry(value: Any, expected: Array | None) -> bool:
    """Whether a 1-tuple of ``value`` is the expected array itself, of shape (1,), and not a result in a tuple."""
    is_number = isinstance(value, (int, float, np.generic)) or (isinstance(value, np.ndarray) and value.ndim == 0)
    return is_number and expected is not None and expected.shape == (1,)


def as_real_array(value: Any) -> Array | str:
    """``value`` as an array of real numbers, or why it is none. Exact integers count; strings and complex do not."""
    if value is None:
        return "got None, expected an array"
    if isinstance(value, (str, bytes, dict)):
        return f"got {type_text(value)}, expected an array"
    try:
        array = np.asarray(value)
    except Exception:  # anything at all may come out of a list of arrays
        return f"got {type_text(value)} that NumPy cannot turn into one array"
    if array.dtype.kind == "c":
        return "got complex numbers, expected real ones"
    if array.dtype.kind == "b":
        return "got booleans, expected numbers"
    if array.dtype.kind == "O" and all(isinstance(entry, (int, float)) for entry in array.flat):
        return _from_objects(array)
    if array.dtype.kind not in "iuf":
        return f"got {type_text(value)}, expected an array of numbers"
    return array


def _from_objects(array: Array) -> Array | str:
    """Python numbers kept as objects: integers too long for int64 count, an array of dtype object does not travel."""
    if array.ndim:
        return "got an array of dtype object, expected float64: .astype(float) makes it one"
    try:
        return array.astype(np.float64)
    except OverflowError:
        return "got an integer too large for float64"


def differing(got: Array, want: Array, *, scale: float, rtol: float = RTOL, floor: float = FLOOR) -> Array:
    """A mask of the entries that differ. NaN differs from everything but an expected NaN; infinities must be equal."""
    with np.errstate(all="ignore"):
        close = np.abs(got - want) <= floor * scale + rtol * np.abs(want)
        same = (got == want) | (np.isnan(want) & np.isnan(got.astype(np.float64)))
    finite = np.isfinite(want)
    return np.asarray(~((close & finite) | same))


def _value_message(name: str, got: Array, want: Array, wrong: Array, scale: float) -> str:
    count, total = int(wrong.sum()), int(wrong.size)
    where = "every entry differs" if count == total and total > 1 else f"{count} of {total} entries differ"
    if total == 1:
        where = "the number differs"
    message = f"{name}: {where}"
    bad = int((~np.isfinite(got.astype(np.float64)) & np.isfinite(want)).sum())
    if bad:
        message += f"; {bad} {'is' if bad == 1 else 'are'} NaN or infinite"
    elif not differing(got, want, scale=scale, rtol=FLOAT32, floor=FLOAT32).any():
        message += "; they are close: was something rounded to float32, or an eps added?"
    return message


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as Python prints it, with the scalar named."""
    return "() (a scalar)" if shape == () else str(tuple(int(n) for n in shape))


def count_text(count: int) -> str:
    """``one array``, ``3 arrays``."""
    return "one array" if count == 1 else f"{count} arrays"


def type_text(value: Any) -> str:
    """The type of ``value`` with its article. What is more than a name, a sentence of a student's, is not repeated."""
    name = str(getattr(value, "type_name", None) or type(value).__name__)
    if not PLAIN_NAME.fullmatch(name):
        name = "object of another type"
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
