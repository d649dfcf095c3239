"""Products of matrices, and what the Jacobian of one would cost."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.course.declare import Exercise, mistake
from autograder.course.mistakes import gradients_swapped, upstream_ignored
from autograder.engine import ops
from autograder.engine.broadcasting import swap, unbroadcast
from kit.declare import case
from kit.draws import every_second, normal

from ..public import products as public
from ._shared import Array
from .broadcasting import axis_by_axis, by_counting, by_reshape


def mean_of_copies(g: Array, shape: tuple[int, ...]) -> Array:
    """The mean where the copies of a shared matrix should be summed."""
    return unbroadcast(g, shape) * (np.prod(shape) / max(g.size, 1))


MATMUL = Exercise(
    public.MATMUL,
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
    mistakes=(
        upstream_ignored(ops.matmul, "Your formulas hold for an upstream gradient of ones. Where is the one you got?"),
        mistake(
            "forgot-transpose",
            lambda g, y, a, b: (g @ b, a @ g),
            "In dL/da[i,k], summed over p: which index of b meets k?",
        ),
        mistake(
            "all-axes-reversed",
            lambda g, y, a, b: (unbroadcast(g @ b.T, a.shape), unbroadcast(a.T @ g, b.shape)),
            "Right for two matrices. Which axes does .T reverse when there are three?",
        ),
        mistake(
            "factors-exchanged",
            lambda g, y, a, b: (unbroadcast(swap(b) @ g, a.shape), unbroadcast(g @ swap(a), b.shape)),
            "The transposes are there, on the wrong side. In dL/da[i,k], which index of g is i: the first or the last?",
        ),
        mistake(
            "entry-by-entry",
            lambda g, y, a, b: (g * b, g * a),
            "That is the rule of a product entry by entry. Into how many outputs does a[i,k] go here?",
        ),
        mistake(
            "batch-not-summed",
            lambda g, y, a, b: (g @ swap(b), swap(a) @ g),
            "One matrix was used for the whole stack. What is the shape of its gradient?",
        ),
        mistake(
            "batch-averaged",
            lambda g, y, a, b: (mean_of_copies(g @ swap(b), a.shape), mean_of_copies(swap(a) @ g, b.shape)),
            "One matrix was used for the whole stack. Do its contributions add up or average out?",
        ),
        gradients_swapped(ops.matmul, "a comes before b in the arguments. And in what you return?"),
    ),
)


@MATMUL.right
def matmul_by_loop(g, y, a, b):
    stack = y.shape[:-2]
    full_a, full_b = np.broadcast_to(a, stack + a.shape[-2:]), np.broadcast_to(b, stack + b.shape[-2:])
    da, db = np.zeros(full_a.shape), np.zeros(full_b.shape)
    for place in np.ndindex(stack):
        for i in range(a.shape[-2]):
            da[(*place, i)] = full_b[place] @ g[(*place, i)]
            db[place] += np.outer(full_a[(*place, i)], g[(*place, i)])
    return by_reshape(da, a.shape), by_reshape(db, b.shape)


@MATMUL.right
def matmul_by_einsum(g, y, a, b):
    da = np.einsum("...np,...kp->...nk", g, b)
    db = np.einsum("...nk,...np->...kp", a, g)
    return axis_by_axis(da, a.shape), axis_by_axis(db, b.shape)


@MATMUL.right
def matmul_by_transposed_products(g, y, a, b):
    g_t = g.swapaxes(-1, -2)
    da = (b @ g_t).swapaxes(-1, -2)
    db = (g_t @ a).swapaxes(-1, -2)
    return [by_counting(da, a.shape), by_counting(db, b.shape)]


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
    public.EINSUM,
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
    mistakes=(
        upstream_ignored(ops.einsum, "Your formulas hold for an upstream gradient of ones. Where is the one you got?"),
        mistake(
            "always-the-matrix-product",
            lambda g, y, a, b, subscripts="ij,jk->ik": (g @ swap(b), swap(a) @ g),
            "Right for the default subscripts. Where do the others enter?",
        ),
        mistake(
            "letters-in-alphabetical-order",
            lambda g, y, a, b, subscripts="ij,jk->ik": (
                np.broadcast_to(pulled_back(g, b, subscripts, 0, order=sorted), a.shape),
                np.broadcast_to(pulled_back(g, a, subscripts, 1, order=sorted), b.shape),
            ),
            "The letters of your result stand in alphabetical order. In which order does the operand have them?",
        ),
        mistake(
            "one-sided-letter-dropped",
            lambda g, y, a, b, subscripts="ij,jk->ik": (
                pulled_back(g, b, subscripts, 0, one_sided=False),
                pulled_back(g, a, subscripts, 1, one_sided=False),
            ),
            "A letter that only one operand has was summed away. "
            "Which axis of its gradient is that, and what stands along it?",
        ),
        mistake(
            "one-sided-letter-left-at-1",
            lambda g, y, a, b, subscripts="ij,jk->ik": (
                pulled_back(g, b, subscripts, 0),
                pulled_back(g, a, subscripts, 1),
            ),
            "You put the summed axis back with size 1. How long was it in the operand?",
        ),
        gradients_swapped(ops.einsum, "a comes before b in the arguments. And in what you return?"),
    ),
)


@EINSUM.right
def einsum_with_ones(g, y, a, b, subscripts="ij,jk->ik"):
    inputs, result = subscripts.split("->")
    first, second = inputs.split(",")
    da = np.einsum(f"{result},{second},{first}->{first}", g, b, np.ones(a.shape))
    db = np.einsum(f"{result},{first},{second}->{second}", g, a, np.ones(b.shape))
    return da, db


@EINSUM.right
def einsum_by_loop(g, y, a, b, subscripts="ij,jk->ik"):
    inputs, result = subscripts.split("->")
    first, second = inputs.split(",")
    sizes = dict(zip(first + second, a.shape + b.shape, strict=True))
    letters = sorted(sizes)
    da, db = np.zeros(a.shape), np.zeros(b.shape)
    for values in np.ndindex(*(sizes[letter] for letter in letters)):
        at = dict(zip(letters, values, strict=True))
        i, j, k = (tuple(at[letter] for letter in word) for word in (first, second, result))
        da[i] += g[k] * b[j]
        db[j] += g[k] * a[i]
    return da, db


@EINSUM.right
def einsum_by_full_grid(g, y, a, b, subscripts="ij,jk->ik"):
    inputs, result = subscripts.split("->")
    first, second = inputs.split(",")
    extra_a = "".join(letter for letter in first if letter not in second + result)
    extra_b = "".join(letter for letter in second if letter not in first + result)
    ones_a = np.ones([a.shape[first.index(letter)] for letter in extra_a])
    ones_b = np.ones([b.shape[second.index(letter)] for letter in extra_b])
    da = np.einsum(f"{extra_a},{result},{second}->{first}", ones_a, g, b)
    db = np.einsum(f"{extra_b},{result},{first}->{second}", ones_b, g, a)
    return [da, db]


ENTRIES = 64 * 1000

COST = Exercise(
    public.COST,
    answers={
        "jacobian_entries": ENTRIES * ENTRIES,
        "jacobian_gigabytes": ENTRIES * ENTRIES * 8 / 1e9,
        "vjp_entries": ENTRIES,
    },
    mistakes=(
        mistake(
            "one-example-only",
            {"jacobian_entries": 1_000_000, "jacobian_gigabytes": 0.008, "vjp_entries": 1000},
            "That is one example of the batch. How many numbers go in and come out for all 64 together?",
        ),
        mistake(
            "one-block-per-example",
            {"jacobian_entries": 64_000_000, "jacobian_gigabytes": 0.512},
            "You count one block per example. What stands in the full Jacobian where one example meets another?",
        ),
        mistake(
            "single-precision",
            {"jacobian_gigabytes": ENTRIES * ENTRIES * 4 / 1e9},
            "Exactly half: how many bytes does a float64 take?",
        ),
        mistake(
            "binary-gigabytes",
            {"jacobian_gigabytes": ENTRIES * ENTRIES * 8 / 2**30},
            "How many bytes is a gigabyte here, 10^9 or 2^30?",
        ),
        mistake(
            "with-respect-to-the-weights",
            {"jacobian_entries": ENTRIES * 10**6, "jacobian_gigabytes": 512.0, "vjp_entries": 10**6},
            "That is the Jacobian in the weights. With respect to what was it asked for?",
        ),
        mistake(
            "vjp-as-large-as-the-jacobian",
            {"vjp_entries": ENTRIES * ENTRIES},
            "A VJP is a gradient. What shape does a gradient have?",
        ),
    ),
)
