"""What decides a verdict, as one digest: when it is the same, the same notebook has the same verdict.

It is taken from the bytes of the sources: the judge, the kit (ladder, structural tests, adapters), the engine, the box
with its limits, the content of the one assignment, and how a notebook becomes cells and cells become a verdict. What
only words, shows, records or sends a verdict is not in it. Beside the sources it has the versions of what computes.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import autograder
from autograder.course.content import Content

PACKAGE = Path(autograder.__file__).resolve().parent

ROOMS = ("boundary", "course", "engine", "judging", "kit", "untrusted")
"""Folders of which every file decides."""

GRADING = (
    "_match", "_places", "_restore", "essays", "file_names", "intake", "notebook_json", "passes", "pipeline", "plan",
    "release", "released_cells", "skimming", "units", "unpacking", "which", "decides",
)  # fmt: skip
"""The modules of grading/ that decide: what of a notebook is the student's, how often it runs, which answer counts."""

COMPILED = "__pycache__"


def verdict_digest(content: Content, assignment: str) -> str:
    """64 hexadecimal digits that change with anything that could change a verdict on ``assignment`` of a course.

    The inputs of the hidden cases also come from the course's secret, and the cells that are given from the release:
    each has a digest of its own. Raises KeyError for an assignment that the course does not have.
    """
    total = hashlib.sha256(_of_the_grader())
    of_assignment = content.manifest[assignment]
    for name, version in _versions(torch=of_assignment.torch):
        total.update(f"{name}\0{version}\0".encode())
    total.update(f"without {sorted(of_assignment.drop)}\0".encode())
    for path in content.files(assignment):
        data = path.read_bytes()
        total.update(f"{path.relative_to(content.root).as_posix()}\0{len(data)}\0".encode() + data)
    return total.hexdigest()


@functools.cache
def _of_the_grader() -> bytes:
    total = hashlib.sha256()
    for path in sorted(deciding()):
        data = (PACKAGE / path).read_bytes()
        total.update(f"{path}\0{len(data)}\0".encode() + data)
    return total.digest()


def deciding() -> Iterator[str]:
    """The files of the grader that decide verdicts, as paths below the package."""
    yield from (f"grading/{name}.py" for name in GRADING)
    pending = list(ROOMS)
    while pending:
        folder = pending.pop()
        with os.scandir(PACKAGE / folder) as entries:
            for entry in entries:
                if entry.name == COMPILED:
                    continue
                if entry.is_dir():
                    pending.append(f"{folder}/{entry.name}")
                else:
                    yield f"{folder}/{entry.name}"


def _versions(*, torch: bool) -> Iterator[tuple[str, str]]:
    yield "Python", f"{sys.implementation.name} {sys.version_info.major}.{sys.version_info.minor}"
    for name in ("numpy", "torch") if torch else ("numpy",):
        yield name, importlib.metadata.version(name)
