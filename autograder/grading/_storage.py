"""What to say when a file or the gradebook can't be written: the disk is full, say, or the folder is read-only."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from autograder.errors import DamagedError, StorageError
from autograder.grading._holders import holders

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds: for the formgrader, a backup or another grader to be done with the gradebook."""

GLANCE = 0.5
"""Seconds that SQLite waits by itself."""

_PAUSE = 0.05

_GO_ON = "run the same command again: what was recorded stays, and it goes on from there"
_ROOM = f"Make room on the disk, then {_GO_ON}"
_PERMISSION = f"Make it writable for you, then {_GO_ON}"
_OTHERWISE = f"Mend that, then {_GO_ON}"
_RESTORE = f"Run `autograder restore`, which puts the last backup of it in its place, then {_GO_ON}"

_FILES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), _ROOM),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), _PERMISSION),
}
_MACHINE = {*_FILES, errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
_SQLITE = {
    "SQLITE_FULL": ("The gradebook can't be written", _ROOM),
    "SQLITE_IOERR": ("The gradebook can't be read or written", _ROOM),
    "SQLITE_READONLY": ("The gradebook can't be written", _PERMISSION),
    "SQLITE_CANTOPEN": ("The gradebook can't be opened", _PERMISSION),
    "SQLITE_PERM": ("The gradebook can't be opened", _PERMISSION),
    "SQLITE_BUSY": ("Another program holds the gradebook", f"Close it or wait for it to end, then {_GO_ON}"),
    "SQLITE_CORRUPT": ("The gradebook is damaged", _RESTORE),
    "SQLITE_NOTADB": ("The gradebook is no database", _RESTORE),
}

_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")

_POSTGRESQL = {
    "": (
        "The gradebook's server can't be used",
        "See that it runs, and that c.CourseDirectory.db_url names its place, its database and a user of it",
    ),
    "08": ("The connection to the gradebook's server broke", "See that it runs and is reachable"),
    "25006": ("The gradebook's server is read-only", "Use the one that may be written"),
    "40": ("Another program was at the same rows of the gradebook", "Wait for it to end"),
    "42501": ("The gradebook may not be written by this user", "Give the user the rights to its tables"),
    "53": ("The gradebook's server is out of room, memory or connections", "Make room there"),
    "55P03": ("Another program holds the gradebook", "Wait for it to end, or close it"),
    "57": ("The gradebook's server is stopping or starting", "Wait until it is up again"),
    "58": ("The gradebook's server has trouble with its disk", "Look at its log"),
    "XX": ("The gradebook is damaged", "Look at the server's log, and restore it from the server's backups"),
}
"""By the beginning of SQLSTATE; without one the server was not reached."""


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Turn the operating system's refusal to write ``path`` into StorageError."""
    try:
        yield
    except OSError as error:
        raise refusal(path, error) from error


def refusal(path: Path, error: OSError) -> StorageError:
    """The operating system's refusal to write ``path``, with what to do about it."""
    return StorageError(
        f"{path} can't be written",
        got=error.strerror or type(error).__name__,
        next_step=_FILES.get(error.errno or 0, _OTHERWISE),
    )


def machine_refusal(error: OSError) -> StorageError | None:
    """The operating system's refusal to read or write what no submission has a hand in; None where it is none.

    That a file is missing or is something else is no refusal: who needs it says what it is for.
    """
    if error.filename is None or error.errno not in _MACHINE:
        return None
    return StorageError(
        f"{os.fsdecode(error.filename)} can't be read or written",
        got=error.strerror or type(error).__name__,
        next_step=_FILES.get(error.errno, _OTHERWISE).replace("writable", "readable and writable"),
    )


def database_refusal(path: str, error: BaseException) -> StorageError | None:
    """SQLite's refusal, with what to do about it; None for an error that is no matter of storage."""
    name = getattr(error, "sqlite_errorname", "")
    for code, (wrong, next_step) in _SQLITE.items():
        if name == code or name.startswith(f"{code}_"):
            if is_busy(error):
                return held(path)
            kind = DamagedError if code in _DAMAGED else StorageError
            return kind(f"{wrong}: {path}", got=str(error), next_step=next_step)
    return None


def unreadable(path: str, error: BaseException) -> StorageError | None:
    """What another program wrote into SQLite's file, and can't be read as what it should be; None for another error."""
    if not isinstance(error, sqlite3.OperationalError) or "Could not decode" not in str(error):
        return None
    return StorageError(f"The gradebook holds what can't be read: {path}", got=str(error), next_step=_RESTORE)


_waiting: list[Path] = []
"""The file that is waited for now, if one is."""


def waiting_for() -> str:
    """Who holds the gradebook that this process waits for now; empty where it waits for none."""
    return " and ".join(holders(_waiting[-1])) or "another program" if _waiting else ""


def held(path: str) -> StorageError:
    """Another program was at SQLite's file at ``path`` for too long."""
    wrong, next_step = _SQLITE["SQLITE_BUSY"]
    who = " and ".join(holders(Path(path))) or "a lock of a program that can't be told from here"
    return StorageError(f"{wrong}: {path}", got=who, next_step=next_step)


def is_busy(error: BaseException) -> bool:
    """Whether SQLite was kept waiting by another program."""
    return getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY")


def patiently(path: Path, act: Callable[[], T]) -> T:
    """What ``act`` does with SQLite's file at ``path``, tried again for a minute while another program is at it.

    Between two tries this process can be stopped and give its signs of life, which it can't within SQLite's own
    waiting. Raises StorageError.
    """
    deadline = time.monotonic() + PATIENCE
    try:
        return act()
    except sqlite3.Error as error:
        wrong = error
    _waiting.append(path)
    try:
        while is_busy(wrong) and time.monotonic() < deadline:
            time.sleep(_PAUSE)
            try:
                return act()
            except sqlite3.Error as error:
                wrong = error
    finally:
        _waiting.pop()
    raise database_refusal(str(path), wrong) or wrong from wrong


def server_refusal(url: str, error: BaseException) -> StorageError | None:
    """The same of PostgreSQL's; ``url`` without its password."""
    if not type(error).__module__.startswith("psycopg"):
        return None
    state = str(getattr(error, "pgcode", None) or getattr(error, "sqlstate", None) or "")
    for code, (wrong, next_step) in _POSTGRESQL.items():
        met = state.startswith(code) if code else not state and type(error).__name__ in _UNREACHED
        if met:
            said = " ".join(str(error).split())
            return StorageError(f"{wrong}: {url}", got=said, next_step=f"{next_step}, then {_GO_ON}")
    return None


_UNREACHED = ("OperationalError", "InterfaceError")
