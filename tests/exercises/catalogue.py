"""The catalogue as rows for tests: every exercise, every known mistake, with readable names.

@in_each_assignment("exercise, mistake", MISTAKES)
def test_a_known_mistake_is_caught(exercise, mistake): ...

is one test for each assignment that tries all its rows. One worker runs the tests of an assignment: what they share,
above all what every known mistake answers, is computed once.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from autograder.course.declare import Exercise, Expected
from autograder.kit.declare import Rule
from tests.rows import for_each
from tests.this_course import CATALOGUE

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
    for mistake in exercise.mistakes
]


def in_each_assignment(names: str, rows: Sequence[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Try the test with every row, in one test for each assignment; ``rows`` are such as EXERCISES."""
    shorts = [name.split("-")[0] for name in CATALOGUE]
    found = {short: [row for row in rows if row.id.startswith(f"{short}-")] for short in shorts}
    assert sum(map(len, found.values())) == len(rows)

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        loops = {short: for_each(names, part)(test) for short, part in found.items() if part}

        @functools.wraps(test)
        def tries_all(assignment: str, **fixtures: Any) -> None:
            loops[assignment](**fixtures)

        others = list(inspect.signature(next(iter(loops.values()))).parameters.values())
        mine = inspect.Parameter("assignment", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        tries_all.__signature__ = inspect.Signature([mine, *others])  # type: ignore[attr-defined]
        return pytest.mark.parametrize("assignment", [pytest.param(one, marks=shared(one)) for one in loops])(tries_all)

    return decorate


def shared(short: str) -> pytest.MarkDecorator:
    """Marks a test as one that uses what is computed for an assignment."""
    return pytest.mark.xdist_group(f"exercises {short}")


_expected: dict[tuple[int, int, str], Expected] = {}


def expect(exercise: Exercise, seed: int) -> Expected:
    """``exercise.expect(seed=seed)``, built once per process: with it comes what every known mistake answers."""
    key = (id(exercise), seed, "")
    if key not in _expected:
        _expected[key] = exercise.expect(seed=seed)
    return _expected[key]


def expect_case(exercise: Exercise, name: str, seed: int) -> Expected:
    """One case alone of what `expect` gives."""
    key = (id(exercise), seed, name)
    if key not in _expected:
        alone = tuple(case for case in expect(exercise, seed).cases if case.name == name)
        _expected[key] = Expected(exercise, alone)
    return _expected[key]
