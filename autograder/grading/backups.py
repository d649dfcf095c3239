"""Copies of the gradebook, and the question whether it is the one that belongs to what lies beside it.

What people gave is in the gradebook alone. So a run first copies a gradebook that is a file of SQLite's into backups/
(the last ten that differ), and stops where pages and notebooks of students lie beside a gradebook that knows none of
them: it would begin afresh, and take the comments off the pages. On a database server the copies are the server's.
"""

from __future__ import annotations

import datetime
import os
import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import sqlalchemy as sa

from autograder.errors import DamagedError, StorageError, UsageError
from autograder.grading._database import open_engine, shown
from autograder.grading._files import UNFINISHED, sha256
from autograder.grading._storage import GLANCE, PATIENCE, database_refusal, held, storing
from autograder.grading.course import Course

KEPT = 10
NO_BACKUP = "Put it back where it was (there is no backup for `autograder restore`)"
_NAME = "gradebook-%Y%m%dT%H%M%S%fZ.db"
_FEW = 5


def keep_backup(course: Course, now: datetime.datetime | None = None) -> Path | None:
    """Copy the gradebook, unless the last copy is the same; where to. Nothing without a file that has anything in it.

    The copy is consistent whoever is writing meanwhile. Raises StorageError where it can't be made.
    """
    book = course.gradebook
    if book is None or not book.is_file() or not book.stat().st_size:
        return None
    moment = (now or datetime.datetime.now(datetime.UTC)).astimezone(datetime.UTC)
    target = course.backups / moment.strftime(_NAME)
    beside = target.with_name(f".{target.name}{UNFINISHED}")
    with storing(target):
        course.backups.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        os.close(descriptor)
    try:
        copy_gradebook(book, beside)
        last = backups(course)[:1]
        if last and sha256(last[0].read_bytes()) == sha256(beside.read_bytes()):
            return None
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)
    for old in backups(course)[KEPT:]:
        old.unlink(missing_ok=True)
    return target


def backups(course: Course) -> list[Path]:
    """The copies that there are, the newest first."""
    names = os.listdir(course.backups) if course.backups.is_dir() else ()  # where it may not be listed, that is told
    return sorted((course.backups / name for name in names if fnmatch(name, "gradebook-*.db")), reverse=True)


def on_a_server(course: Course) -> UsageError:
    """What to say to somebody who asks for a backup of a gradebook that is no file."""
    return UsageError(
        "The gradebook is on a database server, so its backups are the server's",
        got=shown(course.gradebook_url),
        next_step="Restore it there, for PostgreSQL with `pg_restore` from what `pg_dump` wrote",
    )


@dataclass(frozen=True)
class Restored:
    """Which copy was put back, and where what was there is, if it was damaged and so is no copy itself."""

    copy: Path
    damaged: Path | None = None


def restore(course: Course, name: str = "") -> Restored:
    """Put a copy (the newest unless named) in the gradebook's place. What was there becomes a copy itself.

    A damaged gradebook is kept as it is, under another name. Nothing is changed where another program holds it.

    Raises UsageError where there is no copy, and StorageError where it can't be written.
    """
    book = course.gradebook
    if book is None:
        raise on_a_server(course)
    there = backups(course)
    chosen = [path for path in there if path.name == name] if name else there[:1]
    if not chosen:
        raise UsageError(
            f"There is no backup {name!r}" if name else f"There is no backup in {course.backups}",
            expected=_listed(path.name for path in there) if there else "",
            next_step="Name one of these"
            if there
            else f"Copy a gradebook of your own to {book.name}, or, if you mean to "
            f"begin anew, move it, {course.autograded.name}/ and {course.feedback.name}/ away",
        )
    book = book.resolve()  # a link to where the gradebook lies stays one
    beside = book.with_name(f".{book.name}{UNFINISHED}")
    journals = [book.with_name(book.name + end) for end in ("-journal", "-wal", "-shm")]
    damaged = None
    try:
        with storing(book):
            beside.write_bytes(chosen[0].read_bytes())  # first: where there is no room for it, all stays as it is
        try:
            keep_backup(course)
        except DamagedError:
            damaged = _free(book.with_name(f"{book.name}.damaged"))
        with storing(book):
            if damaged is not None:  # as it is, with what belongs to it
                for path in (book, *journals):
                    if path.exists():
                        os.replace(path, damaged.with_name(damaged.name + path.name.removeprefix(book.name)))
            for journal in journals:  # of the gradebook that goes; it must not be applied to this one
                journal.unlink(missing_ok=True)
            os.replace(beside, book)
    finally:
        beside.unlink(missing_ok=True)
    return Restored(chosen[0], damaged)


