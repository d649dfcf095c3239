"""ps5, the private half of the four rules that a training step needs: those of ps2 and ps3 again, on batches."""

from __future__ import annotations

from dataclasses import replace

from autograder.exercises import ps2, ps3
from autograder.exercises.declare import Exercise
from autograder.kit.declare import Rule
from autograder.kit.public.ps5 import rules as kit

EARLIER = {exercise.name: exercise for exercise in (*ps2.EXERCISES, *ps3.EXERCISES)}

NO_BATCH = frozenset({"one example", "one example, square", "sequences"})
"""Cases of ps2's linear layers in which X is not a matrix."""


def again(public: Rule, without: frozenset[str] = frozenset()) -> Exercise:
    """The earlier exercise under its new public half, without some cases and the mistakes that only they expose."""
    exercise = EARLIER[public.name]
    return replace(
        exercise,
        public=public,
        cases=tuple(case for case in exercise.cases if case.name not in without),
        misconceptions=tuple(mistake for mistake in exercise.misconceptions if mistake.seen_in not in without),
    )


EXERCISES: tuple[Exercise, ...] = (
    again(kit.LINEAR, NO_BATCH),
    again(kit.AFFINE, NO_BATCH),
    again(kit.RELU),
    again(kit.MSE),
)
