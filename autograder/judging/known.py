"""The usual right answer, told at a glance: arrays of the kind and shape that were asked for, all of them near.

What is not right in this way may still be right: `compare` decides. Once every answer of a reply was, a reply of the
same form (`boundary.job.Burst`) is right if its numbers are, and they are compared all at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.boundary.job import Burst, Reply
from autograder.exercises.declare import Expected, ExpectedCase
from autograder.judging.verdict import CheckResult

Array = np.ndarray[Any, np.dtype[Any]]

FORMS = 64
"""How many forms are remembered for one exercise: a class has few, and a form may be as long as a submission likes."""


@dataclass(frozen=True)
class Right:
    """What the numbers of a form must be, how far each may be off, and the checks that are then passed."""

    want: Array
    room: Array
    checks: tuple[CheckResult, ...]


def plainly_right(value: object, case: ExpectedCase) -> bool:
    """Whether ``value`` is what was asked for, all of it finite and near."""
    wanted = case.arrays
    parts = (value,) if len(wanted) == 1 else value
    if not isinstance(parts, (tuple, list)) or len(parts) != len(wanted):
        return False
    for part, want, room in zip(parts, wanted, case.room, strict=True):
        if type(part) is not np.ndarray or want is None or room is None:
            return False
        if part.dtype != want.dtype or part.shape != want.shape or not _near(part, want, room):
            return False
    return True


def passed(expected: Expected, reply: Reply) -> tuple[CheckResult, ...]:
    """The checks, all passed, if the reply is right and of a form that was seen to be; empty if that is not known."""
    if not reply.complete or reply.burst is None:
        return ()
    right = expected.known.get(reply.burst.form)
    if right is None or right.want.nbytes != len(reply.burst.numbers):
        return ()
    with np.errstate(all="ignore"):
        near = _near(_numbers(reply.burst), right.want, right.room)
    return right.checks if near else ()


def remember(expected: Expected, reply: Reply, checks: tuple[CheckResult, ...]) -> None:
    """Remember the form of a reply that has passed, if every answer in it is plainly right."""
    if not reply.complete or reply.burst is None or len(expected.known) >= FORMS:
        return
    cases = {case.label: case for case in expected.cases}
    if sorted(got.case for got in reply.returned) != sorted(cases):
        return
    with np.errstate(all="ignore"):
        if not all(plainly_right(got.value, cases[got.case]) for got in reply.returned):
            return
    order = [cases[got.case] for got in reply.returned]
    want = _joined([array for case in order for array in case.arrays])
    # An array that is returned twice, or out of order, lies in the numbers in another way: that form is left alone.
    if want.nbytes == len(reply.burst.numbers) and np.array_equal(_joined(_arrays(reply)), _numbers(reply.burst)):
        alike = next((right for right in expected.known.values() if np.array_equal(right.want, want)), None)
        room = _joined([array for case in order for array in case.room])
        right = Right(alike.want, alike.room, checks) if alike else Right(want, room, checks)
        expected.known[reply.burst.form] = right


def _near(got: Array, want: Array, room: Array) -> bool:
    """False where anything is NaN or infinite."""
    return bool((np.abs(got - want) <= room).all())


def _numbers(burst: Burst) -> Array:
    return np.frombuffer(burst.numbers, np.float64)


def _arrays(reply: Reply) -> list[Any]:
    values = (got.value for got in reply.returned)
    return [part for value in values for part in (value if isinstance(value, (tuple, list)) else (value,))]


def _joined(arrays: Sequence[Any]) -> Array:
    return np.concatenate([np.ravel(array) for array in arrays]) if arrays else np.empty(0)
