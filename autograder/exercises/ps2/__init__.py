"""ps2, the private half: hidden cases, references and misconceptions, one file per topic, in the notebook's order."""

from __future__ import annotations

from autograder.exercises.declare import Exercise
from autograder.exercises.ps2 import (
    arithmetic,
    broadcasting,
    choices,
    elementwise,
    indexing,
    jacobians,
    powers,
    products,
    reductions,
    shaping,
)

EXERCISES: tuple[Exercise, ...] = (
    *jacobians.EXERCISES,
    *broadcasting.EXERCISES,
    *arithmetic.EXERCISES,
    *elementwise.EXERCISES,
    *powers.EXERCISES,
    *choices.EXERCISES,
    *reductions.EXERCISES,
    *shaping.EXERCISES,
    *indexing.EXERCISES,
    *products.EXERCISES,
)
