"""Gradescope's container on this machine: the zip unpacked, set up and run as root, without namespaces.

Everything runs in a mount namespace of its own, in which `/mnt/autograder` is what `/autograder` is there and this
Python can be read by everyone. `setup.sh` runs as it is, with an environment that is linked instead of downloaded:
the packages of the locks in the zip, and no others.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shlex
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.boundary.as_root import BASE, SITE, in_own_mounts

HOME = "/mnt/autograder"

# Docker's root has no right to mount or to make namespaces, and there is no bubblewrap that could try.
CONTAINER = """
for bwrap in /usr/bin/bwrap /bin/bwrap /usr/local/bin/bwrap; do
    if [ -e "$bwrap" ]; then mount --bind /dev/null "$bwrap"; fi
done
mkdir -p /mnt/autograder
mount --bind "$LAYOUT" /mnt/autograder
cd /mnt/autograder
"""
WITHOUT_RIGHTS = ("setpriv", "--bounding-set=-sys_admin,-sys_ptrace,-net_admin", "--inh-caps=-all")

STUB = """#!/bin/sh
# Python as the image has it, but that what install.py makes is linked and not downloaded.
case "$3" in
  */install.py) exec {python} -I {linker} "$@" ;;
esac
exec {base} "$@"
"""

LINKER = """
import json, os, re, sys
from pathlib import Path

installer, target, groups = Path(sys.argv[3]), Path(sys.argv[4]), sys.argv[5:sys.argv.index("--torch")]
base = sys._base_executable
(target / "bin").mkdir(parents=True)
(target / "bin" / "python").symlink_to(base)
(target / "pyvenv.cfg").write_text(f"home = {os.path.dirname(base)}\\n")
site = target / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
site.mkdir(parents=True)
(site / "install-was-told.json").write_text(json.dumps(sys.argv[4:]))
locks = "".join((installer.parent / f"{group}.txt").read_text() for group in groups)
locked = re.findall("^([a-z0-9._-]+)==", locks, re.MULTILINE)
for name, top, there in json.loads(Path(__file__).with_name("links.json").read_text()):
    if name in locked and not (site / top).exists():
        (site / top).symlink_to(there)
"""


@dataclass(frozen=True)
class Run:
    """What Gradescope has after a run: results.json, what was printed, and the exit code."""

    results: dict[str, Any]
    output: str
    code: int


def unpack(archive: Path, folder: Path) -> Path:
    """The layout with the zip in source/, as the harness leaves it before setup.sh runs."""
    layout = folder / "autograder"
    for name in ("source", "results", "submission"):
        (layout / name).mkdir(parents=True)
    with zipfile.ZipFile(archive) as content:
        content.extractall(layout / "source")  # modes are not kept, as with many unpackers
    (layout / "run_autograder").write_bytes((layout / "source" / "run_autograder").read_bytes())
    (layout / "run_autograder").chmod(0o755)
    return layout


def set_up(layout: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run setup.sh, with stand-ins for the image's Python and for the registry."""
    stubs = folder / "stubs"
    stubs.mkdir()
    links = []
    for distribution in importlib.metadata.distributions():
        tops = {Path(file).parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}
        name = re.sub(r"[-_.]+", "-", distribution.name).lower()
        links += [[name, top, str(SITE / top)] for top in sorted(tops)]
    (stubs / "links.json").write_text(json.dumps(links))
    (stubs / "linker.py").write_text(LINKER)
    python = stubs / "python3.11"
    python.write_text(STUB.format(python=shlex.quote(sys.executable), base=BASE, linker=stubs / "linker.py"))
    python.chmod(0o755)
    return _in_container(layout, ["bash", f"{HOME}/source/setup.sh"], path=f"{stubs}:{os.environ['PATH']}")


def run(layout: Path, files: dict[str, bytes], metadata: dict[str, Any] | None = None) -> Run:
    """Run the autograder on one submission, as the harness does."""
    for old in (layout / "submission").iterdir():
        old.unlink()
    for name, data in files.items():
        (layout / "submission" / name).write_bytes(data)
    (layout / "submission_metadata.json").write_text(json.dumps(metadata or {}))
    (layout / "results" / "results.json").unlink(missing_ok=True)
    done = _in_container(layout, [f"{HOME}/run_autograder"], before=WITHOUT_RIGHTS)
    results = json.loads((layout / "results" / "results.json").read_bytes())
    return Run(results, done.stdout + done.stderr, done.returncode)


def _in_container(
    layout: Path, command: list[str], *, path: str = "/usr/bin:/bin", before: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    script = f"{CONTAINER}\nexec {shlex.join([*before, *command])}"
    return in_own_mounts(script, {"PATH": path, "HOME": "/root", "LAYOUT": str(layout)})
