"""A run: every submission of the chosen assignments through the pipeline, on all cores, recorded one by one."""

from __future__ import annotations

import datetime
import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder import __version__
from autograder.boundary.job import Box
from autograder.errors import SubmissionError
from autograder.grading._files import read_regular, write_atomically
from autograder.grading.annotate import score
from autograder.grading.collect import read_timestamp
from autograder.grading.course import Course
from autograder.grading.gradebook import Ledger, Penalty, open_ledger
from autograder.grading.intake import Rejected, Submission, read_submission
from autograder.grading.marks import Completion, Hidden, Total
from autograder.grading.notebook_json import FILE_BYTES
from autograder.grading.notebooks import write_autograded
from autograder.grading.pipeline import Graded, grade
from autograder.grading.plan import Plan
from autograder.grading.release import Release
from autograder.grading.roster import Found, find_submissions
from autograder.judging import Status, Verdict
from autograder.reports.feedback import Loading, Page, Section, render
from autograder.reports.record import submission_record


@dataclass(frozen=True)
class Settings:
    """What a run needs besides the course: a proven box, what its walls are called, how many workers."""

    box: Box
    tier: str
    weak: bool = False
    workers: int = 0
    force: bool = False
    late: Penalty | None = None

    @property
    def processes(self) -> int:
        """One worker per core unless told otherwise."""
        return self.workers or os.cpu_count() or 1


@dataclass(frozen=True)
class Done:
    """One submission dealt with; ``result`` is what the gradebook records, ``files`` what was written, with digests."""

    assignment: str
    student: str
    result: Graded | Rejected
    files: Mapping[str, str]
    timestamp: datetime.datetime | None
    problems: tuple[str, ...] = ()


@dataclass
class Summary:
    """What a run did, for the terminal and the exit code."""

    graded: list[Done] = field(default_factory=list)
    unchanged: list[tuple[str, str]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    hidden: list[Hidden] = field(default_factory=list)
    totals: dict[str, tuple[Total, ...]] = field(default_factory=dict)
    internal: list[tuple[str, str, str]] = field(default_factory=list)  # student, assignment, exercise


Progress = Callable[[int, int], None]
"""Called with how many submissions are done and how many there are."""


def run(
    course: Course,
    plans: Mapping[str, Plan],
    settings: Settings,
    progress: Progress = lambda done, total: None,
    *,
    known: Mapping[str, Release] | None = None,
) -> Summary:
    """Grade what is new or changed in ``course.submitted`` for the assignments of ``plans``.

    ``known`` are all the course's releases (those of ``plans`` unless given): a folder of one that is not graded now is
    no mistake, and a notebook of another assignment is recognised by them.

    Raises UsageError where the submitted folder cannot be read; never for one submission's sake.
    """
    summary = Summary()
    releases = known or {name: plan.release for name, plan in plans.items()}
    listing = find_submissions(course.submitted, releases)
    summary.problems += listing.problems
    with open_ledger(course) as ledger:
        earlier = {name: ledger.completed(name) for name in plans}
        todo: list[Found | Rejected] = []
        entries: list[Found | Rejected] = [*listing.found, *listing.rejected]
        for entry in entries:
            if entry.assignment not in plans:
                continue
            if not settings.force and _unchanged(course, entry, plans[entry.assignment], earlier[entry.assignment]):
                summary.unchanged.append((entry.student, entry.assignment))
            else:
                todo.append(entry)
        progress(0, len(todo))
        work = Work(course, plans, settings, tuple(releases.values()))
        for number, done in enumerate(_each(work, todo), start=1):
            _record(ledger, plans[done.assignment], done, settings.late, summary)
            progress(number, len(todo))
        summary.totals = {name: ledger.totals(name) for name in plans}
    summary.graded.sort(key=lambda done: (done.assignment, done.student))
    return summary


def _unchanged(course: Course, entry: Found | Rejected, plan: Plan, earlier: Mapping[str, Completion]) -> bool:
    """Whether this version graded the same bytes against this release, and all that was written is still there."""
    done = earlier.get(entry.student)
    if done is None or isinstance(entry, Rejected) or done.version != __version__:
        return False
    if done.fingerprint and not done.fingerprint.endswith(plan.release.digest[:12]):
        return False
    try:
        handed_in = read_regular(entry.path, course.submitted, FILE_BYTES)
        written = all(_sha256((course.results / name).read_bytes()) == digest for name, digest in done.files.items())
    except (OSError, SubmissionError):
        return False
    return written and _sha256(handed_in) == done.digest


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _record(ledger: Ledger, plan: Plan, done: Done, late: Penalty | None, summary: Summary) -> None:
    notebook = plan.release.notebook
    if isinstance(done.result, Rejected):
        summary.rejected.append(done.result)
        recorded = ledger.record_rejected(done.result, notebook, timestamp=done.timestamp, files=done.files, late=late)
    else:
        summary.graded.append(done)
        recorded = ledger.record(done.result, notebook, timestamp=done.timestamp, files=done.files, late=late)
        summary.internal += [
            (done.student, done.assignment, name)
            for name, verdict in done.result.verdicts.items()
            if verdict.status is Status.INTERNAL
        ]
    summary.problems += [f"{done.student}, {done.assignment}: {problem}" for problem in done.problems]
    summary.hidden += recorded.hidden


@dataclass(frozen=True)
class Work:
    """What dealing with one submission needs; the same for all of a run."""

    course: Course
    plans: Mapping[str, Plan]
    settings: Settings
    releases: tuple[Release, ...]


_shared: Work | None = None
"""What the worker processes inherit when they are forked: expected answers are computed once per run."""


def _each(work: Work, todo: Sequence[Found | Rejected]) -> Iterator[Done]:
    """Every submission dealt with, in the order in which they are finished; at most a few wait in memory."""
    global _shared  # inherited by fork: a plan holds functions, which cannot be pickled
    for plan in work.plans.values():
        _ = plan.tasks
    workers = min(work.settings.processes, len(todo))
    if workers <= 1:
        for entry in todo:
            yield one(work, entry)
        return
    _shared = work
    try:
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork")) as pool:
            waiting: set[Future[Done]] = set()
            rest = iter(todo)
            for entry in rest:
                waiting.add(pool.submit(_one_shared, entry))
                if len(waiting) >= 4 * workers:
                    ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in ready)
            while waiting:
                ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in ready)
    finally:
        _shared = None


