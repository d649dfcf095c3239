"""Step 1 of grading: one notebook file becomes the cells to run and a clean copy to write into, or is rejected.

The file is read once; the bytes that are hashed are the bytes that are parsed. Nothing here can end a run: whatever
a submission's file is, the answer is a Submission or a Rejected.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from autograder.boundary.job import Cell
from autograder.errors import MachineError, SubmissionError
from autograder.grading._files import read_regular, sha256
from autograder.grading._match import defined_names, words
from autograder.grading._places import laid_out
from autograder.grading._restore import Placed, Restored, limited, restore, restore_cells, to_json
from autograder.grading.notebook_json import FILE_BYTES, PlainNotebook
from autograder.grading.release import Release, names_bound
from autograder.grading.units import unit_of
from autograder.grading.which import BESIDE, read_plain

__all__ = ["Rejected", "Submission", "read_submission", "restore", "take"]


@dataclass(frozen=True)
class Submission:
    """One submission, ready for the box. ``problems`` are in our own words."""

    student: str
    assignment: str
    notebook: dict[str, Any]
    """The restored notebook, nbformat 4.5 JSON without outputs."""
    digest: str
    """sha256 of the file's bytes, in hex."""
    cells: tuple[Cell, ...]
    """What the box runs, in order: no check cells, nothing that the release put back into an answer's place (it would
    come after the answer and win); demonstrations where another cell needs a name of theirs. A cell in which a check
    is called is there in parts, one for each side of the call."""
    attempted: frozenset[str]
    sources: Mapping[str, str]
    """For each exercise the last cell that defines it, else its solution cell."""
    essays: Mapping[str, bool]
    """For each essay whether the student wrote anything, there or where it may be meant for it, files beside the
    notebook included."""
    problems: tuple[str, ...] = ()
    bonuses: Mapping[str, float] = field(default_factory=dict)
    """The extra credit that exercises of 0 points give, as released."""
    places: Mapping[str, int] = field(default_factory=dict)
    """For each exercise after how many of ``cells`` its check stands."""
    part: str = ""
    """The notebook's name where its assignment has several."""

    @property
    def unit(self) -> str:
        """What was handed in here: the assignment, or one of its notebooks."""
        return unit_of(self.assignment, self.part)


class Named(Protocol):
    """A notebook by its assignment and, where that has several, its own name."""

    @property
    def assignment(self) -> str:
        """The assignment."""

    @property
    def part(self) -> str:
        """The notebook's name where there are several."""


@dataclass(frozen=True)
class Rejected:
    """A submission that can't be graded, and why, in our own words. ``digest`` is empty if no file could be read.

    ``fault`` says what failed where that was not the submission's doing: then it is no score, and no page is written.
    ``part`` is the notebook's name where its assignment has several, and ``missing`` whether this one was not handed in
    though another was: then it earns nothing, and nobody has to look.
    """

    student: str
    assignment: str
    reason: str
    digest: str = ""
    fault: Literal["", "listing", "reading", "grading"] = ""
    part: str = ""
    missing: bool = False

    @classmethod
    def because(cls, error: SubmissionError, student: str, of: Named, digest: str = "") -> Rejected:
        """The notebook that could not be read, for this reason; ``of`` says which it is."""
        fault: Literal["", "reading"] = "reading" if isinstance(error, MachineError) else ""
        return cls(student, of.assignment, str(error), digest, fault, of.part)

    @property
    def unit(self) -> str:
        """What could not be graded: the assignment, or one of its notebooks."""
        return unit_of(self.assignment, self.part)


def read_submission(
    path: Path,
    release: Release,
    student: str,
    *,
    within: Path | None = None,
    others: Collection[Release] = (),
    notes: Sequence[str] = (),
) -> Submission | Rejected:
    """Read one submitted notebook. Never raises for anything that the file is.

    Symbolic links below ``within`` are refused; by default that is the student's folder and what is in it, as in
    ``submitted/<student>/<assignment>/<notebook>.ipynb``. A notebook that is rather one of ``others`` is rejected.
    ``notes`` (what was noticed when the file was found) come first among the problems.
    """
    try:
        data = read_regular(path, within or _trusted_parent(path), FILE_BYTES)
    except SubmissionError as error:
        return Rejected.because(error, student, release)
    return take(data, release, student, others=others, notes=notes)


