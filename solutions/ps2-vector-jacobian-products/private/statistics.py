"""Reductions that weigh their entries: variance, log-sum-exp; and the running sum."""

from __future__ import annotations

import numpy as np

from autograder.course.declare import Exercise, Misconception
from autograder.engine import ops
from autograder.engine.broadcasting import Axis, count
from kit.declare import case
from kit.draws import every_second, normal, shuffled

from ..public import statistics as kit
from ._shared import Array, upstream_ignored
from .reductions import AXES, spread


def deviation(x: Array, axis: Axis) -> Array:
    """x minus its mean over the axes."""
    return np.asarray(x - x.mean(axis=axis, keepdims=True))


VAR = Exercise(
    public=kit.VAR,
    op=ops.var,
    cases=(
        *(of for of in AXES if of.name != "no rows"),  # PyTorch warns of too few entries there
        case("unbiased", x=normal(4, 3), axis=0, ddof=1),
        case("far from zero", x=normal(3, 4, offset=10.0), axis=1),
        case("unbiased over two axes", check="edges", x=normal(2, 3, 4), axis=(0, 2), ddof=1, keepdims=True),
        case("ddof 2", check="edges", x=normal(5), ddof=2),
    ),
    misconceptions=(
        upstream_ignored(
            ops.var, "everything", "That is the local slope. What multiplies it, spread over the reduced axes?"
        ),
        Misconception(
            "two-forgotten",
            seen_in="everything",
            wrong=lambda g, y, x, axis=None, keepdims=False, ddof=0: (
                spread(g, x, axis, keepdims) * deviation(x, axis) / (count(x.shape, axis) - ddof)
            ),
            hint="Half of what it should be, everywhere. What comes down when a square is differentiated?",
        ),
        Misconception(
            "ddof-ignored",
            seen_in="unbiased",
            wrong=lambda g, y, x, axis=None, keepdims=False, ddof=0: (
                spread(g, x, axis, keepdims) * 2 * deviation(x, axis) / count(x.shape, axis)
            ),
            hint="Right as long as ddof is 0. By what did the forward pass divide otherwise?",
        ),
        Misconception(
            "ddof-always-one",
            seen_in="everything",
            wrong=lambda g, y, x, axis=None, keepdims=False, ddof=0: (
                spread(g, x, axis, keepdims) * 2 * deviation(x, axis) / max(count(x.shape, axis) - 1, 1)
            ),
            hint="You divide by one less than the number of entries. Did the forward pass, with the ddof it was given?",
        ),
        Misconception(
            "mean-not-subtracted",
            seen_in="far from zero",
            wrong=lambda g, y, x, axis=None, keepdims=False, ddof=0: (
                spread(g, x, axis, keepdims) * 2 * x / (count(x.shape, axis) - ddof)
            ),
            hint="Shift all of x by 10: the variance stays the same. Does your gradient?",
        ),
        Misconception(
            "n-is-total-size",
            seen_in="axis 0",
            wrong=lambda g, y, x, axis=None, keepdims=False, ddof=0: (
                spread(g, x, axis, keepdims) * 2 * deviation(x, axis) / max(x.size - ddof, 1)
            ),
            hint="You divide by the number of all entries. How many of them go into one variance?",
        ),
        Misconception(
            "mean-over-everything",
            seen_in="axis 0",
            wrong=lambda g, y, x, axis=None, keepdims=False, ddof=0: (
                spread(g, x, axis, keepdims) * 2 * (x - x.sum() / max(x.size, 1)) / (count(x.shape, axis) - ddof)
            ),
            hint="You subtract one mean from everything. From which mean does each entry deviate?",
        ),
    ),
)


def softmax(x: Array, axis: Axis) -> Array:
    """e^x over its sum along the axes, shifted so that nothing overflows."""
    shifted = np.exp(x - x.max(axis=axis, keepdims=True, initial=-np.inf))
    return np.asarray(shifted / shifted.sum(axis=axis, keepdims=True))


