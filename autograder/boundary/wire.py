"""Values as nodes of a frame's message, and back again, for messages that nobody can vouch for.

A value is JSON's null, boolean or string, or a tagged list:

    ["i", "-0x1f"]                              int, in hexadecimal: no digit limit, no precision lost
    ["f", "000000000000f03f"]                   float, its eight bytes: NaN payloads and the sign of zero survive
    ["t", [value, ...]]  ["l", [value, ...]]    tuple, list
    ["F", "l" or "t", buffer]                   list or tuple of nothing but floats, packed
    ["P", kinds, dtype, shape, buffer]          lists or tuples in each other, a letter for each level, of 0-d arrays
                                                of one dtype, or of floats if that is null (outwards only)
    ["d", [[key, value], ...]]                  dict with text keys
    ["a", dtype, shape, buffer]                 array, C order
    ["s", dtype, shape, strides, offset, size, buffer]   array with its memory layout (inwards only)
    ["n", name, ["d", ...]]                     named function (inwards only)
    ["o", type name]                            anything else (outwards only)

Reading counts nodes and depth, computes sizes in Python integers, requires exact lengths before it allocates, and
raises `MalformedError` and nothing else. There is no pickle, no eval and no np.load here.
"""

from __future__ import annotations

import math
import operator
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, TypeAlias

import numpy as np

from autograder.boundary.frames import Buffer, Caps, Frame, MalformedError, Node, pieces
from autograder.boundary.job import Array, NamedFunction, Opaque, Value
from autograder.boundary.limits import TYPE_NAME_CHARACTERS
from autograder.boundary.text import clean, encodable

Memory: TypeAlias = "bytearray | memoryview"

LARGE = 1 << 15
FEW = 3
MAX_DIMENSIONS = 32
MAX_DEPTH = 40
MAX_EXTENT = 1 << 48
MAX_INT_CHARACTERS = 4096

DTYPES: Mapping[str, np.dtype[Any]] = {
    name: np.dtype(name)
    for name in (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64"),
    )
}

NAMES: Mapping[np.dtype[Any], str] = {dtype: name for name, dtype in DTYPES.items()}


class UnwritableError(ValueError):
    """A value that has no place on the wire: an unknown type, too deep, too long, too large."""


@dataclass(frozen=True)
class Packed:
    """Numbers of one type in lists or tuples within each other, on their way out.

    ``kinds`` has "l" or "t" for each level. They are read as Python's floats, or else as 0-d arrays.
    """

    kinds: str
    floats: bool
    array: Array


class Writer:
    """Collects the buffers of one frame while its message is built."""

    def __init__(self, *, layout: bool = False) -> None:
        """`layout`: keep the strides of arrays that are not in C order (inwards), instead of copying to C order."""
        self._layout = layout
        self._buffers: list[Buffer] = []
        self.nodes = 0
        self.size = 0
        """Bytes in the buffers so far."""
        self.borrowing = False
        """Whether large arrays are taken as they are: nobody writes to them before the frame is sent."""

    def value(self, value: Value | Packed, depth: int = 0) -> Node:
        """The node for `value`. Raises `UnwritableError`."""
        self.nodes += 1
        if type(value) is np.ndarray:
            return self._array(value)  # most values by far
        if depth > MAX_DEPTH:
            raise UnwritableError("nested too deeply")
        if isinstance(value, (tuple, list)):
            kind = "t" if isinstance(value, tuple) else "l"
            if len(value) > FEW and all(type(item) is float for item in value):
                return ["F", kind, self.add(struct.pack(f"<{len(value)}d", *value))]
            return [kind, [self.value(item, depth + 1) for item in value]]
        match value:
            case None | bool():
                return value
            case str():
                return encodable(value)
            case np.generic():
                return self._array(np.asarray(value))
            case int():
                digits = hex(value)
                if len(digits) > MAX_INT_CHARACTERS:
                    raise UnwritableError("an integer with too many digits")
                return ["i", digits]
            case float():
                return ["f", struct.pack("<d", value).hex()]
            case np.ndarray():
                return self._array(value)
            case Packed():
                self.nodes += value.array.size
                name = None if value.floats else value.array.dtype.name
                return ["P", value.kinds, name, list(value.array.shape), self.add(value.array.tobytes())]
            case NamedFunction():
                return ["n", value.name, self.value(dict(value.params), depth + 1)]
            case Opaque():
                return ["o", encodable(value.type_name)]
            case dict():
                return ["d", [[_key(key), self.value(item, depth + 1)] for key, item in value.items()]]
        raise UnwritableError(f"a value of type {type(value).__name__}")

    def frame(self, message: Node) -> bytes:
        """The whole frame, whose `message` holds nodes that this writer made."""
        return b"".join(self.pieces(message))

    def pieces(self, message: Node) -> list[Buffer]:
        """The whole frame in pieces, its buffers as they are."""
        return pieces(message, self._buffers)

    def add(self, buffer: Buffer) -> int:
        """Put a buffer into the frame; its number there."""
        self._buffers.append(buffer)
        self.size += len(buffer)
        return len(self._buffers) - 1

    def _array(self, array: Array) -> Node:
        name = NAMES.get(array.dtype) or array.dtype.name
        if name not in DTYPES:
            raise UnwritableError(f"an array of {name}")
        if not array.dtype.isnative:
            array = array.astype(DTYPES[name])
        shape = list(array.shape)
        if not self._layout or array.flags.c_contiguous or array.size == 0:
            if self.borrowing and array.nbytes >= LARGE and array.flags.c_contiguous:
                return ["a", name, shape, self.add(array.reshape(-1).view(np.uint8).data)]
            return ["a", name, shape, self.add(array.tobytes())]
        return self._strided(array, name, shape)

    def _strided(self, array: Array, name: str, shape: list[int]) -> Node:
        """An array with its layout: its span of memory, with zeros in the gaps (they may be someone else's)."""
        strides = [stride if length > 1 else 0 for stride, length in zip(array.strides, shape, strict=True)]
        reach = [stride * (length - 1) for stride, length in zip(strides, shape, strict=True)]
        offset = -sum(part for part in reach if part < 0)
        memory = bytearray(offset + sum(part for part in reach if part > 0) + array.itemsize)
        np.ndarray(array.shape, array.dtype, memory, offset, strides)[...] = array
        return ["s", name, shape, strides, offset, len(memory), self.add(memory)]


