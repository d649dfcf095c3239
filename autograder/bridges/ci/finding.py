"""What a path holds: one notebook, one submission's folder, one student's folder of assignments, or a class.

    <notebook>.ipynb                            the assignment by the file's name
    .../<notebook>.ipynb                        a folder with the notebook in it, or one folder further down
    .../<assignment>/<notebook>.ipynb           one student
    .../<student>/<assignment>/<notebook>.ipynb a class, as in submitted/

Below the path nothing is followed that leads elsewhere. A submission that is not there is a rejected one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import SubmissionError, UsageError
from autograder.grading._files import Kind, list_folder
from autograder.grading.intake import Rejected
from autograder.grading.release import Release
from autograder.grading.roster import find_submissions, pick_notebook, told


@dataclass(frozen=True)
class Entry:
    """One notebook to grade; no link below ``within`` is followed. ``student`` is empty where nobody said whose."""

    student: str
    assignment: str
    path: Path
    within: Path
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Holding:
    """What a path holds. ``problems`` belong to no submission that has a name."""

    entries: tuple[Entry | Rejected, ...]
    problems: tuple[str, ...] = ()


def find(path: Path, releases: Mapping[str, Release]) -> Holding:
    """The submissions at ``path`` for the assignments of ``releases``: a single one is that of everything found.

    Raises UsageError where it can't be said which assignment it is, or where there is nothing at all.
    """
    if path.is_dir():
        return _of_folder(path, releases)
    if not path.exists() and not path.is_symlink():
        return Holding((_missing(path, releases),))
    return Holding((find_notebook(path, releases),))


def find_notebook(path: Path, releases: Mapping[str, Release]) -> Entry:
    """The notebook at ``path``, which need not be one. Raises UsageError where its name does not say for what it is."""
    for name, release in releases.items():
        if release.filename == path.name:
            return Entry("", name, path, path.parent)
    if len(releases) == 1:
        (release,) = releases.values()
        note = f"the file is called {told(path.name)}; it was read as {release.filename}"
        return Entry("", release.assignment, path, path.parent, (note,))
    raise _unknown(path, releases)


def _of_folder(path: Path, releases: Mapping[str, Release]) -> Holding:
    names = _listed(path, path)
    if any(names.get(name) == "folder" for name in releases):
        return Holding(tuple(_in_folder(path / name, path, releases[name]) for name in releases if name in names))
    if _is_class(path, names, releases):
        found = find_submissions(path, releases)
        entries = [Entry(one.student, one.assignment, one.path, path, one.notes) for one in found.found]
        return Holding((*entries, *found.rejected), found.problems)
    place, names = _unpacked(path, names)
    return Holding(tuple(_in_folder(place, path, release) for release in _fitting(path, names, releases)))


def _is_class(path: Path, names: Mapping[str, Kind], releases: Mapping[str, Release]) -> bool:
    """Whether there is a student's folder in it, one with an assignment's folder in it."""
    folders = (name for name, kind in names.items() if kind == "folder" and not name.startswith("."))
    return any(_listed(path / name, path).keys() & releases.keys() for name in folders)


def _unpacked(path: Path, names: Mapping[str, Kind]) -> tuple[Path, Mapping[str, Kind]]:
    """The folder with the notebooks: this one, else the only one in it that has any (a folder handed in as a whole)."""
    if _has_notebook(names):
        return path, names
    inner = [name for name, kind in names.items() if kind == "folder" and not name.startswith((".", "__"))]
    inside = [(path / name, listed) for name in inner if _has_notebook(listed := _listed(path / name, path))]
    return inside[0] if len(inside) == 1 else (path, names)


def _has_notebook(names: Mapping[str, Kind]) -> bool:
    return any(name.lower().endswith(".ipynb") and not name.startswith(".") for name in names)


def _fitting(path: Path, names: Mapping[str, Kind], releases: Mapping[str, Release]) -> list[Release]:
    """The assignments that a folder without assignments' folders is for."""
    if len(releases) == 1:
        return list(releases.values())
    if path.name in releases:
        return [releases[path.name]]
    fitting = [release for release in releases.values() if release.filename in names]
    if not fitting:
        raise _unknown(path, releases)
    return fitting


def _in_folder(folder: Path, within: Path, release: Release) -> Entry | Rejected:
    try:
        name, notes = pick_notebook(list_folder(folder, within), release)
    except SubmissionError as error:
        return Rejected("", release.assignment, str(error))
    return Entry("", release.assignment, folder / name, within, notes)


def _missing(path: Path, releases: Mapping[str, Release]) -> Rejected:
    if len(releases) != 1:
        raise UsageError(
            f"{path} does not exist",
            expected="a notebook, or a folder with submissions",
            next_step="Check the path; with --assignment, a missing notebook is a submission that earns nothing",
        )
    (release,) = releases.values()
    error = SubmissionError("No notebook was handed in", release.filename, "none", "Hand it in under that name")
    return Rejected("", release.assignment, str(error))


def _listed(folder: Path, within: Path) -> Mapping[str, Kind]:
    try:
        return list_folder(folder, within, limit=None if folder == within else 5_000)
    except SubmissionError as error:
        if folder == within:
            raise UsageError(f"{folder} can't be listed", got=error.got, next_step="Check its permissions") from error
        return {}


def _unknown(path: Path, releases: Mapping[str, Release]) -> UsageError:
    return UsageError(
        f"{path} does not say which assignment it is",
        expected=f"one of {', '.join(release.filename for release in releases.values())}",
        next_step="Say which assignment it is with --assignment",
    )
