"""Pin everything that pyproject.toml declares: `make lock`, or with the newest versions `make lock ARGS=--upgrade`.

Needs uv beside the interpreter (the environment that install.py makes has it). Writes one file for each group, for
every platform and Python that the project supports, with hashes and without the address of an index. Versions that are
pinned already stay where pyproject.toml allows them. torch is pinned alone, without a hash, since a CPU build has
another one than the index's; nothing that only its CUDA build needs is pinned.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from pip_settings import for_uv, pip_settings

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent / "pyproject.toml"
GRADE, TORCH = "grade", "torch"
DECLARED = "# Declared in pyproject.toml: sha256:"
"""Begins the line of a lock that holds the digest of what it was made from."""

_CUDA = re.compile(r"(nvidia|cuda|triton)(-|$)")
_PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)
_PARTIAL = frozenset({"extra-index-url", "find-links", "constraint", "no-index", "no-binary", "only-binary"})
"""Settings of pip that are left out: a folder or a second index often has files for one platform only, and a lock with
the hashes of those refuses all others."""

_OPTIONS = ("--universal", "--generate-hashes", "--no-emit-index-url", "--no-header", "--annotation-style", "line")


class NotMadeError(Exception):
    """The lock could not be made; the message is for a person."""


def declared() -> dict[str, list[str]]:
    """What pyproject.toml asks for, by the name of the lock that pins it."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    built_with = project["build-system"]["requires"]
    return {GRADE: [*built_with, *project["project"]["dependencies"]], **project["dependency-groups"]}


def digest() -> str:
    """Of what decides the lock: the declared dependencies and the Pythons that are supported."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    said = [project["project"]["requires-python"], declared()]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def make(*options: str) -> None:
    """Write the lock of every group. Raises NotMadeError with what uv says."""
    groups = [name for name in declared() if name != GRADE]
    oldest = re.search(r"\d+\.\d+", tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["requires-python"])
    assert oldest is not None, "requires-python names no version"
    common = (*_OPTIONS, "--python-version", oldest[0])
    everything = ("pyproject.toml", *(f"--group={name}" for name in groups))
    with tempfile.TemporaryDirectory() as scratch:
        whole, without = Path(scratch, "all.txt"), Path(scratch, "without.txt")
        kept = {path: path.read_text() for path in HERE.glob("*.txt")}
        whole.write_text("".join(kept.values()))  # the versions of today, which uv prefers
        _compile(*everything, *common, *options, output=whole)
        version = dict(_PINNED.findall(whole.read_text()))[TORCH]
        without.write_text("".join(f"{name}\n" for name, _ in _PINNED.findall(whole.read_text()) if _CUDA.match(name)))
        lean = (*common, "--excludes", os.fspath(without), "--no-emit-package", TORCH)
        made = {}
        for name in (GRADE, *groups):
            path = Path(scratch, f"{name}.txt")
            path.write_bytes(whole.read_bytes())
            _compile(*(["pyproject.toml"] if name == GRADE else [f"--group={name}"]), *lean, output=path)
            made[name] = "".join(line for line in path.read_text().splitlines(keepends=True) if line[:1] != "#")
        made[TORCH] = f"{TORCH}=={version}\n"
    for name, text in made.items():
        header = f"# Generated from pyproject.toml by `make lock`; edit there.\n{DECLARED}{digest()}\n"
        (HERE / f"{name}.txt").write_text(header + text)


def _compile(*arguments: str, output: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    settings = {name: value for name, value in pip_settings(sys.executable).items() if name not in _PARTIAL}
    options, environment = for_uv(settings, dict(os.environ))
    command = [os.fspath(uv), "--quiet", "pip", "compile", *arguments, *options, "--output-file", os.fspath(output)]
    try:
        ran = subprocess.run(command, cwd=PROJECT.parent, env=environment, stderr=subprocess.PIPE, text=True)
    except OSError as error:
        raise NotMadeError(f"{uv} can't be run ({error.strerror}): `make lock` needs uv") from error
    if ran.returncode:
        raise NotMadeError(f"The lock could not be made; the old one stays.\n{ran.stderr.strip()}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that pyproject.toml allows")
    try:
        make(*(["--upgrade"] if parser.parse_args().upgrade else []))
    except NotMadeError as error:
        sys.exit(str(error))
