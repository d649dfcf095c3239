"""What a path holds: one notebook, one submission's folder, one student's folder of assignments, or a class.

    <notebook>.ipynb                            the assignment by the file's name
    .../<notebook>.ipynb                        a folder with the notebook in it, or in the only folder below with any,
                                                however deep
    .../<assignment>/<notebook>.ipynb           one student
    .../<student>/<assignment>/<notebook>.ipynb a class, as in submitted/

Below the path nothing is followed that leads elsewhere. A submission that is not there is a rejected one. Folders of
notebooks that nothing says whose they are, are a wrong command: a class would become one submission. `find_single` is
for what a student laid out: there it is the submission that is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from autograder.errors import SubmissionError, UsageError
from autograder.grading._files import Kind, list_folder
from autograder.grading.file_names import base, is_notebook_name
from autograder.grading.intake import Rejected
from autograder.grading.release import Release
from autograder.grading.roster import find_submissions, told, told_all
from autograder.grading.units import by_assignment, unit_of
from autograder.grading.which import DEPTH, Candidate, Choice, candidates_in, choose
from autograder.grading.which import find_notebook as chosen_in

TOLD = 5  # folders named in an error
FOLDERS = 5_000
"""How many folders below the path are looked into for notebooks."""


@dataclass(frozen=True)
class Entry:
    """One notebook to grade; no link below ``within`` is followed. ``student`` is empty where nobody said whose."""

    student: str
    assignment: str
    path: Path
    within: Path
    notes: tuple[str, ...] = ()
    part: str = ""
    """The notebook's name where its assignment has several."""

    @property
    def unit(self) -> str:
        """What was handed in here: the assignment, or one of its notebooks."""
        return unit_of(self.assignment, self.part)


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


def find_single(path: Path, release: Release, others: Collection[Release] = ()) -> Holding:
    """The one submission at ``path``, however its student laid it out: nobody's name is read from a folder.

    Which file it is says what is in the files, at whatever depth they lie and whatever they are called; where that
    leaves several, the place does, if it is one that the course prescribes. Else the submission is a rejected one.
    ``others`` are the other assignments, whose notebooks may lie there too.
    """
    if not path.is_dir():
        return find(path, {release.assignment: release})
    candidates = candidates_in(path, path, _listed(path, path))
    try:
        choice = choose(candidates, release, others)
    except SubmissionError as error:
        in_place = _in_prescribed_place(candidates, release, others)
        if in_place is None:
            return Holding((Rejected.because(error, "", release),))
        choice = in_place
    return Holding((Entry("", release.assignment, path / choice.candidate.path, path, choice.notes, release.part),))


def _in_prescribed_place(
    candidates: Sequence[Candidate], release: Release, others: Collection[Release]
) -> Choice | None:
    """The notebook in the assignment's folder, else the one in no folder, else the only one of the right name."""
    unread = [one for one in candidates if one.unread]
    for place in (
        [one for one in candidates if one.path.startswith(f"{release.assignment}/")],
        [one for one in candidates if "/" not in one.path],
        _only([one for one in candidates if one.path.endswith(f"/{release.assignment}/{base(one.path)}")]),
        _only([one for one in candidates if base(one.path) == release.filename]),
    ):
        try:
            choice = choose([*(one for one in place if not one.unread), *unread], release, others)
        except SubmissionError:
            continue
        elsewhere = [one.path for one in candidates if is_notebook_name(one.path) and one not in place]
        note = f"notebooks in other folders were not graded: {told_all(elsewhere)}"
        return replace(choice, notes=(*choice.notes, note))
    return None


def _only(found: list[Candidate]) -> list[Candidate]:
    """What was found if it all lies in one folder, else nothing."""
    return found if len({one.path.rpartition("/")[0] for one in found}) == 1 else []


def find_notebook(path: Path, releases: Mapping[str, Release]) -> Entry:
    """The notebook at ``path``, which need not be one. Raises UsageError where its name does not say for what it is."""
    for release in releases.values():
        if release.filename == path.name:
            return Entry("", release.assignment, path, path.parent, part=release.part)
    if len(releases) == 1:
        (release,) = releases.values()
        note = f"the file is called {told(path.name)}; it was read as {release.filename}"
        return Entry("", release.assignment, path, path.parent, (note,), release.part)
    raise _unknown(path, releases)


def _of_folder(path: Path, releases: Mapping[str, Release]) -> Holding:
    names = _listed(path, path)
    if any(names.get(name) == "folder" for name in by_assignment(releases)):
        return _in_place(path, names, releases)
    if _is_class(path, names, releases):
        found = find_submissions(path, releases)
        entries = [Entry(one.student, one.assignment, one.path, path, one.notes, one.part) for one in found.found]
        return Holding((*entries, *found.rejected), found.problems)
    return _in_place(path, names, releases)


def _in_place(path: Path, names: Mapping[str, Kind], releases: Mapping[str, Release]) -> Holding:
    """A folder that is one student's: with assignments' folders, with notebooks, or around the folder with those."""
    folders = {name: _listed(path / name, path) for name in by_assignment(releases) if names.get(name) == "folder"}
    if folders and (not _has_notebook(names) or any(map(_has_notebook, folders.values()))):
        return Holding(tuple(_by_folders(path, names, releases, folders)))
    place, names = _unpacked(path, names, releases)
    return Holding(tuple(_in_folder(place, path, one, releases) for one in _fitting(path, names, releases)))


