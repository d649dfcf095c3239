"""ps3, the private half of softmax and log-softmax."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.course.declare import Exercise, Misconception
from autograder.engine import ops
from autograder.engine.ops.activations import stable_sigmoid, stable_softmax
from kit.declare import Case, case
from kit.draws import every_second, exactly, normal, reversed_view

from ..public import softmaxes as kit
from ._shared import upstream_dropped

SHAPES: tuple[Case, ...] = (
    case("one row", x=normal(4)),
    case("rows", x=normal(2, 3)),
    case("square", x=normal(3, 3)),
    case("along the first axis", check="edges", x=normal(3, 2), axis=0),
    case("middle of three axes", check="edges", x=normal(2, 4, 3), axis=1),
    case("second axis from the end", check="edges", x=normal(4, 3), axis=-2),
    case("one class", check="edges", x=normal(3, 1)),
    case("no rows", check="edges", x=normal(0, 3)),
    case("strided", check="edges", x=every_second(normal(2, 3))),
    case("backwards", check="edges", x=reversed_view(normal(2, 4))),
    case("far out", check="stability", x=exactly([[1000.0, 998.5, -1000.0], [999.0, 1000.0, 999.5]])),
    case("rows far apart", check="stability", x=exactly([[-1000.0, -1001.5], [1000.0, 999.0], [0.5, -0.5]])),
)
COST = case("long rows", check="cost", x=normal(2, 16_000))  # even one row's Jacobian has 2 GB


def _overflowing(x: Any, axis: int = -1) -> Any:
    """Softmax as the formula is written, without subtracting anything."""
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


def _one_shift_for_all(x: Any, axis: int = -1) -> Any:
    """Softmax after subtracting the largest entry of the whole array."""
    return _overflowing(x - x.max(initial=-np.inf), axis)


def _in_place(x: Any, axis: int = -1) -> Any:
    """Right, and written into the caller's array."""
    x -= x.max(axis=axis, keepdims=True)
    return stable_softmax(x, axis)


def _by_recomputing(g: Any, x: Any, axis: int) -> Any:
    """The rule on probabilities computed afresh from x, without subtracting the maximum."""
    y = _overflowing(x, axis)
    return y * (g - (g * y).sum(axis=axis, keepdims=True))


SOFTMAX = Exercise(
    public=kit.SOFTMAX,
    reference=stable_softmax,
    cases=SHAPES,
    misconceptions=(
        Misconception(
            "overflow",
            seen_in="far out",
            wrong=_overflowing,
            hint="What is exp(1000) in float64? What may be done to a row without changing its softmax?",
        ),
        Misconception(
            "one-shift-for-all-rows",
            seen_in="rows far apart",
            wrong=_one_shift_for_all,
            hint="You shift all rows by the same number. What is left of a row that lies 2000 below the others?",
        ),
        Misconception(
            "normalised-over-everything",
            seen_in="rows",
            wrong=lambda x, axis=-1: np.exp(x - x.max(initial=-np.inf)) / np.exp(x - x.max(initial=-np.inf)).sum(),
            hint="All your entries together add up to 1. Which entries should?",
        ),
        Misconception(
            "always-last-axis",
            seen_in="along the first axis",
            wrong=lambda x, axis=-1: stable_softmax(x, -1),
            hint="This is right for axis=-1. Which axis did this call ask for?",
        ),
        Misconception(
            "keepdims-forgotten",
            seen_in="square",
            wrong=lambda x, axis=-1: (
                np.exp(x - x.max(axis=axis, keepdims=True)) / np.exp(x - x.max(axis=axis, keepdims=True)).sum(axis=axis)
            ),
            hint="The sum lost an axis. Along which one does NumPy stretch it when it divides the matrix?",
        ),
        Misconception(
            "sigmoid-instead",
            seen_in="rows",
            wrong=lambda x, axis=-1: stable_sigmoid(x),
            hint="Each of your entries looks only at itself. Do the entries of a row add up to 1?",
        ),
        Misconception(
            "logarithm-returned",
            seen_in="rows",
            wrong=lambda x, axis=-1: ops.log_softmax.forward(x, axis=axis),
            hint="Your entries are negative. Are they probabilities, or their logarithms?",
        ),
        Misconception(
            "overwrites-input",
            seen_in="rows",
            wrong=_in_place,
            hint="The numbers are right, and x is not what it was. Which line writes into the caller's array?",
        ),
    ),
)

