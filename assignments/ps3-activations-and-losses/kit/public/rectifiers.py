"""ps3, the public half of relu and its relatives: activations with a kink at zero."""

from __future__ import annotations

import numpy as np

from kit.declare import Rule, case
from kit.draws import away_from_zero, exactly

from ._shared import EXTREME, elementwise

RELU = Rule(
    name="relu_backward",
    statement="y = max(0, x), entry by entry. The slope at x = 0 is taken to be 0.",
    forward=lambda x: np.maximum(x, 0.0),
    oracle=lambda torch, x: torch.relu(x),
    cases=elementwise(case("at zero", check="edges", x=exactly([-1.0, 0.0, 2.0]))),
)

LEAKY_RELU = Rule(
    name="leaky_relu_backward",
    statement="y = x where x > 0, negative_slope * x elsewhere. The slope at x = 0 is negative_slope.",
    forward=lambda x, negative_slope=0.01: np.where(x > 0, x, negative_slope * x),
    oracle=lambda torch, x, negative_slope=0.01: torch.nn.functional.leaky_relu(x, negative_slope),
    cases=elementwise(
        case("another slope", x=away_from_zero(3), negative_slope=0.25),
        case("slope above one", check="edges", x=away_from_zero(3), negative_slope=1.5),
        case("at zero", check="edges", x=exactly([-1.0, 0.0, 2.0])),
    ),
)

ELU = Rule(
    name="elu_backward",
    statement="y = x where x > 0, alpha * (exp(x) - 1) elsewhere. The slope at x = 0 is alpha.",
    forward=lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0))),
    oracle=lambda torch, x, alpha=1.0: torch.nn.functional.elu(x, alpha),
    cases=elementwise(
        case("another alpha", x=away_from_zero(3), alpha=1.5),
        case("at zero", check="edges", x=exactly([-1.0, 0.0, 2.0]), alpha=0.5),
        case("far out", check="stability", x=EXTREME),
    ),
)
