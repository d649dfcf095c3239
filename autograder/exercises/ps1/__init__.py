"""ps1, the private half: hidden cases, references and misconceptions, one file per topic, in the notebook's order."""

from __future__ import annotations

from autograder.exercises.declare import Exercise
from autograder.exercises.ps1 import arithmetic, backward, composition, curves, orders, paths, predictions

EXERCISES: tuple[Exercise, ...] = (
    *composition.EXERCISES,
    *arithmetic.EXERCISES,
    *curves.EXERCISES,
    *paths.EXERCISES,
    *orders.EXERCISES,
    *backward.EXERCISES,
    *predictions.EXERCISES,
)
