"""What a run would change: everything is graded as a run would grade it, and nothing is written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.grading.annotate import score
from autograder.grading.backups import copy_gradebook
from autograder.grading.course import Course
from autograder.grading.gradebook import Ledger, NotRegisteredError
from autograder.grading.incremental import standing
from autograder.grading.intake import Rejected
from autograder.grading.marks import Changed, Completion, Mark
from autograder.grading.plan import Plan
from autograder.grading.release import CHECK, Release
from autograder.grading.roster import find_submissions
from autograder.grading.run import Progress
from autograder.grading.units import assignment_of
from autograder.grading.work import Done, Entry, Settings, Work
from autograder.grading.workers import Each, each

__all__ = ["Preview", "lines", "preview"]


@dataclass
class Preview:
    """What would be graded, and which automatic scores would be others. ``new`` have no score yet."""

    graded: list[tuple[str, str]] = field(default_factory=list)
    new: list[tuple[str, str]] = field(default_factory=list)
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Known:
    """What the gradebook has of one assignment."""

    marks: Mapping[str, tuple[Mark, ...]] = field(default_factory=dict)
    done: Mapping[str, Completion] = field(default_factory=dict)


def preview(
    course: Course,
    plans: Mapping[str, Plan],
    settings: Settings,
    progress: Progress = lambda done, total: None,
    *,
    known: Mapping[str, Release] | None = None,
    each: Each = each,
) -> Preview:
    """Grade what a run would grade, in the same boxes, and compare with the gradebook. Writes nothing.

    Raises UsageError as `run.run`.
    """
    found = Preview()
    releases = known or {name: plan.release for name, plan in plans.items()}
    listing = find_submissions(course.submitted, releases)
    found.problems += listing.problems
    before = _gradebook(course, plans)
    todo: list[Entry] = []
    handed_in: list[Entry] = [*listing.found, *listing.rejected]
    for entry in handed_in:
        if entry.unit not in plans:
            continue
        plan, done = plans[entry.unit], before[entry.unit].done.get(entry.student)
        if (
            settings.force
            or isinstance(entry, Rejected)
            or standing(course, entry, plan.release, done, plan.grader) is None
        ):
            todo.append(entry)
        else:
            found.unchanged += 1
    work = Work(course, plans, replace(settings, dry=True), tuple(releases.values()))
    progress(0, len(todo))
    for number, done_now in enumerate(each(work, todo), 1):
        _compare(found, plans[done_now.unit], before[done_now.unit], done_now)
        progress(number, len(todo))
    found.changed.sort(key=lambda one: (one.assignment, one.student))
    return found


def _gradebook(course: Course, plans: Mapping[str, Plan]) -> dict[str, _Known]:
    """What the gradebook has; nothing where there is none yet. Of a file a copy is read: to open it may change it."""
    book = course.gradebook
    if book is None:
        return _read(Ledger.unchanged(course.gradebook_url), plans)
    if not book.is_file() or not book.stat().st_size:
        return {name: _Known() for name in plans}
    with tempfile.TemporaryDirectory(prefix="autograder-") as folder:
        copy = Path(folder) / book.name
        copy_gradebook(book, copy)
        return _read(Ledger.unchanged(f"sqlite:///{copy}"), plans)


def _read(opening: AbstractContextManager[Ledger], plans: Mapping[str, Plan]) -> dict[str, _Known]:
    try:
        with opening as ledger:
            return {
                name: _Known(
                    {total.student: total.marks for total in ledger.totals(assignment_of(name))},
                    ledger.completed(name),
                )
                for name in plans
            }
    except NotRegisteredError:
        return {name: _Known() for name in plans}


def _compare(found: Preview, plan: Plan, known: _Known, done: Done) -> None:
    who = done.student, done.assignment
    if isinstance(done.result, Rejected) and (done.result.fault or done.result.missing):
        found.problems.append(f"{done.student}, {done.unit}: {done.result.reason}")
    if isinstance(done.result, Rejected) and done.result.fault:
        return
    found.graded.append((done.student, done.unit))
    marks = {mark.cell: mark for mark in known.marks.get(done.student, ())}
    if not marks:
        found.new.append((done.student, done.unit))
    if isinstance(done.result, Rejected) and not done.result.missing:
        found.rejected.append(done.result)
    for name, points in plan.release.exercises.items():
        cell = f"{name}{CHECK}"
        after = 0.0 if isinstance(done.result, Rejected) else score(done.result.verdicts.get(name), points)
        mark = marks.get(cell)
        if mark is not None and mark.auto != after:
            found.changed.append(Changed(*who, cell, mark.auto, after, mark.manual))


def lines(changed: list[Changed]) -> Iterator[str]:
    """A line for each change, in words for the terminal."""
    for one in changed:
        was, now = ("no score" if value is None else f"{value:g}" for value in (one.before, one.after))
        hidden = "" if one.manual is None else f" (the score by hand, {one.manual:g}, stands)"
        yield f"{one.student}, {one.assignment}, {one.cell}: {was} -> {now}{hidden}"
