"""check() on functions, classes and predictions: stored answers, properties, types and allowed words."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.kit import check
from tests.kit.exercises import failure

pytestmark = pytest.mark.usefixtures("known")


def test_a_right_function_passes(capsys):
    def double(x):
        return 2 * x

    check(double)

    assert capsys.readouterr().out.startswith("double: 4 of 4 checks pass")


def test_lists_of_a_declaration_arrive_as_float64_arrays():
    seen = []

    def double(x):
        seen.append(x)
        return x + x

    check(double)

    assert all(isinstance(x, np.ndarray) and x.dtype == np.float64 for x in seen)


def test_a_wrong_function_is_shown_its_smallest_case():
    def double(x):
        return 3 * x

    line = failure(double)

    assert line == "double: 3 of 4 checks fail; result: the number differs (case 'one')"


def test_a_property_that_does_not_hold_says_what_must():
    def double(x):
        return np.array([2.0, 4.0, 6.0])[: x.size] if x.size < 3 and x[0] < 3 else np.full(x.size, 6.0)

    line = failure(double)

    assert "double(x) - x must be x" in line


def test_named_functions_are_built_and_parameters_passed_by_name():
    def apply_all(functions, x, times=1):
        for _ in range(times):
            for function in functions:
                x = function(x)
        return x

    check(apply_all)


def test_a_changed_list_is_noticed():
    def apply_all(functions, x, times=1):
        for _ in range(times):
            for function in functions:
                x = function(x)
        functions.clear()
        return x

    line = failure(apply_all)

    assert "functions was changed in place" in line


def test_a_dict_of_arrays_is_compared_key_by_key_and_its_state_may_change():
    def step(params, state):
        state["t"] = 1
        return {name: value - 0.5 for name, value in params.items()}

    check(step)


@pytest.mark.parametrize(
    "returned, message",
    [
        ({}, "result: got the keys [], expected ['w']"),
        (3, "result: got an int, expected a dict with the keys ['w']"),
        ({"w": np.zeros(3)}, "result['w']: got shape (3,), expected shape (2,)"),
    ],
)
def test_a_wrong_dict_is_told_what_is_wrong_with_it(returned, message):
    def step(params, state):
        return returned

    line = failure(step)

    assert message in line


def test_a_class_is_checked_through_its_properties():
    class Box:
        def __init__(self, value):
            self.value = value

        def get(self):
            return self.value

    check(Box)


def test_a_class_that_lacks_a_method_fails_with_its_error():
    class Box:
        def __init__(self, value):
            self.value = value

    line = failure(Box)

    assert "AttributeError" in line


def test_a_method_that_is_not_filled_in_is_told_kindly():
    class Box:
        def __init__(self, value):
            self.value = value

        def get(self):
            raise NotImplementedError

    line = failure(Box)

    assert line == "Box: not filled in yet"


FILLED = {"count": 3, "size": 2.5, "combine": "add", "nets": {"a": "vanishes", "b": "explodes"}}


def test_predictions_of_the_right_form_pass_whatever_they_say():
    check("fate", **FILLED)


def test_nothing_in_the_table_says_which_prediction_is_right(capsys):
    check("fate", **FILLED)

    assert "judged when it is graded" in capsys.readouterr().out


@pytest.mark.parametrize(
    "change, message",
    [
        ({"count": ...}, "count: not answered yet"),
        ({"count": None}, "count: not answered yet"),
        ({"count": 2.5}, "count: got a float, expected int"),
        ({"count": True}, "count: got a bool, expected int"),
        ({"combine": "divide"}, "combine: got 'divide', expected 'add' or 'multiply'"),
        ({"combine": 3}, "combine: got an int, expected str"),
        ({"nets": {}}, "nets: not answered yet"),
        ({"nets": {"a": "vanishes", "b": ...}}, "nets: not answered yet"),
        ({"nets": {"a": "grows"}}, "nets: 'a': got 'grows'"),
        ({"colour": 3}, "colour: there is no such answer in fate"),
    ],
)
def test_a_prediction_of_the_wrong_form_is_told_so(change, message):
    line = failure("fate", **{**FILLED, **change})

    assert message in line


@pytest.mark.parametrize("number", [3, np.int64(3), np.array(3)])
def test_whole_numbers_are_accepted_in_any_dress(number):
    check("fate", **{**FILLED, "count": number, "size": number})


def test_an_answer_that_was_not_handed_over_is_missed():
    answers = {name: value for name, value in FILLED.items() if name != "size"}

    line = failure("fate", **answers)

    assert "size: not handed to check" in line


def test_predictions_without_any_answer_are_not_filled_in_yet():
    line = failure("fate", **dict.fromkeys(FILLED, ...))

    assert line == "fate: not filled in yet"
