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
from autograder.grading._storage import storing
from autograder.grading.notebook_json import FILE_BYTES

FOLDER = ".intake"


@dataclass(frozen=True)
class Receipt:
    """One submission as it arrived. ``digest`` is the sha256 of the bytes sent, ``late`` the mark of the LMS.

    ``written`` is the sha256 of what was put into ``submitted/`` for it; receipts of earlier versions have none.
    """

    source: str
    file: str
    digest: str
    sender: str = ""
    upload: int = 0
    late: bool = False
    written: str = ""


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
    except NotADirectoryError as error:
        blocking = path.parent if submitted.is_dir() else submitted
        raise UsageError(
            f"{blocking} is not a folder", "a folder, or nothing yet", "a file", "Move it away and try again"
        ) from error
    except (OSError, msgspec.MsgspecError) as error:
        raise UsageError(
            f"{path} can't be read", "the receipts of earlier downloads", type(error).__name__,
            "Restore it, or delete it if every submission is to be replaced by hand",
        ) from error  # fmt: skip


def write_receipts(submitted: Path, assignment: str, receipts: Receipts) -> None:
    """All of them, atomically. Raises StorageError if they can't be written."""
    path = submitted / FOLDER / f"{assignment}.json"
    ordered = Receipts(dict(sorted(receipts.by_student.items())))
    with storing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, msgspec.json.format(msgspec.json.encode(ordered), indent=1) + b"\n")


def late_marks(submitted: Path, assignment: str) -> Mapping[str, bool]:
    """Whether the LMS marked a submission late, by student; only of those that came from an LMS with such marks."""
    return {
        student: receipt.late
        for student, receipt in read_receipts(submitted, assignment).by_student.items()
        if receipt.source == "canvas"
    }


def compare(
    target: Path, filename: str, coming: Coming, earlier: Receipt | None, time: datetime | None = None
) -> tuple[str, str]:
    """What taking it in would do to ``target``, and the digest there: "new", "same", "newer", or why it can't be said.

    ``time`` is when what is there was handed in, None where that is not known.

    Newer is what was handed in later, or uploaded later to Canvas by the same person. Files' times in archives say
    nothing about that, and are never looked at. Work is the same if it is there, not if it once was.
    """
    try:
        there = sha256(read_regular(target / filename, target.parent, FILE_BYTES))
    except SubmissionError:
        return ("what is there can't be read" if (target / filename).exists() else "new"), ""
    return _change(time, there, coming, earlier or Receipt("", "", there)), there


def _change(time: datetime | None, there: str, coming: Coming, known: Receipt) -> str:
    came_before = coming.receipt.digest == known.digest
    untouched = there == (known.written or known.digest)
    same_work = coming.receipt.digest == there or (came_before and untouched)
    if coming.time in (None, time):
        if same_work:
            return "same"
        if came_before:
            return f"it {'was' if known.written else 'may have been'} changed after it was taken in"
    if time is not None and coming.time is not None:
        return "newer" if coming.time > time else "it was handed in before the one that is there"
    if coming.receipt.upload and known.source == coming.receipt.source and known.sender == coming.receipt.sender:
        return "newer" if coming.receipt.upload > known.upload else "it was uploaded before the one that is there"
    if same_work and time is None:
        return "newer"  # the same work, and now it is known when it was handed in
    return "nothing says which of the two is newer"