SOFTMAX_BACKWARD = Exercise(
    public=kit.SOFTMAX_BACKWARD,
    op=ops.softmax,
    cases=(*SHAPES, COST),
    misconceptions=(
        Misconception(
            "diagonal-only",
            seen_in="rows",
            wrong=lambda g, y, x, axis=-1: g * y * (1.0 - y),
            hint="You follow each logit to its own probability. What do the other probabilities of the row do?",
        ),
        Misconception(
            "exp-rule",
            seen_in="rows",
            wrong=lambda g, y, x, axis=-1: g * y,
            hint="You differentiated the numerator. Which part of the fraction depends on x as well?",
        ),
        Misconception(
            "summed-over-everything",
            seen_in="rows",
            wrong=lambda g, y, x, axis=-1: y * (g - (g * y).sum()),
            hint="Does a logit of one row change the probabilities of another? Then over which entries is the sum?",
        ),
        Misconception(
            "always-last-axis",
            seen_in="along the first axis",
            wrong=lambda g, y, x, axis=-1: y * (g - (g * y).sum(axis=-1, keepdims=True)),
            hint="This is right for axis=-1. Along which axis did the forward of this call normalise?",
        ),
        Misconception(
            "always-zero",
            seen_in="rows",
            wrong=lambda g, y, x, axis=-1: np.zeros_like(x),
            hint="Zero is right if grad_output is constant along a row. Why, and is it constant here?",
        ),
        Misconception(
            "upstream-not-weighted",
            seen_in="rows",
            wrong=lambda g, y, x, axis=-1: y * (g - g.mean(axis=axis, keepdims=True)),
            hint="You compare each entry of grad_output with the plain average. Do all classes count the same?",
        ),
        Misconception(
            "keepdims-forgotten",
            seen_in="square",
            wrong=lambda g, y, x, axis=-1: y * (g - (g * y).sum(axis=axis)),
            hint="The sum lost an axis. Along which one does NumPy stretch it when it meets the matrix again?",
        ),
        Misconception(
            "recomputed-without-shift",
            seen_in="far out",
            wrong=lambda g, y, x, axis=-1: _by_recomputing(g, x, axis),
            hint="What is exp(1000) in float64? Which argument already holds the probabilities?",
        ),
    ),
)

LOG_SOFTMAX = Exercise(
    public=kit.LOG_SOFTMAX,
    op=ops.log_softmax,
    cases=(*SHAPES, COST),
    misconceptions=(
        upstream_dropped(ops.log_softmax, "rows"),
        Misconception(
            "output-is-not-a-probability",
            seen_in="rows",
            wrong=lambda g, y, x, axis=-1: g - y * g.sum(axis=axis, keepdims=True),
            hint="Your formula wants a probability. What does output hold here?",
        ),
        Misconception(
            "softmax-rule",
            seen_in="rows",
            wrong=lambda g, y, x, axis=-1: ops.softmax.backward(g, np.exp(y), x, axis=axis)[0],
            hint="That is the rule of softmax. What does the logarithm after it change?",
        ),
        Misconception(
            "not-summed",
            seen_in="rows",
            wrong=lambda g, y, x, axis=-1: g - g * np.exp(y),
            hint="Each logit reaches every output of its row. Over how many paths does its gradient come back?",
        ),
        Misconception(
            "summed-over-everything",
            seen_in="rows",
            wrong=lambda g, y, x, axis=-1: g - g.sum() * np.exp(y),
            hint="Does a logit of one row change the outputs of another? Then over which entries is the sum?",
        ),
        Misconception(
            "always-last-axis",
            seen_in="along the first axis",
            wrong=lambda g, y, x, axis=-1: g - g.sum(axis=-1, keepdims=True) * np.exp(y),
            hint="This is right for axis=-1. Along which axis did the forward of this call normalise?",
        ),
        Misconception(
            "normaliser-forgotten",
            seen_in="rows",
            wrong=lambda g, y, x, axis=-1: g,
            hint="You pass the upstream gradient on. Is x the only place where the forward has an x in it?",
        ),
        Misconception(
            "recomputed-without-shift",
            seen_in="far out",
            wrong=lambda g, y, x, axis=-1: g - g.sum(axis=axis, keepdims=True) * _overflowing(x, axis),
            hint="What is exp(1000) in float64? From which argument can the probabilities be had safely?",
        ),
    ),
)
