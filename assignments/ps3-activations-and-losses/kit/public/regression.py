"""ps3, the public half of the losses of numbers, and of the penalty on weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from kit.declare import Case, Rule, case
from kit.draws import every_second, exactly, normal, reversed_view

PAIRS: tuple[Case, ...] = (
    case("vector", prediction=normal(3), target=normal(3)),
    case("matrix", prediction=normal(2, 3), target=normal(2, 3)),
    case("a single number", check="edges", prediction=normal(), target=normal()),
    case("strided", check="edges", prediction=every_second(normal(2, 3)), target=reversed_view(normal(2, 3))),
)

MSE = Rule(
    name="mse_backward",
    statement="The mean over all entries of (prediction - target)^2. Asked: the gradient of the prediction.",
    forward=lambda prediction, target: np.mean((prediction - target) ** 2),
    oracle=lambda torch, prediction, target: torch.nn.functional.mse_loss(prediction, target),
    differentiable=("prediction",),
    cases=PAIRS,
)

L1 = Rule(
    name="l1_backward",
    statement="The mean over all entries of |prediction - target|; no slope where they are equal.",
    forward=lambda prediction, target: np.mean(np.abs(prediction - target)),
    oracle=lambda torch, prediction, target: torch.nn.functional.l1_loss(prediction, target),
    differentiable=("prediction",),
    cases=(
        *PAIRS,
        case(
            "met exactly", check="edges", prediction=exactly([1.0, 2.0, 3.0, 4.0]), target=exactly([1.0, 2.5, 3.0, 3.0])
        ),
    ),
)


def _huber(prediction: Any, target: Any, delta: float = 1.0) -> Any:
    distance = np.abs(prediction - target)
    return np.mean(np.where(distance <= delta, 0.5 * distance**2, delta * (distance - 0.5 * delta)))


HUBER = Rule(
    name="huber_backward",
    statement="The mean of d^2 / 2 where d = |prediction - target| <= delta, and of delta (d - delta / 2) elsewhere.",
    forward=_huber,
    oracle=lambda torch, prediction, target, delta=1.0: torch.nn.functional.huber_loss(prediction, target, delta=delta),
    differentiable=("prediction",),
    cases=(
        case("vector", prediction=normal(4, scale=2.0), target=normal(4)),
        case("small delta", prediction=exactly([0.25, -0.75, 3.0, -3.0]), target=normal(4, scale=0.1), delta=0.5),
        case("large delta", prediction=exactly([[0.25, -1.5], [4.0, -4.0]]), target=normal(2, 2, scale=0.1), delta=2.0),
        case("a single number", check="edges", prediction=normal(), target=normal()),
    ),
)

L2_PENALTY = Rule(
    name="l2_penalty_backward",
    statement="strength / 2 times the sum of all squared weights.",
    forward=lambda w, strength=0.01: 0.5 * strength * np.sum(w**2),
    oracle=lambda torch, w, strength=0.01: 0.5 * strength * (w**2).sum(),
    cases=(
        case("vector", w=normal(3)),
        case("matrix, stronger", w=normal(2, 3), strength=0.7),
        case("a single number", check="edges", w=normal(), strength=3.0),
        case("no weights", check="edges", w=normal(0)),
    ),
)
