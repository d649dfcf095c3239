"""Runs on disks that are too small, as `unshare -Urm python -m tests.grading.small_disk`: with mounts of their own.

Prints, for each kind of refusal, what was said, whether the gradebook was whole afterwards, and whether the next run,
with the refusal gone, left what an undisturbed run leaves.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograder.errors import StorageError
from autograder.grading.course import Course
from tests.grading.small_run import copy_of, graded, new_course, state, whole

STUDENTS = 12
PLENTY = 50_000_000


def main(folder: Path) -> None:
    """Each kind of refusal on a copy of the same course."""
    ungraded = new_course(folder / "ungraded", STUDENTS)
    undisturbed = copy_of(ungraded, folder / "undisturbed")
    graded(undisturbed)
    expected = state(undisturbed)
    kinds = {"no room for files": _files, "no room for the gradebook": _gradebook, "read-only": _read_only}
    seen: dict[str, Any] = {}
    for number, (name, refusing) in enumerate(kinds.items()):
        course = copy_of(ungraded, folder / str(number))
        with refusing(course):
            said = _refusal(course)
            intact = whole(course)
        graded(course)
        seen[name] = {"said": said, "whole": intact, "completed": state(course) == expected}
    print(json.dumps(seen))


def _refusal(course: Course) -> str:
    try:
        graded(course, workers=2)
    except StorageError as error:
        return str(error)
    return "nothing was refused"


@contextmanager
def _files(course: Course) -> Iterator[None]:
    _disk(course.feedback, 40_000)
    yield
    _mount("-o", f"remount,size={PLENTY}", course.feedback)


@contextmanager
def _gradebook(course: Course) -> Iterator[None]:
    place = course.root / "database"
    room = course.gradebook.stat().st_size + 60_000
    _disk(place, room)
    shutil.move(course.gradebook, place / "gradebook.db")
    course.gradebook.symlink_to(place / "gradebook.db")
    yield
    _mount("-o", f"remount,size={PLENTY}", place)


@contextmanager
def _read_only(course: Course) -> Iterator[None]:
    _disk(course.feedback, PLENTY)
    _mount("-o", "remount,ro", course.feedback)
    yield
    _mount("-o", f"remount,rw,size={PLENTY}", course.feedback)


def _disk(place: Path, size: int) -> None:
    place.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={size}", "none", place)


def _mount(*words: str | Path) -> None:
    subprocess.run(["mount", *map(str, words)], check=True)


if __name__ == "__main__":
    os.umask(0o022)
    main(Path(sys.argv[1]))
