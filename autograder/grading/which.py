"""Which of several files is a student's notebook: the one with work in it, whatever it is called and wherever it lies.

One place for folders, archives, downloads of an LMS, nbgrader's exchange and CI. An untouched handout never wins over
a copy with work in it. One such copy counts, and the notes say so; of several, a person decides, unless all are
uploads of one name that the LMS numbered. Nothing is read where there is only one file that it can be.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, TypeAlias

from autograder.errors import MachineError, SubmissionError
from autograder.grading._files import Kind, list_folder, read_regular
from autograder.grading._match import match
from autograder.grading._restore import Placed, restore_cells
from autograder.grading.file_names import (
    base,
    is_archive_name,
    is_checkpoint,
    is_junk,
    is_notebook_name,
    is_plain_copy,
    is_version,
    may_be_a_document,
    may_be_text,
)
from autograder.grading.handed_in import SECRET, TIMESTAMP
from autograder.grading.not_a_notebook import explained, recognised
from autograder.grading.notebook_json import FILE_BYTES, PlainNotebook, parse
from autograder.grading.release import Release
from autograder.grading.told import told, told_all
from autograder.grading.unpacking import Budget, is_archive, walk

DEPTH = 64
"""How many folders deep notebooks are looked for: deeper than file systems and programs let anybody go by accident."""
FILES = 5_000
"""How many files of one submission are looked at."""
ENTRIES = 50_000
"""How many files and folders are seen on the way."""
READ = 40
"""How many of them are read to see which is the one."""

BESIDE = "files beside the notebook were not read, and may hold a written answer"
"""How the note begins that names them: an essay that was left as it was then waits for a person."""

READ_FOR_WORDS = 3
"""How many are read to say what they are where none is the one."""

READ_BYTES = 600_000_000
"""How many bytes are read for that."""
NAMED = 10
"""How many files are named in one message."""

_PART = 0.5
"""A file holds the assignment, and not a piece of it, from this share of its exercises and essays on."""

State: TypeAlias = Literal["worked", "untouched", "stranger", "foreign", "sibling", "broken"]


class NotHandedInError(SubmissionError):
    """Of several notebooks of an assignment, this one is not there; what is there may be the others."""


@dataclass(frozen=True)
class Candidate:
    """A file that may be the notebook: its path, with "/", and how to read it (may raise SubmissionError).

    ``upload`` grows with each upload of an LMS that numbers them, else it is 0. ``key`` is whatever the caller knows it
    by, ``label`` how it is called in messages.
    """

    path: str
    read: Callable[[], bytes]
    upload: int = 0
    key: object = None
    label: str = ""
    unread: str = ""
    """Why this is no file, but a place that was not looked into: what counts may lie there."""


@dataclass(frozen=True)
class Choice:
    """The file that counts, and notes in our own words.

    ``rivals`` are the other files with work of their own in them. ``worked`` is whether there is any in this one, None
    where it was not read.
    """

    candidate: Candidate
    notes: tuple[str, ...] = ()
    rivals: tuple[Candidate, ...] = ()
    worked: bool | None = None


@dataclass(frozen=True)
class _Seen:
    """A file that was looked into: what it is, why it can't be read, and its student's text.

    ``share`` says how much of the assignment is in it. ``strong`` is whether a cell that is the student's differs from
    the handout, and not only one that is ours.
    """

    candidate: Candidate
    state: State
    wrong: SubmissionError | None = None
    work: tuple[str, ...] = ()
    share: float = 0.0
    strong: bool = False


def choose(candidates: Sequence[Candidate], release: Release, others: Collection[Release] = ()) -> Choice:
    """The file that is ``release`` as the student hands it in.

    Where the assignment has several notebooks, ``others`` have the rest of them: then a file counts only if it has this
    one's name or cells. Raises SubmissionError where there is none, and where a person has to decide.
    """
    unread = [one for one in candidates if one.unread]
    possible = list(_possible(candidates))
    if len(possible) == 1 and _is_sure(possible[0]) and not unread and not release.several:
        return Choice(possible[0], (*_renamed(possible[0], release), *_beside(candidates, possible[0])))
    possible.sort(key=lambda one: _order(one, release))
    budget = Budget(READ_BYTES)
    seen = [_look(one, release, others, budget) for one in possible[:READ]]
    seen = [one for one in seen if _may_count(one, release, others)]
    worked = _worked(seen, release)
    if not worked and (unread or len(possible) > READ):
        raise _cut(unread, possible)
    if not seen:
        raise _none(candidates, release)
    if len(worked) > 1:
        raise SubmissionError(
            "Several notebooks with work in them were handed in, and nothing says which one counts",
            f"one {release.filename}",
            _named([one.candidate for one in worked]),
            "A person has to decide: move the others away, or have one notebook handed in",
        )
    found = worked[0] if worked else _without_work(seen, release)
    rivals = tuple(one.candidate for one in seen if one.state == "worked" and one.work != found.work)
    notes = (*_notes(found, seen, release), *_beside(candidates, found.candidate))
    if unread or len(possible) > READ:
        notes = (*notes, f"not everything was looked at: {_cut(unread, possible).got}")
    return Choice(found.candidate, notes, rivals, found.state == "worked")


def candidates_in(folder: Path, within: Path, names: Mapping[str, Kind] | None = None) -> tuple[Candidate, ...]:
    """The files of ``folder`` and of the folders in it, shallow ones first, but for hidden ones and a desktop's.

    ``names`` is what `list_folder` says of ``folder``, where that is known. No link is followed. Raises SubmissionError
    if the folder itself can't be listed.
    """
    listed = list_folder(folder, within) if names is None else names

    def reader(path: str) -> Callable[[], bytes]:
        return lambda: read_regular(folder / path, within, FILE_BYTES)

    found = list(islice(_files(folder, within, listed), FILES + 1))
    if len(found) > FILES:
        found[FILES:] = [("", f"behind the first {FILES:,} files")]
    return tuple(Candidate(path, reader(path), unread=why) for path, why in found)


def find_notebook(
    folder: Path,
    within: Path,
    release: Release,
    others: Collection[Release] = (),
    names: Mapping[str, Kind] | None = None,
) -> tuple[Path, tuple[str, ...]]:
    """The file in ``folder``, at whatever depth, that is the notebook of ``release``, and notes about the choice.

    It may be an archive: `read_plain` gets the notebook out of it. ``names`` is as for `candidates_in`. Raises
    SubmissionError as `choose` does.
    """
    choice = choose(candidates_in(folder, within, names), release, others)
    return folder / choice.candidate.path, choice.notes


def notebook_of(
    data: bytes, release: Release, others: Collection[Release] = (), budget: Budget | None = None
) -> tuple[bytes, tuple[str, ...]]:
    """The bytes of the notebook in ``data``: the same, or what is in them where they are an archive; and notes.

    Raises SubmissionError where an archive can't be read, or does not hold one notebook.
    """
    if not is_archive(data):
        return data, ()
    inside = [Candidate(one.name, one.read) for one in walk(data, budget or Budget()) if not _is_hidden(one.name)]
    if not any(map(_is_sure, inside)):
        raise recognised(data) or _none(inside, release)
    choice = choose(inside, release, others)
    notes = (f"the notebook was taken out of an archive, as {told(choice.candidate.path)}", *choice.notes)
    return choice.candidate.read(), notes


def read_plain(
    data: bytes, release: Release, others: Collection[Release] = ()
) -> tuple[PlainNotebook, tuple[str, ...], bytes]:
    """The cells of what was handed in, notes, and the bytes of the notebook itself. Raises SubmissionError.

    The error says what the file is, where it is something else than a notebook.
    """
    notebook, notes = notebook_of(data, release, others)
    try:
        return parse(notebook), notes, notebook
    except SubmissionError as error:
        raise explained(notebook, error) from None


def is_untouched(plain: PlainNotebook, release: Release) -> bool:
    """Whether nothing in it is the student's: as it was handed out, whatever the demonstrations say."""
    return not _student_text(plain, release)[0]


