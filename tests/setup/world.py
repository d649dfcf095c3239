"""A small world for a set-up: a lock of toy packages, a folder of their wheels, and a pip that is configured for it.

The tools are the real ones. uv comes as a wheel, too: its program writes down what it was given and hands over to the
uv of this environment; where there is none, pip does all, as it would for a person.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")
PYTHON = getattr(sys, "_base_executable", sys.executable)
MODULES = ("numpy", "matplotlib/pyplot", "IPython/core/interactiveshell", "nbgrader/api", "nbconvert", "msgspec")
RECORDER = (
    '#!/bin/sh\n{{ env; echo "$*"; }} >> "{log}"\n[ ! -p "{gate}" ] || cat "{gate}" >/dev/null\nexec "{uv}" "$@"\n'
)
CPU, CUDA = (
    "version = type('v', (), {'cuda': None})\n",
    "import nvidia_toy\nversion = type('v', (), {'cuda': '13.0'})\n",
)


@dataclass(frozen=True)
class World:
    """Everything below ``root``: `Kurs für alle/requirements`, `wheels`, `pip.conf`, `uv.log`."""

    root: Path

    @property
    def wheels(self) -> Path:
        return self.root / "wheels"

    @property
    def clone(self) -> Path:
        """In whose name there are a blank and an umlaut. pip's settings can't name a folder with a blank."""
        return self.root / "Kurs für alle"

    @property
    def environment(self) -> Path:
        return self.clone / ".venv"

    @property
    def gate(self) -> Path:
        """uv waits here, if it is a pipe."""
        return self.root / "gate"

    @property
    def log(self) -> str:
        """What uv was given."""
        return (self.root / "uv.log").read_text()

    def lock(self, group: str, *wheels: Path) -> None:
        """Pin ``wheels`` with their hashes."""
        lines = [f"{_pin(one)} --hash=sha256:{hashlib.sha256(one.read_bytes()).hexdigest()}\n" for one in wheels]
        (self.clone / "requirements" / f"{group}.txt").write_text("".join(lines))

    def command(self, *arguments: str) -> list[str | Path]:
        return [PYTHON, self.clone / "requirements" / "install.py", self.environment, *arguments]

    def variables(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of a person who has nothing but a configured pip."""
        kept = {"PATH": os.environ["PATH"], "HOME": str(self.root), "PIP_CONFIG_FILE": str(self.root / "pip.conf")}
        return kept | dict(more or {})

    def install(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run install.py to its end."""
        return subprocess.run(self.command(*arguments), env=self.variables(more), capture_output=True, text=True)

    def ask(self, program: str) -> str:
        """What the environment's Python prints."""
        line = [self.environment / "bin" / "python", "-I", "-c", program]
        return subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip()


def make_world(root: Path) -> World:
    """A world with a CPU build of torch in the folder of wheels."""
    world = World(root)
    world.wheels.mkdir(parents=True)
    shutil.copytree(
        ROOT / "requirements", world.clone / "requirements", ignore=shutil.ignore_patterns("__pycache__", "*.txt")
    )
    (root / "pip.conf").write_text(f"[global]\nno-index = true\nfind-links = {world.wheels}\n")
    world.lock("grade", wheel(world.wheels, "toy", "1.0", {f"{name}.py": "" for name in MODULES}))
    world.lock("test", wheel(world.wheels, "toy-tests", "2.0", {"toy_tests.py": ""}))
    recorder = RECORDER.format(log=root / "uv.log", gate=world.gate, uv=UV)
    world.lock("uv", wheel(world.wheels, "uv", "0.1", {}, scripts={"uv": recorder}))
    (world.clone / "requirements" / "torch.txt").write_text("torch==2.13.0\n")
    wheel(world.wheels, "torch", "2.13.0+cpu", {"torch.py": CPU})
    return world


def wheel(
    folder: Path,
    name: str,
    version: str,
    files: Mapping[str, str],
    scripts: Mapping[str, str] | None = None,
    needs: str = "",
) -> Path:
    """A wheel of a few modules."""
    plain = name.replace("-", "_")
    inside = dict(files) | {f"{plain}-{version}.data/scripts/{one}": text for one, text in (scripts or {}).items()}
    about = f"{plain}-{version}.dist-info"
    requires = f"Requires-Dist: {needs}\n" if needs else ""
    inside[f"{about}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}"
    inside[f"{about}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    rows = [f"{path},sha256={_digest(text)},{len(text.encode())}\n" for path, text in inside.items()]
    inside[f"{about}/RECORD"] = "".join([*rows, f"{about}/RECORD,,\n"])
    path = folder / f"{plain}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for place, text in inside.items():
            entry = zipfile.ZipInfo(place)
            entry.external_attr = (0o100755 if "/scripts/" in place else 0o100644) << 16
            archive.writestr(entry, text)
    return path


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _pin(path: Path) -> str:
    name, version, *_ = path.name.split("-")
    return f"{name.replace('_', '-')}=={version}"
