"""Who handed in what: student ids, and the notebooks in ``submitted/<student>/<assignment>/``.

Names in that folder are strangers' text: an id that does not fit the pattern is told in cleaned form and never
becomes part of a path, and no link is followed. One submission's state never keeps the others from being found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import MachineError, SubmissionError, UsageError
from autograder.grading._files import list_folder
from autograder.grading.intake import Rejected
from autograder.grading.release import Release
from autograder.grading.told import told, told_all
from autograder.grading.units import by_assignment, unit_of
from autograder.grading.which import NotHandedInError, find_notebook

__all__ = ["Found", "Listing", "find_submissions", "is_student_id", "told", "told_all"]

_STUDENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@+-]{0,63}")


@dataclass(frozen=True)
class Found:
    """One notebook to grade. ``notes`` are what was odd about where it was; hand them to `read_submission`."""

    student: str
    assignment: str
    path: Path
    notes: tuple[str, ...] = ()
    part: str = ""
    """The notebook's name where its assignment has several."""

    @property
    def unit(self) -> str:
        """What was handed in here: the assignment, or one of its notebooks."""
        return unit_of(self.assignment, self.part)

    @property
    def folder(self) -> Path:
        """What was handed in for the assignment; the notebook may lie deeper in it."""
        student = (place for place in self.path.parents if place.parent.name == self.student)
        return next((place for place in student if place.name == self.assignment), self.path.parent)


@dataclass(frozen=True)
class Listing:
    """What is in ``submitted/``, by student and assignment. ``problems`` belong to no submission that has a name."""

    found: tuple[Found, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    problems: tuple[str, ...] = ()


def is_student_id(text: str) -> bool:
    """Whether ``text`` may be a student's id: 1 to 64 of ASCII letters, digits and ``_.@+-``; no ``..``."""
    return _STUDENT_ID.fullmatch(text) is not None and ".." not in text


def find_submissions(
    submitted: Path, assignments: Mapping[str, Release], is_id: Callable[[str], bool] | None = None
) -> Listing:
    """Find the notebooks of every student for every assignment, sorted by student and unit.

    ``assignments`` are the releases, by unit. ``is_id`` says which folders' names may stand for a student; by default
    those that are a student's id.

    Raises UsageError if ``submitted`` itself is not a folder that can be read; nothing below it raises.
    """
    try:
        entries = list_folder(submitted, submitted, limit=None)
    except SubmissionError as error:
        raise UsageError(
            f"{submitted} can't be listed", "a folder with one folder per student", error.got,
            "Make it, or name another one",
        ) from error  # fmt: skip
    found: list[Found] = []
    rejected: list[Rejected] = []
    problems: list[str] = []
    for student, kind in entries.items():
        if student.startswith(".") or kind == "file":
            continue
        if kind != "folder":
            problems.append(f"{told(student)} in the submitted folder is no folder; it was not followed")
        elif not (is_id or is_student_id)(student):
            problems.append(f"{told(student)} is no student id; that folder was not graded. Expected a name of 1 to 64 "
                            "letters, digits and _.@+-, without '..'. Rename the folder")  # fmt: skip
        else:
            _find_of_student(submitted, student, assignments, found, rejected, problems)
    problems += _same_but_for_case(name for name, kind in entries.items() if kind == "folder")
    return Listing(tuple(found), tuple(rejected), tuple(problems))


def _same_but_for_case(names: Iterable[str]) -> Iterator[str]:
    """A line on each two folders that are one on other systems, results included."""
    folded: dict[str, str] = {}
    for name in names:
        other = folded.setdefault(name.casefold(), name)
        if other != name and not name.startswith("."):
            yield (f"{told(other)} and {told(name)} in the submitted folder differ in small and capital letters only: "
                   "they are one folder on other systems. Rename one of them")  # fmt: skip


def _find_of_student(
    submitted: Path,
    student: str,
    assignments: Mapping[str, Release],
    found: list[Found],
    rejected: list[Rejected],
    problems: list[str],
) -> None:
    try:
        folders = list_folder(submitted / student, submitted)
    except MachineError as error:
        rejected += [
            Rejected(student, release.assignment, str(error), fault="listing", part=release.part)
            for release in assignments.values()
        ]
        return
    except SubmissionError as error:
        problems.append(f"the folder of {_who(student)} can't be listed: {error}")
        return
    units = by_assignment(assignments)
    for name, kind in folders.items():
        if name not in units and not name.startswith("."):
            what = "is no assignment" if kind == "folder" else "is outside the assignments' folders"
            problems.append(f"{told(name)}, handed in by {_who(student)}, {what}; it was not graded")
    for assignment, its in units.items():
        if assignment not in folders:
            continue
        missing: list[Rejected] = []
        before = len(found) + len(rejected)
        for release in map(assignments.__getitem__, its):
            folder = submitted / student / assignment
            try:
                notebook, notes = find_notebook(folder, submitted, release, tuple(assignments.values()))
            except NotHandedInError as error:
                missing.append(Rejected.because(error, student, release))
            except SubmissionError as error:
                rejected.append(Rejected.because(error, student, release))
            else:
                found.append(Found(student, assignment, notebook, notes, release.part))
        there = len(found) + len(rejected) > before
        rejected += [replace(one, missing=there) for one in missing]


def _who(student: str) -> str:
    return student if is_student_id(student) else told(student)
