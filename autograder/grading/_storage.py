"""What to say when a file or the gradebook can't be written: the disk is full, say, or the folder is read-only."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.errors import StorageError

_GO_ON = "run the same command again: what was recorded stays, and it goes on from there"
_ROOM = f"Make room on the disk, then {_GO_ON}"
_PERMISSION = f"Make it writable for you, then {_GO_ON}"
_OTHERWISE = f"Mend that, then {_GO_ON}"
_RESTORE = f"Run `autograder restore`, which puts the last backup of it in its place, then {_GO_ON}"

_FILES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), _ROOM),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), _PERMISSION),
}
_SQLITE = {
    "SQLITE_FULL": ("The gradebook can't be written", _ROOM),
    "SQLITE_IOERR": ("The gradebook can't be read or written", _ROOM),
    "SQLITE_READONLY": ("The gradebook can't be written", _PERMISSION),
    "SQLITE_CANTOPEN": ("The gradebook can't be opened", _PERMISSION),
    "SQLITE_PERM": ("The gradebook can't be opened", _PERMISSION),
    "SQLITE_BUSY": (
        "Another program holds the gradebook",
        f"The formgrader, a backup or a database browser may be at it: close it or wait for it to end, then {_GO_ON}",
    ),
    "SQLITE_CORRUPT": ("The gradebook is damaged", _RESTORE),
    "SQLITE_NOTADB": ("The gradebook is no database", _RESTORE),
}

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


def database_refusal(path: str, error: BaseException) -> StorageError | None:
    """SQLite's refusal, with what to do about it; None for an error that is no matter of storage."""
    name = getattr(error, "sqlite_errorname", "")
    for code, (wrong, next_step) in _SQLITE.items():
        if name == code or name.startswith(f"{code}_"):
            return StorageError(f"{wrong}: {path}", got=str(error), next_step=next_step)
    return None


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
