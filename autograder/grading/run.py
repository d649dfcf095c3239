"""A run: every submission of the chosen assignments through the pipeline, on all cores, recorded one by one.

A run may be killed at any moment. A submission's files are put in place first, each whole or not at all, and then one
transaction records its scores together with the digests of what was graded and written, and perhaps those of a few
others. So the gradebook never vouches for what is not there, and the next run does again exactly what it does not vouch
for. It removes what the killed one left half written; the rest is as if nothing had happened. The caller holds the
course meanwhile (`grading.hold`).
"""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from autograder.errors import AutograderError
from autograder.grading._files import sweep
from autograder.grading._storage import storing
from autograder.grading.collect import NO_FILE, UNTIMED
from autograder.grading.course import Course
from autograder.grading.gradebook import Ledger, Penalty, open_ledger
from autograder.grading.incremental import move, standing
from autograder.grading.intake import Rejected
from autograder.grading.marks import Changed, Hidden, Reopened, Total
from autograder.grading.plan import Plan
from autograder.grading.release import Release
from autograder.grading.roster import find_submissions
from autograder.grading.units import assignment_of, by_assignment
from autograder.grading.work import Done, Entry, Settings, Work
from autograder.grading.workers import Each, each
from autograder.judging import Status

__all__ = ["Progress", "Settings", "Summary", "run"]

TOGETHER, SECONDS_TOGETHER = 20, 1.0

Progress = Callable[[int, int], None]
"""Called with how many submissions are done and how many there are."""


class Name(NamedTuple):
    """Which submission; ``assignment`` may be one of the notebooks that it has."""

    student: str
    assignment: str


@dataclass
class Summary:
    """What a run did, for the terminal and the exit code: names and numbers, and nothing of what was handed in.

    ``moved`` are those of the ``unchanged`` whose time of submission was another one than before, ``late_anew`` those
    whose late penalty was: the due date, an extension or the policy had changed. ``by_another`` were graded before by
    another grader, and ``changed`` are scores that are not what they were though the same file was graded. ``untimed``
    are those of an assignment with a due date of which nothing says when they were handed in, and why.
    """

    graded: list[Name] = field(default_factory=list)
    by_another: list[Name] = field(default_factory=list)
    unchanged: list[Name] = field(default_factory=list)
    moved: list[Name] = field(default_factory=list)
    late_anew: list[Name] = field(default_factory=list)
    untimed: dict[Name, str] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    hidden: list[Hidden] = field(default_factory=list)
    reopened: list[Reopened] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    totals: dict[str, tuple[Total, ...]] = field(default_factory=dict)
    internal: list[tuple[str, str, str]] = field(default_factory=list)  # student, assignment, exercise
    failed: list[Rejected] = field(default_factory=list)  # by our fault: no score came of it, earlier ones stay


def run(
    course: Course,
    plans: Mapping[str, Plan],
    settings: Settings,
    progress: Progress = lambda done, total: None,
    *,
    known: Mapping[str, Release] | None = None,
    each: Each = each,
) -> Summary:
    """Grade what is new or changed in ``course.submitted`` for the units of ``plans``.

    ``known`` are all the course's releases (those of ``plans`` unless given): a folder of one that is not graded now is
    no mistake, and a notebook of another assignment is recognised by them. ``each`` deals with the submissions that
    need it, by default on this machine.

    Raises UsageError where the submitted folder cannot be read and StorageError where something can't be written, never
    for one submission's sake.
    """
    summary = Summary()
    releases = known or {name: plan.release for name, plan in plans.items()}
    listing = find_submissions(course.submitted, releases)
    summary.problems += listing.problems
    _sweep(course, plans)
    with open_ledger(course) as ledger:
        entries: list[Entry] = [*listing.found, *listing.rejected]
        wanted = [entry for entry in entries if entry.unit in plans]
        todo = wanted if settings.force else list(_news(course, ledger, plans, wanted, settings.late, summary))
        progress(0, len(todo))
        work = Work(course, plans, settings, tuple(releases.values()))
        graded = 0
        for batch in _batches(each(work, todo)):
            with ledger.together():
                for done in batch:
                    _record(ledger, plans[done.unit], done, settings.late, summary)
            graded += len(batch)
            progress(graded, len(todo))
        summary.totals = {name: ledger.totals(name) for name in by_assignment(plans)}
    summary.graded.sort(key=lambda name: (name.assignment, name.student))
    return summary


def _sweep(course: Course, assignments: Mapping[str, Plan]) -> None:
    """Remove what a killed run left half written, wherever a run writes."""
    with storing(course.results):
        for folder in _folders(course, assignments):
            sweep(folder)


