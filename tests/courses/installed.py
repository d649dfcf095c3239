"""The grader as somebody has it who never saw the repository: from a wheel, in an environment of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def installed(folder: Path) -> Path:
    """Build a wheel of this repository and install it; the folder of the new environment's programs.

    What the grader needs besides is taken from this environment, since a test has no package index.
    """
    source, wheels, home = folder / "source", folder / "wheels", folder / "environment"
    source.mkdir(parents=True)
    shutil.copytree(ROOT / "autograder", source / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    _run(
        sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", wheels, source
    )  # fmt: skip
    venv.create(home, with_pip=False, symlinks=True)
    programs = home / "bin"
    site = home / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (site / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (wheel,) = wheels.glob("*.whl")
    _run(programs / "python", "-m", "pip", "install", "--no-deps", "--no-index", "--ignore-installed", wheel)
    return programs


def _run(*words: str | Path) -> None:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
