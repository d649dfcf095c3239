"""RMS norm: one statistic, so one way back besides the direct one."""

from __future__ import annotations

import numpy as np

from kit.declare import Rule, case
from kit.draws import normal

RMS_NORM = Rule(
    name="rms_norm_backward",
    statement="y = gamma * x / r, r = sqrt(mean(x^2) + eps) over the last axis.",
    forward=lambda x, gamma, eps=1e-6: gamma * x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + eps),
    oracle=lambda torch, x, gamma, eps=1e-6: torch.nn.functional.rms_norm(x, gamma.shape, gamma, eps),
    cases=(
        case("rows", x=normal(2, 3), gamma=normal(3)),
        case("eps = 0.01", x=normal(3, 2), gamma=normal(2), eps=0.01),
        case("sequences", check="edges", x=normal(2, 2, 3), gamma=normal(3)),
        case("one vector", check="edges", x=normal(3), gamma=normal(3)),
    ),
)
