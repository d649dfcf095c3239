"""Copies of the checkout to run tests in, each with an environment of its own, so that the checkout is never edited.

An environment of its own is needed because the grader starts Python with `-I`, which reads no PYTHONPATH: what the
subprocesses, the boxes and the notebooks' kernels import is what is installed. Its files are hard links where the file
system allows it; what names the checkout in them is written anew.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_COVERAGE = "import coverage; coverage.process_startup()\n"
"""Runs in every Python of a copy's environment, and does nothing where the environment variable is missing."""


def make(place: Path) -> Path:
    """Copy what git knows or would add, and the environment in ``.venv``, to ``place``, which must not exist yet."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        source, target = ROOT / name, place / name
        if source.is_symlink() or source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    shutil.copytree(ROOT / ".venv", place / ".venv", symlinks=True, copy_function=_link)
    _settle(place / ".venv", place)
    return place


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(source, target, follow_symlinks=False)


def _settle(venv: Path, place: Path) -> None:
    """Let the scripts start this environment's Python, and its Python import the package of ``place``."""
    old, new = str(ROOT), str(place)
    (site,) = venv.glob("lib/python*/site-packages")
    named = [*site.glob("__editable__*"), *site.glob("autograder-*.dist-info/direct_url.json")]
    for path in [*(venv / "bin").iterdir(), venv / "pyvenv.cfg", *named, *(venv / "share").glob("**/kernel.json")]:
        if path.is_symlink() or not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:  # a program
            continue
        if old in text:
            mode = path.stat().st_mode
            path.unlink()  # it may be a hard link
            path.write_text(text.replace(old, new), encoding="utf-8")
            path.chmod(mode)
    shutil.rmtree(site / "__pycache__", ignore_errors=True)
    (site / "mutants-coverage.pth").write_text(START_COVERAGE, encoding="utf-8")
