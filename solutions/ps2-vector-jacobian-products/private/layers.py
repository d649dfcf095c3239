"""The linear layer: a matrix times a vector, a batch of them, with a bias."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.course.declare import Exercise, Misconception
from autograder.engine import ops
from autograder.engine.broadcasting import rows
from kit.declare import Case, case
from kit.draws import Draw, every_second, normal, reversed_view, transposed_view

from ..public import layers as kit
from ._shared import Array, gradients_swapped, upstream_ignored

# Cost: a Jacobian of 6,000 outputs in the 42,000 entries of W, 2.0 GB; as nested lists they still cross the boundary.
MATVEC = Exercise(
    public=kit.MATVEC,
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
    misconceptions=(
        upstream_ignored(
            ops.matvec, "square", "Your formulas hold for an upstream gradient of ones. Where is the one you got?"
        ),
        Misconception(
            "forgot-transpose",
            seen_in="square",
            wrong=lambda g, y, W, x: (np.outer(g, x), W @ g),
            hint="x[j] meets the entries W[i, j] of one column. Over which index of W do you sum?",
        ),
        Misconception(
            "weight-gradient-transposed",
            seen_in="wide",
            wrong=lambda g, y, W, x: (np.outer(x, g), W.T @ g),
            hint="W[i, j] takes x[j] to y[i]. Which of the two belongs to the rows of its gradient?",
        ),
        Misconception(
            "weight-gradient-uses-weight",
            seen_in="wide",
            wrong=lambda g, y, W, x: (g[:, None] * W, W.T @ g),
            hint="If W[i, j] grows by a little, by what is that multiplied on its way into y[i]?",
        ),
        Misconception(
            "not-summed-over-outputs",
            seen_in="wide",
            wrong=lambda g, y, W, x: (np.outer(g, x), g[:, None] * W),
            hint="Your gradient of x has a row per output, each right. x[j] reaches the loss through all of them: "
            "what next?",
        ),
        gradients_swapped(ops.matvec, "wide", "W comes before x in the arguments. And in what you return?"),
    ),
)


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
    public=kit.LINEAR,
    op=ops.linear,
    cases=layer(bias=False),
    misconceptions=(
        upstream_ignored(
            ops.linear, "batch", "Your formulas hold for an upstream gradient of ones. Where is the one you got?"
        ),
        Misconception(
            "weight-transposed",
            seen_in="square",
            wrong=lambda g, y, X, W: (g @ W.T, outer(g, X)),
            hint="W.T took X to Y. What takes a gradient of Y, with m columns, to one of X, with n?",
        ),
        Misconception(
            "weight-gradient-transposed",
            seen_in="batch",
            wrong=lambda g, y, X, W: (g @ W, outer(g, X).T),
            hint="The numbers are right and stand in columns instead of rows. What is the shape of W?",
        ),
        Misconception(
            "leading-axes-not-merged",
            seen_in="one example, square",
            wrong=lambda g, y, X, W: (g @ W, g.T @ X),
            hint="Right for a batch (B, n). What do g.T and @ do if there is no batch axis, or one more?",
        ),
        Misconception(
            "weight-gradient-uses-weight",
            seen_in="batch",
            wrong=lambda g, y, X, W: (g @ W, summed(g)[:, None] * W),
            hint="If an entry of W grows by a little, by what is that multiplied on its way into Y?",
        ),
        Misconception(
            "averaged-over-the-batch",
            seen_in="batch",
            wrong=lambda g, y, X, W: (g @ W, outer(g, X) / batch(X)),
            hint="Your gradient of W is too small by the number of examples. Was there a mean in the forward pass?",
        ),
        Misconception(
            "first-example-only",
            seen_in="batch",
            wrong=lambda g, y, X, W: (g @ W, outer(rows(np.atleast_2d(g))[:1], rows(np.atleast_2d(X))[:1])),
            hint="W is used for every example of the batch. How many of them does your gradient hear from?",
        ),
    ),
)

AFFINE = Exercise(
    public=kit.AFFINE,
    op=ops.affine,
    cases=layer(bias=True),
    misconceptions=(
        upstream_ignored(
            ops.affine, "batch", "Your formulas hold for an upstream gradient of ones. Where is the one you got?"
        ),
        Misconception(
            "bias-not-summed",
            seen_in="batch",
            wrong=lambda g, y, X, W, b: (g @ W, outer(g, X), g),
            hint="One bias is added to every example. What is the shape of b, and what becomes of the examples?",
        ),
        Misconception(
            "bias-averaged",
            seen_in="batch",
            wrong=lambda g, y, X, W, b: (g @ W, outer(g, X), summed(g) / batch(X)),
            hint="Your gradient of b is too small by the number of examples. Do the paths through them add up or "
            "average out?",
        ),
        Misconception(
            "weight-transposed",
            seen_in="square",
            wrong=lambda g, y, X, W, b: (g @ W.T, outer(g, X), summed(g)),
            hint="W.T took X to Y. What takes a gradient of Y, with m columns, to one of X, with n?",
        ),
        Misconception(
            "weight-gradient-transposed",
            seen_in="batch",
            wrong=lambda g, y, X, W, b: (g @ W, outer(g, X).T, summed(g)),
            hint="The gradient of W has the right numbers in columns instead of rows. What is the shape of W?",
        ),
        Misconception(
            "leading-axes-not-merged",
            seen_in="one example, square",
            wrong=lambda g, y, X, W, b: (g @ W, g.T @ X, g.sum(axis=0)),
            hint="Right for a batch (B, n). What do g.T and a sum over axis 0 do without a batch axis, or with one "
            "more?",
        ),
        Misconception(
            "weight-gradient-uses-weight",
            seen_in="batch",
            wrong=lambda g, y, X, W, b: (g @ W, summed(g)[:, None] * W, summed(g)),
            hint="If an entry of W grows by a little, by what is that multiplied on its way into Y?",
        ),
    ),
)
