"""Right answers that were worked out before, in the user's cache folder: what PyTorch takes seconds for is read.

A file holds arrays and nothing else, in the form of `boundary.wire`, behind a digest that only the course's secret
makes: what somebody else wrote there is not taken, nor what is damaged or was cut off. It is named and sealed by all
that the answers depend on (the secret, the released notebook, `decides.verdict_digest`, the kind of machine), so that
nothing is ever out of date: it is found or it is not. Inputs are drawn anew each time.

The folder is the user's own (`grading.user_cache`). Where a box could read it, because only the process wall stands, it
is not used. Nothing here can fail a run: without the folder the answers are worked out.
"""

from __future__ import annotations

import hashlib
import hmac
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from autograder.boundary.frames import Caps, Frame, MalformedError, frame_in
from autograder.boundary.job import Value
from autograder.boundary.limits import MIB
from autograder.boundary.wire import Reader, UnwritableError, Writer
from autograder.course.content import Content
from autograder.course.declare import Array, Expected, derive
from autograder.grading import user_cache
from autograder.grading.course import Course
from autograder.grading.decides import verdict_digest
from autograder.grading.plan import Known, Plan, open_plan
from autograder.grading.release import Release

KIND = "answers"
SUFFIX = ".answers"
SEAL = hashlib.sha256().digest_size
CAPS = Caps(header=8 * MIB, body=16 * MIB, nodes=400_000)
MOST_BYTES = CAPS.header + CAPS.body
LARGE = 1 << 15
"""Bytes of an answer from which on it is not kept: it takes as long to read as to work out."""

WEAK = "process"
"""The tier in which a box runs as this very user and reads what it can read."""


@dataclass
class AnswerCache:
    """The plans of one course, with the right answers that are kept for it.

    ``plan`` reads what is kept, ``settled`` keeps what was not and says which plan to use once the tier is known.
    """

    course: Course
    _unkept: dict[str, bytes] = field(default_factory=dict)
    """The keys of the units of which the answers were worked out, in full."""

    def plan(self, unit: str) -> Plan:
        """As `open_plan`, for few submissions and without working out what is kept."""

        def known(secret: bytes, release: Release) -> Known:
            key = _key(self.course.content, secret, release.assignment, release)
            found = read(self.course, key)
            if not found:
                self._unkept[unit] = key
            return found

        return replace(open_plan(self.course, unit, known=known), few=True)

    def settled(self, plan: Plan, tier: str) -> Plan:
        """The plan to grade with behind walls of this tier. Keeps what was worked out, where no box can read it."""
        unit = plan.release.unit
        key = self._unkept.pop(unit, None)
        if tier != WEAK:
            if key is not None:
                write(self.course, key, plan)
            return plan
        return plan if key is not None else open_plan(self.course, unit)

    def prepared(self, unit: str, tier: str) -> bool:
        """Have the right answers of a unit kept; whether they are."""
        self.settled(self.plan(unit), tier)
        self.plan(unit)
        return self._unkept.pop(unit, None) is None


def read(course: Course, key: bytes) -> Known:
    """What is kept under a key: exercise to label to arrays. Empty if there is nothing that can be used."""
    try:
        with user_cache.opened(course, KIND) as folder:
            data = user_cache.content(folder, _name(key), MOST_BYTES)
        return _arrays(frame_in(_unsealed(data, key), CAPS))
    except (OSError, MalformedError):
        return {}


def write(course: Course, key: bytes, plan: Plan) -> bool:
    """Keep the right answers of a plan, but for large ones; whether that could be done."""
    writer = Writer(layout=True)
    try:
        frame = writer.frame(writer.value({name: _small(expected) for name, expected in plan.expected.items()}))
        if len(frame) > MOST_BYTES or writer.nodes > CAPS.nodes:
            return False
        with user_cache.opened(course, KIND, make=True) as folder:
            user_cache.put(folder, _name(key), hmac.digest(key, frame, "sha256") + frame)
    except (OSError, UnwritableError):
        return False
    return True


def _key(content: Content, secret: bytes, assignment: str, release: Release) -> bytes:
    """A key under the course's secret: whoever does not know that can neither guess nor make it."""
    machine = f"{platform.system()} {platform.machine()} {sys.byteorder}"
    return derive(secret, "right answers", assignment, release.digest, verdict_digest(content, assignment), machine)


def _name(key: bytes) -> str:
    return derive(key, "name").hex()[:32] + SUFFIX


def _small(expected: Expected) -> dict[str, Value]:
    return {
        case.label: case.arrays
        for case in expected.cases
        if case.instance is not None and sum(array.nbytes for array in case.arrays if array is not None) < LARGE
    }


def _arrays(frame: Frame) -> Known:
    """What a frame holds, in memory of its own. Raises MalformedError."""
    value = Reader(frame, CAPS, inward=True).value(frame.message)
    if not isinstance(value, dict):
        raise MalformedError("not answers")
    known: dict[str, Mapping[str, tuple[Array | None, ...]]] = {}
    for exercise, answers in value.items():
        if not isinstance(answers, dict) or not all(isinstance(arrays, tuple) for arrays in answers.values()):
            raise MalformedError("not answers")
        known[exercise] = answers  # type: ignore[assignment]
    return known


def _unsealed(data: bytes, key: bytes) -> memoryview:
    frame = memoryview(data)[SEAL:]
    if len(data) < SEAL or not hmac.compare_digest(hmac.digest(key, frame, "sha256"), data[:SEAL]):
        raise MalformedError("not sealed with this key")
    return frame