# The files


def _files(folder: Path, within: Path, names: Mapping[str, Kind]) -> Iterator[tuple[str, str]]:
    """The paths below ``folder``, one level after the other; with why, where a folder was not looked into.

    What has a notebook's name and is no file is there too: reading it says what it is. A link or a pipe is never
    opened.
    """
    level: list[tuple[str, Mapping[str, Kind]]] = [("", names)]
    entries = len(names)
    for depth in itertools.count():
        below = []
        for top, listed in level:
            for name, kind in listed.items():
                path = f"{top}{name}"
                if _is_hidden(path) or (not top and name in (TIMESTAMP, SECRET)):
                    continue
                if kind == "file" or (is_notebook_name(name) and (kind != "folder" or not top)):
                    yield path, ""
                if kind == "folder":
                    below.append(path)
        level = []
        for path in below:
            if depth >= DEPTH or entries > ENTRIES:
                limit = f"{DEPTH} folders deep" if depth >= DEPTH else f"behind the first {ENTRIES:,} files and folders"
                yield path, limit
                break
            try:
                inside = list_folder(folder / path, within)
            except SubmissionError as error:
                yield path, str(error)
                continue
            entries += len(inside)
            level.append((f"{path}/", inside))
        if not level:
            return


def _is_hidden(path: str) -> bool:
    """Whether a part of the path is hidden, or kept by a program for itself; Jupyter's checkpoints are not."""
    parts = path.split("/")
    hidden = any(part.startswith((".", "__")) and part != ".ipynb_checkpoints" for part in parts)
    return hidden or is_junk(path)


