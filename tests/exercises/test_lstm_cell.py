"""The LSTM cell has two upstream gradients, so it is no rule: its reference is held to PyTorch's LSTMCell here."""

from __future__ import annotations

import numpy as np
import torch

from tests.this_course import exercises_of

LSTM_CELL = exercises_of("ps4")["lstm_cell_backward"]


def by_torch(grad_h, grad_c, *inputs):
    """The six gradients by PyTorch's autograd, in float64."""
    x, h, c, W, U, b = (torch.tensor(np.ascontiguousarray(value), requires_grad=True) for value in inputs)
    cell = torch.nn.LSTMCell(x.shape[1], h.shape[1], dtype=torch.float64)
    weights = {"weight_ih": W, "weight_hh": U, "bias_ih": b, "bias_hh": torch.zeros_like(b)}
    states = torch.func.functional_call(cell, weights, (x, (h, c)))
    return torch.autograd.grad(states, (x, h, c, W, U, b), (torch.tensor(grad_h), torch.tensor(grad_c)))


def test_reference_equals_pytorch_on_every_hidden_case():
    for case in LSTM_CELL.expect(seed=1).cases:
        gradients = by_torch(*case.instance.args)

        for mine, theirs in zip(case.arrays, gradients, strict=True):
            np.testing.assert_allclose(mine, theirs.numpy(), rtol=1e-9, atol=1e-11, err_msg=case.name)


def test_the_public_property_holds_for_the_reference_and_not_for_a_slightly_wrong_answer():
    (slopes,) = LSTM_CELL.public.properties
    rng = np.random.default_rng(2)
    inputs = {name: draw(rng) for name, draw in slopes.inputs.items()}

    answer = LSTM_CELL.reference(*inputs.values())

    assert slopes.holds(answer, **inputs)
    assert not slopes.holds([1.001 * part for part in answer], **inputs)
