"""Reductions over axes: sum, mean, maximum."""

from __future__ import annotations

import numpy as np

from autograder.course.declare import Exercise, mistake
from autograder.course.mistakes import upstream_ignored
from autograder.engine import ops
from autograder.engine.broadcasting import Axis, count, restore
from kit.declare import Case, case
from kit.draws import every_second, exactly, normal, shuffled, tied

from ..public import reductions as public
from ._right import put_back, reduction, reduction_by_loop, reduction_moved, size
from ._shared import Array

# A Jacobian of 12,000 outputs and 24,000 inputs: 2.3 GB.
AXES: tuple[Case, ...] = (
    case("everything", x=normal(3, 2)),
    case("axis 0", x=normal(3, 4), axis=0),
    case("axis 1", x=normal(3, 4), axis=1),
    case("square", x=normal(3, 3), axis=1),
    case("middle axis", x=normal(2, 3, 4), axis=1),
    case("axis kept", check="edges", x=normal(3, 4), axis=1, keepdims=True),
    case("everything kept", check="edges", x=normal(3, 2), keepdims=True),
    case("negative axis", check="edges", x=normal(2, 3, 4), axis=-2),
    case("last axis", check="edges", x=normal(3, 4), axis=-1),
    case("two axes", check="edges", x=normal(2, 3, 4), axis=(0, 2)),
    case("two axes kept", check="edges", x=normal(2, 3, 4), axis=(-1, 0), keepdims=True),
    case("size-1 axis", check="edges", x=normal(3, 1), axis=1),
    case("scalar", check="edges", x=normal()),
    case("no rows", check="edges", x=normal(0, 3), axis=1),
    case("strided", check="edges", x=every_second(normal(3, 4)), axis=0, upstream=np.flip),
    case("cost", check="cost", x=normal(11600, 2), axis=1),
)


def spread(g: Array, x: Array, axis: Axis, keepdims: bool) -> Array:
    """g copied back along the reduced axes, to the shape of x."""
    return np.broadcast_to(restore(g, x.shape, axis, keepdims), x.shape)


def always_expanded(g: Array, x: Array, axis: Axis, keepdims: bool) -> Array:
    """An axis put back even where keepdims left it."""
    kept = g if axis is None else np.expand_dims(g, axis)
    return kept * np.ones(x.shape)


SUM = Exercise(
    public.SUM,
    op=ops.sum,
    cases=AXES,
    mistakes=(
        upstream_ignored(
            ops.sum, "All ones is right only if the upstream gradient happens to be 1. What should be copied?"
        ),
        mistake(
            "not-copied-back",
            lambda g, y, x, axis=None, keepdims=False: g,
            "The input has more entries than the output. Which of them share one entry of grad_output?",
        ),
        mistake(
            "averaged",
            lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims) / count(x.shape, axis),
            "That is the rule of the mean. With what weight does one entry enter a sum?",
        ),
        mistake(
            "upstream-added-up",
            lambda g, y, x, axis=None, keepdims=False: np.ones(x.shape) * np.sum(g),
            "Every entry gets the same number from you. "
            "Does each row or column not have an upstream gradient of its own?",
        ),
        mistake(
            "axis-not-put-back",
            lambda g, y, x, axis=None, keepdims=False: np.broadcast_to(g, x.shape),
            "The summed axis is gone from grad_output. To which axes does NumPy line up what is left?",
        ),
        mistake(
            "keepdims-not-asked",
            lambda g, y, x, axis=None, keepdims=False: always_expanded(g, x, axis, keepdims),
            "You always put the axis back. What if keepdims has left it in place?",
        ),
        mistake(
            "multiplied-by-the-input",
            lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims) * x,
            "If one entry grows by 0.1, by how much does the sum grow: does the size of the entry matter?",
        ),
    ),
    right_answers=(
        reduction(lambda y, x, axes, ddof: np.ones(x.shape)),
        reduction_by_loop(lambda value, total, group, ddof: 1.0),
        reduction_moved(lambda g, y, rows, ddof: np.repeat(g, rows.shape[1], axis=1)),
        lambda g, y, x, axis=None, keepdims=False: np.einsum("...,...->...", put_back(g, x, axis), np.ones(x.shape)),
    ),
)

