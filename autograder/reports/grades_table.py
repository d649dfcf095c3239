"""``grades.csv``: a line for each submission, with its score on every cell and what was found in every exercise."""

from __future__ import annotations

import csv
import io
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet takes what begins so for a formula (the wide forms too)."""

HEAD = ("student", "state", "score", "penalty", "final", "points", "bonus", "handed in", "needs a person", "reason")


def grades_csv(report: dict[str, Any]) -> str:
    """The table for a report that `class_report.build` made. Text that looks like a formula gets an apostrophe."""
    cells = list(dict.fromkeys(cell for student in report["students"] for cell in student["cells"]))
    exercises = [one["exercise"] for one in report["exercises"]]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    heads = (*HEAD, *cells, *(f"{name} {what}" for name in exercises for what in ("result", "mistake")))
    writer.writerow([inert(head) for head in heads])
    for one in report["students"]:
        found = [one["exercises"].get(name, {}) for name in exercises]
        row = (
            one["student"],
            one["state"],
            one["score"],
            one["penalty"],
            one["final"],
            one["points"],
            one["bonus"],
            one["handed_in"] or "",
            " ".join(one["needs_human"]),
            one["reason"],
            *(one["cells"].get(cell) for cell in cells),
            *(answer.get(what, "") for answer in found for what in ("status", "mistake")),
        )
        writer.writerow([inert(value) for value in row])
    return written.getvalue()


def inert(value: Any) -> Any:
    """``value`` so that no spreadsheet computes with it, unless it is a number."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA):
        return f"'{value}"
    return value
