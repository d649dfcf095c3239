"""Autograded notebooks on disk: byte for byte what nbgrader's two passes leave, without parsing and checking again."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import msgspec

from autograder.grading._files import File
from autograder.grading.annotate import Json, annotated, refused
from autograder.grading.course import Course
from autograder.grading.handed_in import TIMESTAMP, stamp
from autograder.grading.intake import Rejected
from autograder.grading.pipeline import Graded

READ_ONLY = 0o444
"""As nbgrader leaves them: what a human adds goes into the gradebook."""

_sorted = msgspec.json.Encoder(order="sorted")


def autograded(course: Course, release: Path, outcome: Graded | Rejected) -> File:
    """The annotated notebook of one submission of ``release``; of a rejected one, the release with why on top."""
    if isinstance(outcome, Rejected):
        made = refused(json.loads(release.read_bytes()), outcome.reason)
    else:
        made = annotated(outcome.submission.notebook, outcome)
    path = course.autograded_notebook(outcome.student, outcome.assignment, release.stem)
    return File(course.below_results(path), as_nbformat(made), READ_ONLY)


def handed_in(course: Course, student: str, assignment: str, timestamp: datetime.datetime | None) -> File:
    """The file that says when it was handed in. Where nobody knows there must be none."""
    path = course.autograded / student / assignment / TIMESTAMP
    return File(course.below_results(path), None if timestamp is None else stamp(timestamp), READ_ONLY)


def as_nbformat(notebook: Json) -> bytes:
    """The notebook as `nbformat.writes` puts it: sorted keys, an indent of one, text as lists of lines.

    Python's own json takes 7 ms for that; only numbers that are written with an exponent look different here.
    """
    lined = {**notebook, "cells": [_lined_cell(cell) for cell in notebook["cells"]]}
    return msgspec.json.format(_sorted.encode(lined), indent=1) + b"\n"


def _lined_cell(cell: Json) -> Json:
    lined = {**cell, "source": _lines(cell["source"])}
    if "outputs" in cell:
        lined["outputs"] = [_lined_output(output) for output in cell["outputs"]]
    return lined


def _lined_output(output: Json) -> Json:
    return {**output, "data": {kind: _lines(text) for kind, text in output["data"].items()}}


def _lines(text: Any) -> list[str]:
    return (text if isinstance(text, str) else "".join(text)).splitlines(True)
