"""Products of matrices and vectors, the linear layer, and what its Jacobian would cost."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.engine import ops
from autograder.engine.broadcasting import rows, swap, unbroadcast
from autograder.exercises.declare import Exercise, Misconception
from autograder.exercises.ps2._shared import Array, gradients_swapped, upstream_ignored
from autograder.kit.declare import Case, case
from autograder.kit.draws import Draw, every_second, normal, reversed_view, transposed_view
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
        of("cost", normal(3000, 4), 10, 4, "cost"),
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


def mean_of_copies(g: Array, shape: tuple[int, ...]) -> Array:
    """The mean where the copies of a shared matrix should be summed."""
    return unbroadcast(g, shape) * (np.prod(shape) / max(g.size, 1))


MATMUL = Exercise(
    public=kit.MATMUL,
    op=ops.matmul,
    cases=(
        case("square", a=normal(3, 3), b=normal(3, 3)),
        case("all different", a=normal(2, 3), b=normal(3, 5)),
        case("row times column", check="edges", a=normal(1, 3), b=normal(3, 1)),
        case("column times row", check="edges", a=normal(3, 1), b=normal(1, 2)),
        case("two stacks", check="edges", a=normal(4, 2, 3), b=normal(4, 3, 5)),
        case("stack of squares", check="edges", a=normal(2, 2, 2), b=normal(2, 2, 2)),
        case("broadcast batch", check="edges", a=normal(4, 2, 3), b=normal(3, 5)),
        case("broadcast batch, left", check="edges", a=normal(2, 3), b=normal(4, 3, 5)),
        case("size-1 batch axis", check="edges", a=normal(1, 2, 3), b=normal(4, 3, 5)),
        case("two batch axes", check="edges", a=normal(2, 1, 2, 3), b=normal(4, 3, 2)),
        case("empty batch", check="edges", a=normal(0, 2, 3), b=normal(3, 2)),
        case("strided", check="edges", a=every_second(normal(2, 3)), b=normal(3, 2), upstream=np.flip),
        # 30,000 outputs in the 12,000 entries of a: 2.9 GB.
        case("cost", check="cost", a=normal(3000, 4), b=normal(4, 10)),
    ),
    misconceptions=(
        upstream_ignored(
            ops.matmul, "square", "Your formulas hold for an upstream gradient of ones. Where is the one you got?"
        ),
        Misconception(
            "forgot-transpose",
            seen_in="square",
            wrong=lambda g, y, a, b: (g @ b, a @ g),
            hint="In dL/da[i,k], summed over p: which index of b meets k?",
        ),
        Misconception(
            "all-axes-reversed",
            seen_in="two stacks",
            wrong=lambda g, y, a, b: (unbroadcast(g @ b.T, a.shape), unbroadcast(a.T @ g, b.shape)),
            hint="Right for two matrices. Which axes does .T reverse when there are three?",
        ),
        Misconception(
            "factors-exchanged",
            seen_in="square",
            wrong=lambda g, y, a, b: (unbroadcast(swap(b) @ g, a.shape), unbroadcast(g @ swap(a), b.shape)),
            hint="The transposes are there, on the wrong side. In dL/da[i,k], which index of g is i: the first or the "
            "last?",
        ),
        Misconception(
            "entry-by-entry",
            seen_in="square",
            wrong=lambda g, y, a, b: (g * b, g * a),
            hint="That is the rule of a product entry by entry. Into how many outputs does a[i,k] go here?",
        ),
        Misconception(
            "batch-not-summed",
            seen_in="broadcast batch",
            wrong=lambda g, y, a, b: (g @ swap(b), swap(a) @ g),
            hint="One matrix was used for the whole stack. What is the shape of its gradient?",
        ),
        Misconception(
            "batch-averaged",
            seen_in="broadcast batch",
            wrong=lambda g, y, a, b: (mean_of_copies(g @ swap(b), a.shape), mean_of_copies(swap(a) @ g, b.shape)),
            hint="One matrix was used for the whole stack. Do its contributions add up or average out?",
        ),
        gradients_swapped(ops.matmul, "square", "a comes before b in the arguments. And in what you return?"),
    ),
)


def letters(subscripts: str) -> tuple[str, str, str]:
    """The letters of a, of b and of the result."""
    operands, result = subscripts.split("->")
    a, b = operands.split(",")
    return a, b, result


def pulled_back(
    g: Array, other: Array, subscripts: str, which: int, *, one_sided: bool = True, order: Any = None
) -> Array:
    """dL/d(operand number ``which``), with what a mistake may change.

    ``one_sided`` puts back the axes that only this operand has; ``order`` rearranges the letters that come out.
    """
    mine, theirs, result = (letters(subscripts)[which], letters(subscripts)[1 - which], letters(subscripts)[2])
    met = "".join(letter for letter in mine if letter in result + theirs)
    wanted = met if order is None else "".join(order(met))
    product: Array = np.einsum(f"{result},{theirs}->{wanted}", g, other)
    if not one_sided or met == mine:
        return product
    return np.asarray(product.reshape([product.shape[met.index(k)] if k in met else 1 for k in mine]))


EINSUM = Exercise(
    public=kit.EINSUM,
    op=ops.einsum,
    cases=(
        case("matrix product", a=normal(2, 3), b=normal(3, 4)),
        case("square product", a=normal(3, 3), b=normal(3, 3)),
        case("transposed product", a=normal(2, 3), b=normal(4, 3), subscripts="ij,kj->ki"),
        case("squares, transposed", a=normal(3, 3), b=normal(3, 3), subscripts="ji,kj->ki"),
        case("outer product", a=normal(2), b=normal(3), subscripts="i,j->ij"),
        case("entry by entry", a=normal(2, 3), b=normal(2, 3), subscripts="ij,ij->ij"),
        case("inner product", check="edges", a=normal(2, 3), b=normal(3, 2), subscripts="ij,ji->"),
        case("stacks", check="edges", a=normal(2, 3, 4), b=normal(2, 4, 2), subscripts="bij,bjk->bik"),
        case("stack first and last", check="edges", a=normal(2, 3, 4), b=normal(4, 5), subscripts="bij,jk->kib"),
        case("a letter of a only", check="edges", a=normal(2, 3), b=normal(3), subscripts="ij,j->j"),
        case("a letter of b only", check="edges", a=normal(2), b=normal(4, 2, 3), subscripts="i,jik->ik"),
        case("a letter of each only", check="edges", a=normal(2, 3), b=normal(2, 4), subscripts="ij,ik->i"),
        case("strided", check="edges", a=every_second(normal(2, 3)), b=normal(3, 2), upstream=np.flip),
        case("cost", check="cost", a=normal(3000, 4), b=normal(4, 10)),
    ),
    misconceptions=(
        upstream_ignored(
            ops.einsum,
            "matrix product",
            "Your formulas hold for an upstream gradient of ones. Where is the one you got?",
        ),
        Misconception(
            "always-the-matrix-product",
            seen_in="squares, transposed",
            wrong=lambda g, y, a, b, subscripts="ij,jk->ik": (g @ swap(b), swap(a) @ g),
            hint="Right for the default subscripts. Where do the others enter?",
        ),
        Misconception(
            "letters-in-alphabetical-order",
            seen_in="squares, transposed",
            wrong=lambda g, y, a, b, subscripts="ij,jk->ik": (
                np.broadcast_to(pulled_back(g, b, subscripts, 0, order=sorted), a.shape),
                np.broadcast_to(pulled_back(g, a, subscripts, 1, order=sorted), b.shape),
            ),
            hint="The letters of your result stand in alphabetical order. In which order does the operand have them?",
        ),
        Misconception(
            "one-sided-letter-dropped",
            seen_in="a letter of a only",
            wrong=lambda g, y, a, b, subscripts="ij,jk->ik": (
                pulled_back(g, b, subscripts, 0, one_sided=False),
                pulled_back(g, a, subscripts, 1, one_sided=False),
            ),
            hint="A letter that only one operand has was summed away. Which axis of its gradient is that, and what "
            "stands "
            "along it?",
        ),
        Misconception(
            "one-sided-letter-left-at-1",
            seen_in="a letter of a only",
            wrong=lambda g, y, a, b, subscripts="ij,jk->ik": (
                pulled_back(g, b, subscripts, 0),
                pulled_back(g, a, subscripts, 1),
            ),
            hint="You put the summed axis back with size 1. How long was it in the operand?",
        ),
        gradients_swapped(ops.einsum, "square product", "a comes before b in the arguments. And in what you return?"),
    ),
)

ENTRIES = 64 * 1000

COST = Exercise(
    public=kit.COST,
    answers={
        "jacobian_entries": ENTRIES * ENTRIES,
        "jacobian_gigabytes": ENTRIES * ENTRIES * 8 / 1e9,
        "vjp_entries": ENTRIES,
    },
    misconceptions=(
        Misconception(
            "one-example-only",
            seen_in="jacobian_entries",
            wrong={"jacobian_entries": 1_000_000, "jacobian_gigabytes": 0.008, "vjp_entries": 1000},
            hint="That is one example of the batch. How many numbers go in and come out for all 64 together?",
        ),
        Misconception(
            "one-block-per-example",
            seen_in="jacobian_entries",
            wrong={"jacobian_entries": 64_000_000, "jacobian_gigabytes": 0.512},
            hint="You count one block per example. What stands in the full Jacobian where one example meets another?",
        ),
        Misconception(
            "single-precision",
            seen_in="jacobian_gigabytes",
            wrong={"jacobian_gigabytes": ENTRIES * ENTRIES * 4 / 1e9},
            hint="Exactly half: how many bytes does a float64 take?",
        ),
        Misconception(
            "binary-gigabytes",
            seen_in="jacobian_gigabytes",
            wrong={"jacobian_gigabytes": ENTRIES * ENTRIES * 8 / 2**30},
            hint="How many bytes is a gigabyte here, 10^9 or 2^30?",
        ),
        Misconception(
            "with-respect-to-the-weights",
            seen_in="jacobian_entries",
            wrong={"jacobian_entries": ENTRIES * 10**6, "jacobian_gigabytes": 512.0, "vjp_entries": 10**6},
            hint="That is the Jacobian in the weights. With respect to what was it asked for?",
        ),
        Misconception(
            "vjp-as-large-as-the-jacobian",
            seen_in="vjp_entries",
            wrong={"vjp_entries": ENTRIES * ENTRIES},
            hint="A VJP is a gradient. What shape does a gradient have?",
        ),
    ),
)

EXERCISES: tuple[Exercise, ...] = (MATVEC, LINEAR, AFFINE, MATMUL, EINSUM, COST)
