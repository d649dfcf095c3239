"""The catalogue as parameters for tests: every exercise, every case, every misconception, with readable ids."""

from __future__ import annotations

import pytest

from autograder.exercises import CATALOGUE
from autograder.kit.declare import Rule

EXERCISES = [
    pytest.param(exercise, id=f"{assignment.split('-')[0]}-{exercise.name}")
    for assignment, exercises in CATALOGUE.items()
    for exercise in exercises
]

RULES = [param for param in EXERCISES if isinstance(param.values[0].public, Rule)]

MISTAKES = [
    pytest.param(exercise, mistake, id=f"{assignment.split('-')[0]}-{exercise.name}-{mistake.name}")
    for assignment, exercises in CATALOGUE.items()
    for exercise in exercises
    for mistake in exercise.misconceptions
]
