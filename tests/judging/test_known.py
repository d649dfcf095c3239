"""Replies of a form that was seen to be right are compared at once, and as strictly as any other."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from autograder.boundary.events import Answer, EventReader, write_answers
from autograder.boundary.frames import FROM_THE_BOX, Assembler, MalformedError
from autograder.boundary.job import Burst, Job, Reply
from autograder.boundary.wire import Writer
from autograder.grading.plan import task
from autograder.judging import CheckResult, Status, judge, known
from tests.rows import collected
from tests.this_course import CATALOGUE

EXERCISE = next(one for one in CATALOGUE["ps2-vector-jacobian-products"] if one.name == "matmul_backward")


@pytest.fixture
def expected():
    return EXERCISE.expect(seed=1).kept


def arrived(expected, alter=lambda arrays: arrays, nodes=lambda writer, value: writer.value(value), **fields):
    """The reply with the right answers, or others, as it comes out of a box."""
    posed = task(expected)
    right = {case.label: case.arrays for case in expected.cases}
    writer = Writer()
    answers = [Answer(value=nodes(writer, alter(right[call.case])), cpu=0.25, **fields) for call in posed.calls]
    data = b"".join(write_answers(writer, 0, 0, answers, last=True))
    (frame,) = Assembler(FROM_THE_BOX).feed(data)
    event = EventReader(Job((), (posed,))).read(frame)
    return Reply(expected.exercise.name, event.returned, event.last, event.burst)


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


def test_a_known_form_with_more_or_fewer_numbers_is_not_known(expected):
    whole = arrived(expected)
    want, checks = np.zeros(4), (CheckResult("values", 1.0, True),)
    expected.known[b"form"] = known.Right(want, np.ones(4), None, checks)
    sizes = {
        "none": 0,
        "one, which is near each": 8,
        "one fewer": 24,
        "half a word fewer": 28,
        "one more": 40,
        "two": 64,
    }

    def of_size(size):
        return dataclasses.replace(whole, burst=Burst(b"form", memoryview(bytes(size)), 0.0))

    assert known.passed(expected, of_size(32)) == checks
    with collected() as each:
        for name, size in sizes.items():
            with each(name):
                assert known.passed(expected, of_size(size)) == ()


def test_inputs_that_were_changed_are_another_form(expected):
    judge(EXERCISE, expected, arrived(expected))

    verdict = judge(EXERCISE, expected, arrived(expected, changed=[0]))

    assert verdict.status is Status.PARTIAL


STEP = next(one for one in CATALOGUE["ps6-common-mistakes"] if one.name == "train_step")
LOSSES, KINDS, WEIGHT, MODES = 0, 1, 2, -2


@pytest.fixture(scope="module")
def stepped():
    return STEP.expect(seed=1).kept


def as_stepped(place=KINDS, change=lambda kinds: kinds):
    """Answers of several kinds, as the program gives them: arrays of floats and one of integers, in one tuple."""

    def alter(arrays):
        parts = list(arrays)
        parts[KINDS] = parts[KINDS].astype(np.int64)
        parts[place] = change(parts[place])
        return tuple(parts)

    return alter


def a_little_more(array):
    return array * (1 + 1e-12)


def test_integers_beside_numbers_are_part_of_a_known_form(stepped):
    first = judge(STEP, stepped, arrived(stepped, as_stepped()))

    second = judge(STEP, stepped, unseen(arrived(stepped, as_stepped(WEIGHT, a_little_more))))

    assert first.status is second.status is Status.PASSED


@pytest.mark.parametrize(
    ("place", "change"),
    [
        (KINDS, lambda kinds: kinds + 1),
        (KINDS, lambda kinds: kinds + np.iinfo(np.int64).min),  # as a float it would be the other zero
        (LOSSES, lambda losses: losses + 1e-3),
        (WEIGHT, lambda weight: weight * np.nan),
        (MODES, lambda modes: 1.0 - modes),
    ],
    ids=["integers", "the sign of an integer", "floats", "not a number", "flags"],
)
def test_anything_else_in_a_known_form_is_looked_at(stepped, place, change):
    judge(STEP, stepped, arrived(stepped, as_stepped()))

    assert known.passed(stepped, arrived(stepped, as_stepped(place, change))) == ()
    assert judge(STEP, stepped, arrived(stepped, as_stepped(place, change))).status is not Status.PASSED


def test_lists_of_floats_are_remembered_to_the_bit_and_still_pass_within_their_room(expected):
    def as_lists(arrays):
        return tuple(array.tolist() if array.ndim == 1 else array for array in arrays)

    judge(EXERCISE, expected, arrived(expected, as_lists))
    assert known.passed(expected, unseen(arrived(expected, as_lists)))

    near = arrived(expected, lambda arrays: as_lists(tuple(map(a_little_more, arrays))))

    assert judge(EXERCISE, expected, near).status is Status.PASSED


SHARED = {
    "the same array": lambda number, shape: ["a", "float64", shape, number],
    "integers": lambda number, shape: ["a", "int64", shape, number],
    "a list": lambda number, shape: ["F", "l", number],
    "a table": lambda number, shape: ["P", "l", None, [math.prod(shape)], number],
}


@pytest.mark.parametrize("second", SHARED.values(), ids=SHARED)
def test_one_buffer_for_two_answers_is_refused(expected, second):
    """A forged header: bytes with room, as they are one answer's, that are the other's too."""

    def twice(writer, value):
        node = writer.value(value[0])
        return ["t", [node, second(node[3], node[2])]]

    with pytest.raises(MalformedError, match="two values in one buffer"):
        arrived(expected, nodes=twice)


def test_the_times_are_nobodys_answer(expected):
    """A forged header: the times are not among the numbers that are compared."""

    def in_the_times(writer, value):
        return ["a", "float64", [len(expected.cases)], 0]

    with pytest.raises(MalformedError, match="not there"):
        arrived(expected, nodes=in_the_times)
