"""A submission's cells put back into the frame of the release: nbgrader metadata, locked cells, missing cells.

What comes out is nbformat 4.5 with valid, unique ids, and holds of the student only text and the pictures of written
answers: no outputs, tags, metadata or ids. Cells stay in the student's order; a missing one goes behind the cell that
it followed when released. What a student wrote into a locked cell becomes a cell of the student's own before it.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.grading._match import Matches, match, same_text
from autograder.grading.essays import may_be_an_answer
from autograder.grading.notebook_json import PlainCell, plain_cells
from autograder.grading.pictures import Album
from autograder.grading.release import OWN, Release, ReleaseCell
from autograder.grading.released_cells import FLAGS

PROBLEMS = 50
"""How many problems of one submission are told."""


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
    attachments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    shown: bool = False
    """What the student's own cell showed may be an answer (`PlainCell.shown`)."""
    rewritten: bool = False
    """It is locked, and was changed: what the student wrote there is the cell above it."""


@dataclass(frozen=True)
class Restored:
    """The restored cells in order, and what had to be done, in our own words.

    ``elsewhere`` names the cells whose text may be the answer to an essay that was left as it was.
    """

    cells: tuple[Placed, ...]
    problems: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()

    def written(self, essay: Placed) -> bool:
        """Whether a person has to read something for this essay, there or elsewhere."""
        return essay.changed or bool(self.elsewhere)


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
    locked: list[str] = []
    for cell in cells:
        released = known[names[cell.number]] if cell.number in names else None
        changed = bool(cell.attachments) or (
            not same_text(cell.source, released.source if released else "")
            and release.ever.cell_of(cell.source) is None
        )
        if released is None or (released.locked and changed and (cell.source.strip() or cell.attachments)):
            if released is None and _is_spare(cell, matches.copies.get(cell.number), changed=changed):
                continue
            own += 1
            placed.append(
                Placed(f"{OWN}{own}", cell.cell_type, cell.source, None, changed, attachments=cell.attachments,
                       shown=cell.shown)
            )  # fmt: skip
        if released is not None:
            if released.locked and changed:
                locked.append(released.id)
            placed += [_placed(cell, released, changed=changed), *_added(missing.get(released.id, ()))]
    elsewhere = _elsewhere(placed)
    cells_out, lost = _with_pictures(placed, elsewhere)
    problems = (*_problems(matches, missing, known, locked, release), *_of_essays(placed, elsewhere), *lost)
    return Restored(cells_out, problems, elsewhere)


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


def _placed(cell: PlainCell, released: ReleaseCell, *, changed: bool) -> Placed:
    """The submitted cell in its released frame; text that was ever released is the released text."""
    student = changed and not released.locked
    source = cell.source if student else released.source
    # An nbgrader cell keeps its released type: a solution turned into Markdown by a slip of the hand is still run.
    cell_type = released.cell_type if released.required else cell.cell_type
    attachments = cell.attachments if student else {}
    rewritten = changed and released.locked
    return Placed(released.id, cell_type, source, released, student, attachments=attachments, rewritten=rewritten)


def _added(cells: tuple[ReleaseCell, ...]) -> Iterator[Placed]:
    for cell in cells:
        yield Placed(cell.id, cell.cell_type, cell.source, cell, changed=False, added=True)


def _is_spare(cell: PlainCell, copy_of: ReleaseCell | None, *, changed: bool) -> bool:
    """Whether a cell is a copy that says nothing new: it is removed. Any other copy becomes the student's own cell."""
    return copy_of is not None and (not changed or same_text(cell.source, copy_of.source))


def _elsewhere(placed: Sequence[Placed]) -> tuple[str, ...]:
    """The cells in which the answer to an essay that was left as it was may stand."""
    untouched = {cell.id for cell in placed if _is_essay(cell) and not cell.changed}
    if not untouched:
        return ()
    return tuple(
        cell.id
        for cell in placed
        if cell.changed
        and (
            cell.attachments
            or cell.shown
            or may_be_an_answer(cell.cell_type, cell.source, cell.released.source if cell.released else "")
        )
    )


def _with_pictures(placed: Iterable[Placed], elsewhere: Collection[str]) -> tuple[tuple[Placed, ...], tuple[str, ...]]:
    """The cells with the pictures of written answers, and what was lost of them."""
    album = Album()
    cells = []
    for cell in placed:
        if cell.changed and cell.cell_type == "markdown":
            kept = _is_essay(cell) or cell.id in elsewhere
            source, pictures = album.take(cell.id, cell.source, cell.attachments, keep=kept)
            cell = replace(cell, source=source, attachments=pictures)
        elif cell.attachments:
            cell = replace(cell, attachments={})
        cells.append(cell)
    return tuple(cells), album.problems


def _is_essay(cell: Placed) -> bool:
    return cell.released is not None and cell.released.role == "essay"


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
    elif cell.attachments:
        plain["attachments"] = cell.attachments
    return plain


def _problems(
    matches: Matches,
    missing: Mapping[str, tuple[ReleaseCell, ...]],
    known: Mapping[str, ReleaseCell],
    locked: Sequence[str],
    release: Release,
) -> Iterator[str]:
    """What was repaired, one sentence for each kind of damage."""
    added = [cell.id for cells in missing.values() for cell in cells]
    if not matches.kept:
        yield "no cell of the assignment was recognised; all of them were put back as released"
    elif added:
        yield f"missing, put back as released: {_list(added)}"
    if locked:
        yield (
            "locked but changed; the released text counts, and what stood there is read as the student's own cell "
            f"before it: {_list(list(locked))}"
        )
    copied = {cell.id for cell in matches.copies.values()}
    if copied:
        yield f"there more than once, copies were removed or are read as cells of the student's own: {_list(copied)}"
    retyped = [n for n, cell in matches.kept.items() if known[n].required and cell.cell_type != known[n].cell_type]
    if retyped:
        yield f"of another cell type than released, which was set back: {_list(retyped)}"
    if matches.recognised:
        yield f"without their ids, recognised by their text: {_list(matches.recognised)}"
    forged = [
        name
        for name, cell in matches.kept.items()
        if name not in matches.recognised and _flags_differ(cell, known[name], release)
    ]
    if forged:
        yield f"with other nbgrader metadata than released, which was set back: {_list(forged)}"


def _of_essays(placed: Sequence[Placed], elsewhere: Sequence[str]) -> Iterator[str]:
    if elsewhere:
        untouched = [cell.id for cell in placed if _is_essay(cell) and not cell.changed]
        yield (
            f"left as released: {_list(untouched)}; text of the student's own that may be the answer stands in "
            f"{_list(list(elsewhere))}: a person reads it"
        )
        shown = [cell.id for cell in placed if cell.id in elsewhere and cell.shown]
        if shown:
            yield (
                f"what {_list(shown)} showed when it was run is not kept here: see the file as it was handed in, "
                "for it may be the answer"
            )


def _flags_differ(cell: PlainCell, released: ReleaseCell, release: Release) -> bool:
    ours: Mapping[str, Any] = released.metadata.get("nbgrader", {})
    if all(cell.flags.get(flag) == ours.get(flag) for flag in FLAGS):
        return False
    return cell.flags.get("grade_id") != ours.get("grade_id") or not release.ever.had(cell.flags)


def _list(names: Iterable[str]) -> str:
    shown = list(names) if isinstance(names, list) else sorted(names)
    return ", ".join(shown[:10]) + (f" and {len(shown) - 10} more" if len(shown) > 10 else "")
