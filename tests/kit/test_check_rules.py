"""check() on backward rules: the ladder, both authorities, unchanged inputs."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch

from autograder.kit import check
from tests.kit import exercises
from tests.kit.exercises import failure
from tests.kit.exercises import mix_backward as right

pytestmark = pytest.mark.usefixtures("known")


def answering(wrong):
    """``wrong(da, db)`` as an answer to the exercise mix_backward."""

    def mix_backward(grad_output, output, keep, a, b, scale=1.0):
        return wrong(*right(grad_output, output, keep, a, b, scale))

    return mix_backward


def test_a_right_rule_passes_and_shows_its_table(capsys):
    check(right)

    assert capsys.readouterr().out.startswith("mix_backward: 5 of 5 checks pass")


def test_a_right_rule_passes_without_pytorch_and_that_is_said(without_torch, capsys):
    check(right)

    assert "PyTorch is not installed" in capsys.readouterr().out


def test_both_authorities_are_named(capsys):
    check(right)

    out = capsys.readouterr().out
    assert "Compared with PyTorch's autograd and with finite differences along 18 random directions." in out


LADDER = [
    (lambda da, db: None, "got None, expected 2 arrays: is there a return statement?"),
    (lambda da, db: "text", "got a str, expected a tuple of 2 arrays"),
    (lambda da, db: (da, "text"), "gradient of b: got a str, expected an array"),
    (lambda da, db: (da, db.astype(complex)), "gradient of b: got complex numbers, expected real ones"),
    (lambda da, db: (da, db.astype(np.float32)), "gradient of b: got float32, expected float64"),
    (lambda da, db: (da, db.astype(object)), "gradient of b: got an array of dtype object"),
    (lambda da, db: da, "got one array, expected a tuple of 2, one for each input"),
    (lambda da, db: (da, db, da), "got 3 arrays, expected 2, one for each input"),
    (lambda da, db: (da[None], db), "gradient of a: got shape (1, 3), expected shape (3,)"),
    (lambda da, db: (da.sum(), db), "gradient of a: got shape () (a scalar), expected shape (3,)"),
    (lambda da, db: (da + 1, db), "gradient of a: every entry differs"),
    (lambda da, db: (da * np.nan, db), "gradient of a: every entry differs; 3 are NaN or infinite"),
    (lambda da, db: (da, db + 1e-7), "they are close: was something rounded to float32, or an eps added?"),
]


@pytest.mark.parametrize("wrong, message", LADDER)
def test_the_first_failed_rung_is_reported_on_the_smallest_case(wrong, message):
    line = failure(answering(wrong))

    assert message in line
    assert line.endswith("(case 'scaled')")


@pytest.mark.parametrize("wrong, message", LADDER[:10])
def test_the_rungs_below_the_values_need_no_pytorch(without_torch, wrong, message):
    line = failure(answering(wrong))

    assert message in line


def test_types_and_shapes_of_all_results_come_before_any_value():
    line = failure(answering(lambda da, db: (da + 1, db[None])))

    assert "gradient of b: got shape" in line


def test_finite_differences_alone_catch_a_wrong_value(without_torch):
    line = failure(answering(lambda da, db: (da, 1.001 * db)))

    assert "gradient of b: its product with a random direction is" in line


def test_finite_differences_alone_catch_what_is_not_finite(without_torch):
    line = failure(answering(lambda da, db: (da * np.nan, db)))

    assert "gradient of a: holds NaN or infinite entries" in line


def test_an_error_is_shown_with_its_line(capsys):
    def mix_backward(grad_output, output, keep, a, b, scale=1.0):
        return grad_output[99]

    line = failure(mix_backward)

    assert "raised IndexError" in line
    assert "return grad_output[99]" in line


def test_a_wrong_signature_is_an_error_of_the_call():
    def mix_backward(grad_output, output):
        return grad_output

    line = failure(mix_backward)

    assert "raised TypeError" in line


def test_the_untouched_skeleton_is_told_kindly(capsys):
    def mix_backward(grad_output, output, keep, a, b, scale=1.0):
        raise NotImplementedError("your answer here")

    line = failure(mix_backward)

    assert line == "mix_backward: not filled in yet"
    assert "mix_backward(grad_output, output, keep, a, b, scale=1.0)" in capsys.readouterr().out


def test_a_changed_argument_is_named_and_fails_alone():
    def mix_backward(grad_output, output, keep, a, b, scale=1.0):
        gradients = right(grad_output, output, keep, a, b, scale)
        grad_output *= 2
        return gradients

    line = failure(mix_backward)

    assert line.startswith("mix_backward: 1 of 5 checks fails; inputs unchanged: grad_output was changed in place")


def test_lists_scalars_and_read_only_views_are_right():
    check(answering(lambda da, db: [da.tolist(), np.broadcast_to(db, db.shape)]))


def test_the_convention_at_a_kink_is_pytorchs_and_finite_differences_step_aside(capsys):
    check(exercises.relu_backward)

    assert "4 of 4 checks pass" in capsys.readouterr().out


def test_without_pytorch_a_case_that_slopes_cannot_measure_is_not_called_right(without_torch, capsys):
    def mix_backward(grad_output, output, keep, a, b, scale=1.0):
        return right(grad_output, output, keep, a, b, scale)

    check(mix_backward)

    out = capsys.readouterr().out
    assert re.search(r"not run +padding", out)


def test_another_convention_at_the_kink_fails_there():
    def relu_backward(grad_output, output, x):
        return grad_output * (x >= 0)

    line = failure(relu_backward)

    assert "(case 'kink')" in line


def test_a_rule_without_forward_cannot_be_checked_without_pytorch(without_torch):
    line = failure(exercises.relu_backward)

    assert line == "relu_backward: no check could be run, it needs PyTorch (pip install torch)"


def test_a_rule_scaled_by_a_thousandth_fails():
    line = failure(answering(lambda da, db: (1.001 * da, 1.001 * db)))

    assert "4 of 5 checks fail" in line


def test_the_structural_hint_is_shown(capsys):
    failure(answering(lambda da, db: (-da, db)))

    assert "Hint: The gradient of a has exactly the opposite sign." in capsys.readouterr().out


def test_an_answer_that_ignores_the_upstream_gradient_is_found_by_a_second_call(capsys):
    def mix_backward(grad_output, output, keep, a, b, scale=1.0):
        ones = np.ones_like(grad_output)
        return np.cumsum(ones * a), np.cumsum(ones * b)

    failure(mix_backward)

    assert "stays the same when grad_output changes" in capsys.readouterr().out


def test_an_answer_that_is_not_proportional_to_the_upstream_gradient_is_told_so(capsys):
    failure(answering(lambda da, db: (da**2 + 1, db**2)))

    assert "With three times the grad_output" in capsys.readouterr().out


def test_without_a_relation_the_place_of_the_difference_is_shown(capsys):
    failure(answering(lambda da, db: (da * np.linspace(0.3, 0.9, da.size).reshape(da.shape), db * np.e)))

    assert "Hint:" in capsys.readouterr().out


def test_the_same_numbers_are_drawn_every_time(capsys):
    failure(answering(lambda da, db: (-da, db)))
    first = capsys.readouterr().out

    failure(answering(lambda da, db: (-da, db)))

    assert capsys.readouterr().out == first


def test_strides_reach_the_answer():
    strides = []

    def mix_backward(grad_output, output, keep, a, b, scale=1.0):
        strides.append(a.strides[-1])
        return right(grad_output, output, keep, a, b, scale)

    check(mix_backward)

    assert min(strides) < 0


def test_pytorchs_number_of_threads_is_as_before():
    torch.set_num_threads(2)

    check(right)

    assert torch.get_num_threads() == 2