def _is_sure(one: Candidate) -> bool:
    """Whether the name says that it is a notebook that somebody saved."""
    return is_notebook_name(one.path) and not is_checkpoint(one.path)


def _possible(candidates: Sequence[Candidate]) -> Iterator[Candidate]:
    """The files that say by their name or their content that a notebook is in them."""
    for one in candidates:
        if one.unread:
            continue
        if is_notebook_name(one.path):
            yield one
        elif is_archive_name(one.path) or may_be_text(one.path):
            try:
                data = one.read()
            except MachineError:
                raise
            except SubmissionError:
                continue
            if _holds_notebook(data):
                yield one


def _holds_notebook(data: bytes) -> bool:
    if not is_archive(data):
        return data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and b'"cells"' in data
    try:
        return any(is_notebook_name(one.name) and not _is_hidden(one.name) for one in walk(data, Budget()))
    except SubmissionError:
        return False


def _order(one: Candidate, release: Release) -> tuple[object, ...]:
    """The right name first, then its copies; the shallow before the deep; checkpoints last."""
    name = base(one.path)
    return (
        is_checkpoint(one.path), name != release.filename, not is_version(one.path, release.filename),
        not is_notebook_name(one.path), one.path.count("/"), -one.upload, one.path,
    )  # fmt: skip


# What is in them


def _look(one: Candidate, release: Release, others: Collection[Release], budget: Budget) -> _Seen:
    try:
        data = one.read()
        budget.take(len(data))
    except MachineError:
        raise
    except SubmissionError as error:
        return _Seen(one, "broken", wrong=error)
    try:
        plain, _, _ = read_plain(data, release, others)
    except SubmissionError as error:
        return _Seen(one, "broken", error)
    claims = {name for cell in plain.cells for name in (cell.id, cell.grade_id)}
    work, strong = _student_text(plain, release)
    share = len(release.work & match(plain.cells, release).kept.keys()) / max(1, len(release.work))
    best, of_assignment = max(
        ((len(other.work & claims) / max(1, len(other.work)), other.assignment) for other in _other(release, others)),
        default=(0.0, ""),
    )
    if best > max(_PART, share):
        return _Seen(one, "sibling" if of_assignment == release.assignment else "foreign")
    if not share and not is_version(one.path, release.filename):
        return _Seen(one, "stranger")
    return _Seen(one, "worked" if work else "untouched", None, work, share, strong)


def _other(release: Release, others: Collection[Release]) -> list[Release]:
    return [other for other in others if other.unit != release.unit]


def _may_count(one: _Seen, release: Release, others: Collection[Release]) -> bool:
    """Whether a file may be the notebook, or be what was meant for it."""
    if one.state in ("worked", "untouched"):
        return True
    if not release.several:
        return _is_sure(one.candidate)
    named = {other.filename for other in _other(release, others) if other.assignment == release.assignment}
    if one.state == "sibling" or base(one.candidate.path) in named:
        return False
    return is_version(one.candidate.path, release.filename)


def _student_text(plain: PlainNotebook, release: Release) -> tuple[tuple[str, ...], bool]:
    """What in a notebook differs from the handout, but for demonstrations; and whether a student's own cell does."""
    changed = [cell for cell in restore_cells(plain.cells, release).cells if cell.changed and _says(cell)]
    locked = [cell for cell in changed if cell.released and cell.released.locked]
    kept = match(plain.cells, release).kept if locked else {}  # a restored locked cell has the released text
    texts = (f"{cell.id}\n{kept[cell.id].source if cell in locked else cell.source}" for cell in changed)
    return tuple(texts), len(changed) > len(locked)


def _says(cell: Placed) -> bool:
    """Whether a cell that differs from the release may be the student's work."""
    if cell.released is None:
        return bool(cell.source.strip() or cell.attachments)
    return cell.released.role in ("solution", "essay", "given", "check")


def _worked(seen: Sequence[_Seen], release: Release) -> list[_Seen]:
    """The files with work of their own in them: those with the most of the assignment, and of equal ones the first.

    Of uploads of one name that the LMS numbered, the newest alone.
    """
    found = [one for one in seen if one.state == "worked"]
    for better in (
        lambda one: one.strong,
        lambda one: one.share >= _PART,
        lambda one: not is_checkpoint(one.candidate.path),
    ):
        found = [one for one in found if better(one)] or found
    if all(one.candidate.upload and is_version(one.candidate.path, release.filename) for one in found):
        found = sorted(found, key=lambda one: -one.candidate.upload)[:1]
    by_work: dict[tuple[str, ...], _Seen] = {}
    for one in found:
        by_work.setdefault(one.work, one)
    return list(by_work.values())


