"""What crosses between the machines of a run: the order that every worker gets once, batches, and what came of them.

All of it is ours, made on machines that trust each other, and crosses as pickles inside TLS (or on one machine). What
comes out of a box never does: it is arrays, checked by `boundary.wire`, long before it is put into one of these.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import autograder
from autograder.errors import SubmissionError
from autograder.grading._files import read_regular
from autograder.grading.collect import read_timestamp
from autograder.grading.course import Course
from autograder.grading.intake import Rejected
from autograder.grading.notebook_json import FILE_BYTES
from autograder.grading.one import Prepared
from autograder.grading.units import unit_of
from autograder.grading.work import Entry

SOURCES = frozenset({".py", ".json", ".html", ".css"})
LIBRARIES = ("numpy", "torch", "msgspec", "jinja2")
"""What a result depends on besides this package."""


@dataclass(frozen=True)
class Order:
    """What a worker needs for a run. ``fingerprints`` are those of the plans that it must arrive at.

    ``content`` are the files of the course that say what is asked, by path. ``releases`` are the bytes of each
    notebook, behind those of its record of released cells, by ``<assignment>/<file>``, in the order in which they are
    looked through.
    """

    identity: Mapping[str, str]
    fingerprints: Mapping[str, str]
    releases: Mapping[str, bytes] = field(repr=False)
    content: Mapping[str, bytes] = field(repr=False)
    secret: bytes = field(repr=False)
    torch: bool = False
    accept_weak: bool = False


@dataclass(frozen=True)
class Parcel:
    """One submission on its way: its bytes, or why there are none, and what only its folder could tell."""

    student: str
    assignment: str
    taken: bytes | Rejected = field(repr=False)
    notes: tuple[str, ...] = ()
    timestamp: datetime | None = None
    problems: tuple[str, ...] = ()
    part: str = ""
    """The notebook's name where its assignment has several."""

    @property
    def unit(self) -> str:
        """What was handed in: the assignment, or one of its notebooks."""
        return unit_of(self.assignment, self.part)

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        return len(self.taken) if isinstance(self.taken, bytes) else 0


@dataclass(frozen=True)
class Batch:
    """What a worker gets at once. A class of its own, so that Dask does not look for its own things inside."""

    parcels: tuple[Parcel, ...] = field(repr=False)
    again: bool = False
    """For a submission that was waited for while others were graded beside it: now it is alone."""


@dataclass(frozen=True)
class Answer:
    """A batch dealt with; only the files are not in place yet. ``weak`` if only weak walls stood around it."""

    prepared: tuple[Prepared, ...] = field(repr=False)
    weak: bool = False


@dataclass(frozen=True)
class Failure:
    """A batch that could not be dealt with, and why: an error of the worker's, or of ours with where it was raised.

    It crosses as data. Dask's own way for errors takes the traceback along, and where that can't be unpacked (it is
    too deep, say) the client is never told.
    """

    error: Exception


def parcel(course: Course, entry: Entry) -> Parcel:
    """One of what was handed in, read."""
    if isinstance(entry, Rejected):
        return Parcel(entry.student, entry.assignment, entry, part=entry.part)
    timestamp, problems = read_timestamp(entry.folder, zone=course.zone)
    taken: bytes | Rejected
    try:
        taken = read_regular(entry.path, course.submitted, FILE_BYTES)
    except SubmissionError as error:
        taken = Rejected.because(error, entry.student, entry)
    return Parcel(entry.student, entry.assignment, taken, entry.notes, timestamp, problems, entry.part)


def identity() -> dict[str, str]:
    """What must be the same on every machine for the same notebook to have the same score there."""
    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "autograder": autograder.__version__,
        "autograder's files": _digest(Path(autograder.__file__).parent),
        **{name: version(name) for name in LIBRARIES},
    }


def _digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in SOURCES):
        data = path.read_bytes()
        total.update(f"{path.relative_to(folder).as_posix()}\0{len(data)}\0".encode() + data)
    return total.hexdigest()[:12]
