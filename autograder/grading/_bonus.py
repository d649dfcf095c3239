"""Bonuses into nbgrader's extra credit, which the grader shares with humans: what of it is ours is remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograder.grading._rows import RegisteredAssignment, RegisteredCell, Rows
from autograder.grading.annotate import score
from autograder.grading.marks import Mark
from autograder.grading.pipeline import Graded
from autograder.grading.release import CHECK

Earn = Callable[[RegisteredCell], "float | None"]
"""The extra credit for a grade cell, 0 for none; None takes back what the grader gave, until there is a verdict."""


def earned_bonus(cell: RegisteredCell, graded: Graded) -> float | None:
    """The extra credit that ``cell`` earned, None where a human must decide."""
    exercise = cell.name.removesuffix(CHECK)
    return score(graded.verdicts.get(exercise), graded.submission.bonuses.get(exercise, 0.0))


def give_bonuses(
    rows: Rows,
    place: str,
    known: RegisteredAssignment,
    cells: Sequence[RegisteredCell],
    before: tuple[Mark, ...],
    earn: Earn,
) -> tuple[Mark, ...]:
    """The marks after every automatic grade cell got the bonus it earned; what differs is written."""
    graded = {cell.name: cell for cell in cells if known.automatic(cell)}
    after = tuple(mark.with_bonus(earn(graded[mark.cell])) if mark.cell in graded else mark for mark in before)
    changed = (new for old, new in zip(before, after, strict=True) if old != new)
    rows.set_bonuses(place, [(graded[mark.cell], mark) for mark in changed])
    return after
