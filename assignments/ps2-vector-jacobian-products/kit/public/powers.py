"""Powers: a constant exponent, an exponent that is an array, the square root."""

from __future__ import annotations

import numpy as np

from kit.declare import Rule, case
from kit.draws import away_from_zero, exactly, normal, positive

from ._pairs import pairs

SQRT = Rule(
    name="sqrt_backward",
    statement="y = the square root of x, entry by entry; every entry of x is positive.",
    forward=lambda x: np.sqrt(x),
    oracle=lambda torch, x: torch.sqrt(x),
    cases=(
        case("vector", x=positive(3)),
        case("matrix", x=positive(2, 3)),
        case("small entries", check="edges", x=exactly([1e-8, 1e-4, 1.0])),
    ),
)

POW = Rule(
    name="pow_backward",
    statement="y = x^n, entry by entry, n one constant; where x is negative, n is whole. x^0 is 1, also at x = 0.",
    forward=lambda x, n=2.0: x**n,
    oracle=lambda torch, x, n=2.0: x**n,
    cases=(
        case("square", x=normal(2, 3)),
        case("cube", x=normal(3), n=3.0),
        case("root", x=positive(3), n=0.5),
        case("reciprocal", x=away_from_zero(3), n=-1.0),
        case("exponent 0", check="edges", x=exactly([-1.0, 0.0, 2.0]), n=0.0),
        case("base 0", check="edges", x=exactly([-1.0, 0.0, 2.0]), n=2.0),
    ),
)

POWER = Rule(
    name="power_backward",
    statement=(
        "y = a^b, entry by entry; a and b broadcast together. No entry of a is negative; where a is 0, b is at least 1 "
        "and the derivative in b is 0."
    ),
    forward=lambda a, b: a**b,
    oracle=lambda torch, a, b: a**b,
    cases=(
        *pairs(positive, normal),
        case("base 0", check="edges", a=exactly([0.0, 0.0, 2.0]), b=exactly([1.0, 2.5, -1.0])),
    ),
)
