"""Layer and batch norm: the statistics depend on x too, and most mistakes forget one of the ways back."""

from __future__ import annotations

from kit.declare import Rule, case
from kit.draws import normal

from ._shared import _standardize, far_from_zero

LAYER_NORM = Rule(
    name="layer_norm_backward",
    statement="y = gamma * (x - mean) / sqrt(var + eps) + beta, mean and biased variance over the last axis.",
    forward=lambda x, gamma, beta, eps=1e-5: gamma * _standardize(x, -1, eps) + beta,
    oracle=lambda torch, x, gamma, beta, eps=1e-5: torch.nn.functional.layer_norm(x, gamma.shape, gamma, beta, eps),
    cases=(
        case("rows", x=normal(2, 3), gamma=normal(3), beta=normal(3)),
        case("eps = 0.01", x=normal(3, 4), gamma=normal(4), beta=normal(4), eps=0.01),
        case("sequences", check="edges", x=normal(2, 2, 3), gamma=normal(3), beta=normal(3)),
        case("one vector", check="edges", x=normal(3), gamma=normal(3), beta=normal(3)),
        case("far from zero", check="stability", x=far_from_zero(2, 4, offset=1e3), gamma=normal(4), beta=normal(4)),
    ),
)


BATCH_NORM = Rule(
    name="batch_norm_backward",
    statement="y = gamma * (x - mean) / sqrt(var + eps) + beta, mean, biased variance over axis 0, the batch.",
    forward=lambda x, gamma, beta, eps=1e-5: gamma * _standardize(x, 0, eps) + beta,
    oracle=lambda torch, x, gamma, beta, eps=1e-5: torch.nn.functional.batch_norm(
        x, None, None, gamma, beta, training=True, eps=eps
    ),
    cases=(
        case("batch of 4", x=normal(4, 3), gamma=normal(3), beta=normal(3)),
        case("eps = 0.01", x=normal(3, 2), gamma=normal(2), beta=normal(2), eps=0.01),
        case("batch of 2", check="edges", x=normal(2, 3), gamma=normal(3), beta=normal(3)),
        case("far from zero", check="stability", x=far_from_zero(4, 2, offset=1e3), gamma=normal(2), beta=normal(2)),
    ),
)
