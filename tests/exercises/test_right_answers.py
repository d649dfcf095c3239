"""Three right answers for each exercise, and what nearly right ones earn; `tests/course/test_proof` tries them."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.course.declare import UNCHANGED, answer_with
from autograder.judging import Status, judge
from autograder.kit.declare import Predict
from tests.exercises.catalogue import EXERCISES, RULES, expect, in_each_assignment

SEED = 0  # one that other tests use too


@in_each_assignment("exercise", EXERCISES)
def test_every_exercise_has_three_differently_written_right_answers(exercise):
    written = exercise.right_answers

    assert isinstance(exercise.public, Predict) or len(written) >= 3


@in_each_assignment("exercise", RULES)
def test_a_rule_scaled_by_a_thousandth_fails(exercise):
    expected = expect(exercise, SEED)
    scaled = [
        answer_with(lambda *args, c=case, **kwargs: tuple(1.001 * a for a in c.arrays), case) for case in expected.cases
    ]

    verdict = judge(exercise, expected, scaled)

    assert verdict.status is Status.FAILED
    assert verdict.fraction == 0


@in_each_assignment("exercise", RULES)
def test_a_right_answer_that_overwrites_its_upstream_gradient_loses_only_that_share(exercise):
    expected = expect(exercise, SEED)

    def overwriting(grad_output, *args, c, **kwargs):
        np.multiply(grad_output, 2.0, out=grad_output)
        return c.arrays

    verdict = judge(
        exercise,
        expected,
        [answer_with(lambda *args, c=case, **kw: overwriting(*args, c=c, **kw), case) for case in expected.cases],
    )

    assert [check.name for check in verdict.checks if not check.passed] == [UNCHANGED]
    assert verdict.fraction == pytest.approx(1 - exercise.checks[UNCHANGED])
    assert exercise.checks[UNCHANGED] <= 0.2
