"""Known mistakes: their names, and what they depend on; `tests/course/test_proof` says that each is caught."""

from __future__ import annotations

import pytest

from autograder.authoring.mistakes import seen_in
from autograder.judging import judge
from tests.exercises.catalogue import EXERCISES, MISTAKES, expect, expect_case, in_each_assignment
from tests.this_course import exercises_of

SEED = 0  # one that other tests use too


@pytest.mark.slow
@in_each_assignment("exercise, mistake", MISTAKES)
def test_the_case_in_which_a_mistake_is_seen_costs_points_alone(exercise, mistake):
    found = seen_in(exercise, mistake, expect(exercise, SEED))

    expected = expect_case(exercise, found, SEED)
    assert judge(exercise, expected, mistake.answer(expected)).fraction < 1


@in_each_assignment("exercise", EXERCISES)
def test_names_are_words_with_hyphens(exercise):
    names = [mistake.name for mistake in exercise.mistakes]

    assert all(name.replace("-", "").isalnum() and name == name.lower() for name in names)


def test_the_ties_of_maximum_and_minimum_are_there_whatever_the_secret_is():
    for name in ("maximum_backward", "minimum_backward"):
        for seed in range(20):
            (case, *_) = exercises_of("ps2")[name].expect("ties", seed=seed).cases
            a, b = (case.instance.args[place] for place in (2, 3))

            assert (a == b).any(), (name, seed)
