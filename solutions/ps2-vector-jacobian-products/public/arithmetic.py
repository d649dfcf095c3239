"""Arithmetic, entry by entry: addition, multiplication, division, subtraction, negation."""

from __future__ import annotations

from kit.declare import Rule, case
from kit.draws import away_from_zero, normal

from ._pairs import pairs

ADD = Rule(
    name="add_backward",
    statement="y = a + b; a and b broadcast together.",
    forward=lambda a, b: a + b,
    oracle=lambda torch, a, b: a + b,
    cases=pairs(),
)

MUL = Rule(
    name="mul_backward",
    statement="y = a * b, entry by entry; a and b broadcast together.",
    forward=lambda a, b: a * b,
    oracle=lambda torch, a, b: a * b,
    cases=pairs(),
)

DIV = Rule(
    name="div_backward",
    statement="y = a / b, entry by entry; a and b broadcast together, no entry of b is 0.",
    forward=lambda a, b: a / b,
    oracle=lambda torch, a, b: a / b,
    cases=pairs(normal, away_from_zero),
)

SUB = Rule(
    name="sub_backward",
    statement="y = a - b; a and b broadcast together.",
    forward=lambda a, b: a - b,
    oracle=lambda torch, a, b: a - b,
    cases=pairs(),
)

NEG = Rule(
    name="neg_backward",
    statement="y = -x.",
    forward=lambda x: -x,
    oracle=lambda torch, x: -x,
    cases=(case("matrix", x=normal(2, 3)), case("scalar", check="edges", x=normal())),
)
