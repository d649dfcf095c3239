"""Replies of a form that was seen to be right are compared at once, and as strictly as any other."""

from __future__ import annotations

import dataclasses

import pytest

from autograder.boundary.events import Answer, EventReader, write_answers
from autograder.boundary.frames import FROM_THE_BOX, Assembler
from autograder.boundary.job import Job, Reply
from autograder.boundary.wire import Writer
from autograder.exercises import CATALOGUE
from autograder.grading.plan import task
from autograder.judging import Status, judge, known

EXERCISE = next(one for one in CATALOGUE["ps2-vector-jacobian-products"] if one.name == "matmul_backward")


@pytest.fixture
def expected():
    return EXERCISE.expect(seed=1).kept


def arrived(expected, alter=lambda arrays: arrays, **fields):
    """The reply with the right answers, or others, as it comes out of a box."""
    posed = task(expected)
    right = {case.label: case.arrays for case in expected.cases}
    writer = Writer()
    answers = [Answer(value=writer.value(alter(right[call.case])), cpu=0.25, **fields) for call in posed.calls]
    data = b"".join(write_answers(writer, 0, 0, answers, last=True))
    (frame,) = Assembler(FROM_THE_BOX).feed(data)
    event = EventReader(Job((), (posed,))).read(frame)
    return Reply(EXERCISE.name, event.returned, event.last, event.burst)


def unseen(reply):
    """The same reply, whose answers one by one are nowhere to be found."""
    return dataclasses.replace(reply, returned=())


def only_first(value):
    def change(arrays):
        first = arrays[0].copy()
        if first.size:
            first.flat[-1] = value(first.flat[-1])
        return (first, *arrays[1:])

    return change


def test_a_reply_of_a_known_form_is_judged_by_its_numbers(expected):
    first = judge(EXERCISE, expected, arrived(expected))

    second = judge(EXERCISE, expected, unseen(arrived(expected, lambda arrays: tuple(a * (1 + 1e-12) for a in arrays))))

    assert first.status is second.status is Status.PASSED
    assert second.checks == first.checks
    assert second.cpu_seconds == first.cpu_seconds == 0.25 * len(expected.cases)


WRONG = {
    "a little off": lambda number: number + 1e-3,
    "no number": lambda number: float("nan"),
    "infinite": lambda number: float("inf"),
}


@pytest.mark.parametrize("value", WRONG.values(), ids=WRONG)
def test_wrong_numbers_in_a_known_form_do_not_pass(expected, value):
    judge(EXERCISE, expected, arrived(expected))

    verdict = judge(EXERCISE, expected, arrived(expected, only_first(value)))

    assert verdict.status is Status.FAILED
    assert verdict.rung == "value"


def test_a_form_is_not_known_before_a_reply_of_it_has_passed(expected):
    judge(EXERCISE, expected, arrived(expected, only_first(lambda number: number + 1.0)))

    assert expected.known == {}
    assert known.passed(expected, unseen(arrived(expected))) == ()


def test_right_answers_of_another_form_pass_too(expected):
    judge(EXERCISE, expected, arrived(expected))

    verdict = judge(EXERCISE, expected, arrived(expected, list))

    assert verdict.status is Status.PASSED
    assert len(expected.known) == 2


def test_a_reply_that_broke_off_is_not_known(expected):
    whole = arrived(expected)
    judge(EXERCISE, expected, whole)

    assert known.passed(expected, dataclasses.replace(whole, complete=False)) == ()


def test_inputs_that_were_changed_are_another_form(expected):
    judge(EXERCISE, expected, arrived(expected))

    verdict = judge(EXERCISE, expected, arrived(expected, changed=[0]))

    assert verdict.status is Status.PARTIAL
