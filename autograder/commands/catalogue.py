"""Assignments and exercises by the names that somebody types."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from autograder.course.declare import Exercise
from autograder.errors import UsageError
from autograder.grading.asked import asked
from autograder.grading.course import Course


def assignments_named(course: Course, words: Sequence[str]) -> tuple[str, ...]:
    """The declared assignments asked for, all of them if none was. A name's beginning, up to a ``-``, is enough."""
    return asked(course.content, words)


def exercise_named(course: Course, name: str, words: Sequence[str]) -> list[tuple[str, Exercise]]:
    """(assignment, exercise) for each exercise called ``name``: an assignment may ask for an earlier one's again."""
    known = [(assignment, one) for assignment in assignments_named(course, words) for one in course.content[assignment]]
    found = [(assignment, one) for assignment, one in known if one.name == name]
    if not found:
        near = difflib.get_close_matches(name, dict.fromkeys(one.name for _, one in known), 3, 0.5)
        raise UsageError(
            f"There is no exercise {name!r}" + (f" in {', '.join(words)}" if words else ""),
            expected=f"one like {', '.join(near)}" if near else "the id of a solution cell, such as matmul_backward",
            next_step="Check the name",
        )
    return found
