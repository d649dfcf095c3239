"""ps3, the private half of softmax and log-softmax."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.course.declare import Exercise, mistake
from autograder.course.mistakes import upstream_ignored
from autograder.engine import ops
from autograder.engine.ops.activations import stable_sigmoid, stable_softmax
from kit.declare import Case, case
from kit.draws import every_second, exactly, normal, reversed_view

from ..public import softmaxes as public

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


def _by_recomputing(g: Any, x: Any, axis: int) -> Any:
    """The rule on probabilities computed afresh from x, without subtracting the maximum."""
    y = _overflowing(x, axis)
    return y * (g - (g * y).sum(axis=axis, keepdims=True))


SOFTMAX = Exercise(
    public.SOFTMAX,
    reference=stable_softmax,
    cases=SHAPES,
    mistakes=(
        mistake(
            "overflow",
            _overflowing,
            "What is exp(1000) in float64? What may be done to a row without changing its softmax?",
        ),
        mistake(
            "one-shift-for-all-rows",
            lambda x, axis=-1: _overflowing(x - x.max(initial=-np.inf), axis),
            "You shift all rows by the same number. What is left of a row that lies 2000 below the others?",
        ),
        mistake(
            "normalised-over-everything",
            lambda x, axis=-1: np.exp(x - x.max(initial=-np.inf)) / np.exp(x - x.max(initial=-np.inf)).sum(),
            "All your entries together add up to 1. Which entries should?",
        ),
        mistake(
            "always-last-axis",
            lambda x, axis=-1: stable_softmax(x, -1),
            "This is right for axis=-1. Which axis did this call ask for?",
        ),
        mistake(
            "keepdims-forgotten",
            lambda x, axis=-1: (
                np.exp(x - x.max(axis=axis, keepdims=True)) / np.exp(x - x.max(axis=axis, keepdims=True)).sum(axis=axis)
            ),
            "The sum lost an axis. Along which one does NumPy stretch it when it divides the matrix?",
        ),
        mistake(
            "sigmoid-instead",
            lambda x, axis=-1: stable_sigmoid(x),
            "Each of your entries looks only at itself. Do the entries of a row add up to 1?",
        ),
        mistake(
            "logarithm-returned",
            lambda x, axis=-1: ops.log_softmax.forward(x, axis=axis),
            "Your entries are negative. Are they probabilities, or their logarithms?",
        ),
    ),
)


@SOFTMAX.mistake
def overwrites_input(x, axis=-1):
    """The numbers are right, and x is not what it was. Which line writes into the caller's array?"""
    x -= x.max(axis=axis, keepdims=True)
    return stable_softmax(x, axis)


@SOFTMAX.right
def softmax_by_logsumexp(x, axis=-1):
    return np.exp(x - np.logaddexp.reduce(x, axis=axis, keepdims=True))


@SOFTMAX.right
def softmax_by_moving_the_axis(x, axis=-1):
    last = np.moveaxis(x, axis, -1)
    e = np.exp(last - last.max(-1)[..., None])
    return np.moveaxis(e / e.sum(-1)[..., None], -1, axis)


@SOFTMAX.right
def softmax_vector_by_vector(x, axis=-1):
    result = np.zeros_like(x)
    last, into = np.moveaxis(x, axis, -1), np.moveaxis(result, axis, -1)
    for place in np.ndindex(last.shape[:-1]):
        e = [math.exp(v - max(last[place])) for v in last[place]]
        into[place] = np.array(e) / sum(e)
    return result


@SOFTMAX.right
def softmax_along_axis(x, axis=-1):
    if x.size == 0:
        return x.copy()
    return np.apply_along_axis(lambda row: np.exp(row - row.max()) / np.exp(row - row.max()).sum(), axis, x)


SOFTMAX_BACKWARD = Exercise(
    public.SOFTMAX_BACKWARD,
    op=ops.softmax,
    cases=(*SHAPES, COST),
    mistakes=(
        mistake(
            "diagonal-only",
            lambda g, y, x, axis=-1: g * y * (1.0 - y),
            "You follow each logit to its own probability. What do the other probabilities of the row do?",
        ),
        mistake(
            "exp-rule",
            lambda g, y, x, axis=-1: g * y,
            "You differentiated the numerator. Which part of the fraction depends on x as well?",
        ),
        mistake(
            "summed-over-everything",
            lambda g, y, x, axis=-1: y * (g - (g * y).sum()),
            "Does a logit of one row change the probabilities of another? Then over which entries is the sum?",
        ),
        mistake(
            "always-last-axis",
            lambda g, y, x, axis=-1: y * (g - (g * y).sum(axis=-1, keepdims=True)),
            "This is right for axis=-1. Along which axis did the forward of this call normalise?",
        ),
        mistake(
            "always-zero",
            lambda g, y, x, axis=-1: np.zeros_like(x),
            "Zero is right if grad_output is constant along a row. Why, and is it constant here?",
        ),
        mistake(
            "upstream-not-weighted",
            lambda g, y, x, axis=-1: y * (g - g.mean(axis=axis, keepdims=True)),
            "You compare each entry of grad_output with the plain average. Do all classes count the same?",
        ),
        mistake(
            "keepdims-forgotten",
            lambda g, y, x, axis=-1: y * (g - (g * y).sum(axis=axis)),
            "The sum lost an axis. Along which one does NumPy stretch it when it meets the matrix again?",
        ),
        mistake(
            "recomputed-without-shift",
            lambda g, y, x, axis=-1: _by_recomputing(g, x, axis),
            "What is exp(1000) in float64? Which argument already holds the probabilities?",
        ),
    ),
)


