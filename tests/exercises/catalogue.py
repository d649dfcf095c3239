"""The catalogue as parameters for tests: every exercise, every case, every misconception, with readable ids."""

from __future__ import annotations

import pytest

from autograder.exercises import CATALOGUE, Exercise, Expected
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


_expected: dict[tuple[int, int], Expected] = {}


def expect(exercise: Exercise, seed: int) -> Expected:
    """``exercise.expect(seed=seed)``, built once per process: with it comes what every misconception answers."""
    key = (id(exercise), seed)
    if key not in _expected:
        _expected[key] = exercise.expect(seed=seed)
    return _expected[key]
