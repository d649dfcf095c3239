"""The catalogue as parameters for tests: every exercise, every case, every misconception, with readable ids."""

from __future__ import annotations

import importlib
from collections.abc import Callable

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


def variants(exercise: Exercise) -> tuple[Callable, ...]:
    """The differently written right answers to an exercise."""
    assignment = next(name for name, exercises in CATALOGUE.items() if exercise in exercises)
    written = importlib.import_module(f"tests.exercises.variants.{assignment.split('-')[0]}")
    return written.VARIANTS.get(exercise.name, ())


_expected: dict[tuple[int, int], Expected] = {}


def expect(exercise: Exercise, seed: int) -> Expected:
    """``exercise.expect(seed=seed)``, built once per process: with it comes what every misconception answers."""
    key = (id(exercise), seed)
    if key not in _expected:
        _expected[key] = exercise.expect(seed=seed)
    return _expected[key]
