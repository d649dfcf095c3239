"""Group norm: which entries share their statistics, and which share a gamma, are two different questions."""

from __future__ import annotations

import numpy as np

from kit.declare import Rule, case
from kit.draws import Array, normal

from ._shared import _standardize


def _group_norm(x: Array, gamma: Array, beta: Array, groups: int = 2, eps: float = 1e-5) -> Array:
    n, channels, height, width = x.shape
    grouped = x.reshape(n, groups, channels // groups, height, width)
    normalized = _standardize(grouped, (2, 3, 4), eps).reshape(x.shape)
    return np.asarray(gamma[:, None, None] * normalized + beta[:, None, None])


GROUP_NORM = Rule(
    name="group_norm_backward",
    statement="As layer norm, for each image over (C / groups, H, W); gamma and beta scale and shift each channel.",
    forward=_group_norm,
    oracle=lambda torch, x, gamma, beta, groups=2, eps=1e-5: torch.nn.functional.group_norm(
        x, groups, gamma, beta, eps
    ),
    cases=(
        case("two groups", x=normal(2, 4, 2, 3), gamma=normal(4), beta=normal(4)),
        case("three groups", x=normal(2, 6, 1, 2), gamma=normal(6), beta=normal(6), groups=3, eps=0.01),
        case("one group", check="edges", x=normal(2, 3, 2, 1), gamma=normal(3), beta=normal(3), groups=1),
    ),
)
