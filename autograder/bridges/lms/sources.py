"""What ``autograder intake`` was given: students' folders, a collect of nbgrader's, or a download from an LMS."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Literal, TypeAlias

from autograder.bridges.lms.archive import Download
from autograder.bridges.lms.shapes import shape_of
from autograder.errors import SubmissionError, UsageError
from autograder.grading._files import list_folder
from autograder.grading.course import SUBMITTED
from autograder.grading.handed_in import TIMESTAMP

Kind: TypeAlias = Literal["folder", "nbgrader", "canvas", "moodle"]
KINDS: tuple[Kind, ...] = ("folder", "nbgrader", "canvas", "moodle")

_LOOKED_AT = 200


def folder_with_students(source: Path, assignments: Collection[str]) -> tuple[Path, Kind] | None:
    """The folder with ``<student>/<assignment>/`` in it, and whether nbgrader's times are there; None if it is none.

    That is ``source`` or, where a whole course was named, its ``submitted/``.
    """
    for folder in (source, source / SUBMITTED):
        if not folder.is_dir():
            continue
        work = [folder / student / name for student in _folders(folder) for name in assignments]
        there = [path for path in work if path.is_dir()][:_LOOKED_AT]
        if there:
            return folder, "nbgrader" if any((path / TIMESTAMP).is_file() for path in there) else "folder"
    return None


def kind_of(download: Download, path: Path) -> Literal["canvas", "moodle"]:
    """Whose download it is, by the names in it. Raises UsageError if they are of neither LMS, or of both."""
    shapes = {shape_of(entry.name) for entry in download.entries} - {None}
    if shapes == {"canvas"}:
        return "canvas"
    if shapes == {"moodle"}:
        return "moodle"
    raise UsageError(
        f"{path.name} is not recognised",
        "students' folders with assignments in them, or files named as Canvas or Moodle name submissions",
        "names of both" if shapes else f"{len(download.entries)} files with other names",
        "Say what it is with --from",
    )


def _folders(folder: Path) -> list[str]:
    try:
        return [name for name, kind in list_folder(folder, folder, limit=None).items() if kind == "folder"]
    except SubmissionError as error:
        raise UsageError(f"{folder} can't be listed", got=error.wrong, next_step="Check its permissions") from error
