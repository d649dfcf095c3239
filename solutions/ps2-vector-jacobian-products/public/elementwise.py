"""Functions of one array, entry by entry: exponential, logarithm, absolute value, sine."""

from __future__ import annotations

import numpy as np

from kit.declare import Rule, case
from kit.draws import away_from_zero, exactly, normal, positive

EXP = Rule(
    name="exp_backward",
    statement="y = e^x, entry by entry.",
    forward=lambda x: np.exp(x),
    oracle=lambda torch, x: torch.exp(x),
    cases=(
        case("vector", x=normal(3)),
        case("matrix", x=normal(2, 3)),
        case("scalar", check="edges", x=normal()),
        case("far from zero", check="edges", x=exactly([-60.0, 0.0, 40.0])),
    ),
)

LOG = Rule(
    name="log_backward",
    statement="y = log x, the natural logarithm, entry by entry; every entry of x is positive.",
    forward=lambda x: np.log(x),
    oracle=lambda torch, x: torch.log(x),
    cases=(
        case("vector", x=positive(3)),
        case("matrix", x=positive(2, 3)),
        case("small entries", check="edges", x=exactly([1e-6, 1e-3, 1.0])),
    ),
)

ABS = Rule(
    name="abs_backward",
    statement="y = |x|, entry by entry. At x = 0 the derivative is taken to be 0.",
    forward=lambda x: np.abs(x),
    oracle=lambda torch, x: torch.abs(x),
    cases=(
        case("vector", x=away_from_zero(3)),
        case("matrix", x=away_from_zero(2, 3)),
        case("a zero", check="edges", x=exactly([-1.5, 0.0, 2.0])),
    ),
)

SIN = Rule(
    name="sin_backward",
    statement="y = sin x, entry by entry, x in radians.",
    forward=lambda x: np.sin(x),
    oracle=lambda torch, x: torch.sin(x),
    cases=(
        case("vector", x=normal(3)),
        case("matrix", x=normal(2, 3)),
        case("several turns", check="edges", x=normal(3, scale=20.0)),
    ),
)
