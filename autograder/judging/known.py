"""The usual right answer, told at a glance: arrays of the kind and shape that were asked for, all of them near.

What is not right in this way may still be right: `compare` decides. A reply of the same form (`boundary.job.Burst`) as
one that has passed is right if its numbers are, and they are compared all at once: arrays of float64 have room, every
other byte must be what it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.boundary.job import Burst, Reply
from autograder.course.declare import Expected, ExpectedCase
from autograder.judging.verdict import CheckResult

Array = np.ndarray[Any, np.dtype[Any]]

FORMS = 64
"""How many forms are remembered for one exercise: a class has few, and a form may be as long as a submission likes."""


WORD = 8
NONE = -1.0
"""The room of a word that is no float64: not even an equal number is near."""


@dataclass(frozen=True)
class Right:
    """What the words of a form must be, how far each number may be off, and the checks that are then passed.

    ``exact`` marks the words that are no numbers with room (integers, lists of floats): None if there are none.
    """

    want: Array
    room: Array
    exact: Array | None
    checks: tuple[CheckResult, ...]

    def matches(self, words: Array) -> bool:
        """Whether these are right. False where a number with room is NaN or infinite."""
        with np.errstate(all="ignore"):
            right = np.abs(words - self.want) <= self.room
        if self.exact is not None:
            right |= self.exact & (words.view(np.uint64) == self.want.view(np.uint64))
        return bool(right.all())


def plainly_right(value: object, case: ExpectedCase) -> bool:
    """Whether ``value`` is what was asked for, all of it finite and near."""
    found = _of_the_kind(value, case)
    return found is not None and len(found) == len(case.arrays) and all(_near(*one) for one in found)


def passed(expected: Expected, reply: Reply) -> tuple[CheckResult, ...]:
    """The checks, all passed, if the reply is right and of a form that was seen to be; empty if that is not known."""
    if not reply.complete or reply.burst is None:
        return ()
    right = expected.known.get(reply.burst.form)
    if right is None or right.want.nbytes != len(reply.burst.numbers):
        return ()
    return right.checks if right.matches(_words(reply.burst)) else ()


def remember(expected: Expected, reply: Reply, checks: tuple[CheckResult, ...]) -> None:
    """Remember the form of a reply that has passed."""
    burst = reply.burst
    if not reply.complete or burst is None or len(burst.numbers) % WORD:
        return
    if burst.form in expected.known or len(expected.known) >= FORMS:
        return
    cases = {case.label: case for case in expected.cases}
    if sorted(got.case for got in reply.returned) != sorted(cases):
        return
    want = _words(burst).copy()
    room = np.full(len(want), NONE)
    for got in reply.returned:
        for part, wanted, near in _of_the_kind(got.value, cases[got.case]) or ():
            place = _place(part, burst)
            if place is not None and part.dtype == np.float64:
                want[place], room[place] = wanted.ravel(), near.ravel()
    exact = room == NONE
    right = Right(want, room, exact if exact.any() else None, checks)
    alike = next((other for other in expected.known.values() if _same(right, other)), right)
    expected.known[burst.form] = Right(alike.want, alike.room, alike.exact, checks)


def _of_the_kind(value: object, case: ExpectedCase) -> list[tuple[Array, Array, Array]] | None:
    """The parts of an answer that are arrays of the kind and shape asked for, with what each must be and its room.

    None if there are more or fewer parts than were asked for.
    """
    parts = (value,) if len(case.arrays) == 1 else value
    if not isinstance(parts, (tuple, list)) or len(parts) != len(case.arrays):
        return None
    return [
        (part, want, room)
        for part, want, room in zip(parts, case.arrays, case.room, strict=True)
        if type(part) is np.ndarray and want is not None and room is not None
        if part.dtype == want.dtype and part.shape == want.shape
    ]


def _place(array: Array, burst: Burst) -> slice | None:
    """Where the array lies among the words of the reply; None if it lies elsewhere, or between two words."""
    start = int(array.ctypes.data - _words(burst).ctypes.data)
    if start % WORD or start < 0 or start + array.nbytes > len(burst.numbers) or not array.flags.c_contiguous:
        return None
    return slice(start // WORD, start // WORD + array.size)


def _same(one: Right, other: Right) -> bool:
    """Whether both ask for the same: their arrays need to be kept once only."""
    words = one.want.view(np.uint64), other.want.view(np.uint64)
    return np.array_equal(*words) and np.array_equal(one.room, other.room)


def _near(got: Array, want: Array, room: Array) -> bool:
    """False where anything is NaN or infinite."""
    return bool((np.abs(got - want) <= room).all())


def _words(burst: Burst) -> Array:
    return np.frombuffer(burst.numbers, np.float64)
