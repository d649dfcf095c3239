"""The public cases that operations on two arrays share: the same shape, and the ways in which one can be stretched."""

from __future__ import annotations

from collections.abc import Callable

from kit.declare import Case, case
from kit.draws import Draw, normal

Recipe = Callable[..., Draw]


def pairs(first: Recipe = normal, second: Recipe = normal) -> tuple[Case, ...]:
    """Cases for inputs ``a`` and ``b``, drawn by ``first(*shape)`` and ``second(*shape)``."""
    return (
        case("same shape", a=first(2, 3), b=second(2, 3)),
        case("row", check="edges", a=first(2, 3), b=second(3)),
        case("column", check="edges", a=first(2, 3), b=second(2, 1)),
        case("scalar", check="edges", a=first(), b=second(2)),
    )
