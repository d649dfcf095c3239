"""Who may write a course's content: it is code that the grader runs, so nobody but its owner."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.errors import UsageError


def check(root: Path, paths: Iterable[Path]) -> None:
    """Raise UsageError where one of ``paths`` (below ``root``) is a link or anybody may write it.

    Where a group may, a word on standard error.
    """
    by_group: list[Path] = []
    for path in (root, *paths):
        try:
            found = path.stat() if path == root else path.lstat()
        except FileNotFoundError:
            continue
        mode = found.st_mode
        if stat.S_ISLNK(mode):
            raise UsageError(
                f"{path} is a link, and the content of a course is code that is run here",
                expected="the files themselves, in the course's own folder",
                next_step="Copy them there, or name the folder that they lie in with --course",
            )
        if mode & stat.S_IWOTH and not (stat.S_ISDIR(mode) and mode & stat.S_ISVTX):
            raise UsageError(
                f"Anybody on this machine may write {path}, and the content of a course is code that is run here",
                expected="a course that only its owner can change",
                next_step=f"Run `chmod -R o-w {root}`, and see whether somebody has changed it",
            )
        if mode & stat.S_IWGRP and found.st_gid != found.st_uid:  # a group of one's own has the number of its user
            by_group.append(path)
    if by_group and str(root) not in _said:
        _said.add(str(root))
        more = f" and {len(by_group) - 1} more" if len(by_group) > 1 else ""
        print(f"Notice: members of a group may change {by_group[0]}{more}, which is run here.", file=sys.stderr)


_said: set[str] = set()


def tree(folder: Path) -> Iterator[Path]:
    """A folder, and all files and folders below it; links are named and not followed."""
    yield folder
    for place, folders, files in os.walk(folder):
        yield from (Path(place) / name for name in (*folders, *files))


def check_ones_own(root: Path, paths: Iterable[Path]) -> None:
    """Raise UsageError unless ``paths``, where they exist, belong to who runs this, or to root."""
    for path in (root, *paths):
        if os.path.lexists(path) and not is_ones_own(path):
            raise UsageError(
                f"{path} belongs to somebody else, and the content of a course is code that is run here",
                expected="a course of your own",
                next_step=f"If you trust it, say so: --course {root}",
            )


def is_ones_own(path: Path) -> bool:
    """Whether ``path`` belongs to who runs this, or to root."""
    return not hasattr(os, "getuid") or path.lstat().st_uid in (0, os.getuid())
