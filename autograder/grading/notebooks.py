"""Autograded notebooks on disk: byte for byte what nbgrader's two passes leave, without parsing and checking again."""

from __future__ import annotations

import datetime
import hashlib
import json
from pathlib import Path
from typing import Any

from autograder.grading._files import write_atomically
from autograder.grading.annotate import Json, annotated, refused
from autograder.grading.course import Course
from autograder.grading.handed_in import TIMESTAMP, stamp
from autograder.grading.intake import Rejected
from autograder.grading.pipeline import Graded

READ_ONLY = 0o444
"""As nbgrader leaves them: what a human adds goes into the gradebook."""


def write_autograded(
    course: Course, outcome: Graded | Rejected, timestamp: datetime.datetime | None = None
) -> dict[str, str]:
    """Write the annotated notebook of one submission, and when it was handed in beside it, each atomically.

    For a rejected one it is the release with the reason on top. Returns SHA-256 by path below ``course.results``.
    """
    release = course.release(outcome.assignment)
    if isinstance(outcome, Rejected):
        made = refused(json.loads(release.read_text(encoding="utf-8")), outcome.reason)
    else:
        made = annotated(outcome.submission.notebook, outcome)
    path = course.autograded_notebook(outcome.student, outcome.assignment, release.stem)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = {path: as_nbformat(made)}
    if timestamp is None:
        path.with_name(TIMESTAMP).unlink(missing_ok=True)
    else:
        written[path.with_name(TIMESTAMP)] = stamp(timestamp)
    for place, data in written.items():
        write_atomically(place, data, READ_ONLY)
    return {_below(course, place): hashlib.sha256(data).hexdigest() for place, data in written.items()}


def as_nbformat(notebook: Json) -> bytes:
    """The notebook as `nbformat.writes` puts it: sorted keys, an indent of one, text as lists of lines."""
    lined = {**notebook, "cells": [_lined_cell(cell) for cell in notebook["cells"]]}
    text = json.dumps(lined, ensure_ascii=False, indent=1, sort_keys=True, separators=(",", ": "))
    return f"{text}\n".encode()


def _lined_cell(cell: Json) -> Json:
    lined = {**cell, "source": _lines(cell["source"])}
    if "outputs" in cell:
        lined["outputs"] = [_lined_output(output) for output in cell["outputs"]]
    return lined


def _lined_output(output: Json) -> Json:
    return {**output, "data": {kind: _lines(text) for kind, text in output["data"].items()}}


def _lines(text: Any) -> list[str]:
    return (text if isinstance(text, str) else "".join(text)).splitlines(True)


def _below(course: Course, path: Path) -> str:
    return path.relative_to(course.results).as_posix()
