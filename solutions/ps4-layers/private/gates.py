"""Residual block and gated linear unit: two ways from input to output, one of them through a gate."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from autograder.course.declare import Array, Exercise, mistake
from autograder.engine import ops
from autograder.engine.ops.activations import stable_sigmoid
from kit.declare import case
from kit.draws import every_second, exactly, normal, reversed_view, shuffled, transposed_view

from ..public import gates as public
from ._right import sigmoid


def _rows(x: Array) -> Array:
    return np.asarray(x.reshape(-1, x.shape[-1]))


def _residual(
    *,
    skip: float = 1.0,
    branch: float = 1.0,
    is_open: Callable[[Array, Array, Array], Array] = lambda x, pre, y: np.asarray(pre > 0),
    through: Callable[[Array, Array], Array] = lambda d, W: np.asarray(d @ W),
    for_w: Callable[[Array, Array, Array], Array] = lambda d, x, g: np.asarray(_rows(d).T @ _rows(x)),
) -> Callable[..., tuple[Array, Array]]:
    """The rule with one thing changed: the weights of the two paths, when the gate ``is_open``, how d passes W."""

    def wrong(g: Array, y: Array, x: Array, W: Array) -> tuple[Array, Array]:
        d = g * is_open(x, x @ W.T, y)
        return skip * g + branch * through(d, W), for_w(d, x, g)

    return wrong


RESIDUAL_RELU = Exercise(
    public.RESIDUAL_RELU,
    op=ops.residual_relu,
    cases=(
        case("batch", x=normal(4, 3), W=normal(3, 3)),
        case("square", x=normal(3, 3), W=normal(3, 3)),
        case("wide", x=normal(2, 5), W=normal(5, 5)),
        case("one vector", check="edges", x=normal(3), W=normal(3, 3)),
        case("sequences", check="edges", x=normal(2, 4, 3), W=normal(3, 3)),
        case("batch of 1", check="edges", x=normal(1, 4), W=normal(4, 4)),
        case("one feature", check="edges", x=normal(5, 1), W=normal(1, 1)),
        case(
            "exactly at the kink",
            check="edges",
            x=exactly([[1.0, -1.0], [0.0, 0.0], [2.0, 1.0]]),
            W=exactly([[2.0, 2.0], [1.0, -1.0]]),
        ),
        case(
            "strided",
            check="edges",
            x=every_second(normal(2, 3)),
            W=transposed_view(normal(3, 3)),
            upstream=np.asfortranarray,
        ),
        case("cost", check="cost", x=normal(1000, 16), W=normal(16, 16)),
    ),
    mistakes=(
        mistake("skip-forgotten", _residual(skip=0), "Two paths lead from x to y. Which one does your dL/dx hold?"),
        mistake(
            "branch-forgotten",
            _residual(branch=0),
            "You have the path straight to the sum. What comes back through relu(x W^T)?",
        ),
        mistake(
            "relu-ignored",
            _residual(is_open=lambda x, pre, y: np.ones_like(pre)),
            "What happens to the upstream gradient where x W^T is negative?",
        ),
        mistake(
            "gate-from-output",
            _residual(is_open=lambda x, pre, y: np.asarray(y > 0)),
            "y holds x as well. Can its sign tell whether the relu was open?",
        ),
        mistake(
            "gate-from-input",
            _residual(is_open=lambda x, pre, y: np.asarray(x > 0)),
            "What does the relu look at: x, or what W made of it?",
        ),
        mistake(
            "kink-open",
            _residual(is_open=lambda x, pre, y: np.asarray(pre >= 0)),
            "Right everywhere but where x W^T is exactly 0. What is the convention there?",
        ),
        mistake(
            "weight-transposed",
            _residual(through=lambda d, W: np.asarray(d @ W.T)),
            "W is square: shapes can't warn you. In y_j = sum_i W_ji x_i, which index is summed on the way back?",
        ),
        mistake(
            "weight-gradient-transposed",
            _residual(for_w=lambda d, x, g: np.asarray(_rows(x).T @ _rows(d))),
            "Row j of W makes output j. Do the rows of your dL/dW go with the outputs or with the inputs?",
        ),
        mistake(
            "weight-gradient-without-gate",
            _residual(for_w=lambda d, x, g: np.asarray(_rows(g).T @ _rows(x))),
            "W acts through the relu only. Which part of grad_output reaches it?",
        ),
        mistake(
            "weight-gradient-averaged",
            _residual(for_w=lambda d, x, g: np.asarray(_rows(d).T @ _rows(x) / len(_rows(x)))),
            "Did the forward divide by the number of rows anywhere?",
        ),
    ),
)


@RESIDUAL_RELU.mistake
def gate_on_both_paths(g, y, x, W):
    """Does the skip connection pass through the relu?"""
    d = g * (x @ W.T > 0)
    return d + d @ W, _rows(d).T @ _rows(x)


def relu_slope(x):
    return np.heaviside(x, 0.0)


@RESIDUAL_RELU.right
def residual_einsum(grad_output, output, x, W):
    d = grad_output * relu_slope(np.einsum("...i,ji->...j", x, W))
    dx = grad_output + np.einsum("...j,ji->...i", d, W)
    rows = x.reshape(-1, x.shape[-1])
    return [dx, np.einsum("bj,bi->ji", d.reshape(rows.shape), rows)]


@RESIDUAL_RELU.right
def residual_loop(grad_output, output, x, W):
    dx, dW = np.array(grad_output, dtype=float), np.zeros_like(W)
    for place in np.ndindex(x.shape[:-1]):
        for j, row in enumerate(W):
            if row @ x[place] > 0:
                dx[place] += grad_output[place][j] * row
                dW[j] += grad_output[place][j] * x[place]
    return dx, dW


@RESIDUAL_RELU.right
def residual_where(grad_output, output, x, W):
    n = len(W)
    branch = x @ W.T
    d = np.where(branch > 0, grad_output, 0.0)
    dW = d.reshape(-1, n).T @ x.reshape(-1, n)
    return d @ W + grad_output, dW


def _glu(
    *,
    value_gate: Callable[[Array], Array] = lambda s: s,
    slope: Callable[[Array, Array], Array] = lambda s, b: np.asarray(s * (1 - s)),
    times: Callable[[Array], Array] = lambda a: a,
    join: Callable[[Array, Array], Array] = lambda da, db: np.concatenate([da, db], axis=-1),
    sigmoid: Callable[[Array], Array] = stable_sigmoid,
) -> Callable[..., Array]:
    """The rule with one thing changed: the gate on a, the slope of the gate, what it is multiplied by, the order."""

    def wrong(g: Array, y: Array, x: Array) -> Array:
        a, b = np.split(x, 2, axis=-1)
        s = sigmoid(b)
        return join(g * value_gate(s), g * times(a) * slope(s, b))

    return wrong


GLU = Exercise(
    public.GLU,
    op=ops.glu,
    cases=(
        case("rows", x=normal(3, 4)),
        case("wide", x=normal(2, 6)),
        case("one vector", check="edges", x=normal(6)),
        case("three axes", check="edges", x=normal(2, 3, 4)),
        case("one feature each", check="edges", x=normal(3, 2)),
        case("batch of 1", check="edges", x=normal(1, 4)),
        case("zeros", check="edges", x=exactly([[0.0, 1.0, 0.0, -1.0], [2.0, 0.0, 3.0, 0.0]])),
        case("strided", check="edges", x=reversed_view(normal(2, 4)), upstream=np.asfortranarray),
        case("large", check="stability", x=shuffled([[1000.0, -900.0, 1200.0, 800.0], [-1000.0, 750.0, 1.0, 900.0]])),
        case("cost", check="cost", x=normal(2, 12_000)),
    ),
    mistakes=(
        mistake(
            "gate-constant",
            _glu(slope=lambda s, b: np.zeros_like(s)),
            "The gate is made of x too. What reaches its half?",
        ),
        mistake(
            "slope-missing",
            _glu(slope=lambda s, b: np.ones_like(s)),
            "Between b and the product stands the sigmoid. What is its derivative?",
        ),
        mistake(
            "gate-for-slope",
            _glu(slope=lambda s, b: s),
            "You multiply by the gate itself. Is that the derivative of the gate?",
        ),
        mistake(
            "slope-of-input",
            _glu(slope=lambda s, b: np.asarray(b * (1 - b))),
            "In s (1 - s), what is s: the input of the sigmoid or its output?",
        ),
        mistake(
            "other-factor-missing",
            _glu(times=lambda a: np.ones_like(a)),
            "y is a product. When b moves, what does the change of its gate get multiplied by?",
        ),
        mistake(
            "value-not-gated",
            _glu(value_gate=lambda s: np.ones_like(s)),
            "Does all of grad_output reach a, even where the gate is nearly shut?",
        ),
        mistake(
            "joined-in-wrong-order",
            _glu(join=lambda da, db: np.concatenate([db, da], axis=-1)),
            "Both halves hold right numbers. Which half of x does each of them belong to?",
        ),
        mistake(
            "overflow",
            _glu(sigmoid=lambda b: np.asarray(np.exp(b) / (1 + np.exp(b)))),
            "What is exp(1000), and what is infinity divided by infinity?",
        ),
    ),
)


@GLU.mistake
def halves_swapped(g, y, x):
    """Which half goes through the sigmoid: the first or the second?"""
    b, a = np.split(x, 2, axis=-1)
    s = stable_sigmoid(b)
    return np.concatenate([g * a * s * (1 - s), g * s], axis=-1)


@GLU.mistake
def halves_interleaved(g, y, x):
    """Is x cut in the middle of its last axis, or does it take turns?"""
    a, b = x[..., ::2], x[..., 1::2]
    s = stable_sigmoid(b)
    dx = np.empty(x.shape)
    dx[..., ::2], dx[..., 1::2] = g * s, g * a * s * (1 - s)
    return dx


@GLU.right
def glu_split(grad_output, output, x):
    a, b = np.array_split(x, 2, axis=-1)
    gate = sigmoid(b)
    return np.concatenate((grad_output * gate, grad_output * a * gate * (1 - gate)), axis=-1)


@GLU.right
def glu_from_output(grad_output, output, x):
    half = x.shape[-1] // 2
    dx = np.empty_like(x)
    gate = 0.5 * (1 + np.tanh(x[..., half:] / 2))
    dx[..., :half] = grad_output * gate
    dx[..., half:] = grad_output * output * (1 - gate)
    return dx


@GLU.right
def glu_loop(grad_output, output, x):
    half = x.shape[-1] // 2
    dx = np.zeros(x.shape)
    for place in np.ndindex(grad_output.shape):
        *front, j = place
        here, there = (*front, j), (*front, j + half)
        b = float(x[there])
        gate = 1 / (1 + math.exp(-b)) if b >= 0 else math.exp(b) / (1 + math.exp(b))
        dx[here] = grad_output[place] * gate
        dx[there] = grad_output[place] * x[here] * gate * (1 - gate)
    return dx


__all__ = ["GLU", "RESIDUAL_RELU"]
