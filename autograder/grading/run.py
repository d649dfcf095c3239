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
from autograder.grading.annotate import annotated, refused, score
from autograder.grading.collect import read_timestamp
from autograder.grading.course import Course
from autograder.grading.gradebook import Completion, Hidden, Ledger, Total, open_ledger
from autograder.grading.intake import Rejected, Submission, read_submission
from autograder.grading.notebook_json import FILE_BYTES
from autograder.grading.pipeline import Graded, grade
from autograder.grading.plan import Plan
from autograder.grading.roster import Found, Listing, find_submissions
from autograder.judging import Status, Verdict
from autograder.reports.feedback import Page, Section, render
from autograder.reports.record import submission_record


@dataclass(frozen=True)
class Settings:
    """What a run needs besides the course: a proven box, what its walls are called, how many workers."""

    box: Box
    tier: str
    weak: bool = False
    workers: int = 0
    force: bool = False

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
    course: Course, plans: Mapping[str, Plan], settings: Settings, progress: Progress = lambda done, total: None
) -> Summary:
    """Grade what is new or changed in ``course.submitted`` for the assignments of ``plans``.

    Raises UsageError where the submitted folder cannot be read; never for one submission's sake.
    """
    summary = Summary()
    listing = _listing(course, plans)
    summary.problems += listing.problems
    with open_ledger(course) as ledger:
        earlier = {name: ledger.completed(name) for name in plans}
        todo: list[Found | Rejected] = []
        for entry in (*listing.found, *listing.rejected):
            if not settings.force and _unchanged(course, entry, plans[entry.assignment], earlier[entry.assignment]):
                summary.unchanged.append((entry.student, entry.assignment))
            else:
                todo.append(entry)
        progress(0, len(todo))
        for number, done in enumerate(_each(course, plans, settings, todo), start=1):
            _record(ledger, plans[done.assignment], done, summary)
            progress(number, len(todo))
        summary.totals = {name: ledger.totals(name) for name in plans}
    summary.graded.sort(key=lambda done: (done.assignment, done.student))
    return summary


def _listing(course: Course, plans: Mapping[str, Plan]) -> Listing:
    return find_submissions(course.submitted, {name: plan.release for name, plan in plans.items()})


def _unchanged(course: Course, entry: Found | Rejected, plan: Plan, earlier: Mapping[str, Completion]) -> bool:
    """Whether the same bytes were graded by this version against this release, and all that was written is still there."""
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


def _record(ledger: Ledger, plan: Plan, done: Done, summary: Summary) -> None:
    notebook = plan.release.notebook
    if isinstance(done.result, Rejected):
        summary.rejected.append(done.result)
        recorded = ledger.record_rejected(done.result, notebook, timestamp=done.timestamp, files=done.files)
    else:
        summary.graded.append(done)
        recorded = ledger.record(done.result, notebook, timestamp=done.timestamp, files=done.files)
        summary.internal += [
            (done.student, done.assignment, name)
            for name, verdict in done.result.verdicts.items()
            if verdict.status is Status.INTERNAL
        ]
    summary.problems += [f"{done.student}, {done.assignment}: {problem}" for problem in done.problems]
    summary.hidden += recorded.hidden


_shared: tuple[Course, Mapping[str, Plan], Settings] | None = None
"""What the worker processes inherit when they are forked: expected answers are computed once per run."""


def _each(
    course: Course, plans: Mapping[str, Plan], settings: Settings, todo: Sequence[Found | Rejected]
) -> Iterator[Done]:
    """Every submission dealt with, in the order in which they are finished; at most a few wait in memory."""
    global _shared  # inherited by fork: a plan holds functions, which cannot be pickled
    for plan in plans.values():
        _ = plan.tasks
    workers = min(settings.processes, len(todo))
    if workers <= 1:
        for entry in todo:
            yield one(course, plans, settings, entry)
        return
    _shared = (course, plans, settings)
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
    return one(*_shared, entry)


def one(course: Course, plans: Mapping[str, Plan], settings: Settings, entry: Found | Rejected) -> Done:
    """Read, run, judge and write one submission. Everything that is recorded later is in place when this returns."""
    plan = plans[entry.assignment]
    timestamp, problems = None, ()
    result: Graded | Rejected
    if isinstance(entry, Rejected):
        result = entry
    else:
        timestamp, problems = read_timestamp(entry.path.parent)
        others = tuple(other.release for other in plans.values())
        taken = read_submission(
            entry.path, plan.release, entry.student, within=course.submitted, others=others, notes=entry.notes
        )
        if isinstance(taken, Rejected):
            result = taken
        else:
            result = grade(taken, plan, settings.box, tier=settings.tier)
            problems = (*problems, *taken.problems)
    files = _write(course, plan, settings, result)
    return Done(entry.assignment, entry.student, result, files, timestamp, problems)


def _write(course: Course, plan: Plan, settings: Settings, result: Graded | Rejected) -> dict[str, str]:
    """The autograded notebook, the feedback page and the machine-readable record; path to SHA-256."""
    release = plan.release
    if isinstance(result, Rejected):
        notebook = refused(json.loads(course.release(result.assignment).read_bytes()), result.reason)
    else:
        notebook = annotated(result.submission.notebook, result)
    place = Path(result.student) / result.assignment
    contents = {
        course.autograded / place / release.filename: _json(notebook, ensure_ascii=False),
        course.feedback / place / f"{release.notebook}.html": render(page(plan, settings, result)).encode(),
        course.reports / result.assignment / f"{result.student}.json": _json(
            submission_record(result, release.exercises)
        ),
    }
    for path, data in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, data)
    return {str(path.relative_to(course.results)): _sha256(data) for path, data in contents.items()}


def _json(content: Any, *, ensure_ascii: bool = True) -> bytes:
    text = json.dumps(content, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=ensure_ascii)
    return (text + "\n").encode("utf-8", "replace")


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
    )


def _section(verdict: Verdict, points: float, submission: Submission) -> Section:
    name = verdict.exercise
    return Section(name, verdict, score(verdict, points), points, submission.sources.get(name, ""))
