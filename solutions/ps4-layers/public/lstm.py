"""The LSTM cell: two upstream gradients, four gates, and a cell state that is read twice."""

from __future__ import annotations

from typing import Any

import numpy as np

from kit.declare import Function, Property
from kit.draws import Array, away_from_zero, normal
from kit.stored import stored

from ._shared import _sigmoid


def _lstm_cell(x: Array, h: Array, c: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    """One step: h' and c'. Gates i, f, g, o in this order."""
    i, f, g, o = np.split(x @ W.T + h @ U.T + b, 4, axis=-1)
    new_c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
    return np.asarray(_sigmoid(o) * np.tanh(new_c)), np.asarray(new_c)


def _follows_the_slopes(returned: Any, grad_h: Array, grad_c: Array, **inputs: Array) -> bool:
    """Whether a small step along a fixed direction, in each input alone, changes the loss as the gradients say."""

    def loss(moved: dict[str, Array]) -> float:
        new_h, new_c = _lstm_cell(**moved)
        return float((grad_h * new_h).sum() + (grad_c * new_c).sum())

    if not isinstance(returned, (tuple, list)) or len(returned) != len(inputs):
        return False
    step = 1e-5
    for gradient, (name, value) in zip(returned, inputs.items(), strict=True):
        if np.shape(gradient) != value.shape:
            return False
        direction = np.cos(1.0 + np.arange(value.size)).reshape(value.shape)
        right, left = ({**inputs, name: value + sign * step * direction} for sign in (1.0, -1.0))
        slope = (loss(right) - loss(left)) / (2 * step)
        if not abs(slope - float((np.asarray(gradient) * direction).sum())) < 1e-6 * (1.0 + abs(slope)):
            return False
    return True


LSTM_CELL = Function(
    name="lstm_cell_backward",
    signature="lstm_cell_backward(grad_h, grad_c, x, h, c, W, U, b)",
    statement="c' = f c + i g, h' = o tanh(c'), gates i, f, g, o from x W^T + h U^T + b; two upstream gradients.",
    results=tuple(f"gradient of {name}" for name in ("x", "h", "c", "W", "U", "b")),
    stored=stored(
        "lstm_cell_backward",
        {
            "one unit (values from torch.nn.LSTMCell)": {
                "grad_h": [[1.5], [-0.5]],
                "grad_c": [[0.5], [2.0]],
                "x": [[1.0, -2.0], [0.5, 1.0]],
                "h": [[0.5], [-1.0]],
                "c": [[2.0], [-0.5]],
                "W": [[0.5, -0.25], [1.0, 0.5], [-0.5, 0.75], [0.25, 1.0]],
                "U": [[0.5], [-0.25], [1.0], [-1.0]],
                "b": [0.1, 0.2, -0.1, 0.3],
            }
        },
    ),
    properties=(
        Property(
            "follows the slopes",
            {
                "grad_h": away_from_zero(3, 2),
                "grad_c": away_from_zero(3, 2),
                "x": normal(3, 4),
                "h": normal(3, 2),
                "c": normal(3, 2),
                "W": normal(8, 4),
                "U": normal(8, 2),
                "b": normal(8),
            },
            holds=_follows_the_slopes,
            says="moving one input a little must change sum(grad_h * h') + sum(grad_c * c') as its gradient says",
        ),
    ),
)
