"""What the exercises of ps3 share: hidden cases of elementwise rules."""

from __future__ import annotations

from kit.declare import Case, case
from kit.draws import away_from_zero, every_second, normal, reversed_view, shuffled

FAR_OUT = shuffled([-1000.0, -30.0, -0.5, 0.5, 30.0, 1000.0])
LONG = 20_000  # the Jacobian of so many entries has 3.2 GB


def elementwise(*more: Case, cost: bool = True) -> tuple[Case, ...]:
    """What every activation is judged on: shapes, strides and (for a rule) one long vector; then ``more``."""
    cases = (
        case("vector", x=away_from_zero(5)),
        case("matrix", x=away_from_zero(3, 2)),
        *more,
        case("a single number", check="edges", x=away_from_zero()),
        case("three axes", check="edges", x=away_from_zero(2, 1, 3)),
        case("no entries", check="edges", x=normal(0, 3)),
        case("strided", check="edges", x=every_second(away_from_zero(2, 3))),
    )
    if not cost:
        return (*cases, case("backwards", check="edges", x=reversed_view(away_from_zero(4))))
    return (
        *cases,
        case("backwards", check="edges", x=reversed_view(away_from_zero(4)), upstream=lambda grad: grad[::-1]),
        case("long", check="cost", x=away_from_zero(LONG)),
    )
