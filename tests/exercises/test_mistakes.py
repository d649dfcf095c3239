"""The bank is the grader's own mutation suite: every known mistake is caught and earns its own hint."""

from __future__ import annotations

import pytest

from autograder.authoring.mistakes import problems_of, seen_in, written
from autograder.judging import judge
from tests.exercises.catalogue import EXERCISES, MISTAKES, expect, expect_case, in_each_assignment
from tests.this_course import CATALOGUE

SEED = 0  # one that other tests use too


@in_each_assignment("exercise, mistake", MISTAKES)
def test_a_known_mistake_is_caught_and_earns_its_own_hint(exercise, mistake):
    caught_with_its_own_hint(exercise, mistake, SEED)


@pytest.mark.slow
@in_each_assignment("exercise, mistake", MISTAKES)
def test_a_known_mistake_is_caught_and_earns_its_own_hint_whatever_was_drawn(exercise, mistake):
    for seed in (1, 2, 3):
        caught_with_its_own_hint(exercise, mistake, seed)


def caught_with_its_own_hint(exercise, mistake, seed):
    expected = expect(exercise, seed)

    verdict = judge(exercise, expected, mistake.answer(expected), source_of(exercise, mistake))

    assert verdict.fraction < 1
    assert verdict.hint is not None, verdict.message
    assert verdict.hint.name == mistake.name


def source_of(exercise, mistake):
    """How the mistake is written down here, where its source may choose between hints."""
    return written(mistake, exercise) if mistake.source else ""


@in_each_assignment("exercise", EXERCISES)
def test_every_mistake_is_seen_in_a_case_and_differs_from_the_others(exercise):
    problems = problems_of(exercise, expected=expect(exercise, SEED))

    assert problems == []


@in_each_assignment("exercise, mistake", MISTAKES)
def test_the_first_case_that_exposes_a_mistake_costs_points_alone(exercise, mistake):
    found = seen_in(exercise, mistake, expect(exercise, SEED))

    expected = expect_case(exercise, found, SEED)
    assert judge(exercise, expected, mistake.answer(expected)).fraction < 1


@in_each_assignment("exercise", EXERCISES)
def test_hints_are_questions_and_names_are_unique(exercise):
    names = [mistake.name for mistake in exercise.mistakes]

    hints = [mistake.hint for mistake in exercise.mistakes]

    assert len(set(names)) == len(names)
    assert all("?" in hint for hint in hints), [hint for hint in hints if "?" not in hint]
    assert all(name.replace("-", "").isalnum() and name == name.lower() for name in names)


def test_the_ties_of_maximum_and_minimum_are_there_whatever_the_secret_is():
    for exercise in CATALOGUE["ps2-vector-jacobian-products"]:
        if exercise.name in ("maximum_backward", "minimum_backward"):
            for seed in range(20):
                (case, *_) = exercise.expect("ties", seed=seed).cases
                a, b = (case.instance.args[place] for place in (2, 3))

                assert (a == b).any(), (exercise.name, seed)
