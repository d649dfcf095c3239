"""One run at a time: whoever writes a course's results holds a lock on them.

The lock is the kernel's (`flock` on a file in the results folder), so it ends with those that hold it, however they
end, and never has to be cleared by hand. Worker processes inherit it: after a run was killed the next one starts when
the last of its workers is gone, and none of them can write behind its back. The file only says who holds it, for
people; it stays, because a lock on a file that somebody deletes locks nothing.

Not held: `autograder intake`, which writes whole files into ``submitted/`` that the next run will find; and nbgrader's
own commands and formgrader, which can't know of it. Between those and a run stands SQLite's lock: every transaction
here takes it at its start, waits for it a minute, and is over in milliseconds.

On NFS the kernel turns `flock` into a lock of the server's, which works across machines where the server has locks but
is not inherited by workers. Where there are no locks at all there is no run, for SQLite would not be safe there either.
On Windows grading runs inside WSL, where all this holds.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from autograder.errors import UsageError
from autograder.grading._storage import storing
from autograder.grading.course import Course

LOCK = ".grading.lock"
PATIENCE = 5.0
"""Seconds: enough for the workers of a killed run to end, too few to look like a hang."""

_GLANCE = 0.05
_TAKEN = (errno.EWOULDBLOCK, errno.EACCES)
_LONGEST = 200


@contextmanager
def hold(course: Course, *, patience: float | None = None) -> Iterator[None]:
    """Keep everybody else from writing the results of ``course`` meanwhile.

    Raises UsageError if somebody still holds them after ``patience`` seconds (PATIENCE unless given), or if the file
    system has no locks, and StorageError if the results folder can't be written.
    """
    path = course.results / LOCK
    with storing(path):
        course.results.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        _take(descriptor, course, time.monotonic() + (PATIENCE if patience is None else patience))
        with suppress(OSError):  # on a full disk the lock holds all the same
            _sign(descriptor)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, course: Course, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise UsageError(
                    f"{course.results} is on a file system without locks",
                    got=error.strerror or "an error",
                    next_step="Keep the course on a local disk: SQLite, and so the gradebook, needs locks too",
                ) from error
            if time.monotonic() >= deadline:
                raise UsageError(
                    "Another run is writing the results of this course",
                    expected="one at a time",
                    got=_holder(descriptor),
                    next_step="Wait until it has ended, or stop it (nothing that it recorded is lost), and try again",
                ) from None
            time.sleep(_GLANCE)
        else:
            return


def _sign(descriptor: int) -> None:
    told = f"process {os.getpid()} on {socket.gethostname()}, since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n"
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, told.encode(), 0)


def _holder(descriptor: int) -> str:
    with suppress(OSError):
        told = os.pread(descriptor, _LONGEST, 0).decode("utf-8", "replace").strip()
        if told:
            return told
    return "one that has not said who it is"