@SOFTMAX_BACKWARD.right
def softmax_backward_by_einsum(grad_output, output, x, axis=-1):
    g, y = np.moveaxis(grad_output, axis, -1), np.moveaxis(output, axis, -1)
    inner = np.einsum("...i,...i->...", g, y)
    return np.moveaxis(y * (g - inner[..., None]), -1, axis)


def rowwise(rule: Callable, g, y, x, axis=-1):
    """``rule(g, y, x)`` on each vector along ``axis``, one after the other."""
    result = np.zeros_like(x)
    g, y, x, into = (np.moveaxis(a, axis, -1) for a in (g, y, x, result))
    for place in np.ndindex(x.shape[:-1]):
        into[place] = rule(g[place], y[place], x[place])
    return result


@SOFTMAX_BACKWARD.right
def softmax_backward_row_by_row(grad_output, output, x, axis=-1):
    return rowwise(lambda g, y, x: y * g - y * np.dot(y, g), grad_output, output, x, axis)


@SOFTMAX_BACKWARD.right
def softmax_backward_expanded(grad_output, output, x, axis=-1):
    weighted = grad_output * output
    return (weighted - output * np.expand_dims(np.sum(weighted, axis=axis), axis),)


@SOFTMAX_BACKWARD.right
def softmax_backward_recomputing(grad_output, output, x, axis=-1):
    y = np.exp(x - np.max(x, axis=axis, keepdims=True))
    y /= np.sum(y, axis=axis, keepdims=True)
    return y * (grad_output - np.sum(grad_output * y, axis=axis, keepdims=True))


LOG_SOFTMAX = Exercise(
    public.LOG_SOFTMAX,
    op=ops.log_softmax,
    cases=(*SHAPES, COST),
    mistakes=(
        upstream_ignored(ops.log_softmax),
        mistake(
            "output-is-not-a-probability",
            lambda g, y, x, axis=-1: g - y * g.sum(axis=axis, keepdims=True),
            "Your formula wants a probability. What does output hold here?",
        ),
        mistake(
            "softmax-rule",
            lambda g, y, x, axis=-1: ops.softmax.backward(g, np.exp(y), x, axis=axis)[0],
            "That is the rule of softmax. What does the logarithm after it change?",
        ),
        mistake(
            "not-summed",
            lambda g, y, x, axis=-1: g - g * np.exp(y),
            "Each logit reaches every output of its row. Over how many paths does its gradient come back?",
        ),
        mistake(
            "summed-over-everything",
            lambda g, y, x, axis=-1: g - g.sum() * np.exp(y),
            "Does a logit of one row change the outputs of another? Then over which entries is the sum?",
        ),
        mistake(
            "always-last-axis",
            lambda g, y, x, axis=-1: g - g.sum(axis=-1, keepdims=True) * np.exp(y),
            "This is right for axis=-1. Along which axis did the forward of this call normalise?",
        ),
        mistake(
            "normaliser-forgotten",
            lambda g, y, x, axis=-1: g,
            "You pass the upstream gradient on. Is x the only place where the forward has an x in it?",
        ),
        mistake(
            "recomputed-without-shift",
            lambda g, y, x, axis=-1: g - g.sum(axis=axis, keepdims=True) * _overflowing(x, axis),
            "What is exp(1000) in float64? From which argument can the probabilities be had safely?",
        ),
    ),
)


@LOG_SOFTMAX.right
def log_softmax_by_einsum(grad_output, output, x, axis=-1):
    g, y = np.moveaxis(grad_output, axis, -1), np.moveaxis(output, axis, -1)
    return np.moveaxis(g - np.einsum("...i,...j->...j", g, np.exp(y)), -1, axis)


@LOG_SOFTMAX.right
def log_softmax_row_by_row(grad_output, output, x, axis=-1):
    return rowwise(lambda g, y, x: g - np.sum(g) * np.exp(y), grad_output, output, x, axis)


@LOG_SOFTMAX.right
def log_softmax_recomputing(grad_output, output, x, axis=-1):
    return grad_output - softmax_by_logsumexp(x, axis) * np.sum(grad_output, axis=axis, keepdims=True)


@LOG_SOFTMAX.right
def log_softmax_through_softmax(grad_output, output, x, axis=-1):
    p = np.exp(output)
    return grad_output * (1 - p) - p * (np.sum(grad_output, axis, keepdims=True) - grad_output)
