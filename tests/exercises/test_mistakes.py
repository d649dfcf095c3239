"""Known mistakes: where they are seen, and what they are called. That each is caught and told: tests/course/."""

from __future__ import annotations

from autograder.authoring.mistakes import seen_in
from autograder.judging import judge
from tests.exercises.catalogue import MISTAKES, expect, expect_case, in_each_assignment
from tests.this_course import CATALOGUE

SEED = 0  # one that other tests use too


@in_each_assignment("exercise, mistake", MISTAKES)
def test_the_first_case_that_exposes_a_mistake_costs_points_alone(exercise, mistake):
    found = seen_in(exercise, mistake, expect(exercise, SEED))

    expected = expect_case(exercise, found, SEED)
    assert judge(exercise, expected, mistake.answer(expected)).fraction < 1


@in_each_assignment("exercise, mistake", MISTAKES)
def test_names_are_small_letters_with_hyphens(exercise, mistake):
    assert mistake.name.replace("-", "").isalnum()
    assert mistake.name == mistake.name.lower()


def test_the_ties_of_maximum_and_minimum_are_there_whatever_the_secret_is():
    for exercise in CATALOGUE["ps2-vector-jacobian-products"]:
        if exercise.name in ("maximum_backward", "minimum_backward"):
            for seed in range(20):
                (case, *_) = exercise.expect("ties", seed=seed).cases
                a, b = (case.instance.args[place] for place in (2, 3))

                assert (a == b).any(), (exercise.name, seed)
