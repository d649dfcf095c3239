"""What many rules of this assignment share: hidden cases by kind of operation, and mistakes that any can have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.course.declare import EDGES, SHARES, Misconception
from autograder.engine import Primitive
from autograder.engine.broadcasting import unbroadcast
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


def upstream_ignored(op: Primitive, seen_in: str, hint: str) -> Misconception:
    """The local derivative alone, as if everything above were a plain sum."""
    return Misconception(
        "upstream-ignored",
        seen_in=seen_in,
        wrong=lambda g, y, *inputs, **params: op.backward(np.ones_like(g), y, *inputs, **params),
        hint=hint,
    )


def upstream_overwritten(op: Primitive, seen_in: str, hint: str) -> Misconception:
    """The right gradient of one array, entry by entry, written over the upstream gradient."""

    def wrong(g: Array, y: Array, x: Array, **params: Any) -> Array:
        g[...] = op.backward(g, y, x, **params)[0]
        return g

    return Misconception("upstream-overwritten", seen_in=seen_in, wrong=wrong, hint=hint)


Full = Callable[[Array, Array, Array, Array], tuple[Any, Any]]
"""(g, y, a, b) to the gradients of a and b in the shape of the output, before anything is summed."""


def not_summed(full: Full) -> Misconception:
    """Gradients of the output's shape, whatever the shape of the input."""
    return Misconception(
        "no-unbroadcast",
        seen_in="row",
        wrong=full,
        hint="Compare the shape of what you return with the shape of the input. Which entries of the output did one "
        "stretched entry take part in?",
    )


def averaged(full: Full) -> Misconception:
    """The mean over the copies where their sum belongs."""

    def mean(x: Any, shape: tuple[int, ...]) -> Array:
        return unbroadcast(np.asarray(x), shape) * (np.prod(shape, dtype=np.float64) / max(np.size(x), 1))

    return Misconception(
        "copies-averaged",
        seen_in="row",
        wrong=lambda g, y, a, b: tuple(map(mean, full(g, y, a, b), (a.shape, b.shape))),
        hint="An entry that was copied four times moves the loss along four paths. What does the chain rule do with "
        "paths?",
    )


def size_one_axis_lost(full: Full) -> Misconception:
    """Summed over the right axes, but a stretched axis of size 1 is gone afterwards."""

    def without(x: Any, shape: tuple[int, ...]) -> Array:
        x = np.asarray(x)
        new = x.ndim - len(shape)
        inner = [new + i for i, n in enumerate(shape) if n == 1 and x.shape[new + i] != 1]
        return np.asarray(x.sum(axis=(*range(new), *inner)))

    return Misconception(
        "size-1-axis-lost",
        seen_in="column",
        wrong=lambda g, y, a, b: tuple(map(without, full(g, y, a, b), (a.shape, b.shape))),
        hint="The numbers are right and one axis is missing. An axis of size 1 that was summed over: how can sum "
        "leave it?",
    )


def always_axis_0(full: Full) -> Misconception:
    """A sum over axis 0 whenever the shapes differ."""

    def first(x: Any, shape: tuple[int, ...]) -> Any:
        return x if np.shape(x) == shape else np.sum(x, axis=0)

    return Misconception(
        "always-axis-0",
        seen_in="column",
        wrong=lambda g, y, a, b: tuple(map(first, full(g, y, a, b), (a.shape, b.shape))),
        hint="You sum over axis 0 whenever the shapes differ. Along which axis is a column copied, and what about a "
        "scalar?",
    )


def summed_over_everything(full: Full) -> Misconception:
    """One total for the whole input whenever the shapes differ."""

    def total(x: Any, shape: tuple[int, ...]) -> Any:
        return x if np.shape(x) == shape else np.full(shape, np.sum(x))

    return Misconception(
        "summed-over-everything",
        seen_in="row",
        wrong=lambda g, y, a, b: tuple(map(total, full(g, y, a, b), (a.shape, b.shape))),
        hint="Every entry of the stretched input gets the same number from you. Did they all take part in the same "
        "outputs?",
    )


def gradients_swapped(op: Primitive, seen_in: str, hint: str) -> Misconception:
    """The two gradients in the wrong order."""
    return Misconception(
        "gradients-swapped",
        seen_in=seen_in,
        wrong=lambda g, y, *inputs, **params: op.backward(g, y, *inputs, **params)[::-1],
        hint=hint,
    )
