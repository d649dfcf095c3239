"""Reductions that weigh their entries: variance, log-sum-exp; and the running sum."""

from __future__ import annotations

import math

import numpy as np

from autograder.course.declare import Exercise, mistake
from autograder.course.mistakes import upstream_ignored
from autograder.engine import ops
from autograder.engine.broadcasting import Axis, count
from kit.declare import case
from kit.draws import every_second, normal, shuffled

from ..public import statistics as public
from ._right import reduction, reduction_by_loop, reduction_moved, size
from ._shared import Array
from .reductions import AXES, spread


def deviation(x: Array, axis: Axis) -> Array:
    """x minus its mean over the axes."""
    return np.asarray(x - x.mean(axis=axis, keepdims=True))


def variance_rows(g, y, rows, ddof):
    n = rows.shape[1]
    centering = np.eye(n) - 1.0 / n
    return g * 2 / (n - ddof) * (rows @ centering)


VAR = Exercise(
    public.VAR,
    op=ops.var,
    cases=(
        *(of for of in AXES if of.name != "no rows"),  # PyTorch warns of too few entries there
        case("unbiased", x=normal(4, 3), axis=0, ddof=1),
        case("far from zero", x=normal(3, 4, offset=10.0), axis=1),
        case("unbiased over two axes", check="edges", x=normal(2, 3, 4), axis=(0, 2), ddof=1, keepdims=True),
        case("ddof 2", check="edges", x=normal(5), ddof=2),
    ),
    mistakes=(
        upstream_ignored(ops.var, "That is the local slope. What multiplies it, spread over the reduced axes?"),
        mistake(
            "two-forgotten",
            lambda g, y, x, axis=None, keepdims=False, ddof=0: (
                spread(g, x, axis, keepdims) * deviation(x, axis) / (count(x.shape, axis) - ddof)
            ),
            "Half of what it should be, everywhere. What comes down when a square is differentiated?",
        ),
        mistake(
            "ddof-ignored",
            lambda g, y, x, axis=None, keepdims=False, ddof=0: (
                spread(g, x, axis, keepdims) * 2 * deviation(x, axis) / count(x.shape, axis)
            ),
            "Right as long as ddof is 0. By what did the forward pass divide otherwise?",
        ),
        mistake(
            "ddof-always-one",
            lambda g, y, x, axis=None, keepdims=False, ddof=0: (
                spread(g, x, axis, keepdims) * 2 * deviation(x, axis) / max(count(x.shape, axis) - 1, 1)
            ),
            "You divide by one less than the number of entries. Did the forward pass, with the ddof it was given?",
        ),
        mistake(
            "mean-not-subtracted",
            lambda g, y, x, axis=None, keepdims=False, ddof=0: (
                spread(g, x, axis, keepdims) * 2 * x / (count(x.shape, axis) - ddof)
            ),
            "Shift all of x by 10: the variance stays the same. Does your gradient?",
        ),
        mistake(
            "n-is-total-size",
            lambda g, y, x, axis=None, keepdims=False, ddof=0: (
                spread(g, x, axis, keepdims) * 2 * deviation(x, axis) / max(x.size - ddof, 1)
            ),
            "You divide by the number of all entries. How many of them go into one variance?",
        ),
        mistake(
            "mean-over-everything",
            lambda g, y, x, axis=None, keepdims=False, ddof=0: (
                spread(g, x, axis, keepdims) * 2 * (x - x.sum() / max(x.size, 1)) / (count(x.shape, axis) - ddof)
            ),
            "You subtract one mean from everything. From which mean does each entry deviate?",
        ),
    ),
    right_answers=(
        reduction(
            lambda y, x, axes, ddof: 2 * (x - x.sum(axis=axes, keepdims=True) / size(x, axes)) / (size(x, axes) - ddof)
        ),
        reduction_by_loop(lambda value, variance, group, ddof: 2 * (value - np.mean(group)) / (np.size(group) - ddof)),
        reduction_moved(variance_rows),
    ),
)


def softmax(x: Array, axis: Axis) -> Array:
    """e^x over its sum along the axes, shifted so that nothing overflows."""
    shifted = np.exp(x - x.max(axis=axis, keepdims=True, initial=-np.inf))
    return np.asarray(shifted / shifted.sum(axis=axis, keepdims=True))


def softmax_rows(g, y, rows, ddof):
    shifted = np.exp(rows - rows.max(axis=1, keepdims=True))
    return g * shifted / shifted.sum(axis=1, keepdims=True)


