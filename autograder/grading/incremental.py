"""What need not be graded again: a submission whose bytes, release and results are what the gradebook says they were.

Digests decide, never the times of files. So a gradebook from a backup, files that were deleted or edited by hand, and
a run that was killed anywhere all come to the same: what the gradebook does not vouch for is graded again.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from autograder.errors import SubmissionError
from autograder.grading._files import put, read_regular, sha256
from autograder.grading.collect import read_timestamp
from autograder.grading.course import Course
from autograder.grading.gradebook import Ledger, Penalty
from autograder.grading.marks import Completion
from autograder.grading.notebook_json import FILE_BYTES
from autograder.grading.notebooks import handed_in
from autograder.grading.release import Release
from autograder.grading.roster import Found
from autograder.grading.which import BESIDE


@dataclass(frozen=True)
class Standing:
    """A submission that was graded as it is. ``timestamp`` is when it was handed in; ``moved`` if that is news."""

    done: Completion
    timestamp: datetime.datetime | None
    moved: bool
    problems: tuple[str, ...] = ()


def standing(
    course: Course, entry: Found, release: Release, done: Completion | None, grader: str = ""
) -> Standing | None:
    """What was recorded of ``entry``, if it still holds; None if it must be graded.

    It holds where this ``grader`` (as `plan.Plan` has it) graded the same bytes against this release, and all that was
    written is still there, but for the time of submission.
    """
    if done is None or done.grader != grader:
        return None
    if any(note.startswith(BESIDE) for note in entry.notes):
        return None  # what was recorded does not say which files lay beside the notebook then
    if done.fingerprint and not done.fingerprint.endswith(release.digest[:12]):
        return None
    try:
        if sha256(read_regular(entry.path, course.submitted, FILE_BYTES)) != done.digest:
            return None
    except SubmissionError:
        return None
    timestamp, problems = read_timestamp(entry.folder, zone=course.zone)
    time = handed_in(course, entry.student, entry.assignment, timestamp)
    if not _in_place(course, {path: digest for path, digest in done.files.items() if path != time.path}):
        return None
    wanted = None if time.data is None else sha256(time.data)
    moved = done.files.get(time.path) != wanted or _digest(course, time.path) != wanted
    return Standing(done, timestamp, moved, problems)


def move(course: Course, ledger: Ledger, release: Release, held: Standing, late: Penalty | None) -> None:
    """Record another time of submission: what it costs to be late follows, nothing is graded. Raises StorageError."""
    done = held.done
    time = handed_in(course, done.student, release.assignment, held.timestamp)
    others = {path: digest for path, digest in done.files.items() if path != time.path}
    files = others | put(course.results, [time])
    ledger.move(done.student, release.assignment, release.notebook, timestamp=held.timestamp, files=files, late=late)


def _in_place(course: Course, files: Mapping[str, str]) -> bool:
    return all(_digest(course, path) == digest for path, digest in files.items())


def _digest(course: Course, path: str) -> str | None:
    """SHA-256 of a file of the results, None where there is none that can be read."""
    try:
        return sha256((course.results / path).read_bytes())
    except OSError:
        return None
