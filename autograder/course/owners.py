"""Who may write a course's content: it is code that the grader runs, so nobody but its owner."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from autograder.errors import UsageError


def check(root: Path, paths: Iterable[Path]) -> None:
    """Raise UsageError where anybody may write one of ``paths`` (below ``root``); a word where a group may."""
    by_group: list[Path] = []
    for path in (root, *paths):
        try:
            found = path.stat()
        except FileNotFoundError:
            continue
        mode = found.st_mode
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


def is_ones_own(path: Path) -> bool:
    """Whether ``path`` belongs to who runs this, or to root."""
    return not hasattr(os, "getuid") or path.stat().st_uid in (0, os.getuid())
