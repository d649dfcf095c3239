"""Work that something newer replaced, or that did not count: kept where nothing grades it, so that nothing is lost.

    submitted/.earlier/<student>/<assignment>/<when>-<digest>/<notebook>.ipynb

Hidden folders are no students', here and for nbgrader. To take one back: copy the file to its place in ``submitted/``.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from autograder.errors import SubmissionError
from autograder.grading._files import read_regular, sha256, write_atomically
from autograder.grading._storage import storing
from autograder.grading.handed_in import TIMESTAMP, stamp
from autograder.grading.notebook_json import FILE_BYTES

EARLIER = ".earlier"

_DIGITS = 12


def keep(submitted: Path, student: str, assignment: str, filename: str, data: bytes, time: datetime | None) -> Path:
    """Keep the bytes of a notebook, once. ``time`` is when it was handed in (UTC), if that is known.

    Returns the folder that it is in. Raises StorageError if it can't be written.
    """
    of_student = submitted / EARLIER / student / assignment
    end = f"-{sha256(data)[:_DIGITS]}"
    with storing(of_student):
        there = [name for name in os.listdir(of_student) if name.endswith(end)] if of_student.is_dir() else []
        folder = of_student / (there[0] if there else f"{_when(time)}{end}")
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / filename, data)
        if time is not None:
            write_atomically(folder / TIMESTAMP, stamp(time))
    return folder


def keep_what_is_there(submitted: Path, student: str, assignment: str, filename: str, time: datetime | None) -> None:
    """Keep what is in ``submitted/<student>/<assignment>/`` under the name, before something else is put there.

    What is no file that can be read (a folder, a link) is moved away as it is. Raises StorageError.
    """
    path = submitted / student / assignment / filename
    if not os.path.lexists(path):
        return
    try:
        keep(submitted, student, assignment, filename, read_regular(path, submitted, FILE_BYTES), time)
    except SubmissionError:
        folder = submitted / EARLIER / student / assignment / f"{_when(None)}-unread"
        with storing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            os.rename(path, folder / filename)


def _when(time: datetime | None) -> str:
    """The beginning of a folder's name: when it was handed in or, where nobody knows, when it was put away."""
    if time is None:
        return f"away-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    return f"{time:%Y%m%dT%H%M%S}"
