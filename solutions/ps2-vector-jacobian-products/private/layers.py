"""The linear layer: a matrix times a vector, a batch of them, with a bias."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.course.declare import Exercise, mistake
from autograder.course.mistakes import gradients_swapped, upstream_ignored
from autograder.engine import ops
from autograder.engine.broadcasting import rows
from kit.declare import Case, case
from kit.draws import Draw, every_second, normal, reversed_view, transposed_view

from ..public import layers as public
from ._shared import Array

# Cost: a Jacobian of 6,000 outputs in the 42,000 entries of W, 2.0 GB; as nested lists they still cross the boundary.
MATVEC = Exercise(
    public.MATVEC,
    op=ops.matvec,
    cases=(
        case("square", W=normal(3, 3), x=normal(3)),
        case("wide", W=normal(2, 4), x=normal(4)),
        case("tall", W=normal(4, 2), x=normal(2)),
        case("one output", check="edges", W=normal(1, 3), x=normal(3)),
        case("one input", check="edges", W=normal(3, 1), x=normal(1)),
        case("strided", check="edges", W=transposed_view(normal(3, 2)), x=reversed_view(normal(3)), upstream=np.flip),
        case("cost", check="cost", W=normal(11600, 2), x=normal(2)),
    ),
    mistakes=(
        upstream_ignored(ops.matvec, "Your formulas hold for an upstream gradient of ones. Where is the one you got?"),
        mistake(
            "forgot-transpose",
            lambda g, y, W, x: (np.outer(g, x), W @ g),
            "x[j] meets the entries W[i, j] of one column. Over which index of W do you sum?",
        ),
        mistake(
            "weight-gradient-transposed",
            lambda g, y, W, x: (np.outer(x, g), W.T @ g),
            "W[i, j] takes x[j] to y[i]. Which of the two belongs to the rows of its gradient?",
        ),
        mistake(
            "weight-gradient-uses-weight",
            lambda g, y, W, x: (g[:, None] * W, W.T @ g),
            "If W[i, j] grows by a little, by what is that multiplied on its way into y[i]?",
        ),
        mistake(
            "not-summed-over-outputs",
            lambda g, y, W, x: (np.outer(g, x), g[:, None] * W),
            "Your gradient of x has a row per output, each right. x[j] reaches the loss through all of them: "
            "what next?",
        ),
        gradients_swapped(ops.matvec, "W comes before x in the arguments. And in what you return?"),
    ),
    right_answers=(
        lambda g, y, W, x: (g[:, None] * x, g @ W),
        lambda g, y, W, x: [np.einsum("i,j->ij", g, x), np.einsum("ij,i->j", W, g)],
        lambda g, y, W, x: (g[:, None] @ x[None, :], (W * g[:, None]).sum(axis=0)),
    ),
)


@MATVEC.right
def matvec_by_loop(g, y, W, x):
    m, n = W.shape
    rows, slopes, values = W.tolist(), g.tolist(), x.tolist()
    dW = [[slopes[i] * values[j] for j in range(n)] for i in range(m)]
    dx = [sum(slopes[i] * rows[i][j] for i in range(m)) for j in range(n)]
    return dW, dx


def summed(g: Array) -> Array:
    """g summed over everything but its last axis."""
    return rows(g).sum(axis=0) if g.ndim > 1 else g


def outer(g: Array, X: Array) -> Array:
    """The right gradient of W, over all leading axes."""
    return np.asarray(rows(np.atleast_2d(g)).T @ rows(np.atleast_2d(X)))


def batch(X: Array) -> int:
    """How many examples there are."""
    return max(len(rows(np.atleast_2d(X))), 1)


def layer(*, bias: bool) -> tuple[Case, ...]:
    """Hidden cases of a linear layer. Cost: the Jacobian of 30,000 outputs in the 12,000 entries of X has 2.9 GB."""

    def of(name: str, X: Draw, m: int, n: int, check: str = "values", **more: Any) -> Case:
        if bias:
            more["b"] = normal(m)
        return case(name, check=check, X=X, W=normal(m, n), **more)

    return (
        of("batch", normal(5, 3), 2, 3),
        of("square", normal(3, 3), 3, 3),
        of("wide", normal(2, 4), 5, 4),
        of("one example", normal(3), 2, 3, "edges"),
        of("one example, square", normal(3), 3, 3, "edges"),
        of("batch of one", normal(1, 3), 2, 3, "edges"),
        of("sequences", normal(2, 3, 4), 5, 4, "edges"),
        of("one output", normal(4, 3), 1, 3, "edges"),
        of("empty batch", normal(0, 3), 2, 3, "edges"),
        of("strided", every_second(normal(4, 3)), 2, 3, "edges", upstream=np.flip),
        of("cost", normal(8200, 2), 2, 2, "cost"),
    )


LINEAR = Exercise(
    public.LINEAR,
    op=ops.linear,
    cases=layer(bias=False),
    mistakes=(
        upstream_ignored(ops.linear, "Your formulas hold for an upstream gradient of ones. Where is the one you got?"),
        mistake(
            "weight-transposed",
            lambda g, y, X, W: (g @ W.T, outer(g, X)),
            "W.T took X to Y. What takes a gradient of Y, with m columns, to one of X, with n?",
        ),
        mistake(
            "weight-gradient-transposed",
            lambda g, y, X, W: (g @ W, outer(g, X).T),
            "The numbers are right and stand in columns instead of rows. What is the shape of W?",
        ),
        mistake(
            "leading-axes-not-merged",
            lambda g, y, X, W: (g @ W, g.T @ X),
            "Right for a batch (B, n). What do g.T and @ do if there is no batch axis, or one more?",
        ),
        mistake(
            "weight-gradient-uses-weight",
            lambda g, y, X, W: (g @ W, summed(g)[:, None] * W),
            "If an entry of W grows by a little, by what is that multiplied on its way into Y?",
        ),
        mistake(
            "averaged-over-the-batch",
            lambda g, y, X, W: (g @ W, outer(g, X) / batch(X)),
            "Your gradient of W is too small by the number of examples. Was there a mean in the forward pass?",
        ),
        mistake(
            "first-example-only",
            lambda g, y, X, W: (g @ W, outer(rows(np.atleast_2d(g))[:1], rows(np.atleast_2d(X))[:1])),
            "W is used for every example of the batch. How many of them does your gradient hear from?",
        ),
    ),
)


@LINEAR.right
def linear_by_loop(g, y, X, W):
    dX, dW = np.zeros(X.shape), np.zeros(W.shape)
    for index in np.ndindex(X.shape[:-1]):
        dX[index] = W.T @ g[index]
        dW += np.outer(g[index], X[index])
    return dX, dW


@LINEAR.right
def linear_by_tensordot(g, y, X, W):
    axes = list(range(X.ndim - 1))
    return np.tensordot(g, W, axes=1), np.tensordot(g, X, axes=(axes, axes))


@LINEAR.right
def linear_by_einsum(g, y, X, W):
    m, n = W.shape
    return np.einsum("...m,mn->...n", g, W), np.einsum("bm,bn->mn", g.reshape(-1, m), X.reshape(-1, n))


@LINEAR.right
def linear_as_matmul(g, y, X, W):
    weights = np.swapaxes(g[..., None] @ X[..., None, :], -1, -2)
    return g @ W, weights.reshape(-1, *W.shape[::-1]).sum(axis=0).T


def with_bias(linear, bias):
    return lambda g, y, X, W, b: (*linear(g, y, X, W), bias(g, b))


AFFINE = Exercise(
    public.AFFINE,
    op=ops.affine,
    cases=layer(bias=True),
    mistakes=(
        upstream_ignored(ops.affine, "Your formulas hold for an upstream gradient of ones. Where is the one you got?"),
        mistake(
            "bias-not-summed",
            lambda g, y, X, W, b: (g @ W, outer(g, X), g),
            "One bias is added to every example. What is the shape of b, and what becomes of the examples?",
        ),
        mistake(
            "bias-averaged",
            lambda g, y, X, W, b: (g @ W, outer(g, X), summed(g) / batch(X)),
            "Your gradient of b is too small by the number of examples. "
            "Do the paths through them add up or average out?",
        ),
        mistake(
            "weight-transposed",
            lambda g, y, X, W, b: (g @ W.T, outer(g, X), summed(g)),
            "W.T took X to Y. What takes a gradient of Y, with m columns, to one of X, with n?",
        ),
        mistake(
            "weight-gradient-transposed",
            lambda g, y, X, W, b: (g @ W, outer(g, X).T, summed(g)),
            "The gradient of W has the right numbers in columns instead of rows. What is the shape of W?",
        ),
        mistake(
            "leading-axes-not-merged",
            lambda g, y, X, W, b: (g @ W, g.T @ X, g.sum(axis=0)),
            "Right for a batch (B, n). What do g.T and a sum over axis 0 do without a batch axis, or with one more?",
        ),
        mistake(
            "weight-gradient-uses-weight",
            lambda g, y, X, W, b: (g @ W, summed(g)[:, None] * W, summed(g)),
            "If an entry of W grows by a little, by what is that multiplied on its way into Y?",
        ),
    ),
    right_answers=(
        with_bias(linear_by_loop, lambda g, b: g.reshape(-1, b.size).sum(axis=0)),
        with_bias(linear_by_einsum, lambda g, b: np.einsum("im->m", np.atleast_2d(g).reshape(-1, b.size))),
        with_bias(linear_by_tensordot, lambda g, b: g.sum(axis=tuple(range(g.ndim - 1)))),
        with_bias(linear_as_matmul, lambda g, b: np.ones(g.size // b.size) @ g.reshape(-1, b.size)),
    ),
)