def _one_shared(entry: Found | Rejected) -> Done:
    assert _shared is not None
    return one(_shared, entry)


def one(work: Work, entry: Found | Rejected) -> Done:
    """Read, run, judge and write one submission. Everything that is recorded later is in place when this returns."""
    course, settings, plan = work.course, work.settings, work.plans[entry.assignment]
    timestamp: datetime.datetime | None = None
    problems: tuple[str, ...] = ()
    result: Graded | Rejected
    if isinstance(entry, Rejected):
        result = entry
    else:
        timestamp, problems = read_timestamp(entry.path.parent)
        taken = read_submission(
            entry.path, plan.release, entry.student, within=course.submitted, others=work.releases, notes=entry.notes
        )
        if isinstance(taken, Rejected):
            result = taken
        else:
            result = grade(taken, plan, settings.box, tier=settings.tier)
            problems = (*problems, *taken.problems)
    files = _write(course, plan, settings, result, timestamp)
    return Done(entry.assignment, entry.student, result, files, timestamp, problems)


def _write(
    course: Course, plan: Plan, settings: Settings, result: Graded | Rejected, timestamp: datetime.datetime | None
) -> dict[str, str]:
    """The autograded notebook, the feedback page and the machine-readable record; path to SHA-256."""
    release = plan.release
    place = Path(result.student) / result.assignment
    contents = {
        course.feedback / place / f"{release.notebook}.html": render(page(plan, settings, result)).encode(),
        course.record(result.student, result.assignment): _json(submission_record(result, release.exercises)),
    }
    for path, data in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, data)
    pages = {path.relative_to(course.results).as_posix(): _sha256(data) for path, data in contents.items()}
    return pages | write_autograded(course, result, timestamp)


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def page(plan: Plan, settings: Settings, result: Graded | Rejected) -> Page:
    """The student's page for one result."""
    notice = "Graded with weak isolation: the scores are provisional." if settings.weak else ""
    if isinstance(result, Rejected):
        return Page(result.student, result.assignment, (), (), notice=notice, rejected=result.reason)
    return Page(
        result.student,
        result.assignment,
        [_section(result.verdicts[name], points, result.submission) for name, points in plan.release.exercises.items()],
        [(name, points, result.submission.essays.get(name, False)) for name, points in plan.release.essays.items()],
        result.submission.problems,
        notice,
        loading=_loading(result),
    )


def _loading(result: Graded) -> list[Loading]:
    """The cells that raised or printed something when the notebook was loaded."""
    sources = {cell.id: cell.source.split("\n") for cell in result.submission.cells}
    told = []
    for report in result.load:
        raised, lines = report.raised, sources.get(report.cell, [])
        if raised is None:
            if report.stdout:
                told.append(Loading(report.cell, printed=report.stdout))
            continue
        line = raised.line if raised.cell in (None, report.cell) else None
        code = lines[line - 1] if line and 0 < line <= len(lines) else ""
        told.append(Loading(report.cell, line, f"{raised.type}: {raised.message}", code, report.stdout))
    return told


def _section(verdict: Verdict, points: float, submission: Submission) -> Section:
    name = verdict.exercise
    return Section(name, verdict, score(verdict, points), points, submission.sources.get(name, ""))
