"""ps3, the public half of the smooth rectifiers. softplus is asked for, silu holds a sigmoid: neither ships."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kit.declare import Function, Property, Rule, Stored, case
from kit.draws import away_from_zero, exactly
from kit.special import erf

from ._shared import EXTREME, elementwise


def _undone_by_expm1(y: Any, x: Any) -> bool:
    """Whether exp(y) - 1 is exp(x)."""
    return bool(np.shape(y) == np.shape(x) and np.allclose(np.expm1(y), np.exp(x), rtol=1e-8, atol=0.0))


SOFTPLUS = Function(
    name="softplus",
    signature="softplus(x)",
    statement="log(1 + exp(x)), entry by entry; right for every x, 1000 and -1000 included.",
    stored=(
        Stored("zero", {"x": [0.0]}, [0.6931471805599453]),
        Stored(
            "a few values",
            {"x": [[-2.0, -0.5], [0.5, 3.0]]},
            [[0.1269280110429725, 0.4740769841801067], [0.9740769841801067, 3.048587351573742]],
        ),
        Stored("a single number", {"x": exactly(1.0)}, 1.3132616875182228),
        Stored("no entries", {"x": []}, []),
        Stored("far out", {"x": [-1000.0, 0.0, 1000.0]}, [0.0, 0.6931471805599453, 1000.0]),
    ),
    properties=(
        Property(
            "undone by exp",
            {"x": away_from_zero(2, 3)},
            holds=lambda returned, x: _undone_by_expm1(returned, x),
            says="exp(y) - 1 must equal exp(x)",
        ),
    ),
)

SOFTPLUS_BACKWARD = Rule(
    name="softplus_backward",
    statement="y = log(1 + exp(x)), entry by entry.",
    forward=None,
    oracle=lambda torch, x: torch.logaddexp(x, torch.zeros_like(x)),
    cases=elementwise(case("far out", check="stability", x=EXTREME)),
)

SILU = Rule(
    name="silu_backward",
    statement="y = x * sigmoid(x), entry by entry.",
    forward=None,
    oracle=lambda torch, x: torch.nn.functional.silu(x),
    cases=elementwise(
        case("at zero", check="edges", x=exactly([-1.0, 0.0, 2.0])), case("far out", check="stability", x=EXTREME)
    ),
)

GELU = Rule(
    name="gelu_backward",
    statement="y = x * Phi(x) with the normal distribution function Phi(x) = (1 + erf(x / sqrt(2))) / 2.",
    forward=lambda x: 0.5 * x * (1.0 + erf(x / math.sqrt(2.0))),
    oracle=lambda torch, x: torch.nn.functional.gelu(x),
    cases=elementwise(
        case("at zero", check="edges", x=exactly([-1.0, 0.0, 2.0])), case("far out", check="stability", x=EXTREME)
    ),
)
