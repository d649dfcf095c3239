"""Where the check of each exercise stands among the cells that are run, and how a cell is named to its student."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from autograder.grading._restore import Restored
from autograder.grading.release import OWN


def places(restored: Restored, run: Collection[str]) -> dict[str, int]:
    """After how many of the cells in ``run`` (their ids) each exercise's check stands.

    The order is the student's: a check that was moved stands where it was moved to, but not above the cell of its
    answer; one that was lost stands where the release put it back, below the cell that it followed there.
    """
    found: dict[str, int] = {}
    above = 0
    for cell in restored.cells:
        above += cell.id in run
        exercise = cell.released.exercise if cell.released else None
        if exercise is not None:
            found[exercise] = above
    return found


def named(cell: str, notebook: Mapping[str, Any]) -> str:
    """A cell of a restored notebook in words; a student's own cell, which has no name in their file, by what it is
    below."""
    if not cell.startswith(OWN):
        return f"the cell {cell}"
    above = ""
    for one in notebook.get("cells", ()):
        if one["id"] == cell:
            break
        if not one["id"].startswith(OWN):
            above = one["id"]
    return f"your own cell below {above}" if above else "your own cell at the top"