def _folders(course: Course, assignments: Mapping[str, Plan]) -> Iterator[Path]:
    yield course.root
    yield course.results
    for name in assignments:
        yield course.reports / assignment_of(name)
        yield course.record("", name).parent
    for place in (course.autograded, course.feedback):
        students = os.listdir(place) if place.is_dir() else ()
        yield from (place / student / name for student in students for name in by_assignment(assignments))


def _news(
    course: Course,
    ledger: Ledger,
    plans: Mapping[str, Plan],
    entries: list[Entry],
    late: Penalty | None,
    summary: Summary,
) -> Iterator[Entry]:
    """The submissions that must be graded; of the others, the time of submission is brought up to date."""
    earlier = {name: ledger.completed(name) for name in plans}
    counted = {
        name: ledger.whose_lateness_counts(plan.release.assignment, plan.release.notebook, late)
        for name, plan in plans.items()
    }
    for entry in entries:
        held = None
        if not isinstance(entry, Rejected):
            done = earlier[entry.unit].get(entry.student)
            plan = plans[entry.unit]
            held = standing(course, entry, plan.release, done, plan.grader)
            if held is None and done is not None and done.grader != plan.grader:
                summary.by_another.append(Name(entry.student, entry.unit))
        if held is None:
            yield entry
            continue
        name, release = Name(entry.student, entry.unit), plans[entry.unit].release
        summary.unchanged.append(name)
        problems = _without_time(ledger, plans[entry.unit], name, held.timestamp, held.problems, summary)
        if held.moved:
            move(course, ledger, release, held, late)
            summary.moved.append(name)
            summary.problems += [_told(name, problem) for problem in problems]
        elif entry.student in counted[entry.unit] and ledger.count_late_again(
            entry.student, entry.assignment, release.notebook, late
        ):
            summary.late_anew.append(name)


def _batches(results: Iterable[Done]) -> Iterator[list[Done]]:
    """The results as they come, put together to be recorded: as many as come within a second, up to a number.

    A commit takes longer than a record. What is lost with a killed run is graded again, and that is little.
    """
    batch: list[Done] = []
    begun = time.monotonic()
    try:
        for done in results:
            batch.append(done)
            if len(batch) == TOGETHER or time.monotonic() - begun > SECONDS_TOGETHER:
                yield batch
                batch, begun = [], time.monotonic()
    except AutograderError:
        if batch:
            yield batch  # what was done before counts
        raise
    if batch:
        yield batch


def _record(ledger: Ledger, plan: Plan, done: Done, late: Penalty | None, summary: Summary) -> None:
    name, notebook = Name(done.student, done.unit), plan.release.notebook
    problems: Sequence[str] = done.problems
    how: dict[str, Any] = {
        "timestamp": done.timestamp, "files": done.files, "late": late, "grader": plan.grader
    }  # fmt: skip
    if isinstance(done.result, Rejected) and done.result.fault:
        summary.failed.append(done.result)
        if not _stays(ledger, done.result):
            ledger.set_internal(done.student, done.assignment, notebook)
        return
    if isinstance(done.result, Rejected):
        if done.result.missing:
            problems = (*problems, done.result.reason)
        else:
            summary.rejected.append(done.result)
        recorded = ledger.record_rejected(done.result, notebook, **how)
    else:
        summary.graded.append(name)
        problems = _without_time(ledger, plan, name, done.timestamp, problems, summary)
        recorded = ledger.record(done.result, notebook, **how)
        verdicts = done.result.verdicts.items()
        summary.internal += [(*name, exercise) for exercise, one in verdicts if one.status is Status.INTERNAL]
    summary.problems += [_told(name, problem) for problem in problems]
    summary.hidden += recorded.hidden
    summary.reopened += recorded.reopened
    summary.changed += recorded.changed


def _stays(ledger: Ledger, failed: Rejected) -> bool:
    """Whether what was recorded of a submission before stays as it is: where it only could not be read."""
    if failed.fault == "listing":
        return True
    earlier = ledger.completions(failed.unit).get(failed.student)
    return failed.fault == "reading" and earlier is not None and earlier.state != "internal"


def _without_time(
    ledger: Ledger, plan: Plan, name: Name, moment: datetime.datetime | None, problems: Sequence[str], summary: Summary
) -> Sequence[str]:
    """Note whose lateness can't be told though there is a due date; the ``problems`` but for what is noted so."""
    if moment is not None or ledger.registered(plan.release.assignment, plan.release.notebook).duedate is None:
        return problems
    summary.untimed[Name(name.student, plan.release.assignment)] = next(
        (problem for problem in problems if problem in UNTIMED), NO_FILE
    )
    return [problem for problem in problems if problem not in UNTIMED]


def _told(name: Name, problem: str) -> str:
    return f"{name.student}, {name.assignment}: {problem}"