def take(
    data: bytes,
    release: Release,
    student: str,
    *,
    others: Collection[Release] = (),
    notes: Sequence[str] = (),
) -> Submission | Rejected:
    """What the bytes of one submitted notebook are, wherever they come from; as `read_submission`."""
    digest = sha256(data)
    try:
        plain, found, _ = read_plain(data, release, others)
        refuse_foreign(plain, release, others)
    except SubmissionError as error:
        return Rejected.because(error, student, release, digest)
    restored = restore_cells(plain.cells, release)
    attempted, sources = _answers(restored, release)
    beside = any(note.startswith(BESIDE) for note in (*notes, *found))
    parts, places = laid_out(restored, release, [_runs(cell) for cell in restored.cells])
    return Submission(
        student=student,
        assignment=release.assignment,
        notebook=to_json(restored, release),
        digest=digest,
        cells=tuple(_to_run(cell, source, release) for cell, source in parts),
        attempted=attempted,
        sources=sources,
        essays={cell.id: beside or restored.written(cell) for cell in restored.cells if _role(cell) == "essay"},
        problems=limited((*notes, *found, *plain.problems, *restored.problems)),
        bonuses=release.bonuses,
        places=places,
        part=release.part,
    )


def refuse_foreign(plain: PlainNotebook, release: Release, others: Collection[Release]) -> None:
    """Raise SubmissionError if more than half of another assignment's cells are there, and fewer of this one's."""
    claims = {name for cell in plain.cells for name in (cell.id, cell.grade_id)}

    def share(candidate: Release) -> float:
        return len(candidate.work & claims) / max(1, len(candidate.work))

    best = max(others, key=share, default=release)
    if best.unit != release.unit and share(best) > max(0.5, share(release)):
        another = "another notebook of the assignment"
        raise SubmissionError(
            f"This is {another if best.assignment == release.assignment else 'the notebook of another assignment'}",
            f"{release.assignment}/{release.filename}",
            f"{best.assignment}/{best.filename}",
            "Hand in each notebook under its own name"
            if best.assignment == release.assignment
            else "Hand in each notebook under its own assignment",
        )


def _trusted_parent(path: Path) -> Path:
    """The folder that holds the students' folders, or as far up as the path goes."""
    parents = path.parents
    return parents[min(2, len(parents) - 1)]


def _role(cell: Placed) -> str:
    return cell.released.role if cell.released else "own"


def _runs(cell: Placed) -> bool:
    return cell.cell_type == "code" and _role(cell) != "check" and not (cell.added and _role(cell) == "solution")


def _to_run(cell: Placed, source: str, release: Release) -> Cell:
    """A cell, or a part of one, as the box gets it: whose text it is, and what a demonstration offers."""
    if cell.changed:
        return Cell(cell.id, source)
    if _role(cell) == "demo":
        return Cell(cell.id, cell.source, ours=True, offers=release.offers[cell.id])
    if _role(cell) == "own":  # a copy of released text, or text of an earlier release
        return Cell(cell.id, cell.source, ours=True, offers=names_bound(cell.source))
    return Cell(cell.id, cell.source, ours=_role(cell) == "given")


def _answers(restored: Restored, release: Release) -> tuple[frozenset[str], dict[str, str]]:
    """Which exercises were attempted, and the source that answers each."""
    attempted: set[str] = set()
    sources: dict[str, str] = {}
    defined: dict[str, str] = {}
    for cell in restored.cells:
        if cell.released and cell.released.role == "solution":
            sources[cell.id] = cell.source
        if not (cell.changed and _runs(cell)) or _role(cell) == "given":
            continue
        if _role(cell) == "solution":
            attempted.add(cell.id)
        mentioned = words(cell.source)
        attempted |= {name for name, answers in release.answers.items() if answers & mentioned}
        defined |= dict.fromkeys(defined_names(cell.source) & release.exercises.keys(), cell.source)
    return frozenset(attempted), sources | defined
