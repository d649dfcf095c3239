"""Mistakes that many rules invite: each makes the known mistake of one exercise, from its primitive or its formulas.

The first five take the right gradient and spoil it. The others are about broadcasting, and take ``full``: the gradients
of ``a`` and ``b`` in the shape of the output, before anything is summed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.course.declare import Array, Mistake
from autograder.engine import Primitive
from autograder.engine.broadcasting import unbroadcast

Full = Callable[[Array, Array, Array, Array], tuple[Any, Any]]
"""(g, y, a, b) to the gradients of a and b in the shape of the output."""


def upstream_ignored(
    op: Primitive,
    hint: str = "Your answer stays the same whatever arrives in grad_output. How does the loss get into your rule?",
) -> Mistake:
    """The local derivative alone, as if everything above were a plain sum."""
    return Mistake(
        "upstream-ignored",
        lambda g, y, *inputs, **params: op.backward(np.ones_like(g), y, *inputs, **params),
        hint,
    )


def upstream_overwritten(op: Primitive, hint: str) -> Mistake:
    """The right gradient of one array, entry by entry, written over the upstream gradient."""

    def wrong(g: Array, y: Array, x: Array, **params: Any) -> Array:
        g[...] = op.backward(g, y, x, **params)[0]
        return g

    return Mistake("upstream-overwritten", wrong, hint)


def gradients_swapped(op: Primitive, hint: str) -> Mistake:
    """The gradients in the opposite order."""
    return Mistake(
        "gradients-swapped", lambda g, y, *inputs, **params: op.backward(g, y, *inputs, **params)[::-1], hint
    )


def rescaled(name: str, op: Primitive, factor: Callable[..., float], hint: str) -> Mistake:
    """The right gradient of one array times ``factor(*inputs)``; an error in ``factor`` is the answer's error."""

    def wrong(g: Array, y: Array, *inputs: Any, **params: Any) -> Any:
        return factor(*inputs) * op.backward(g, y, *inputs, **params)[0]

    return Mistake(name, wrong, hint)


def sign_flipped(op: Primitive, hint: str) -> Mistake:
    """The gradient of one array that points the other way."""
    return rescaled("sign-flipped", op, lambda *_: -1.0, hint)


def not_summed(full: Full) -> Mistake:
    """Gradients of the output's shape, whatever the shape of the input."""
    return Mistake(
        "no-unbroadcast",
        full,
        "Compare the shape of what you return with the shape of the input. "
        "Which entries of the output did one stretched entry take part in?",
    )


def averaged(full: Full) -> Mistake:
    """The mean over the copies where their sum belongs."""

    def mean(x: Any, shape: tuple[int, ...]) -> Array:
        return unbroadcast(np.asarray(x), shape) * (np.prod(shape, dtype=np.float64) / max(np.size(x), 1))

    return Mistake(
        "copies-averaged",
        _each(mean, full),
        "An entry that was copied four times moves the loss along four paths. What does the chain rule do with paths?",
    )


def size_one_axis_lost(full: Full) -> Mistake:
    """Summed over the right axes, but a stretched axis of size 1 is gone afterwards."""

    def without(x: Any, shape: tuple[int, ...]) -> Array:
        x = np.asarray(x)
        new = x.ndim - len(shape)
        inner = [new + i for i, n in enumerate(shape) if n == 1 and x.shape[new + i] != 1]
        return np.asarray(x.sum(axis=(*range(new), *inner)))

    return Mistake(
        "size-1-axis-lost",
        _each(without, full),
        "The numbers are right and one axis is missing. An axis of size 1 that was summed over: how can sum leave it?",
    )


def always_axis_0(full: Full) -> Mistake:
    """A sum over axis 0 whenever the shapes differ."""

    def first(x: Any, shape: tuple[int, ...]) -> Any:
        return x if np.shape(x) == shape else np.sum(x, axis=0)

    return Mistake(
        "always-axis-0",
        _each(first, full),
        "You sum over axis 0 whenever the shapes differ. Along which axis is a column copied, and what about a scalar?",
    )


def summed_over_everything(full: Full) -> Mistake:
    """One total for the whole input whenever the shapes differ."""

    def total(x: Any, shape: tuple[int, ...]) -> Any:
        return x if np.shape(x) == shape else np.full(shape, np.sum(x))

    return Mistake(
        "summed-over-everything",
        _each(total, full),
        "Every entry of the stretched input gets the same number from you. Did they all take part in the same outputs?",
    )


def _each(reduce: Callable[[Any, tuple[int, ...]], Any], full: Full) -> Callable[..., Any]:
    """``full`` with ``reduce`` where the sum over the copies belongs."""
    return lambda g, y, a, b: tuple(map(reduce, full(g, y, a, b), (a.shape, b.shape)))
