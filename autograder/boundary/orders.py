"""The orders that a nursery and its warm parents take, and their answers: one datagram each, a letter and a number.

The nursery:

    PARENT           a new parent's end of a channel for orders. It answers there, once it is there
                     itself, with a descriptor of its process                  ->  READY

A parent:

    POST size        a file with a frame of tasks, for children to inherit     ->  DONE tasks so far
    FORK bytes       a child's end of a channel; bytes of scratch space        ->  ENDED exit code, or FAILED errno
    KILL             while there is a child: end it; no answer but its ENDED

A file or channel comes along as a descriptor.
"""

from __future__ import annotations

import struct

from autograder.boundary.malformed import MalformedError

PARENT, POST, FORK, KILL = b"N", b"P", b"F", b"K"
READY, DONE, ENDED, FAILED = b"R", b"D", b"E", b"X"

_ORDER = struct.Struct("<cq")
MOST_BYTES = _ORDER.size + 1


def pack(kind: bytes, number: int = 0) -> bytes:
    """The datagram of an order or an answer."""
    return _ORDER.pack(kind, number)


def unpack(data: bytes) -> tuple[bytes, int]:
    """Kind and number of a datagram. Raises `MalformedError`."""
    if len(data) != _ORDER.size:
        raise MalformedError("a datagram of another length")
    kind, number = _ORDER.unpack(data)
    return kind, number
