"""For the tier that only root has: a mount namespace of one's own, in which this Python can be read by everyone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.boundary.boxes import missing_wall, unshare_fault

BASE = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
SITE = Path(next(path for path in sys.path if path.endswith("site-packages")))
KEPT = (BASE.parent.parent, SITE)
"""What everyone can read, whatever the modes of the folders on the way."""

OPEN_THE_PATHS = """
set -e
mount -t tmpfs none /mnt
for path in "$@"; do
    mkdir -p "/mnt/kept$path"
    mount --bind "$path" "/mnt/kept$path"
done
for closed in $CLOSED; do mount -t tmpfs -o mode=755 none "$closed"; done
for path in "$@"; do
    mkdir -p "$path"
    mount --bind "/mnt/kept$path" "$path"
done
"""


def needs_root(wall: str) -> None:
    """Skip the test where nobody is root, who alone has this wall; for a root who may not mount the wall is missing."""
    if os.geteuid() != 0:
        pytest.skip(f"{wall} is a wall for root only: nobody else can start a process as another user")
    if reason := unshare_fault("--mount"):
        missing_wall(wall, reason)


def in_own_mounts(script: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a shell script with this environment and nothing else, where Python can be read by everyone."""
    line = ["unshare", "--mount", "sh", "-c", OPEN_THE_PATHS + script, "sh", *map(str, KEPT)]
    closed = {"CLOSED": " ".join(sorted(_closed_folders(*KEPT)))}
    return subprocess.run(line, env={**environment, **closed}, capture_output=True, text=True, cwd="/", timeout=300)


def _closed_folders(*paths: Path) -> set[str]:
    """The topmost folders on the way to `paths` that others may not pass through."""
    ways = ([*reversed(path.parents)] for path in paths)
    closed = ([folder for folder in way if not folder.stat().st_mode & 0o001][:1] for way in ways)
    return {str(folder) for found in closed for folder in found}
