"""What a process needs to raise walls, and has too little of: then no wall is missing, only room for it."""

from __future__ import annotations

import os
import resource
import shutil
import tempfile

from autograder.boundary.limits import MIB, NUMPY, TORCH

OPEN_FILES = 64
PROCESSES = 64
ROOM = 32 * MIB

WORDS = {
    "Too many open files": "a limit on open files was reached: raise `ulimit -n`",
    "Cannot allocate memory": "there is too little memory: free some, or raise `ulimit -v`",
    "Resource temporarily unavailable": "a limit on processes was reached: raise `ulimit -u`",
    "No space left on device": f"there is no room in {tempfile.gettempdir()}: make some, or set TMPDIR",
}
"""What the system says of a shortage, and what that is."""


def shortage(reason: str = "", *, torch: bool = False) -> str:
    """What there is too little of, and what to do; empty if that is nothing. ``reason`` is why a box failed."""
    for limit, least, told in (
        (resource.RLIMIT_NOFILE, OPEN_FILES, "open files: raise `ulimit -n`"),
        (resource.RLIMIT_NPROC, PROCESSES, "processes: raise `ulimit -u`"),
        (resource.RLIMIT_AS, (TORCH if torch else NUMPY).memory, "bytes of memory: raise `ulimit -v`"),
    ):
        soft, _ = resource.getrlimit(limit)
        if soft != resource.RLIM_INFINITY and soft < least:
            return f"this process may have only {soft:,} {told} to {least:,} or more"
    try:
        folder = tempfile.gettempdir()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return f"there is no folder for temporary files ({os.strerror(error.errno or 0)}): set TMPDIR"
    if free < ROOM:
        return f"there is too little room in {folder}: make some, or set TMPDIR"
    return next((told for words, told in WORDS.items() if words in reason), "")
