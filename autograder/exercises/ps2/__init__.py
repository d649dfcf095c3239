"""ps2, the private half: hidden cases, references and misconceptions, one file per topic, in the notebook's order."""

from __future__ import annotations

from autograder.exercises.declare import Exercise
from autograder.exercises.ps2 import (
    arithmetic,
    broadcasting,
    chains,
    choices,
    elementwise,
    indexing,
    jacobians,
    layers,
    powers,
    products,
    reductions,
    shaping,
    statistics,
)

EXERCISES: tuple[Exercise, ...] = (
    *jacobians.EXERCISES,
    *chains.EXERCISES,
    *broadcasting.EXERCISES,
    *arithmetic.EXERCISES,
    *elementwise.EXERCISES,
    *powers.EXERCISES,
    *choices.EXERCISES,
    *reductions.EXERCISES,
    *statistics.EXERCISES,
    *shaping.EXERCISES,
    *indexing.EXERCISES,
    *layers.EXERCISES,
    *products.EXERCISES,
)
