"""Gradescope's container on this machine: the zip unpacked, set up and run as root, without namespaces.

Everything runs in a mount namespace of its own, in which `/mnt/autograder` is what `/autograder` is there and this
Python can be read by everyone. `setup.sh` runs as it is, with an environment that is linked instead of downloaded:
the packages that `requirements.txt` names and what these need, and no others.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.boundary.visible import _closure
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
# Python as the image has it, but that a new environment is linked and not empty.
if [ "$2" = venv ]; then exec {python} -I {linker} "$3"; fi
exec {base} "$@"
"""

LINKER = """
import importlib.metadata, os, sys, sysconfig, venv
from pathlib import Path

target = Path(sys.argv[1])
base = sys._base_executable
os.environ.pop("PYTHONPATH", None)
(target / "bin").mkdir(parents=True)
(target / "bin" / "python").symlink_to(base)
(target / "pyvenv.cfg").write_text(f"home = {{os.path.dirname(base)}}\\n")
version = f"python{{sys.version_info.major}}.{{sys.version_info.minor}}"
site = target / "lib" / version / "site-packages"
site.mkdir(parents=True)
(site / "pip").mkdir()
(site / "pip" / "__init__.py").touch()
(site / "pip" / "__main__.py").write_text({pip!r})
"""

PIP = """
import json, sys
from pathlib import Path

here = Path(__file__).resolve().parents[1]
(here / "pip-was-told.json").write_text(json.dumps(sys.argv[1:]))
wanted = Path(sys.argv[sys.argv.index("--requirement") + 1]).read_text().split()
for name, target in json.loads(Path({links!r}).read_text()).items():
    if name.split("|")[0] in wanted and not (here / name.split("|")[1]).exists():
        (here / name.split("|")[1]).symlink_to(target)
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
    links = {}
    for name in (layout / "source" / "requirements.txt").read_text().split():
        for distribution in _closure([name]):
            tops = {Path(file).parts[0] for file in distribution.files or () if Path(file).parts[0] != ".."}
            links |= {f"{name}|{top}": str(SITE / top) for top in tops if top != "__pycache__"}
    (stubs / "links.json").write_text(json.dumps(links))
    (stubs / "linker.py").write_text(LINKER.format(pip=PIP.format(links=str(stubs / "links.json"))))
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