LOGSUMEXP = Exercise(
    public.LOGSUMEXP,
    op=ops.logsumexp,
    cases=(
        *AXES,
        case("extreme", check="stability", x=shuffled([[1000.0, 999.0, 990.0], [-1000.0, -999.0, 0.0]]), axis=1),
        case("all very negative", check="stability", x=shuffled([-1000.0, -1001.0, -999.5])),
    ),
    mistakes=(
        upstream_ignored(ops.logsumexp, "Your weights are right: they add up to 1. What do they share out?"),
        mistake(
            "overflow",
            lambda g, y, x, axis=None, keepdims=False: (
                spread(g, x, axis, keepdims) * np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)
            ),
            "e^1000 is too large for a float. Which argument of your function already holds a logarithm to subtract?",
        ),
        mistake(
            "hard-maximum",
            lambda g, y, x, axis=None, keepdims=False: (
                spread(g, x, axis, keepdims) * (x == x.max(axis=axis, keepdims=True, initial=-np.inf))
            ),
            "You give everything to the largest entry. Does the sum not notice when another one moves?",
        ),
        mistake(
            "weights-over-everything",
            lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims) * softmax(x, None),
            "Your weights add up to 1 over the whole array. Over which entries should they?",
        ),
        mistake(
            "not-normalised",
            lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims) * np.exp(x),
            "You differentiated the sum of exponentials. What does the logarithm around it contribute?",
        ),
        mistake(
            "shared-evenly",
            lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims) / count(x.shape, axis),
            "Every entry gets the same share. Which entry moves the sum more, a small one or a large one?",
        ),
        mistake(
            "axis-not-put-back",
            lambda g, y, x, axis=None, keepdims=False: np.broadcast_to(g, x.shape) * softmax(x, axis),
            "The reduced axis is gone from grad_output. To which axes does NumPy line up what is left?",
        ),
    ),
    right_answers=(
        reduction(lambda y, x, axes, ddof: np.exp(x - y)),
        reduction_by_loop(lambda value, y, group, ddof: math.exp(value - y)),
        reduction_moved(softmax_rows),
    ),
)

CUMSUM = Exercise(
    public.CUMSUM,
    op=ops.cumsum,
    cases=(
        case("vector", x=normal(4)),
        case("axis 0", x=normal(3, 4)),
        case("axis 1", x=normal(3, 4), axis=1),
        case("square", x=normal(3, 3), axis=1),
        case("negative axis", check="edges", x=normal(2, 3, 4), axis=-2),
        case("size-1 axis", check="edges", x=normal(3, 1), axis=1),
        case("no rows", check="edges", x=normal(0, 3), axis=1),
        case("strided", check="edges", x=every_second(normal(3, 4)), axis=1, upstream=np.flip),
        case("cost", check="cost", x=normal(16400)),
    ),
    mistakes=(
        upstream_ignored(ops.cumsum, "You counted how many outputs each entry is in. What should be added for each?"),
        mistake(
            "same-direction",
            lambda g, y, x, axis=0: g.cumsum(axis=axis),
            "x[0] is in every running sum, x[-1] only in the last. Which end of your gradient adds up most?",
        ),
        mistake("passed-through", lambda g, y, x, axis=0: g, "x[0] takes part in output 0. In which others?"),
        mistake(
            "left-reversed",
            lambda g, y, x, axis=0: np.flip(g, axis).cumsum(axis=axis),
            "The right numbers in the wrong order. After adding up from the end, what has to happen to the result?",
        ),
        mistake(
            "own-place-left-out",
            lambda g, y, x, axis=0: np.flip(np.flip(g, axis).cumsum(axis=axis), axis) - g,
            "x[j] is in y[j] as well. Does your sum begin at j or after it?",
        ),
        mistake(
            "always-axis-0",
            lambda g, y, x, axis=0: np.flip(np.flip(g, 0).cumsum(axis=0), 0),
            "Right along axis 0. Where does the argument axis enter?",
        ),
        mistake(
            "summed-over-the-axis",
            lambda g, y, x, axis=0: np.broadcast_to(g.sum(axis=axis, keepdims=True), x.shape),
            "You give every entry the sum of all upstream gradients. Is x[-1] in all of the outputs?",
        ),
    ),
    right_answers=(lambda g, y, x, axis=0: g.sum(axis=axis, keepdims=True) - g.cumsum(axis=axis) + g,),
)


@CUMSUM.right
def cumsum_by_loop(g, y, x, axis=0):
    g = np.moveaxis(g, axis, 0)
    grad, running = np.zeros(g.shape), np.zeros(g.shape[1:])
    for i in range(len(g) - 1, -1, -1):
        running = running + g[i]
        grad[i] = running
    return np.moveaxis(grad, 0, axis)


@CUMSUM.right
def cumsum_by_slices(g, y, x, axis=0):
    back = [slice(None)] * x.ndim
    back[axis] = slice(None, None, -1)
    return np.add.accumulate(g[tuple(back)], axis=axis)[tuple(back)]
