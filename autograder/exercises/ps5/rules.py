"""ps5, the private half of the four rules that a training step needs: those of ps2 and ps3 again, on batches."""

from __future__ import annotations

from dataclasses import replace

from autograder.exercises.declare import Exercise
from autograder.exercises.ps2 import products
from autograder.exercises.ps3 import rectifiers, regression
from autograder.kit.declare import Rule
from autograder.kit.public.ps5 import rules as kit

NO_BATCH = frozenset({"one example", "one example, square", "sequences"})
"""Cases of ps2's linear layers in which X is not a matrix."""


def again(exercise: Exercise, public: Rule, without: frozenset[str] = frozenset()) -> Exercise:
    """``exercise`` under its new public half, without some cases and the mistakes that only they expose."""
    return replace(
        exercise,
        public=public,
        cases=tuple(case for case in exercise.cases if case.name not in without),
        misconceptions=tuple(mistake for mistake in exercise.misconceptions if mistake.seen_in not in without),
    )


EXERCISES: tuple[Exercise, ...] = (
    again(products.LINEAR, kit.LINEAR, NO_BATCH),
    again(products.AFFINE, kit.AFFINE, NO_BATCH),
    again(rectifiers.RELU, kit.RELU),
    again(regression.MSE, kit.MSE),
)
