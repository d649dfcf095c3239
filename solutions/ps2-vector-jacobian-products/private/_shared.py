"""What many rules of this assignment share: hidden cases by kind of operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.course.declare import EDGES, SHARES
from kit.declare import Case, case
from kit.draws import Draw, every_second, normal, reversed_view, transposed_view

Array = np.ndarray[Any, np.dtype[Any]]
Recipe = Callable[..., Draw]

EDGES_ARE_THE_POINT: Mapping[str, float] = {**SHARES, EDGES: 0.4}
"""For a rule that is trivial without its edge cases: sums of equal shapes, indices that never repeat."""


def entries(recipe: Recipe = normal) -> tuple[Case, ...]:
    """Hidden cases of an operation on one array ``x``, entry by entry. 16,400 entries: a Jacobian of 2.15 GB."""
    return (
        case("vector", x=recipe(4)),
        case("matrix", x=recipe(3, 2)),
        case("three axes", x=recipe(2, 3, 2)),
        case("scalar", check="edges", x=recipe()),
        case("empty", check="edges", x=recipe(0, 3)),
        case("strided", check="edges", x=every_second(recipe(2, 3)), upstream=np.flip),
        case("Fortran order", check="edges", x=transposed_view(recipe(3, 2))),
        case("cost", check="cost", x=recipe(164, 100)),
    )


def pairs(first: Recipe = normal, second: Recipe = normal) -> tuple[Case, ...]:
    """Hidden cases of an operation on ``a`` and ``b``, which broadcast together."""
    return (
        case("same shape", a=first(3, 2), b=second(3, 2)),
        case("three axes", a=first(2, 3, 2), b=second(2, 3, 2)),
        case("row", check="edges", a=first(4, 3), b=second(3)),
        case("column", check="edges", a=first(4, 3), b=second(4, 1)),
        case("left stretched", check="edges", a=first(3), b=second(2, 3)),
        case("both stretched", check="edges", a=first(4, 1), b=second(3)),
        case("leading and inner", check="edges", a=first(2, 1, 3), b=second(4, 1)),
        case("scalar", check="edges", a=first(2, 3), b=second()),
        case("two scalars", check="edges", a=first(), b=second()),
        case("size-1 axis of both", check="edges", a=first(2, 1), b=second(2, 1)),
        case("empty", check="edges", a=first(0, 3), b=second(3)),
        case("strided", check="edges", a=reversed_view(first(2, 3)), b=every_second(second(3)), upstream=np.flip),
        case("cost", check="cost", a=first(164, 100), b=second(164, 100)),
    )