MEAN = Exercise(
    public.MEAN,
    op=ops.mean,
    cases=AXES,
    mistakes=(
        upstream_ignored(ops.mean, "One over n is the local slope. What is it the slope of, and what is missing?"),
        mistake(
            "weight-forgotten",
            lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims),
            "That is the rule of the sum. With what weight does one entry enter a mean?",
        ),
        mistake(
            "n-is-total-size",
            lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims) / max(x.size, 1),
            "You divide by the number of all entries. How many of them go into one mean?",
        ),
        mistake(
            "divided-by-the-output-size",
            lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims) / max(y.size, 1),
            "You divide by the number of means. How many entries go into one of them?",
        ),
        mistake(
            "not-copied-back",
            lambda g, y, x, axis=None, keepdims=False: g / count(x.shape, axis),
            "The input has more entries than the output. Which of them share one entry of grad_output?",
        ),
        mistake(
            "axis-not-put-back",
            lambda g, y, x, axis=None, keepdims=False: np.broadcast_to(g, x.shape) / count(x.shape, axis),
            "The averaged axis is gone from grad_output. To which axes does NumPy line up what is left?",
        ),
        mistake(
            "keepdims-not-asked",
            lambda g, y, x, axis=None, keepdims=False: always_expanded(g, x, axis, keepdims) / count(x.shape, axis),
            "You always put the axis back. What if keepdims has left it in place?",
        ),
    ),
    right_answers=(
        reduction(lambda y, x, axes, ddof: 1 / size(x, axes)),
        reduction_by_loop(lambda value, mean, group, ddof: 1 / np.size(group)),
        reduction_moved(lambda g, y, rows, ddof: np.tile(g / rows.shape[1], (1, rows.shape[1]))),
    ),
)


def winners(y: Array, x: Array, axis: Axis, keepdims: bool) -> Array:
    """Where x equals the maximum over its axes."""
    return np.asarray(x == restore(y, x.shape, axis, keepdims))


def first_winner(mask: Array, axis: Axis) -> Array:
    """``mask`` with only the first True along the reduced axes left."""
    axes = tuple(range(mask.ndim)) if axis is None else (axis,) if isinstance(axis, int) else axis
    last = tuple(range(-len(axes), 0))
    moved = np.moveaxis(mask, axes, last)
    flat = moved.reshape(*moved.shape[: moved.ndim - len(axes)], -1)
    first = np.zeros_like(flat)
    np.put_along_axis(first, flat.argmax(axis=-1)[..., None], True, axis=-1)
    return np.moveaxis(first.reshape(moved.shape), last, axes)


def flat_argmax(g: Array, x: Array) -> Array:
    """Everything to the largest entry of the whole array."""
    gradient = np.zeros(x.shape)
    if x.size:
        gradient.reshape(-1)[x.argmax()] = g.sum()
    return gradient


def with_ties(value, top, group):
    return 1.0 / np.count_nonzero(group == top) if value == top else 0.0


def amax_rows(g, y, rows, ddof):
    winners = (rows == y).astype(float)
    return g * winners / winners.sum(axis=1, keepdims=True)


AMAX = Exercise(
    public.AMAX,
    op=ops.amax,
    cases=(
        *AXES,
        case("ties in a row", check="edges", x=shuffled([[2.0, 2.0, 0.0], [1.0, 3.0, 2.0]]), axis=1),
        case("all equal", check="edges", x=exactly([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]])),
        case("many ties", check="edges", x=tied(3, 4, 2, levels=2), axis=(0, 1)),
    ),
    mistakes=(
        upstream_ignored(ops.amax, "A mask of zeros and ones is the local slope. What does it multiply?"),
        mistake(
            "everyone-gets-it",
            lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims),
            "Move an entry that is not the largest: does the maximum notice?",
        ),
        mistake(
            "one-winner-for-all",
            lambda g, y, x, axis=None, keepdims=False: flat_argmax(g, x),
            "Without an axis, argmax looks at the whole array. How many maxima are there here?",
        ),
        mistake(
            "multiplied-by-the-value",
            lambda g, y, x, axis=None, keepdims=False: (
                spread(g, x, axis, keepdims)
                * np.where(winners(y, x, axis, keepdims), x, 0.0)
                / winners(y, x, axis, keepdims).sum(axis=axis, keepdims=True)
            ),
            "If the largest entry grows by 0.1, by how much does the maximum grow: does its size matter?",
        ),
        mistake(
            "ties-all-get-everything",
            lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims) * winners(y, x, axis, keepdims),
            "Two entries tie and each gets the whole gradient. How much leaves in total, and how much came in?",
        ),
        mistake(
            "tie-to-the-first",
            lambda g, y, x, axis=None, keepdims=False: (
                spread(g, x, axis, keepdims) * first_winner(winners(y, x, axis, keepdims), axis)
            ),
            "On a tie the first entry gets everything. What does the text agree on for equal entries?",
        ),
    ),
    right_answers=(
        reduction(lambda y, x, axes, ddof: (x == y) / np.sum(x == y, axis=axes, keepdims=True)),
        reduction_by_loop(lambda value, top, group, ddof: with_ties(value, top, group)),
        reduction_moved(amax_rows),
    ),
)
