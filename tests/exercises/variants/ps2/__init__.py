"""Right answers of ps2, written in different ways: loops, einsum, library calls, lists, other algebra."""

from __future__ import annotations

from collections.abc import Callable

from tests.exercises.variants.ps2 import elementwise, jacobians, moves, products, reductions

VARIANTS: dict[str, tuple[Callable, ...]] = {
    **jacobians.VARIANTS,
    **elementwise.VARIANTS,
    **reductions.VARIANTS,
    **moves.VARIANTS,
    **products.VARIANTS,
}
