"""What an observation says of its own arguments."""

from __future__ import annotations

import numpy as np
import pytest

from tests.kit.made_up import observation

INPUTS = {"x": np.ones((2, 3)), "index": np.array([0, 1]), "axis": 1, "w": np.ones(3)}


@pytest.mark.parametrize("rule", [True, False])
def test_the_inputs_are_the_arrays_of_numbers_without_what_every_rule_is_called_with(rule):
    one = observation([np.ones((2, 3)), np.ones(3)], None, inputs=INPUTS, rule=rule)

    assert list(one.inputs) == ["x", "w"]
    assert [name for name in one.named if name not in INPUTS] == (["grad_output", "output"] if rule else [])


@pytest.mark.parametrize("right, vacuous", [([[0.0, 0.0]], True), ([np.zeros(0)], True), ([[0.0], [1.0]], False)])
def test_a_right_answer_that_is_empty_or_zero_is_vacuous(right, vacuous):
    assert observation(right, None).vacuous is vacuous
