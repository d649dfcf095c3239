"""What decides a verdict, as one digest: when it is the same, the same notebook has the same verdict.

It is taken from the bytes of the sources: the judge, the kit (ladder, structural tests, adapters), the engine, the box
with its limits, the exercises of the one assignment, and how a notebook becomes cells and cells become a verdict. What
only words, shows, records or sends a verdict is not in it. Beside the sources it has the versions of what computes.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import autograder
from autograder.exercises import MODULES
from autograder.grading.torch_needed import NEEDS_TORCH

PACKAGE = Path(autograder.__file__).resolve().parent

ROOMS = ("boundary", "engine", "exercises", "judging", "kit", "untrusted")
"""Folders of which every file decides, but for the exercises of other assignments."""

GRADING = (
    "_match", "_places", "_restore", "essays", "file_names", "intake", "notebook_json", "passes", "pipeline", "plan",
    "release", "released_cells", "skimming", "unpacking", "which", "decides", "torch_needed",
)  # fmt: skip
"""The modules of grading/ that decide: what of a notebook is the student's, how often it runs, which answer counts."""

ONE_ASSIGNMENT = ("exercises", "kit/public")
"""Folders with a module, or a folder, for each assignment."""

BORROWED: Mapping[str, frozenset[str]] = {"ps5": frozenset({"ps2", "ps3"})}
"""Modules of assignments that ask exercises of others again: what changes there changes here."""

COMPILED = "__pycache__"


@functools.cache
def verdict_digest(assignment: str) -> str:
    """64 hexadecimal digits that change with anything that could change a verdict on ``assignment``.

    The inputs of the hidden cases also come from the course's secret, and the cells that are given from the release:
    each has a digest of its own. Raises KeyError for an assignment that is not in the catalogue.
    """
    total = hashlib.sha256()
    for name, version in _versions(assignment):
        total.update(f"{name}\0{version}\0".encode())
    for path in sorted(deciding(assignment)):
        data = (PACKAGE / path).read_bytes()
        total.update(f"{path}\0{len(data)}\0".encode() + data)
    return total.hexdigest()


def deciding(assignment: str) -> Iterator[str]:
    """The files that decide a verdict on ``assignment``, as paths below the package."""
    own = {MODULES[assignment], *BORROWED.get(MODULES[assignment], ())}
    others = {f"{folder}/{module}" for folder in ONE_ASSIGNMENT for module in MODULES.values() if module not in own}
    yield from (f"grading/{name}.py" for name in GRADING)
    pending = list(ROOMS)
    while pending:
        folder = pending.pop()
        with os.scandir(PACKAGE / folder) as entries:
            for entry in entries:
                path = f"{folder}/{entry.name}"
                if entry.name == COMPILED or path.removesuffix(".py") in others:
                    continue
                if entry.is_dir():
                    pending.append(path)
                else:
                    yield path


def _versions(assignment: str) -> Iterator[tuple[str, str]]:
    yield "Python", f"{sys.implementation.name} {sys.version_info.major}.{sys.version_info.minor}"
    for name in ("numpy", "torch") if assignment in NEEDS_TORCH else ("numpy",):
        yield name, importlib.metadata.version(name)
