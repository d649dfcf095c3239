"""The user's cache folder: what was worked out once and is read the next time. It holds data and no programs.

A folder in it is the user's own (0700, no link, never below a course or a checkout, which a student may have filled),
and so is each file that is read. Nothing here can fail a run: without the folder things are worked out.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import platformdirs

import autograder
from autograder.grading._files import UNFINISHED
from autograder.grading.course import Course

PACKAGE = Path(autograder.__file__).resolve().parent
OURS = "autograder"
MOST_FILES = 32

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


def cache_folder(course: Course, kind: str) -> Path | None:
    """Where things of a kind would be kept for this user; None where there is no place for them, or it is another's."""
    if sys.platform == "win32" or os.environ.get("HOME") == "":
        return None
    try:
        folder = platformdirs.user_cache_path() / OURS / kind
        if not folder.is_absolute():
            return None
        around = folder.resolve()
    except (OSError, RuntimeError):
        return None
    places = (course.root.resolve(), course.results.resolve(), PACKAGE.parent)
    if any(around.is_relative_to(place) for place in places if place != Path(place.anchor)):
        return None
    return None if any((place / ".git").exists() for place in around.parents) else folder


@contextmanager
def opened(course: Course, kind: str, *, make: bool = False) -> Iterator[int]:
    """A descriptor of the folder, which is this user's and nobody else's business. Raises OSError."""
    path = cache_folder(course, kind)
    if path is None:
        raise FileNotFoundError("there is no cache folder")
    top = path.parents[1]
    if make:
        top.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(top, os.O_RDONLY)
    try:
        if os.fstat(descriptor).st_uid != os.geteuid():
            raise PermissionError(f"{top} is not this user's")
        for name in (OURS, kind):
            if make:
                with suppress(FileExistsError):
                    os.mkdir(name, 0o700, dir_fd=descriptor)
            outer, descriptor = descriptor, os.open(name, _FOLDER, dir_fd=descriptor)
            os.close(outer)
            found = os.fstat(descriptor)
            if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
                raise PermissionError(f"{path} is not this user's alone")
        yield descriptor
    finally:
        os.close(descriptor)


def content(folder: int, name: str, most: int) -> bytes:
    """A file of the folder, if it is an ordinary one of this user's. Raises OSError."""
    with open(os.open(name, _READ, dir_fd=folder), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise PermissionError(f"{name} is not this user's")
        if found.st_size > most:
            raise OSError(f"{name} is too large")
        return file.read(most)


def put(folder: int, name: str, data: bytes) -> None:
    """Write a file so that a reader sees the whole of it or none; the oldest go if there are many. Raises OSError."""
    temporary = f".{os.urandom(8).hex()}{UNFINISHED}"
    try:
        with open(os.open(temporary, _WRITE, 0o600, dir_fd=folder), "wb") as file:
            file.write(data)
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise
    _tidy(folder)


def _tidy(folder: int) -> None:
    """Remove the oldest files beyond the number that is kept, what was left half written among them."""
    with os.scandir(folder) as entries:
        ages = {entry.name: entry.stat(follow_symlinks=False).st_mtime for entry in entries}
    for name in sorted(ages, key=ages.__getitem__, reverse=True)[MOST_FILES:]:
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)
