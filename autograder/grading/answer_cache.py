"""Right answers that were worked out before, in the user's cache folder: what PyTorch takes seconds for is read.

A file holds arrays and nothing else, in the form of `boundary.wire`, behind a digest that only the course's secret
makes: what somebody else wrote there is not taken, nor what is damaged or was cut off. It is named and sealed by all
that the answers depend on (the secret, the released notebook, `decides.verdict_digest`, the kind of machine), so that
nothing is ever out of date: it is found or it is not. Inputs are drawn anew each time.

The folder is the user's own (0700, no link, never below a course or a checkout, which a student may have filled).
Where a box could read it, because only the process wall stands, it is not used. Nothing here can fail a run: without
the folder the answers are worked out.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import platform
import secrets
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from autograder.boundary.frames import Caps, Frame, MalformedError, frame_in
from autograder.boundary.job import Value
from autograder.boundary.limits import MIB
from autograder.boundary.wire import Reader, UnwritableError, Writer
from autograder.course.content import Content
from autograder.course.declare import Array, Expected, derive
from autograder.grading._files import UNFINISHED
from autograder.grading.course import Course
from autograder.grading.decides import PACKAGE, verdict_digest
from autograder.grading.plan import Known, Plan, open_plan
from autograder.grading.release import Release

FOLDERS = ("autograder", "answers")
SUFFIX = ".answers"
SEAL = hashlib.sha256().digest_size
CAPS = Caps(header=8 * MIB, body=16 * MIB, nodes=400_000)
MOST_BYTES = CAPS.header + CAPS.body
MOST_FILES = 32
LARGE = 1 << 15
"""Bytes of an answer from which on it is not kept: it takes as long to read as to work out."""

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)

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
        """As `open_plan`, without working out what is kept."""

        def known(secret: bytes, release: Release) -> Known:
            key = _key(self.course.content, secret, release.assignment, release)
            found = read(self.course, key)
            if not found:
                self._unkept[unit] = key
            return found

        return open_plan(self.course, unit, known=known)

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
        with _folder(course) as folder:
            data = _content(folder, _name(key))
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
        with _folder(course, make=True) as folder:
            _put(folder, _name(key), hmac.digest(key, frame, "sha256") + frame)
            _tidy(folder)
    except (OSError, UnwritableError):
        return False
    return True


def cache_folder(course: Course) -> Path | None:
    """Where answers would be kept for this user; None where there is no such place, or it is somebody else's."""
    if sys.platform == "win32" or os.environ.get("HOME") == "":
        return None
    try:
        folder = platformdirs.user_cache_path().joinpath(*FOLDERS)
        if not folder.is_absolute():
            return None
        around = folder.resolve()
    except (OSError, RuntimeError):
        return None
    places = (course.root.resolve(), course.results.resolve(), PACKAGE.parent)
    if any(around.is_relative_to(place) for place in places if place != Path(place.anchor)):
        return None
    return None if any((place / ".git").exists() for place in around.parents) else folder


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


@contextmanager
def _folder(course: Course, *, make: bool = False) -> Iterator[int]:
    """A descriptor of the folder, which is this user's and nobody else's business. Raises OSError."""
    path = cache_folder(course)
    if path is None:
        raise FileNotFoundError("there is no cache folder")
    top = path.parents[len(FOLDERS) - 1]
    if make:
        top.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(top, os.O_RDONLY)
    try:
        if os.fstat(descriptor).st_uid != os.geteuid():
            raise PermissionError(f"{top} is not this user's")
        for name in FOLDERS:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(name, 0o700, dir_fd=descriptor)
            outer, descriptor = descriptor, os.open(name, _FOLDER, dir_fd=descriptor)
            os.close(outer)
            found = os.fstat(descriptor)
            if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
                raise PermissionError(f"{path} is not this user's alone")
        yield descriptor
    finally:
        os.close(descriptor)


def _content(folder: int, name: str) -> bytes:
    """A file of the folder, if it is an ordinary one of this user's. Raises OSError."""
    with open(os.open(name, _READ, dir_fd=folder), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise PermissionError(f"{name} is not this user's")
        if found.st_size > MOST_BYTES:
            raise OSError(f"{name} is too large")
        return file.read(MOST_BYTES)


def _put(folder: int, name: str, data: bytes) -> None:
    """Write a file so that a reader sees the whole of it or none. Raises OSError."""
    temporary = f".{secrets.token_hex(8)}{UNFINISHED}"
    try:
        with open(os.open(temporary, _WRITE, 0o600, dir_fd=folder), "wb") as file:
            file.write(data)
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise


def _tidy(folder: int) -> None:
    """Remove the oldest files beyond the number that is kept, what was left half written among them."""
    with os.scandir(folder) as entries:
        ages = {entry.name: entry.stat(follow_symlinks=False).st_mtime for entry in entries}
    for name in sorted(ages, key=ages.__getitem__, reverse=True)[MOST_FILES:]:
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)
