"""ps5, the public half of the four rules that a training step needs: those of ps2 and ps3 again, on batches."""

from __future__ import annotations

import numpy as np

from kit.declare import Rule, case
from kit.draws import away_from_zero, exactly, normal

LINEAR = Rule(
    name="linear_backward",
    statement="Y = X @ W.T: X is a batch (B, n), W is (m, n).",
    forward=lambda X, W: X @ W.T,
    oracle=lambda torch, X, W: X @ W.T,
    cases=(
        case("batch", X=normal(4, 3), W=normal(2, 3)),
        case("square", X=normal(2, 2), W=normal(2, 2)),
        case("one output", check="edges", X=normal(4, 3), W=normal(1, 3)),
    ),
)

AFFINE = Rule(
    name="affine_backward",
    statement="Y = X @ W.T + b: X is a batch (B, n), W is (m, n), b is (m,).",
    forward=lambda X, W, b: X @ W.T + b,
    oracle=lambda torch, X, W, b: X @ W.T + b,
    cases=(
        case("batch", X=normal(4, 3), W=normal(2, 3), b=normal(2)),
        case("square", X=normal(2, 2), W=normal(2, 2), b=normal(2)),
        case("batch of one", check="edges", X=normal(1, 3), W=normal(2, 3), b=normal(2)),
    ),
)

RELU = Rule(
    name="relu_backward",
    statement="y = max(0, x), entry by entry. The slope at x = 0 is taken to be 0.",
    forward=lambda x: np.maximum(x, 0.0),
    oracle=lambda torch, x: torch.relu(x),
    cases=(
        case("vector", x=away_from_zero(4)),
        case("matrix", x=away_from_zero(2, 3)),
        case("at zero", check="edges", x=exactly([-1.0, 0.0, 2.0])),
    ),
)

MSE = Rule(
    name="mse_backward",
    statement="The mean over all entries of (prediction - target)^2. Asked: the gradient of the prediction.",
    forward=lambda prediction, target: np.mean((prediction - target) ** 2),
    oracle=lambda torch, prediction, target: torch.nn.functional.mse_loss(prediction, target),
    differentiable=("prediction",),
    cases=(
        case("column", prediction=normal(4, 1), target=normal(4, 1)),
        case("matrix", prediction=normal(3, 2), target=normal(3, 2)),
        case("a single number", check="edges", prediction=normal(), target=normal()),
    ),
)