LOGSUMEXP = Exercise(
    public=kit.LOGSUMEXP,
    op=ops.logsumexp,
    cases=(
        *AXES,
        case("extreme", check="stability", x=shuffled([[1000.0, 999.0, 990.0], [-1000.0, -999.0, 0.0]]), axis=1),
        case("all very negative", check="stability", x=shuffled([-1000.0, -1001.0, -999.5])),
    ),
    misconceptions=(
        upstream_ignored(
            ops.logsumexp, "everything", "Your weights are right: they add up to 1. What do they share out?"
        ),
        Misconception(
            "overflow",
            seen_in="extreme",
            wrong=lambda g, y, x, axis=None, keepdims=False: (
                spread(g, x, axis, keepdims) * np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)
            ),
            hint="e^1000 is too large for a float. Which argument of your function already holds a logarithm to "
            "subtract?",
        ),
        Misconception(
            "hard-maximum",
            seen_in="axis 0",
            wrong=lambda g, y, x, axis=None, keepdims=False: (
                spread(g, x, axis, keepdims) * (x == x.max(axis=axis, keepdims=True, initial=-np.inf))
            ),
            hint="You give everything to the largest entry. Does the sum not notice when another one moves?",
        ),
        Misconception(
            "weights-over-everything",
            seen_in="axis 0",
            wrong=lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims) * softmax(x, None),
            hint="Your weights add up to 1 over the whole array. Over which entries should they?",
        ),
        Misconception(
            "not-normalised",
            seen_in="axis 0",
            wrong=lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims) * np.exp(x),
            hint="You differentiated the sum of exponentials. What does the logarithm around it contribute?",
        ),
        Misconception(
            "shared-evenly",
            seen_in="axis 0",
            wrong=lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims) / count(x.shape, axis),
            hint="Every entry gets the same share. Which entry moves the sum more, a small one or a large one?",
        ),
        Misconception(
            "axis-not-put-back",
            seen_in="square",
            wrong=lambda g, y, x, axis=None, keepdims=False: np.broadcast_to(g, x.shape) * softmax(x, axis),
            hint="The reduced axis is gone from grad_output. To which axes does NumPy line up what is left?",
        ),
    ),
)

CUMSUM = Exercise(
    public=kit.CUMSUM,
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
    misconceptions=(
        upstream_ignored(
            ops.cumsum, "vector", "You counted how many outputs each entry is in. What should be added for each?"
        ),
        Misconception(
            "same-direction",
            seen_in="vector",
            wrong=lambda g, y, x, axis=0: g.cumsum(axis=axis),
            hint="x[0] is in every running sum, x[-1] only in the last. Which end of your gradient adds up most?",
        ),
        Misconception(
            "passed-through",
            seen_in="vector",
            wrong=lambda g, y, x, axis=0: g,
            hint="x[0] takes part in output 0. In which others?",
        ),
        Misconception(
            "left-reversed",
            seen_in="vector",
            wrong=lambda g, y, x, axis=0: np.flip(g, axis).cumsum(axis=axis),
            hint="The right numbers in the wrong order. After adding up from the end, what has to happen to the "
            "result?",
        ),
        Misconception(
            "own-place-left-out",
            seen_in="vector",
            wrong=lambda g, y, x, axis=0: np.flip(np.flip(g, axis).cumsum(axis=axis), axis) - g,
            hint="x[j] is in y[j] as well. Does your sum begin at j or after it?",
        ),
        Misconception(
            "always-axis-0",
            seen_in="axis 1",
            wrong=lambda g, y, x, axis=0: np.flip(np.flip(g, 0).cumsum(axis=0), 0),
            hint="Right along axis 0. Where does the argument axis enter?",
        ),
        Misconception(
            "summed-over-the-axis",
            seen_in="vector",
            wrong=lambda g, y, x, axis=0: np.broadcast_to(g.sum(axis=axis, keepdims=True), x.shape),
            hint="You give every entry the sum of all upstream gradients. Is x[-1] in all of the outputs?",
        ),
    ),
)
