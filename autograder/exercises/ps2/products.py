"""Products of matrices and vectors, the linear layer, and what its Jacobian would cost."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.engine import ops
from autograder.engine.broadcasting import rows, swap, unbroadcast
from autograder.exercises.declare import Exercise, Misconception
from autograder.exercises.ps2._shared import Array, gradients_swapped, upstream_ignored
from autograder.kit.declare import case
from autograder.kit.draws import every_second, normal, reversed_view, transposed_view
from autograder.kit.public.ps2 import products as kit

# The Jacobian of 2,000 outputs in the 160,000 entries of W: 2.6 GB.
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
        case("cost", check="cost", W=normal(2000, 80), x=normal(80)),
    ),
    misconceptions=(
        upstream_ignored(ops.matvec, "square", "Your formulas hold for an upstream gradient of ones. Where is the one you got?"),
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
            hint="Your gradient of x has a row per output, each right. x[j] reaches the loss through all of them: what next?",
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
    return max(X.size // X.shape[-1], 1)


def unflattened(g: Array, X: Array) -> Any:
    """gᵀ X as if there were always two axes."""
    return g.T @ X


LINEAR_CASES: tuple[dict[str, Any], ...] = (
    {"name": "batch", "X": normal(5, 3), "W": normal(2, 3)},
    {"name": "square", "X": normal(3, 3), "W": normal(3, 3)},
    {"name": "wide", "X": normal(2, 4), "W": normal(5, 4)},
    {"name": "one example", "check": "edges", "X": normal(3), "W": normal(2, 3)},
    {"name": "batch of one", "check": "edges", "X": normal(1, 3), "W": normal(2, 3)},
    {"name": "sequences", "check": "edges", "X": normal(2, 3, 4), "W": normal(5, 4)},
    {"name": "one output", "check": "edges", "X": normal(4, 3), "W": normal(1, 3)},
    {"name": "empty batch", "check": "edges", "X": normal(0, 3), "W": normal(2, 3)},
    {
        "name": "strided",
        "check": "edges",
        "X": every_second(normal(4, 3)),
        "W": transposed_view(normal(3, 2)),
        "upstream": np.flip,
    },
    # 30,000 outputs in the 12,000 entries of X: 2.9 GB.
    {"name": "cost", "check": "cost", "X": normal(3000, 4), "W": normal(10, 4)},
)


LINEAR = Exercise(
    public=kit.LINEAR,
    op=ops.linear,
    cases=tuple(case(**{**of, "name": None}) if False else case(of["name"], **{k: v for k, v in of.items() if k != "name"}) for of in LINEAR_CASES),
    misconceptions=(),
)
