"""Which submitted cell is which released cell: by nbgrader's grade id, by cell id, and by text where both were lost."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograder.grading.notebook_json import PlainCell
from autograder.grading.release import Release, ReleaseCell
from autograder.grading.released_cells import essence

_DEFINED = re.compile(r"^[ \t]*+(?:async[ \t]++)?(?:def|class)[ \t]++(\w+)", re.MULTILINE)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Matches:
    """``kept`` is the submitted cell that stands for each released cell, ``copies`` are further ones, by number."""

    kept: Mapping[str, PlainCell]
    copies: Mapping[int, ReleaseCell]
    recognised: frozenset[str]
    """The released cells that were found by text only."""


def match(cells: Sequence[PlainCell], release: Release) -> Matches:
    """Match the cells of a submission with those of the release.

    Of several claims to one released cell, the first that differs from the released text is kept (an answer may have
    been written into a copy), else the first.
    """
    known = {cell.id: cell for cell in release.cells}
    claims: dict[str, list[PlainCell]] = {}
    strangers: list[PlainCell] = []
    for cell in cells:
        name = cell.grade_id if cell.grade_id in known else cell.id
        if name in known:
            claims.setdefault(name, []).append(cell)
        else:
            strangers.append(cell)
    by_text = _by_text(strangers, [cell for cell in release.cells if cell.id not in claims], release)
    kept = {name: _best(claimants, release) for name, claimants in claims.items()}
    copies = {
        cell.number: known[name] for name, claimants in claims.items() for cell in claimants if cell is not kept[name]
    }
    essays = _essays_in_place(cells, kept | by_text, release)
    return Matches(kept | by_text | essays, copies, frozenset((*by_text, *essays)))


def is_ours(source: str, release: Release) -> bool:
    """Whether a cell says what this release or one before it said, and nothing else."""
    return not source.strip() or release.ever.cell_of(source) is not None


def same_text(one: str, other: str) -> bool:
    """Whether two sources differ in nothing but white space at the ends of lines and of the cell."""
    return one == other or essence(one) == essence(other)


def defined_names(source: str) -> frozenset[str]:
    """The names after ``def`` and ``class`` at the beginning of a line: a plain text search."""
    return frozenset(_DEFINED.findall(source))


def words(source: str) -> frozenset[str]:
    """The words of a source: a plain text search."""
    return frozenset(_WORD.findall(source))


def _best(claimants: Sequence[PlainCell], release: Release) -> PlainCell:
    if len(claimants) == 1:
        return claimants[0]
    changed = (cell for cell in claimants if not is_ours(cell.source, release))
    return next(changed, claimants[0])


def _by_text(strangers: Sequence[PlainCell], missing: Sequence[ReleaseCell], release: Release) -> dict[str, PlainCell]:
    """Cells that lost both ids: those with a released text, then the first that defines a missing exercise."""
    if not missing:
        return {}
    found: dict[str, PlainCell] = {}
    lost = {cell.id: cell for cell in missing}
    texts = {(cell.cell_type, essence(cell.source)): cell.id for cell in missing if cell.source.strip()}
    exercises = {cell.id for cell in missing if cell.role == "solution"}
    rest = []
    for cell in strangers:
        name = texts.get((cell.cell_type, essence(cell.source)))
        if name is None:
            name = release.ever.cell_of(cell.source)
            name = name if name in lost and lost[name].cell_type == cell.cell_type else None
        if name is not None and name not in found:
            found[name] = cell
        else:
            rest.append(cell)
    for cell in rest:
        if cell.cell_type != "code":
            continue
        names = sorted((defined_names(cell.source) & exercises) - found.keys())
        if names:
            found[names[0]] = cell
    return found


def _essays_in_place(
    cells: Sequence[PlainCell], kept: Mapping[str, PlainCell], release: Release
) -> dict[str, PlainCell]:
    """Essays whose cell lost its ids and was written in: the unknown Markdown just behind what stood above it."""
    numbers = {cell.number: place for place, cell in enumerate(cells)}
    known = {cell.id for cell in release.cells}
    taken = {cell.number for cell in kept.values()}
    taken |= {cell.number for cell in cells if known & {cell.id, cell.grade_id}}
    found: dict[str, PlainCell] = {}
    for above, essay in pairwise(release.cells):
        if essay.role != "essay" or essay.id in kept or above.id not in kept:
            continue
        place = numbers[kept[above.id].number] + 1
        if place < len(cells) and cells[place].number not in taken and cells[place].cell_type == "markdown":
            found[essay.id] = cells[place]
    return found
