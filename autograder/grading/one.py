"""One submission from its file to its files: read, run, judged, written. All but the gradebook, in any process.

`one` is `prepare` (which writes nothing) and `finish` (which only writes), so that the two may happen on two machines.
"""

from __future__ import annotations

import datetime
import json
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from autograder.errors import AutograderError
from autograder.grading._files import File, put
from autograder.grading.collect import read_timestamp
from autograder.grading.course import Course
from autograder.grading.intake import Rejected, Submission, read_submission
from autograder.grading.notebooks import autograded, handed_in
from autograder.grading.pages import page
from autograder.grading.pipeline import Graded, grade, undecided
from autograder.grading.plan import Plan
from autograder.grading.work import Done, Entry, Settings, Work
from autograder.reports.feedback import render
from autograder.reports.record import submission_record

_json = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True)
class Prepared:
    """One submission dealt with, but for its files, which are not in place yet."""

    result: Graded | Rejected
    files: tuple[File, ...]
    timestamp: datetime.datetime | None
    problems: tuple[str, ...] = ()


def one(work: Work, entry: Entry) -> Done:
    """Read, run, judge and write one submission. Everything that is recorded later is in place when this returns.

    Where the settings say ``dry``, nothing is written.

    Raises StorageError where a file can't be written.
    """
    prepared = prepare(work, entry)
    if work.settings.dry:
        result = prepared.result
        return Done(result.assignment, result.student, result, {}, prepared.timestamp, prepared.problems)
    return finish(work.course, prepared)


def prepare(work: Work, entry: Entry) -> Prepared:
    """Read, run and judge one submission, and make its files. Only reads."""
    if isinstance(entry, Rejected):
        return judged(work, entry)
    timestamp, problems = read_timestamp(entry.folder, zone=work.course.zone)
    taken = read_submission(
        entry.path, work.plans[entry.unit].release, entry.student, within=work.course.submitted,
        others=work.releases, notes=entry.notes,
    )  # fmt: skip
    return judged(work, taken, timestamp, problems)


def judged(
    work: Work,
    taken: Submission | Rejected,
    timestamp: datetime.datetime | None = None,
    problems: tuple[str, ...] = (),
) -> Prepared:
    """Run and judge what was read, and make its files. Reads nothing but the release."""
    if isinstance(taken, Rejected) and taken.fault:
        return Prepared(taken, (), None, problems)
    plan = work.plans[taken.unit]
    result: Graded | Rejected
    if isinstance(taken, Rejected):
        result = taken
    else:
        result = _graded(taken, plan, work.settings)
        problems = (*problems, *taken.problems)
    result, files, trouble = _written(work, plan, result, timestamp)
    problems = (*problems, *trouble)
    small = result.for_the_gradebook() if isinstance(result, Graded) else result
    return Prepared(small, files, timestamp, problems)


def failed(entry: Entry, why: str) -> Prepared:
    """A submission with which our own code could not deal at all: no score, no files, and a person is asked."""
    return Prepared(Rejected(entry.student, entry.assignment, why, fault="grading", part=entry.part), (), None)


def fenced(error: Exception, entry: Entry) -> Prepared:
    """The same for what was raised while it was dealt with."""
    return failed(entry, f"the grader could not deal with it ({_place(error)}); please report this")


def finish(course: Course, prepared: Prepared) -> Done:
    """Put the files in place: pages first, the notebook and its time last. Raises StorageError."""
    result = prepared.result
    digests = put(course.results, prepared.files)
    return Done(result.assignment, result.student, result, digests, prepared.timestamp, prepared.problems)


def _graded(taken: Submission, plan: Plan, settings: Settings) -> Graded:
    """The verdicts; where our own code fails none, a human is asked, and the others' work goes on."""
    try:
        return grade(taken, plan, settings.box, tier=settings.tier, allowance=settings.allowance)
    except AutograderError:
        raise
    except Exception as error:
        return undecided(taken, plan, _place(error), tier=settings.tier)


def _written(
    work: Work, plan: Plan, result: Graded | Rejected, timestamp: datetime.datetime | None
) -> tuple[Graded | Rejected, tuple[File, ...], tuple[str, ...]]:
    """The result, its files and what went wrong with them.

    Where what the submission gave back cannot be shown, its page and notebook do without it; where they cannot be made
    even so, a person is asked. Neither keeps the next submission waiting.
    """
    trouble: list[str] = []
    for said, shown in _plainer(work, plan, result):
        try:
            return shown, _files(work, plan, shown, timestamp), tuple(trouble)
        except AutograderError:
            raise
        except Exception as error:
            trouble.append(f"{said} ({_place(error)})")
    raise AutograderError(
        f"The files of {result.student} for {result.assignment} can't be made", got="; ".join(trouble),
        next_step="Please report this: it is a fault of the grader's",
    )  # fmt: skip


def _plainer(work: Work, plan: Plan, result: Graded | Rejected) -> Iterator[tuple[str, Graded | Rejected]]:
    """The result as it is, then with less and less of what the submission had a hand in; why the next one is needed."""
    yield "its page could not be made with all that it shows, so values are left out", result
    if isinstance(result, Graded):
        bare = result.for_the_gradebook()
        submission = replace(bare.submission, notebook=result.submission.notebook)
        yield "its notebook could not be written, so a person must look", replace(bare, submission=submission)
        released = json.loads(_release(work.course, plan).read_bytes())
        submission = replace(bare.submission, notebook=released)
        detail = "its files could not be made"
        yield "nothing could be written", undecided(submission, plan, detail, tier=work.settings.tier)


def _place(error: Exception) -> str:
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"


def _files(work: Work, plan: Plan, result: Graded | Rejected, timestamp: datetime.datetime | None) -> tuple[File, ...]:
    """The feedback page, the machine-readable record, the autograded notebook and its time."""
    course, release = work.course, plan.release
    feedback = course.feedback_page(result.student, result.assignment, release.notebook)
    record = course.record(result.student, result.unit)
    notebook = autograded(course, _release(course, plan), result)
    return (
        File(course.below_results(feedback), render(page(release, result, weak=work.settings.weak)).encode()),
        File(course.below_results(record), _indented(submission_record(result, release.exercises, plan.grader))),
        replace(notebook, data=None) if isinstance(result, Rejected) and result.missing else notebook,
        handed_in(course, result.student, result.assignment, timestamp),
    )


def _release(course: Course, plan: Plan) -> Path:
    return course.assignments / plan.release.assignment / plan.release.filename


def _indented(content: Any) -> bytes:
    return msgspec.json.format(_json.encode(content), indent=1) + b"\n"
