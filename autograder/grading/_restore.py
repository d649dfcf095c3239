"""A submission's cells put back into the frame of the release: nbgrader metadata, locked cells, missing cells.

What comes out is nbformat 4.5 with valid, unique ids, and holds of the student only text: no outputs, attachments,
tags, metadata or ids. Cells stay in the student's order; a missing one goes behind the cell that it followed when
released.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from autograder.grading._match import Matches, match, same_text
from autograder.grading.notebook_json import PlainCell, plain_cells
from autograder.grading.release import OWN, Release, ReleaseCell

PROBLEMS = 50
"""How many problems of one submission are told."""

_FLAGS = ("schema_version", "grade_id", "grade", "solution", "locked", "points")


@dataclass(frozen=True)
class Placed:
    """One cell of the restored notebook. ``released`` is None for the student's own cells."""

    id: str
    cell_type: str
    source: str
    released: ReleaseCell | None
    changed: bool
    added: bool = False
    """The submission had lost it, and the release put it back."""


@dataclass(frozen=True)
class Restored:
    """The restored cells in order, and what had to be done, in our own words."""

    cells: tuple[Placed, ...]
    problems: tuple[str, ...]


def restore(notebook: Mapping[str, Any], release: Release) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The restored copy of a notebook that is JSON already, and what had to be repaired.

    Raises SubmissionError if it is no notebook or has too many cells.
    """
    plain = plain_cells(notebook)
    restored = restore_cells(plain.cells, release)
    return copy.deepcopy(to_json(restored, release)), limited((*plain.problems, *restored.problems))


def restore_cells(cells: tuple[PlainCell, ...], release: Release) -> Restored:
    """Put the cells of a submission back into the frame of the release."""
    matches = match(cells, release)
    missing = _missing_behind(matches, release)
    names = {cell.number: name for name, cell in matches.kept.items()}
    known = {cell.id: cell for cell in release.cells}
    placed = [*_added(missing.get("", ()))]
    own = 0
    for cell in cells:
        if cell.number in names:
            released = known[names[cell.number]]
            placed += [_placed(cell, released), *_added(missing.get(released.id, ()))]
        elif not _is_spare(cell, matches.copies.get(cell.number)):
            own += 1
            placed.append(Placed(f"{OWN}{own}", cell.cell_type, cell.source, None, changed=True))
    return Restored(tuple(placed), tuple(_problems(matches, missing, known, tuple(placed))))


def to_json(restored: Restored, release: Release) -> dict[str, Any]:
    """The restored notebook as nbformat 4.5 JSON. Its metadata are the release's own, for reading only."""
    return {
        "cells": [_json(cell) for cell in restored.cells],
        "metadata": release.metadata,
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def limited(problems: tuple[str, ...]) -> tuple[str, ...]:
    """At most PROBLEMS of them, and how many more there were."""
    if len(problems) <= PROBLEMS:
        return problems
    return (*problems[:PROBLEMS], f"and {len(problems) - PROBLEMS} more")


def _placed(cell: PlainCell, released: ReleaseCell) -> Placed:
    """The submitted cell in its released frame; text that differs only in white space is the released text."""
    changed = not same_text(cell.source, released.source)
    source = cell.source if changed and not released.locked else released.source
    # An nbgrader cell keeps its released type: a solution turned into Markdown by a slip of the hand is still run.
    cell_type = released.cell_type if released.required else cell.cell_type
    return Placed(released.id, cell_type, source, released, changed)


def _added(cells: tuple[ReleaseCell, ...]) -> Iterator[Placed]:
    for cell in cells:
        yield Placed(cell.id, cell.cell_type, cell.source, cell, changed=False, added=True)


def _is_spare(cell: PlainCell, copy_of: ReleaseCell | None) -> bool:
    """Whether a cell is a copy that says nothing new: it is removed. Any other copy becomes the student's own cell."""
    return copy_of is not None and same_text(cell.source, copy_of.source)


def _missing_behind(matches: Matches, release: Release) -> dict[str, tuple[ReleaseCell, ...]]:
    """The cells to put back, by the id of the present cell behind which they go ("" is the top)."""
    anchor = ""
    behind: dict[str, tuple[ReleaseCell, ...]] = {}
    for cell in release.cells:
        if cell.id in matches.kept:
            anchor = cell.id
        elif cell.required:
            behind[anchor] = (*behind.get(anchor, ()), cell)
    return behind


def _json(cell: Placed) -> dict[str, Any]:
    metadata = cell.released.metadata if cell.released else {}
    plain: dict[str, Any] = {"cell_type": cell.cell_type, "id": cell.id, "metadata": metadata, "source": cell.source}
    if cell.cell_type == "code":
        plain |= {"execution_count": None, "outputs": []}
    return plain


def _problems(
    matches: Matches,
    missing: Mapping[str, tuple[ReleaseCell, ...]],
    known: Mapping[str, ReleaseCell],
    placed: tuple[Placed, ...],
) -> Iterator[str]:
    """What was repaired, one sentence for each kind of damage."""
    added = [cell.id for cells in missing.values() for cell in cells]
    if not matches.kept:
        yield "no cell of the assignment was recognised; all of them were put back as released"
    elif added:
        yield f"missing, put back as released: {_list(added)}"
    locked = [cell.id for cell in placed if cell.changed and cell.released and cell.released.locked]
    if locked:
        yield f"locked but changed, the released text counts: {_list(locked)}"
    copied = {cell.id for cell in matches.copies.values()}
    if copied:
        yield f"there more than once, copies were removed or are read as cells of the student's own: {_list(copied)}"
    retyped = [n for n, cell in matches.kept.items() if known[n].required and cell.cell_type != known[n].cell_type]
    if retyped:
        yield f"of another cell type than released, which was set back: {_list(retyped)}"
    if matches.recognised:
        yield f"without their ids, recognised by their text: {_list(matches.recognised)}"
    forged = [n for n, cell in matches.kept.items() if _flags_differ(cell, known[n]) and n not in matches.recognised]
    if forged:
        yield f"with other nbgrader metadata than released, which was set back: {_list(forged)}"
    for before, after in pairwise(placed):
        essay = before.released is not None and before.released.role == "essay" and not before.changed
        if essay and after.released is None and after.cell_type == "markdown" and after.source.strip():
            yield f"{before.id} is unchanged, but the text below it is the student's own: read it, it may be the answer"


def _flags_differ(cell: PlainCell, released: ReleaseCell) -> bool:
    ours: Mapping[str, Any] = released.metadata.get("nbgrader", {})
    return any(cell.flags.get(flag) != ours.get(flag) for flag in _FLAGS)


def _list(names: Iterable[str]) -> str:
    shown = list(names) if isinstance(names, list) else sorted(names)
    return ", ".join(shown[:10]) + (f" and {len(shown) - 10} more" if len(shown) > 10 else "")
