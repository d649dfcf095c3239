"""Residual block and gated linear unit: two ways from input to output, one of them through a gate."""

from __future__ import annotations

import numpy as np

from kit.declare import Rule, case
from kit.draws import Array, exactly, normal

from ._shared import _sigmoid


def _glu(x: Array) -> Array:
    value, gate = np.split(x, 2, axis=-1)
    return np.asarray(value * _sigmoid(gate))


RESIDUAL_RELU = Rule(
    name="residual_relu_backward",
    statement="y = x + relu(x W^T), W square.",
    forward=lambda x, W: x + np.maximum(x @ W.T, 0.0),
    oracle=lambda torch, x, W: x + torch.relu(x @ W.T),
    cases=(
        case("batch", x=normal(2, 3), W=normal(3, 3)),
        case("one vector", check="edges", x=normal(3), W=normal(3, 3)),
        case("sequences", check="edges", x=normal(2, 3, 2), W=normal(2, 2)),
        case("exactly at the kink", check="edges", x=exactly([[1.0, -1.0]]), W=exactly([[2.0, 2.0], [1.0, -1.0]])),
    ),
)


GLU = Rule(
    name="glu_backward",
    statement="y = a * sigmoid(b), a and b the halves of x's last axis.",
    forward=_glu,
    oracle=lambda torch, x: torch.nn.functional.glu(x, dim=-1),
    cases=(
        case("rows", x=normal(2, 4)),
        case("one vector", check="edges", x=normal(2)),
        case("large", check="stability", x=exactly([[2.0, -1.0, 1000.0, -1000.0]])),
    ),
)
