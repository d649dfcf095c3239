"""What a student has: the released notebook in a folder of its own, with kit.zip and the small files beside it."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path

from autograder.bridges.nbgrader.release import companions
from tests.this_course import COURSE

ROOT = COURSE.root


def handed_out(folder: Path, assignment: str) -> Path:
    """The files of ``assignment`` below ``folder``, which need not be there yet."""
    place = folder / assignment
    place.mkdir(parents=True)
    for path in (ROOT / "assignments" / assignment).glob("*.ipynb"):
        shutil.copy(path, place)
    for name, data in beside(assignment).items():
        (place / name).write_bytes(data)
    return place


@functools.cache
def beside(assignment: str) -> dict[str, bytes]:
    """What is made and not kept in git: kit.zip and the small files, by name."""
    return companions(COURSE, assignment, ROOT / "assignments" / assignment)


def kit(assignment: str) -> bytes:
    """The bytes of kit.zip."""
    return beside(assignment)["kit.zip"]
