"""Products of matrices, and what the Jacobian of one would cost."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.course.declare import Exercise, Misconception
from autograder.engine import ops
from autograder.engine.broadcasting import swap, unbroadcast
from kit.declare import case
from kit.draws import every_second, normal

from ..public import products as kit
from ._shared import Array, gradients_swapped, upstream_ignored


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
        # 16,400 outputs in the 16,400 entries of a: 2.15 GB.
        case("cost", check="cost", a=normal(16_400, 1), b=normal(1, 1)),
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
        case("cost", check="cost", a=normal(16_400, 1), b=normal(1, 1)),
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