def _by_folders(
    path: Path, names: Mapping[str, Kind], releases: Mapping[str, Release], folders: Mapping[str, Mapping[str, Kind]]
) -> Iterator[Entry | Rejected]:
    """What is in the assignments' folders; beside them what they do not hold."""
    for release in releases.values():
        name, beside = release.assignment, release.filename in names
        if name in folders and (_has_notebook(folders[name]) or not beside):
            entry = _in_folder(path / name, path, release, releases)
            if beside and isinstance(entry, Entry):
                note = f"{told(release.filename)} beside the folder {name} was not read"
                entry = replace(entry, notes=(*entry.notes, note))
            yield entry
        elif beside:
            yield _in_folder(path, path, release, releases)


def _is_class(path: Path, names: Mapping[str, Kind], releases: Mapping[str, Release]) -> bool:
    """Whether there is a student's folder in it, one with an assignment's folder in it."""
    folders = (name for name, kind in names.items() if kind == "folder" and not name.startswith("."))
    return any(_listed(path / name, path).keys() & by_assignment(releases).keys() for name in folders)


def _unpacked(
    path: Path, names: Mapping[str, Kind], releases: Mapping[str, Release]
) -> tuple[Path, Mapping[str, Kind]]:
    """The folder with the notebooks: this one, else the only one in it that has any (a folder handed in as a whole).

    Raises UsageError where several folders have some.
    """
    if _has_notebook(names):
        return path, names
    inside = {place: listed for place, listed in islice(_below(path, path, names), FOLDERS) if _has_notebook(listed)}
    first = next(iter(inside), path)
    if any(first not in (place, *place.parents) for place in inside):
        raise _SeveralError(path, inside, releases)
    return first, inside.get(first, names)


def _below(path: Path, within: Path, names: Mapping[str, Kind]) -> Iterator[tuple[Path, Mapping[str, Kind]]]:
    """The folders in a folder, one level after the other, each with what is in it."""
    level = [(path, names)]
    for _ in range(DEPTH):
        level = [
            (place / name, _listed(place / name, within))
            for place, listed in level
            for name, kind in listed.items()
            if kind == "folder" and not name.startswith((".", "__"))
        ][:FOLDERS]
        if not level:
            return
        yield from level


def _has_notebook(names: Mapping[str, Kind]) -> bool:
    return any(is_notebook_name(name) and not name.startswith(".") for name in names)


def _fitting(path: Path, names: Mapping[str, Kind], releases: Mapping[str, Release]) -> list[Release]:
    """The assignments that a folder without assignments' folders is for."""
    if len(by_assignment(releases)) == 1:
        return list(releases.values())
    if units := by_assignment(releases).get(path.name, ()):
        return [releases[unit] for unit in units]
    fitting = [release for release in releases.values() if release.filename in names]
    if not fitting:
        raise _unknown(path, releases)
    return fitting


def _in_folder(folder: Path, within: Path, release: Release, releases: Mapping[str, Release]) -> Entry | Rejected:
    siblings = [one for one in releases.values() if one.assignment == release.assignment and one is not release]
    try:
        path, notes = chosen_in(folder, within, release, siblings)
    except SubmissionError as error:
        return Rejected.because(error, "", release)
    return Entry("", release.assignment, path, within, notes, release.part)


def _missing(path: Path, releases: Mapping[str, Release]) -> Rejected:
    if len(releases) != 1:
        raise UsageError(
            f"{path} does not exist",
            expected="a notebook, or a folder with submissions",
            next_step="Check the path; with --assignment, a missing notebook is a submission that earns nothing",
        )
    (release,) = releases.values()
    error = SubmissionError("No notebook was handed in", release.filename, "none", "Hand it in under that name")
    return Rejected.because(error, "", release)


def _listed(folder: Path, within: Path) -> Mapping[str, Kind]:
    try:
        return list_folder(folder, within, limit=None if folder == within else 5_000)
    except SubmissionError as error:
        if folder == within:
            raise UsageError(f"{folder} can't be listed", got=error.got, next_step="Check its permissions") from error
        return {}


class _SeveralError(UsageError):
    """Several folders with notebooks, and nothing that says whose they are."""

    def __init__(self, path: Path, inside: Mapping[Path, Mapping[str, Kind]], releases: Mapping[str, Release]) -> None:
        self.inside = inside
        super().__init__(
            f"{path} holds notebooks in several folders, and none is in a folder <student>/<assignment>/",
            expected=f"folders named {' or '.join(by_assignment(releases))}",
            got=_told_places(path, inside),
            next_step="Rename the folders, or name the folder of one submission",
        )


def _told_places(path: Path, places: Iterable[Path]) -> str:
    """Some of the folders below ``path``, whose names are strangers'."""
    shown = ["/".join(map(told, place.relative_to(path).parts)) for place in places]
    return ", ".join(shown[:TOLD]) + (f" and {len(shown) - TOLD} more" if len(shown) > TOLD else "")


def _unknown(path: Path, releases: Mapping[str, Release]) -> UsageError:
    return UsageError(
        f"{path} does not say which assignment it is",
        expected=f"one of {', '.join(release.filename for release in releases.values())}",
        next_step="Say which assignment it is with --assignment",
    )
