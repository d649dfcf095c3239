"""Looks at values: turns what a student returned into data, and tells whether inputs came back as they went in."""

from __future__ import annotations

import ctypes
import struct
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograder.boundary.job import Opaque, Value
from autograder.boundary.wire import DTYPES, FEW, NAMES, Packed

MAX_DEPTH = 16
SEVERAL = 8
MAX_ITEMS = 50_000
LARGE = 1 << 15
PACKED = frozenset({float, *(dtype.type for dtype in DTYPES.values())})

_libc = ctypes.CDLL(None)
_libc.memcmp.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)


class UnreadableError(ValueError):
    """A returned value that is too deep, too long or too large to be looked at. The message says which."""


def data(value: object, room: int) -> Value | Packed:
    """`value` as plain data: what is none becomes `Opaque`. Raises `UnreadableError` beyond `room` bytes.

    Numbers stay what they are, NumPy scalars become 0-d arrays (so that float32 can be told from float64), arrays of
    any layout become plain ones, also subclasses and whatever NumPy turns into an array of real numbers.
    """
    if isinstance(value, np.ndarray) and type(value) is np.ndarray and value.dtype in NAMES and value.nbytes <= room:
        return value
    if isinstance(value, (tuple, list)) and type(value) in (tuple, list) and len(value) <= SEVERAL:
        parts: tuple[Any, ...] = tuple(value)  # most answers are arrays, one or several
        plain = all(type(part) is np.ndarray and part.dtype in NAMES for part in parts)
        if plain and sum(part.nbytes for part in parts) <= room:
            return list(parts) if type(value) is list else parts
    seen: Value | Packed = _Looking(room).at(value, 0)
    return seen


class _Looking:
    def __init__(self, room: int) -> None:
        self._room = room
        self._items = MAX_ITEMS

    def at(self, value: Any, depth: int) -> Any:
        self._count(1)
        if depth > MAX_DEPTH:
            raise UnreadableError(f"nested more than {MAX_DEPTH} deep")
        if value is None or value is True or value is False:
            return bool(value) if value is not None else None
        if isinstance(value, (np.generic, np.ndarray)):
            return self._array(value)
        if isinstance(value, int):
            return int.__int__(value)
        if isinstance(value, float):
            return float.__float__(value)
        if isinstance(value, str):
            text = str.__str__(value)
            self._take(4 * len(text))
            return text
        if type(value) in (list, tuple) and (packed := _packed(value)) is not None:
            self._count(packed.array.size)
            self._take(packed.array.nbytes)
            return packed
        if isinstance(value, tuple):
            return tuple(self.at(item, depth + 1) for item in tuple.__iter__(value))
        if isinstance(value, list):
            return [self.at(item, depth + 1) for item in list.__iter__(value)]
        if isinstance(value, dict):
            if not all(isinstance(key, str) for key in dict.__iter__(value)):
                return Opaque(f"{type(value).__name__} with keys that are not text")
            return {str.__str__(key): self.at(item, depth + 1) for key, item in dict.items(value)}
        return self._foreign(value)

    def _array(self, value: Any) -> Value:
        if type(value) is np.ndarray and value.dtype in NAMES:
            self._take(value.nbytes)  # what a stride-0 view claims, before it is written out
            return value
        if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
            return Opaque("MaskedArray with masked entries")
        array = np.asarray(value)
        if array.dtype.kind == "f" and array.dtype.name not in DTYPES:
            array = array.astype(np.float64)  # long double: the double that NumPy rounds it to
        if array.dtype.name not in DTYPES:
            return Opaque(f"{type(value).__name__} of {array.dtype}")
        self._take(array.nbytes)
        return array.copy()

    def _foreign(self, value: Any) -> Value:
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor):
            return self._array(value.detach().cpu().resolve_conj().resolve_neg().numpy())
        if isinstance(value, (range, memoryview)) or hasattr(type(value), "__array__"):
            self._take(8 * len(value))
            array = np.asarray(value)
            if array.dtype.name in DTYPES:
                return self._array(array)
        return Opaque(type(value).__name__)

    def _count(self, values: int) -> None:
        self._items -= values
        if self._items < 0:
            raise UnreadableError(f"more than {MAX_ITEMS} values")

    def _take(self, size: int) -> None:
        self._room -= size
        if self._room < 0:
            raise UnreadableError("too large")


def _packed(value: list[Any] | tuple[Any, ...]) -> Packed | None:
    """A table of numbers of one type, however deep, in one piece; None for anything else."""
    kinds, shape = [type(value)], [len(value)]
    items: Sequence[Any] = value
    while items and type(items[0]) in (list, tuple):
        kind, length = type(items[0]), len(items[0])
        if any(type(row) is not kind or len(row) != length for row in items):
            return None
        if len(shape) == MAX_DEPTH or len(items) * length > MAX_ITEMS:
            return None
        kinds, shape = [*kinds, kind], [*shape, length]
        items = [item for row in items for item in row]
    number = type(items[0]) if len(items) > FEW else None
    if number not in PACKED or any(type(item) is not number for item in items):
        return None
    letters = "".join("t" if kind is tuple else "l" for kind in kinds)
    return Packed(letters, number is float, np.array(items).reshape(shape))


class Kept(NamedTuple):
    """The snapshot of an array."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    data: bytes | bytearray | memoryview


def changed(values: Sequence[object], before: Mapping[int, object]) -> list[int]:
    """The numbers of those values that are no longer what `before` has snapshots of."""
    found = []
    for number, then in before.items():
        value = values[number]
        if type(then) is Kept and type(value) is np.ndarray:
            dtype, shape, data = then
            if len(data) < LARGE:
                same = value.dtype is dtype and value.shape == shape and value.tobytes() == data
            else:
                same = value.dtype == dtype and value.shape == shape and _same_bytes(value, data)
        else:
            same = snapshot(value) == then
        if not same:
            found.append(number)
    return found


def _same_bytes(value: np.ndarray[Any, Any], data: bytes | bytearray | memoryview) -> bool:
    if not value.flags.c_contiguous:
        return value.tobytes() == bytes(data)
    then = np.frombuffer(data, np.uint8)
    return bool(_libc.memcmp(value.ctypes.data, then.ctypes.data, value.nbytes) == 0)  # without a copy


def snapshot(value: object, copied: Callable[[memoryview], Any] = bytes) -> object:
    """Something to compare by `==` that stays equal as long as nobody changes `value`, bit for bit.

    `copied` makes the copy of an array's bytes.
    """
    if isinstance(value, np.ndarray):
        return Kept(value.dtype, value.shape, copied(memoryview(value.tobytes())))
    if value is None or type(value) is int:
        return value
    if isinstance(value, float):
        return struct.pack("<d", value)
    if isinstance(value, (list, tuple)):
        return type(value).__name__, tuple(snapshot(item) for item in value)
    if isinstance(value, Mapping):
        return tuple((key, snapshot(item)) for key, item in value.items())
    if isinstance(value, Callable):  # type: ignore[arg-type]
        return id(value)
    return type(value).__name__, repr(value)
