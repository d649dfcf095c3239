"""Assignments and exercises by the names that somebody types."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from autograder.errors import UsageError
from autograder.exercises import CATALOGUE, Exercise
from autograder.grading.asked import asked


def assignments_named(words: Sequence[str]) -> tuple[str, ...]:
    """The declared assignments asked for, all of them if none was. ``ps2`` is short for the one that begins so."""
    return asked(CATALOGUE, words)


def exercise_named(name: str, words: Sequence[str]) -> list[tuple[str, Exercise]]:
    """(assignment, exercise) for each exercise called ``name``: ps5 asks for some rules of ps2 again."""
    known = [(assignment, one) for assignment in assignments_named(words) for one in CATALOGUE[assignment]]
    found = [(assignment, one) for assignment, one in known if one.name == name]
    if not found:
        near = difflib.get_close_matches(name, dict.fromkeys(one.name for _, one in known), 3, 0.5)
        raise UsageError(
            f"There is no exercise {name!r}" + (f" in {', '.join(words)}" if words else ""),
            expected=f"one like {', '.join(near)}" if near else "the id of a solution cell, such as matmul_backward",
            next_step="Check the name",
        )
    return found
