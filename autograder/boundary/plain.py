"""The process wall alone, or with another uid: the same host in an ordinary process, in a folder of its own.

What it can see is what its user can see. The folder offers the same imports as a box does, no more: the rooms that
belong in the box are copied into it, so that their own folder may be closed to the other uid; packages are linked.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import shutil
import sys
import tempfile
from pathlib import Path

from autograder.boundary.visible import DATA, Data, Visible

PR_SET_DUMPABLE = 4
FIRST_UID, UIDS = 60_001, 4_999

_turn = itertools.count()


def build(seen: Visible, owner: int | None, data: Data = ()) -> Path:
    """A new private folder: `app`, `site`, `data` and an empty `work`, which belongs to `owner` if one is given."""
    folder = Path(tempfile.mkdtemp(prefix="box-"))
    folder.chmod(0o711 if owner is not None else 0o700)
    for name in ("app/autograder", "site", DATA, "work"):
        (folder / name).mkdir(parents=True)
    for outside, name in seen.application:
        copy = shutil.copytree if outside.is_dir() else shutil.copyfile
        target = folder / "app" / "autograder" / name
        target.parent.mkdir(exist_ok=True)
        copy(outside, target)
    for outside, name in seen.packages:
        link = folder / "site" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(outside)
    for outside, name in data:
        shutil.copytree(outside, folder / DATA / name)
    (folder / "work").chmod(0o700)
    if owner is not None:
        os.chown(folder / "work", owner, owner)
        for name in ("app", "site", DATA):
            _open_to_read(folder / name)
    return folder


def _open_to_read(folder: Path) -> None:
    """Let everyone read a copy, whatever the modes of the original and this process's umask are."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)


def another_uid() -> int:
    """A uid that belongs to nobody, another one for each box of this machine as far as numbers reach."""
    return FIRST_UID + (os.getpid() * 7 + next(_turn)) % UIDS


def become_undumpable() -> None:
    """Close this process's memory to others of the same user: a box may run as this very user."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