def _free(path: Path) -> Path:
    """``path``, or where that is taken the next name."""
    number = 1
    while path.exists():
        number += 1
        path = path.with_name(f"{path.name.rstrip('0123456789').rstrip('-')}-{number}")
    return path


def check_belongs(course: Course) -> tuple[str, ...]:
    """Refuse a gradebook that knows nobody whose results lie beside it; a line on those whom it does not know.

    A first run that was killed leaves results of students who are not recorded yet: it had a gradebook, and no copy of
    one with students in it. Raises UsageError.
    """
    beside = _with_results(course)
    if not beside:
        return ()
    known = _students(course.gradebook_url)
    if known is None:
        raise _refusal(course, "There is no gradebook, or it is empty")
    if not known and any(_students(f"sqlite:///{copy}") for copy in backups(course)[:1]):
        raise _refusal(course, "The gradebook has no submission in it, and the last copy of it has")
    if known and known.isdisjoint(beside):
        raise _refusal(course, "The gradebook knows none of the students whose results lie beside it")
    strangers = sorted(beside - known) if known else []
    if not strangers:
        return ()
    told = f"the gradebook knows nothing of {_listed(strangers)}, of whom results lie beside it: is it an older one?"
    return (f"{told} `autograder restore --list` shows its backups" if course.gradebook else told,)


def _refusal(course: Course, wrong: str) -> UsageError:
    back = "Restore it on the server"
    if course.gradebook:
        back = "Run `autograder restore` to get the last backup back" if backups(course) else NO_BACKUP
    return UsageError(
        f"{wrong}: {course.gradebook or shown(course.gradebook_url)}",
        expected=f"the one that belongs to {course.autograded.name}/ and {course.feedback.name}/: what people graded "
        "and wrote is in it alone",
        next_step=f"{back}; or, if you mean to begin anew, move {course.autograded} and {course.feedback} away",
    )


def _with_results(course: Course) -> set[str]:
    """The students with a folder of an assignment among the results."""
    found = set()
    for place in (course.autograded, course.feedback):
        for student in place.iterdir() if place.is_dir() else ():
            if student.is_dir() and not student.name.startswith(".") and any(one.is_dir() for one in student.iterdir()):
                found.add(student.name)
    return found


def _students(url: str) -> set[str] | None:
    """Who handed in, as the gradebook has it; None where it is not there, or without nbgrader's tables."""
    file = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:///") and not (file.is_file() and file.stat().st_size):
        return None
    engine = open_engine(url)
    try:
        if not sa.inspect(engine).has_table("submitted_assignment"):
            return None
        with engine.connect() as connection:
            return set(connection.scalars(sa.text("SELECT DISTINCT student_id FROM submitted_assignment")))
    finally:
        engine.dispose()


def copy_gradebook(book: Path, target: Path) -> None:
    """A consistent copy of a file of SQLite's, whoever is writing meanwhile. Raises StorageError, DamagedError.

    What a killed program left half done is undone first, as by whoever reads it: that takes a writable connection.
    """
    deadline = time.monotonic() + PATIENCE

    def look(status: int, *_: int) -> None:
        if status == sqlite3.SQLITE_BUSY and time.monotonic() >= deadline:  # by itself it would wait for ever
            raise _HeldError

    try:
        with (
            closing(sqlite3.connect(f"{book.as_uri()}?mode=rw", uri=True, timeout=GLANCE)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy, progress=look)
    except _HeldError as error:
        raise held(str(book)) from error
    except sqlite3.Error as error:
        wrong = StorageError(f"{book} can't be copied to {target.parent}", got=str(error))
        raise database_refusal(str(book), error) or wrong from error


class _HeldError(Exception):
    """Another program holds the gradebook."""


def _listed(names: Iterable[str]) -> str:
    some = list(names)
    return ", ".join(some[:_FEW]) + (f" and {len(some) - _FEW} more" if len(some) > _FEW else "")
