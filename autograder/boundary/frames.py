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
from typing import Any

from autograder.boundary.limits import MIB

MAGIC = b"AGF1"
PREFIX = struct.Struct("<4sIQ")
ALIGNMENT = 16

Node = Any  # what JSON makes of a value: checked where it is read


class MalformedError(ValueError):
    """Bytes that are not the protocol. The message is ours and never quotes the bytes."""


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
    """One frame as it arrived: the message is parsed JSON, still unchecked."""

    message: Node
    buffers: tuple[memoryview, ...]


def assembled(message: Node, buffers: Sequence[bytes | bytearray]) -> bytes:
    """The bytes of one frame."""
    lengths = [len(buffer) for buffer in buffers]
    header = _ENCODER.encode({"m": message, "b": lengths}).encode("ascii")
    header += b" " * (-len(header) % ALIGNMENT)  # so that arrays can be used where they arrive
    return b"".join((PREFIX.pack(MAGIC, len(header), sum(lengths)), header, *buffers))


_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


class Assembler:
    """Cuts a stream into frames. A lying length costs nothing: it is refused before anything is kept for it."""

    def __init__(self, caps: Caps) -> None:
        self._caps = caps
        self._pending = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that `data` completes. Raises `MalformedError`."""
        self._pending += data
        while len(self._pending) >= PREFIX.size:
            magic, header, body = PREFIX.unpack_from(self._pending)
            if magic != MAGIC:
                raise MalformedError("not a frame")
            if header > self._caps.header or body > self._caps.body:
                raise MalformedError("a frame that is too long")
            whole = PREFIX.size + header + body
            if len(self._pending) < whole:
                return
            if len(self._pending) == whole:
                content, self._pending = self._pending, bytearray()
            else:
                content = self._pending[:whole]
                del self._pending[:whole]  # moves no bytes: many small frames are no burden
            yield _frame(memoryview(content)[PREFIX.size : whole], header)


def frame_in(data: memoryview, caps: Caps) -> Frame:
    """The one frame that `data` is. Raises `MalformedError`."""
    if len(data) < PREFIX.size:
        raise MalformedError("not a frame")
    magic, header, body = PREFIX.unpack_from(data)
    if magic != MAGIC or header > caps.header or body > caps.body or len(data) != PREFIX.size + header + body:
        raise MalformedError("not a frame")
    return _frame(data[PREFIX.size :], header)


def _frame(content: memoryview, header: int) -> Frame:
    try:
        parsed = _DECODER.decode(bytes(content[:header]).decode("ascii"))
    except (ValueError, RecursionError, MemoryError):
        raise MalformedError("a header that cannot be read") from None
    if not isinstance(parsed, dict) or parsed.keys() != {"m", "b"} or not isinstance(parsed["b"], list):
        raise MalformedError("a header of another form")
    buffers = []
    body = content[header:]
    start = 0
    for length in parsed["b"]:
        if type(length) is not int or not 0 <= length <= len(body) - start:
            raise MalformedError("buffers longer than the body")
        buffers.append(body[start : start + length])
        start += length
    if start != len(body):
        raise MalformedError("buffers that do not fill the body")
    return Frame(parsed["m"], tuple(buffers))


def _refuse(token: str) -> None:
    raise ValueError("floats are not written as JSON numbers")


_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_refuse)
