"""Frames: a stream of bytes cut into messages with their raw buffers, for bytes that nobody can vouch for.

A frame is a prefix (magic, length of the header, length of the body), a small JSON header and a body of buffers:

    b"AGF1" | header: 4 bytes | body: 8 bytes | {"m": message, "b": [length of each buffer]} | buffers

Lengths are checked against caps before anything is kept for them, and must add up exactly. What the message holds is
the business of `wire` and `messages`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Any, TypeAlias

import numpy as np

from autograder.boundary.limits import MIB
from autograder.boundary.malformed import MalformedError as MalformedError

MAGIC = b"AGF1"
PREFIX = struct.Struct("<4sIQ")
ALIGNMENT = 16
MEMORABLE = 2048

Node = Any  # what JSON makes of a value: checked where it is read
Buffer: TypeAlias = "bytes | bytearray | memoryview"


@dataclass(frozen=True)
class Caps:
    """What one frame may hold at most, checked before anything is allocated."""

    header: int
    body: int
    nodes: int


FROM_THE_BOX = Caps(header=8 * MIB, body=128 * MIB, nodes=400_000)
INTO_THE_BOX = Caps(header=256 * MIB, body=4096 * MIB, nodes=20_000_000)


@dataclass(frozen=True)
class Frame:
    """One frame as it arrived: the message is parsed JSON, still unchecked, and must not be changed.

    `header` are the bytes that the message was parsed from: frames with the same one differ in their buffers alone.
    """

    header: bytes
    message: Node
    lengths: tuple[int, ...]
    body: memoryview

    @cached_property
    def buffers(self) -> tuple[memoryview, ...]:
        """The body, cut into its buffers."""
        ends = list(accumulate(self.lengths))
        return tuple(self.body[end - length : end] for end, length in zip(ends, self.lengths, strict=True))


def pieces(message: Node, buffers: Sequence[Buffer]) -> list[Buffer]:
    """The bytes of one frame, uncopied."""
    lengths = [len(buffer) for buffer in buffers]
    header = _ENCODER.encode({"m": message, "b": lengths}).encode("ascii")
    header += b" " * (-len(header) % ALIGNMENT)  # so that arrays can be used where they arrive
    return [PREFIX.pack(MAGIC, len(header), sum(lengths)) + header, *buffers]


_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


class Assembler:
    """Cuts a stream into frames. A lying length costs nothing: it is refused, or only reserves room."""

    def __init__(self, caps: Caps) -> None:
        self._caps = caps
        self._start = b""  # of a prefix
        self._content: memoryview | None = None  # of the frame that is arriving
        self._filled = 0
        self._header = 0

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that `data` completes. Raises `MalformedError`."""
        rest = memoryview(self._start + data if self._start else data)
        self._start = b""
        while True:
            if self._content is None:
                if len(rest) < PREFIX.size:
                    self._start = bytes(rest)
                    return
                self._header, body = _sizes(rest, self._caps)
                self._content = np.empty(self._header + body, np.uint8).data
                self._filled = 0
                rest = rest[PREFIX.size :]
            taken = min(len(rest), len(self._content) - self._filled)
            self._content[self._filled : self._filled + taken] = rest[:taken]
            rest = rest[taken:]
            yield from self.filled(taken)
            if self._content is not None:
                return

    def gap(self) -> memoryview | None:
        """Where the rest of the frame that is arriving goes, if one is: room to receive it in. Then call `filled`."""
        return None if self._content is None else self._content[self._filled :]

    def filled(self, count: int) -> Iterator[Frame]:
        """The frame that `count` more bytes in its gap complete, if they do. Raises `MalformedError`."""
        assert self._content is not None
        self._filled += count
        if self._filled == len(self._content):
            content, self._content = self._content, None
            yield _frame(content, self._header)


def frame_in(data: memoryview, caps: Caps) -> Frame:
    """The one frame that `data` is. Raises `MalformedError`."""
    if len(data) < PREFIX.size:
        raise MalformedError("not a frame")
    header, body = _sizes(data, caps)
    if len(data) != PREFIX.size + header + body:
        raise MalformedError("not a frame")
    return _frame(data[PREFIX.size :], header)


def _sizes(data: memoryview, caps: Caps) -> tuple[int, int]:
    """The lengths of header and body that a prefix announces."""
    magic, header, body = PREFIX.unpack_from(data)
    if magic != MAGIC:
        raise MalformedError("not a frame")
    if header > caps.header or body > caps.body:
        raise MalformedError("a frame that is too long")
    return header, body


def _frame(content: memoryview, size: int) -> Frame:
    header, body = bytes(content[:size]), content[size:]
    message, lengths = _remembered(header) if size <= MEMORABLE else _parsed(header)
    if sum(lengths) != len(body):
        raise MalformedError("buffers that do not fill the body")
    return Frame(header, message, lengths, body)


def _parsed(header: bytes) -> tuple[Node, tuple[int, ...]]:
    """The message of a header, and the lengths of the buffers. Raises `MalformedError`."""
    try:
        parsed = _DECODER.decode(header.decode("ascii"))
    except (ValueError, RecursionError, MemoryError):
        raise MalformedError("a header that cannot be read") from None
    if not isinstance(parsed, dict) or parsed.keys() != {"m", "b"} or not isinstance(parsed["b"], list):
        raise MalformedError("a header of another form")
    if not all(type(length) is int and length >= 0 for length in parsed["b"]):
        raise MalformedError("buffers without a length")
    return parsed["m"], tuple(parsed["b"])


_remembered = lru_cache(maxsize=512)(_parsed)
"""Most headers come again with each submission; parsing depends on nothing but their bytes."""


def _refuse(token: str) -> None:
    raise ValueError("floats are not written as JSON numbers")


_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_refuse)
