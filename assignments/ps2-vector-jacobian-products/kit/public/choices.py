"""Choosing between values, entry by entry: the larger, the smaller, by a condition, within bounds."""

from __future__ import annotations

import numpy as np

from kit.declare import Rule, case
from kit.draws import booleans, exactly, normal

from ._pairs import pairs

TIES = case("ties", check="edges", a=exactly([1.0, 2.0, -1.0, 0.0]), b=exactly([1.0, 0.5, -1.0, 3.0]))

MAXIMUM = Rule(
    name="maximum_backward",
    statement="y = max(a, b), entry by entry; a and b broadcast together. Where they are equal, each gets half.",
    forward=lambda a, b: np.maximum(a, b),
    oracle=lambda torch, a, b: torch.maximum(a, b),
    cases=(*pairs(), TIES),
)

MINIMUM = Rule(
    name="minimum_backward",
    statement="y = min(a, b), entry by entry; a and b broadcast together. Where they are equal, each gets half.",
    forward=lambda a, b: np.minimum(a, b),
    oracle=lambda torch, a, b: torch.minimum(a, b),
    cases=(*pairs(), TIES),
)

WHERE = Rule(
    name="where_backward",
    statement="y = a where the condition is true, b where it is false; all three broadcast together.",
    forward=lambda condition, a, b: np.where(condition, a, b),
    oracle=lambda torch, condition, a, b: torch.where(condition, a, b),
    cases=(
        case("same shape", condition=booleans(2, 3), a=normal(2, 3), b=normal(2, 3)),
        case("scalar branch", check="edges", condition=booleans(2, 3), a=normal(2, 3), b=normal()),
        case("row and column", check="edges", condition=booleans(2, 3), a=normal(3), b=normal(2, 1)),
        case("condition stretched", check="edges", condition=booleans(3), a=normal(2, 3), b=normal(2, 3)),
    ),
    differentiable=("a", "b"),
)

CLIP = Rule(
    name="clip_backward",
    statement="y = x limited to lo <= y <= hi. On both bounds the gradient passes.",
    forward=lambda x, lo=-1.0, hi=1.0: np.clip(x, lo, hi),
    oracle=lambda torch, x, lo=-1.0, hi=1.0: torch.clamp(x, lo, hi),
    cases=(
        case("inside and outside", x=exactly([[-2.0, 0.3, 1.7], [0.9, -1.1, -0.4]])),
        case("other bounds", x=exactly([-0.8, -0.2, 0.4, 1.5, 3.0]), lo=-0.5, hi=2.0),
        case("on the bounds", check="edges", x=exactly([-1.0, 0.0, 1.0])),
    ),
)
