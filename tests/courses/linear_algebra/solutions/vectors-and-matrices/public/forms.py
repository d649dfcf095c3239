"""A quadratic form, and how its value depends on its parts."""

from __future__ import annotations

from kit.declare import Rule, case
from kit.draws import normal

QUADRATIC = Rule(
    name="quadratic_backward",
    statement="y = x @ A @ x, a number; A need not be symmetric.",
    forward=lambda x, A: x @ A @ x,
    oracle=lambda torch, x, A: x @ A @ x,
    cases=(
        case("plane", x=normal(2), A=normal(2, 2)),
        case("space", x=normal(3), A=normal(3, 3)),
        case("one dimension", check="edges", x=normal(1), A=normal(1, 1)),
    ),
)
