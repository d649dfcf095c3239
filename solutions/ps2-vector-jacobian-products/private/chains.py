"""Chains of vector-Jacobian products, and what the order of the factors costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import reduce

import numpy as np

from autograder.course.declare import Exercise, mistake
from kit.declare import Instance, case
from kit.draws import Draw, Generator, normal
from kit.functions import Named

from ..public import chains as public
from ._shared import Array

Vector = Callable[[Array], Array]


def chain_vjps(vjps: Sequence[Vector], grad_output: Array) -> Array:
    """Apply the VJPs from the last step to the first. Source: chapter, Vector-Valued Functions."""
    for vjp in reversed(vjps):
        grad_output = vjp(grad_output)
    return grad_output


def steps_of_one_size(*sizes: int) -> Draw:
    """Dense steps and elementwise ones by turns, all of the size sizes[0]; as many as there are sizes."""

    def build(rng: Generator) -> list[Named]:
        n = sizes[0]
        return [
            Named("vjp_scale", {"d": rng.standard_normal(n)})
            if place % 2
            else Named("vjp_matrix", {"M": rng.standard_normal((n, n))})
            for place in range(len(sizes))
        ]

    return Draw(f"steps{sizes}", build)


def once_each(instance: Instance) -> Mapping[str, int]:
    """Each VJP of the list once, under the names that the box counts by: ``vjp_matrix``, ``vjp_matrix#2``, ..."""
    met: Counter[str] = Counter()
    counts: dict[str, int] = {}
    for vjp in instance.args[0]:
        met[vjp.name] += 1
        counts[vjp.name if met[vjp.name] == 1 else f"{vjp.name}#{met[vjp.name]}"] = 1
    return counts


CHAIN_VJPS = Exercise(
    public.CHAIN_VJPS,
    reference=chain_vjps,
    calls=once_each,
    cases=(
        case("two steps", vjps=public.vjp_chain(2, 4, 3), grad_output=normal(3)),
        case("three steps", vjps=public.vjp_chain(4, 2, 3, 5), grad_output=normal(5)),
        case("steps of one size", vjps=steps_of_one_size(3, 3, 3), grad_output=normal(3)),
        case("one step", check="edges", vjps=public.vjp_chain(2, 3), grad_output=normal(3)),
        case("no step", check="edges", vjps=[], grad_output=normal(3)),
        case("many steps", check="edges", vjps=steps_of_one_size(*[2] * 12), grad_output=normal(2)),
    ),
    mistakes=(
        mistake(
            "first-step-left-out",
            lambda vjps, grad_output: chain_vjps(vjps[1:], grad_output),
            "Your gradient is that of the first step's output. Which VJP takes it on to x?",
        ),
        mistake(
            "last-step-left-out",
            lambda vjps, grad_output: chain_vjps(vjps[:-1], grad_output),
            "The last step's VJP is never called. Does index -1 or the end of your range drop it?",
        ),
        mistake(
            "upstream-ignored",
            lambda vjps, grad_output: chain_vjps(vjps, np.ones_like(grad_output)),
            "You begin with ones. What did the caller hand in to begin with?",
        ),
        mistake(
            "each-from-the-start",
            lambda vjps, grad_output: sum((vjp(grad_output) for vjp in vjps), np.zeros_like(grad_output)),
            "Each of your VJPs gets grad_output itself, and the results are added. "
            "Are these steps side by side, or one after another?",
        ),
    ),
    right_answers=(lambda vjps, grad_output: reduce(lambda grad, vjp: vjp(grad), vjps[::-1], grad_output),),
)


@CHAIN_VJPS.mistake
def forward_order(vjps, grad_output):
    """grad_output belongs to the output of the last step. Which of the VJPs can take it?"""
    for vjp in vjps:
        grad_output = vjp(grad_output)
    return grad_output


@CHAIN_VJPS.mistake
def all_gradients_returned(vjps, grad_output):
    """You return every gradient on the way. Which one of them is that of x?"""
    found = [grad_output]
    for vjp in reversed(vjps):
        found.append(vjp(found[-1]))
    return found


@CHAIN_VJPS.right
def chain_by_recursion(vjps, grad_output):
    if not vjps:
        return grad_output
    return chain_by_recursion(vjps[:-1], vjps[-1](grad_output))


@CHAIN_VJPS.right
def chain_by_index(vjps, grad_output):
    grad = grad_output.copy()
    for i in range(len(vjps) - 1, -1, -1):
        grad = vjps[i](grad)
    return grad


@CHAIN_VJPS.right
def chain_by_stack(vjps, grad_output):
    waiting = list(vjps)
    while waiting:
        grad_output = waiting.pop()(grad_output)
    return grad_output.tolist()


# The notebook's chain: x in R^200, then R^300, then R^100, then z in R^50; J1 (300, 200), J2 (100, 300), J3 (50, 100).
REVERSE = 50 * 100 + 100 * 300 + 300 * 200
FORWARD = 100 * 300 * 200 + 50 * 100 * 200 + 50 * 200

MULTIPLICATIONS = Exercise(
    public.MULTIPLICATIONS,
    answers={"reverse_multiplications": REVERSE, "forward_multiplications": FORWARD},
    mistakes=(
        mistake(
            "orders-swapped",
            {"reverse_multiplications": FORWARD, "forward_multiplications": REVERSE},
            "You have both numbers. In which order does a vector take part from the first product on?",
        ),
        mistake(
            "last-product-left-out",
            {"forward_multiplications": FORWARD - 50 * 200},
            "Three matrices are multiplied with two products, and then there is a matrix. "
            "What is still to be done to get a gradient?",
        ),
        mistake(
            "additions-counted-too",
            {"reverse_multiplications": 2 * REVERSE, "forward_multiplications": 2 * FORWARD},
            "Exactly twice too many: did you count the additions as well?",
        ),
        mistake(
            "matrices-first-both-times",
            {"reverse_multiplications": 50 * 100 * 300 + 50 * 300 * 200 + 50 * 200},
            "You multiply the matrices with each other from the other end. "
            "In reverse order, what is the first product: matrix times matrix, or matrix times vector?",
        ),
        mistake(
            "results-counted",
            {"reverse_multiplications": 100 + 300 + 200, "forward_multiplications": 100 * 200 + 50 * 200 + 200},
            "That is how many numbers come out of each product. How many multiplications does one of them take?",
        ),
    ),
)
