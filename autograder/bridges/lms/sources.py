"""What ``autograder intake`` was given: students' folders, a collect of nbgrader's, or a download from an LMS."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Literal, TypeAlias

from autograder.bridges.lms.archive import Download
from autograder.bridges.lms.shapes import shape_of
from autograder.errors import SubmissionError, UsageError
from autograder.grading._files import list_folder
from autograder.grading.course import SUBMITTED
from autograder.grading.handed_in import TIMESTAMP

Kind: TypeAlias = Literal["folder", "nbgrader", "canvas", "moodle"]
KINDS: tuple[Kind, ...] = ("folder", "nbgrader", "canvas", "moodle")

_DOWNLOAD = "Name the zip as the LMS lets you download it, or a folder with <student>/<assignment>/ in it"
UNPACK = "Unpack it, and name the folder that holds the students' folders"

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


def unwrapped(download: Download) -> Download:
    """The download without the folder that somebody packed it in, if all of it is in one and has no LMS's names so."""
    entries = download.entries
    tops = {entry.name.partition("/")[0] if "/" in entry.name else "" for entry in entries}
    if len(tops) != 1 or "" in tops or any(shape_of(entry.name) for entry in entries):
        return download
    inside = tuple(replace(entry, name=entry.name.partition("/")[2]) for entry in entries)
    return replace(download, entries=inside) if any(shape_of(entry.name) for entry in inside) else download


def kind_of(download: Download, path: Path, assignments: Collection[str] = ()) -> Literal["canvas", "moodle"]:
    """Whose download it is, by the names in it. Raises UsageError if they are of neither LMS, or of both."""
    shapes = {shape_of(entry.name) for entry in download.entries} - {None}
    if shapes == {"canvas"}:
        return "canvas"
    if shapes == {"moodle"}:
        return "moodle"
    folders = any(set(PurePosixPath(entry.name).parts[1:-1]) & set(assignments) for entry in download.entries)
    raise UsageError(
        f"{path.name} is not recognised",
        "a folder with students' folders in it, or files named as Canvas or Moodle name submissions",
        "names of both" if shapes else "students' folders" if folders else f"{len(download.entries)} other names",
        "Say what it is with --from" if shapes else UNPACK if folders and path.is_file() else _DOWNLOAD,
    )


def _folders(folder: Path) -> list[str]:
    try:
        return [name for name, kind in list_folder(folder, folder, limit=None).items() if kind == "folder"]
    except SubmissionError as error:
        raise UsageError(f"{folder} can't be listed", got=error.wrong, next_step="Check its permissions") from error
