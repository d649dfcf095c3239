"""Who holds a file of SQLite's, as far as the kernel tells: its locks name processes, and /proc names those."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_LOCKS, _PROC = Path("/proc/locks"), Path("/proc")
_PENDING, _RESERVED = 0x40000000, 0x40000001
"""The bytes that SQLite locks to write; those above are locked to read."""


def holders(path: Path) -> tuple[str, ...]:
    """The other processes that hold a lock on ``path``, in words for a message; none where that can't be told."""
    found: dict[int, bool] = {}
    for place in (path, path.with_name(f"{path.name}-shm")):  # where SQLite keeps its locks in the other journal mode
        with suppress(OSError, ValueError, IndexError):
            for process, writes in _locks(place):
                found[process] = writes or found.get(process, False)
    return tuple(
        f"process {process} ({_name(process)}), which {'writes to' if writes else 'reads'} it"
        for process, writes in sorted(found.items())
    )


def _locks(path: Path) -> Iterator[tuple[int, bool]]:
    """(process, whether it writes) of every lock on a file that another process has."""
    file = os.stat(path)
    for line in _LOCKS.read_text().splitlines():
        _, kind, *rest = line.split()
        if kind == "->":  # one that is waited for
            continue
        how, process, place, start = rest[1], int(rest[2]), rest[3], int(rest[4])
        if int(place.rpartition(":")[2]) == file.st_ino and process not in (-1, 0, os.getpid()) and _has(process, file):
            yield process, how == "WRITE" or start in (_PENDING, _RESERVED)


def _has(process: int, file: os.stat_result) -> bool:
    """Whether a process has the file open: a number of a file is one disk's. Where that may not be seen, yes."""
    try:
        numbers = os.listdir(_PROC / str(process) / "fd")
    except PermissionError:
        return True
    except OSError:
        return False
    for number in numbers:
        with suppress(OSError):
            other = os.stat(_PROC / str(process) / "fd" / number)
            if (other.st_dev, other.st_ino) == (file.st_dev, file.st_ino):
                return True
    return False


def _name(process: int) -> str:
    try:
        said = (_PROC / str(process) / "comm").read_text(errors="replace").strip()
    except OSError:
        return "gone by now"
    return "".join(character if character.isprintable() else "?" for character in said)
