"""A prediction that is a dict: each entry is judged on its own, and nonsense in it is a wrong answer, no error."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.boundary.job import Returned
from autograder.course.declare import Exercise, Mistake
from autograder.judging import Status, judge
from autograder.kit.check_answers import check_answers
from autograder.kit.declare import Answer, Predict

WORDS = ("none", "zero", "right")
PUBLIC = Predict("guess", "which?", {"grads": Answer(dict, WORDS, keys=("encoder", "decoder")), "count": Answer(int)})
RIGHT = {"encoder": "none", "decoder": "right"}
EXERCISE = Exercise(
    public=PUBLIC,
    answers={"grads": RIGHT, "count": 2},
    mistakes=(
        Mistake(
            "detach-is-zero",
            wrong={"grads": {**RIGHT, "encoder": "zero"}},
            hint="Is a gradient that was never computed a number?",
        ),
    ),
)


def judged(grads):
    return judge(EXERCISE, EXERCISE.expect(seed=0), [Returned("grads", value=grads), Returned("count", value=2)])


@pytest.mark.parametrize(
    "grads, fraction",
    [
        (RIGHT, 1.0),
        ({"decoder": "right", "encoder": "none"}, 1.0),
        ({**RIGHT, "encoder": "zero"}, 0.75),
        ({"encoder": "none"}, 0.75),
        ({"encoder": "right", "decoder": "none"}, 0.5),
        ({**RIGHT, "encoder": np.zeros(3)}, 0.75),
        ({**RIGHT, "encoder": ["none"]}, 0.75),
        ("right", 0.5),
        ([("encoder", "none")], 0.5),
        (None, 0.5),
    ],
)
def test_each_entry_earns_its_share(grads, fraction):
    verdict = judged(grads)

    assert verdict.fraction == pytest.approx(fraction)


def test_the_wrong_entry_is_named():
    verdict = judged({**RIGHT, "encoder": "right"})

    assert verdict.message == "grads['encoder']: not right"
    assert verdict.status is Status.PARTIAL


def test_a_known_mistake_in_one_entry_earns_its_hint():
    verdict = judged({**RIGHT, "encoder": "zero"})

    assert verdict.hint is not None
    assert verdict.hint.name == "detach-is-zero"


def test_a_known_mistake_beside_another_one_earns_no_hint():
    verdict = judge(
        EXERCISE,
        EXERCISE.expect(seed=0),
        [Returned("grads", value={**RIGHT, "encoder": "zero"}), Returned("count", value=3)],
    )

    assert verdict.hint is None


@pytest.mark.parametrize(
    "grads, words",
    [
        ({"encoder": "none"}, "got the keys"),
        ({**RIGHT, "loss": "none"}, "got the keys"),
        ({**RIGHT, "encoder": "gone"}, "expected one of"),
        ({**RIGHT, "encoder": ...}, "not answered yet"),
        ("none", "expected dict"),
    ],
)
def test_the_notebooks_check_says_what_is_wrong_with_the_form(grads, words):
    report = check_answers(PUBLIC, {"grads": grads, "count": 2})

    assert not report.passed
    assert words in report.rows[0].note


def test_the_notebooks_check_does_not_tell_right_from_wrong():
    report = check_answers(PUBLIC, {"grads": {"encoder": "right", "decoder": "zero"}, "count": 7})

    assert report.passed