class Reader:
    """Reads the values of one frame. Every method raises `MalformedError` on anything unexpected."""

    def __init__(
        self,
        frame: Frame,
        caps: Caps,
        *,
        inward: bool,
        copied: Callable[[memoryview], Memory] = bytearray,
        buffers: int | None = None,
    ) -> None:
        """`inward`: this is the box, so that layouts and named functions are welcome and opaque values are not.

        `copied` gives the arrays in the box their memory: a copy that can be written to. Values may lie in the first
        `buffers` of the frame, or in all; each buffer belongs to one value.
        """
        self._copied = copied
        self._buffers: list[memoryview | None] = list(frame.buffers[:buffers])
        self._nodes_left = caps.nodes
        self._inward = inward

    def value(self, node: Node, depth: int = 0) -> Value:
        """The value of a node. In the box arrays get memory of their own; outside they stay where they arrived."""
        self._nodes_left -= 1
        if self._nodes_left < 0:
            raise MalformedError("too many values in one frame")
        if depth > MAX_DEPTH:
            raise MalformedError("values nested too deeply")
        if node is None or isinstance(node, bool):
            return node
        if isinstance(node, str):
            return encodable(node)
        if not isinstance(node, list) or not node or not isinstance(node[0], str):
            raise MalformedError("a value that is neither plain nor tagged")
        read = _TAGS.get((node[0], len(node)))
        if read is None:
            raise MalformedError("an unknown tag")
        value: Value = read(self, node, depth)
        return value

    def _integer(self, node: Node, depth: int) -> Value:
        text = _text(node[1])
        if len(text) > MAX_INT_CHARACTERS:
            raise MalformedError("an integer with too many digits")
        try:
            return int(text, 16)
        except ValueError:
            raise MalformedError("an integer that is none") from None

    def _float(self, node: Node, depth: int) -> Value:
        text = _text(node[1])
        try:
            return float(struct.unpack("<d", bytes.fromhex(text))[0])
        except (ValueError, struct.error):
            raise MalformedError("a float that is none") from None

    def _floats(self, node: Node, depth: int) -> Value:
        buffer = self._buffer(node[2])
        if len(buffer) % 8:
            raise MalformedError("packed floats of a wrong length")
        self._nodes_left -= len(buffer) // 8
        if self._nodes_left < 0:
            raise MalformedError("too many values in one frame")
        floats = struct.unpack(f"<{len(buffer) // 8}d", buffer)
        return floats if node[1] == "t" else list(floats)

    def _packed(self, node: Node, depth: int) -> Value:
        if self._inward:
            raise MalformedError("packed numbers into the box")
        kinds, dtype, shape = _text(node[1]), DTYPES["float64"] if node[2] is None else _dtype(node[2]), _shape(node[3])
        buffer = self._buffer(node[4])
        if not 0 < len(kinds) == len(shape) or not set(kinds) <= {"l", "t"} or 0 in shape:
            raise MalformedError("packed numbers of an unknown kind")
        if math.prod(shape) * dtype.itemsize != len(buffer):
            raise MalformedError("packed numbers of a wrong length")
        self._nodes_left -= sum(accumulate(shape, operator.mul))
        if self._nodes_left < 0:
            raise MalformedError("too many values in one frame")
        array = np.frombuffer(buffer, np.uint8) != 0 if dtype == np.bool_ else np.frombuffer(buffer, dtype)
        items: list[Any] = array.tolist() if node[2] is None else [array[place, ...] for place in range(array.size)]
        for kind, length in zip(reversed(kinds), reversed(shape), strict=True):
            rows = (items[start : start + length] for start in range(0, len(items), length))
            items = [tuple(row) for row in rows] if kind == "t" else list(rows)
        value: Value = items[0]
        return value

    def _tuple(self, node: Node, depth: int) -> Value:
        return tuple(self._items(node[1], depth))

    def _list(self, node: Node, depth: int) -> Value:
        return list(self._items(node[1], depth))

    def _items(self, nodes: Node, depth: int) -> Iterator[Value]:
        if not isinstance(nodes, list):
            raise MalformedError("a sequence that is none")
        return (self.value(item, depth + 1) for item in nodes)

    def _dict(self, node: Node, depth: int) -> dict[str, Value]:
        pairs = node[1]
        if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
            raise MalformedError("a dict that is none")
        result = {encodable(_text(key)): self.value(item, depth + 1) for key, item in pairs}
        if len(result) != len(pairs):
            raise MalformedError("a dict with the same key twice")
        return result

    def _array(self, node: Node, depth: int) -> Value:
        dtype, shape = _dtype(node[1]), _shape(node[2])
        memory = self._buffer(node[3])
        if math.prod(shape) * dtype.itemsize != len(memory):
            raise MalformedError("an array whose shape and length differ")
        if dtype == np.bool_:  # a byte that is neither 0 nor 1 is no boolean
            return np.asarray(_built(shape, np.dtype(np.uint8), bytearray(memory), 0, None) != 0)
        return _built(shape, dtype, self._copied(memory) if self._inward else memory, 0, None)

    def _strided_array(self, node: Node, depth: int) -> Value:
        if not self._inward:
            raise MalformedError("a memory layout from the box")
        dtype, shape = _dtype(node[1]), _shape(node[2])
        strides, offset = node[3], node[4]
        if not isinstance(strides, list) or not all(type(s) is int and abs(s) < MAX_EXTENT for s in strides):
            raise MalformedError("strides that are none")
        memory = self._buffer(node[6])
        if type(offset) is not int or node[5] != len(memory):
            raise MalformedError("a layout whose length differs")
        return _built(shape, dtype, self._copied(memory), offset, tuple(strides))

    def _function(self, node: Node, depth: int) -> Value:
        if not self._inward:
            raise MalformedError("a function from the box")
        params = self.value(node[2], depth + 1)
        if not isinstance(params, dict):
            raise MalformedError("a function whose parameters are no dict")
        return NamedFunction(_text(node[1]), params)

    def _opaque(self, node: Node, depth: int) -> Value:
        if self._inward:
            raise MalformedError("an opaque value into the box")
        return Opaque(clean(_text(node[1]), TYPE_NAME_CHARACTERS))

    def _buffer(self, index: Node) -> memoryview:
        if type(index) is not int or not 0 <= index < len(self._buffers):
            raise MalformedError("a buffer that is not there")
        buffer, self._buffers[index] = self._buffers[index], None
        if buffer is None:
            raise MalformedError("two values in one buffer")
        return buffer


