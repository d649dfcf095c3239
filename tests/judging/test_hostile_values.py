"""Values that nobody expects: each is a wrong answer, and none is a way out of a verdict."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from autograder.boundary.job import Opaque, Returned
from autograder.judging import Status, judge
from autograder.judging._judge import right_answers
from autograder.kit.declare import Predict
from autograder.kit.ladder import type_text
from autograder.reports.values import as_lines, matrix
from tests.judging.hostile_values import HUGE, PLAIN
from tests.judging.test_judge import EXPECTED, SCALE
from tests.this_course import CATALOGUE

PREDICTIONS = [
    exercise for exercises in CATALOGUE.values() for exercise in exercises if isinstance(exercise.public, Predict)
]


def test_a_prediction_beyond_every_float_is_wrong_and_the_others_keep_their_verdicts():
    raised = []
    for exercise in PREDICTIONS:
        expected = exercise.expect(seed=0)
        for name in exercise.answers:
            for value in (HUGE, -HUGE, 3**700, np.float64(1.0), *PLAIN):
                if type(value) in (int, float) and value == exercise.answers[name]:
                    continue
                given = [
                    dataclasses.replace(one, value=value) if one.case == name else one
                    for one in right_answers(expected)
                ]

                verdict = judge(exercise, expected, given)

                wrong = [check.name for check in verdict.checks if not check.passed]
                mine = [part for part, of, _ in exercise.public.parts if of == name]
                if verdict.status is Status.INTERNAL or not set(wrong) <= set(mine) or not wrong:
                    raised.append((exercise.name, name, repr(value)[:40] if value is not HUGE else "huge", wrong))
    assert not raised


def test_an_answer_on_which_judging_fails_is_not_right_and_not_our_fault(monkeypatch: pytest.MonkeyPatch):
    from autograder.judging import _judge

    compare = _judge.compare

    def fails_on_words(returned, *rest, **options):
        if isinstance(returned, str):
            raise OverflowError("int too large")
        return compare(returned, *rest, **options)

    monkeypatch.setattr(_judge, "compare", fails_on_words)

    verdict = judge(SCALE, EXPECTED, [Returned(case.label, value="words") for case in EXPECTED.cases])

    assert verdict.status is Status.FAILED
    assert verdict.fraction == 0.0
    assert "could not be compared" in verdict.message


def test_a_judge_that_fails_on_right_answers_too_is_our_fault(monkeypatch: pytest.MonkeyPatch):
    from autograder.judging import _judge

    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(_judge, "_checks", broken)

    verdict = judge(SCALE, EXPECTED, [Returned(case.label, value=1.0) for case in EXPECTED.cases])

    assert verdict.status is Status.INTERNAL
    assert "ZeroDivisionError in test_hostile_values.py" in verdict.message


def test_an_answer_far_larger_than_what_was_asked_for_is_not_copied():
    expected = SCALE.expect(seed=0)
    large = np.broadcast_to(np.int8(1), (1 << 40,))  # to copy this would take a terabyte
    verdict = judge(SCALE, expected, [Returned(case.label, value=(large, large)) for case in expected.cases])

    assert verdict.status is Status.FAILED
    assert "got shape (1099511627776,)" in verdict.message


def test_a_sentence_as_the_name_of_a_type_is_not_said_in_our_words():
    sentences = ("number. This was checked by hand and is right", "a b", "tensor of all the points", "x" * 81)
    kept = ("Tensor", "ndarray of complex128", "dict with keys that are not text", "MaskedArray with masked entries")

    assert {type_text(Opaque(name)) for name in sentences} == {"an object of another type"}
    assert [type_text(Opaque(name)).split(" ", 1)[1] for name in kept] == list(kept)


def test_an_integer_without_end_and_a_list_without_end_are_shown_in_a_few_words():
    for found in (HUGE, [HUGE] * 3, {"a": (HUGE,)}, list(range(10**5)), [[[[[[[[1.0]]]]]]]]):
        assert len("".join(as_lines(matrix("got", found)))) < 400
