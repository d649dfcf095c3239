"""What was taken in from where, beside the students' folders: the LMS's late mark, and which upload it was.

An LMS does not say when a file was handed in, only (Canvas) that it was late and that one upload came after another.
``submitted/.intake/<assignment>.json`` keeps that, so that an older download can't replace a newer submission.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from autograder.errors import SubmissionError, UsageError
from autograder.grading._files import read_regular, sha256, write_atomically
from autograder.grading.collect import read_timestamp
from autograder.grading.notebook_json import FILE_BYTES

FOLDER = ".intake"


@dataclass(frozen=True)
class Receipt:
    """One submission as it arrived. ``digest`` is the sha256 of the bytes sent, ``late`` the mark of the LMS."""

    source: str
    file: str
    digest: str
    sender: str = ""
    upload: int = 0
    late: bool = False


@dataclass(frozen=True)
class Receipts:
    """The receipts of one assignment, by student."""

    by_student: dict[str, Receipt] = field(default_factory=dict)


@dataclass(frozen=True)
class Coming:
    """What is about to be taken in: its receipt, and when it was handed in where that is known (UTC, naive)."""

    receipt: Receipt
    time: datetime | None = None


def read_receipts(submitted: Path, assignment: str) -> Receipts:
    """The receipts there are. Raises UsageError if they can't be read: without them older could replace newer."""
    path = submitted / FOLDER / f"{assignment}.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Receipts)
    except FileNotFoundError:
        return Receipts()
    except (OSError, msgspec.MsgspecError) as error:
        raise UsageError(
            f"{path} can't be read", "the receipts of earlier downloads", type(error).__name__,
            "Restore it, or delete it if every submission is to be replaced by hand",
        ) from error  # fmt: skip


def write_receipts(submitted: Path, assignment: str, receipts: Receipts) -> None:
    """All of them, atomically."""
    path = submitted / FOLDER / f"{assignment}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    ordered = Receipts(dict(sorted(receipts.by_student.items())))
    write_atomically(path, msgspec.json.format(msgspec.json.encode(ordered), indent=1) + b"\n")


def late_marks(submitted: Path, assignment: str) -> Mapping[str, bool]:
    """Whether the LMS marked a submission late, by student; only of those that came from an LMS with such marks."""
    return {
        student: receipt.late
        for student, receipt in read_receipts(submitted, assignment).by_student.items()
        if receipt.source == "canvas"
    }


def compare(target: Path, filename: str, coming: Coming, earlier: Receipt | None) -> str:
    """What taking it in would do to ``target``: "new", "same", "newer", or why that can't be said.

    Newer is what was handed in later, or uploaded later to Canvas by the same person. Files' times in archives say
    nothing about that, and are never looked at.
    """
    try:
        there = sha256(read_regular(target / filename, target.parent, FILE_BYTES))
    except SubmissionError:
        return "new" if not (target / filename).exists() else "what is there can't be read"
    time, _ = read_timestamp(target)
    known = earlier if earlier is not None else Receipt("", "", there)
    if coming.receipt.digest in (there, known.digest) and (coming.time in (None, time)):
        return "same"
    if time is not None and coming.time is not None:
        return "newer" if coming.time > time else "it was handed in before the one that is there"
    if coming.receipt.upload and known.source == coming.receipt.source and known.sender == coming.receipt.sender:
        return "newer" if coming.receipt.upload > known.upload else "it was uploaded before the one that is there"
    if coming.receipt.digest in (there, known.digest) and time is None:
        return "newer"  # the same work, and now it is known when it was handed in
    return "nothing says which of the two is newer"