def _without_work(seen: Sequence[_Seen], release: Release) -> _Seen:
    """What there is where no file has work in it. Raises SubmissionError where one that can't be read may have some."""
    untouched = [one for one in seen if one.state == "untouched"]
    broken = [one for one in seen if one.state == "broken"]
    if untouched and broken:
        raise SubmissionError(
            f"{_named([untouched[0].candidate])} is as it was handed out, and {_named([broken[0].candidate])} can't be "
            f"read: {broken[0].wrong}",
            next_step="Hand in the notebook with the work in it",
        )
    if untouched:
        return untouched[0]
    whole = [one for one in seen if one.state != "broken"] or [one for one in broken if _is_right(one, release)]
    if len(whole) == 1 or len(seen) == 1:
        return (whole or list(seen))[0]
    if not broken:
        raise SubmissionError(
            "Several notebooks were handed in, and none is of this assignment", release.filename,
            _named([one.candidate for one in seen]), "Hand in the notebook of this assignment",
        )  # fmt: skip
    raise SubmissionError(
        "Several notebooks were handed in, and none can be read",
        release.filename,
        "; ".join(f"{_named([one.candidate])}: {one.wrong}".rstrip(".") for one in broken[:3]),
        "Hand in one notebook",
    )


def _is_right(one: _Seen, release: Release) -> bool:
    return one.candidate.path == release.filename


# What is said


def _none(candidates: Sequence[Candidate], release: Release) -> SubmissionError:
    """Nothing that holds a notebook of the assignment: what there is instead, by name, and what that is."""
    names = _named(candidates)
    got = f"none, but {names}" if names else "none"
    advice = "Hand it in under that name"
    known = [error for error in map(_what_it_is, candidates[:READ_FOR_WORDS]) if error is not None]
    if known and len(candidates) == 1:
        got, advice = f"{got}, which is {known[0].got}", known[0].next_step
    elif known:
        advice = "Hand in the .ipynb file itself"
    if release.several:
        return NotHandedInError("This notebook was not handed in", release.filename, got, "Hand it in under that name")
    return SubmissionError("No notebook was handed in", release.filename, got, advice)


def _what_it_is(one: Candidate) -> SubmissionError | None:
    """What a file is that holds no notebook, where its bytes say so."""
    try:
        found = recognised(one.read())
    except MachineError:
        raise
    except SubmissionError:
        return None
    return found if found is not None and found.got else None


def _cut(unread: Sequence[Candidate], possible: Sequence[Candidate]) -> SubmissionError:
    """No file with work in it was seen, and not everything was looked at."""
    if unread:
        where, why = (told(unread[0].path), unread[0].unread) if unread[0].path else ("", unread[0].unread)
        got = f"{where}: {why}" if where else why
    else:
        got = f"{len(possible)} notebooks, of which the first {READ} were read"
    return SubmissionError(
        "Not everything that was handed in was looked at, and what was seen is no worked notebook",
        "a notebook with work in it",
        got,
        "A person has to look: put the notebook that counts at the top of the folder",
    )


def _renamed(one: Candidate, release: Release) -> tuple[str, ...]:
    if one.path == release.filename or (one.label and is_plain_copy(base(one.path), release.filename)):
        return ()  # an LMS renames files by itself
    if base(one.path) == release.filename:
        return (f"the notebook lay deeper, as {told(one.path)}",)
    return (f"the file is called {told(one.path)}; it was read as {release.filename}",)


def _notes(found: _Seen, seen: Sequence[_Seen], release: Release) -> Iterator[str]:
    yield from _renamed(found.candidate, release)
    groups: dict[str, list[Candidate]] = {}
    for one in seen:
        if one is not found:
            groups.setdefault(_why_not(one, found), []).append(one.candidate)
    for why, files in groups.items():
        yield f"other notebooks beside it were not graded, {why}: {_named(files)}"


def _beside(candidates: Sequence[Candidate], found: Candidate) -> Iterator[str]:
    others = [one for one in candidates if one is not found and not one.unread and may_be_a_document(one.path)]
    if others:
        yield f"{BESIDE}: {_named(others)}"


def _named(files: Sequence[Candidate]) -> str:
    """The files as they are called, the first few of them."""
    labels = [one.label for one in files if one.label]
    if not labels:
        return told_all([one.path for one in files])
    return ", ".join(labels[:NAMED]) + (f" and {len(labels) - NAMED} more" if len(labels) > NAMED else "")


def _why_not(one: _Seen, found: _Seen) -> str:
    if one.state == "broken":
        return f"unreadable ({one.wrong})"
    if one.state in ("foreign", "sibling"):
        return "of another assignment"
    if one.state == "stranger":
        return "without a cell of this assignment"
    if one.state == "untouched":
        return "as handed out"
    if one.work == found.work:
        return "with the same work in them"
    return "the newest counts" if one.candidate.upload else "with less of the assignment in them"