_TAGS: Mapping[tuple[str, int], Any] = {
    ("i", 2): Reader._integer,
    ("f", 2): Reader._float,
    ("F", 3): Reader._floats,
    ("P", 5): Reader._packed,
    ("t", 2): Reader._tuple,
    ("l", 2): Reader._list,
    ("d", 2): Reader._dict,
    ("a", 4): Reader._array,
    ("s", 7): Reader._strided_array,
    ("n", 3): Reader._function,
    ("o", 2): Reader._opaque,
}


def _built(
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    memory: Memory,
    offset: int,
    strides: tuple[int, ...] | None,
) -> Array:
    try:
        if not memory:
            return np.empty(shape, dtype)
        return np.ndarray(shape, dtype, memory, offset, strides)
    except (ValueError, TypeError, OverflowError, MemoryError):
        raise MalformedError("an array that cannot be built") from None


def _dtype(name: Node) -> np.dtype[Any]:
    if not isinstance(name, str) or name not in DTYPES:
        raise MalformedError("an unknown dtype")
    return DTYPES[name]


def _shape(node: Node) -> tuple[int, ...]:
    if not isinstance(node, list) or len(node) > MAX_DIMENSIONS:
        raise MalformedError("a shape that is none")
    for length in node:
        if type(length) is not int or not 0 <= length <= MAX_EXTENT:
            raise MalformedError("a shape with a length that is none")
    return tuple(node)


def _text(node: Node) -> str:
    if not isinstance(node, str):
        raise MalformedError("text that is none")
    return node


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise UnwritableError("a dict whose keys are not text")
    return encodable(key)
