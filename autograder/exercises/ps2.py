"""ps2, the private half: hidden cases, references and misconceptions of the vector-Jacobian products."""

from __future__ import annotations

import numpy as np

from autograder.engine import ops
from autograder.engine.broadcasting import unbroadcast
from autograder.exercises.declare import Exercise, Misconception
from autograder.kit.declare import case
from autograder.kit.draws import every_second, normal, reversed_view
from autograder.kit.public import ps2 as kit


def swap(x: np.ndarray) -> np.ndarray:
    """The last two axes exchanged."""
    return np.swapaxes(x, -1, -2)


UNBROADCAST = Exercise(
    public=kit.UNBROADCAST,
    reference=unbroadcast,
    cases=(
        case("nothing stretched", grad=normal(2, 3), shape=(2, 3)),
        case("row", grad=normal(4, 3), shape=(3,)),
        case("column", grad=normal(4, 3), shape=(4, 1)),
        case("leading and inner", check="edges", grad=normal(5, 4, 3), shape=(4, 1)),
        case("scalar", check="edges", grad=normal(2, 3), shape=()),
        case("negative stride", check="edges", grad=reversed_view(normal(4, 3)), shape=(3,)),
    ),
    misconceptions=(
        Misconception(
            "leading-axes-only",
            seen_in="leading and inner",
            wrong=lambda grad, shape: grad.sum(axis=tuple(range(grad.ndim - len(shape)))),
            hint="You removed the axes that broadcasting put in front. What happened to an axis of size 1?",
        ),
    ),
)

MATMUL = Exercise(
    public=kit.MATMUL,
    op=ops.matmul,
    cases=(
        case("square", a=normal(3, 3), b=normal(3, 3)),
        case("all different", a=normal(2, 3), b=normal(3, 5)),
        case("broadcast batch", check="edges", a=normal(4, 2, 3), b=normal(3, 5)),
        case("size-1 batch axis", check="edges", a=normal(1, 2, 3), b=normal(4, 3, 5)),
        case("strided", check="edges", a=every_second(normal(2, 3)), b=normal(3, 2)),
        case("cost", check="cost", a=normal(1500, 4), b=normal(4, 20)),
    ),
    misconceptions=(
        Misconception(
            "forgot-transpose",
            seen_in="square",
            wrong=lambda g, y, a, b: (g @ b, a @ g),
            hint="In dL/dA[i,k], summed over p: which index of B meets k?",
        ),
    ),
)

COST = Exercise(
    public=kit.COST,
    answers={"jacobian_entries": 64_000 * 64_000, "jacobian_gigabytes": 32.768, "vjp_entries": 64_000},
    misconceptions=(
        Misconception(
            "one-example-only",
            seen_in="jacobian_entries",
            wrong={"jacobian_entries": 1_000_000, "jacobian_gigabytes": 0.008, "vjp_entries": 1000},
            hint="That is one example of the batch. How many numbers go in and come out for all 64 together?",
        ),
    ),
)

EXERCISES: tuple[Exercise, ...] = (UNBROADCAST, MATMUL, COST)
