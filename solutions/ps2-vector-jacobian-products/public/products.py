"""Products of matrices, and what the Jacobian of one would cost."""

from __future__ import annotations

import numpy as np

from kit.declare import Answer, Predict, Rule, case
from kit.draws import normal

MATMUL = Rule(
    name="matmul_backward",
    statement="y = a @ b, matrices (or stacks of matrices; stack axes broadcast).",
    forward=lambda a, b: a @ b,
    oracle=lambda torch, a, b: a @ b,
    cases=(
        case("square", a=normal(2, 2), b=normal(2, 2)),
        case("all different", a=normal(2, 3), b=normal(3, 4)),
        case("two stacks", check="edges", a=normal(2, 1, 3), b=normal(2, 3, 2)),
        case("stack against one matrix", check="edges", a=normal(2, 2, 3), b=normal(3, 2)),
    ),
)


EINSUM = Rule(
    name="einsum_backward",
    statement='y = np.einsum(subscripts, a, b): an explicit "->", no letter twice in one operand, no ellipsis.',
    forward=lambda a, b, subscripts="ij,jk->ik": np.einsum(subscripts, a, b),
    oracle=lambda torch, a, b, subscripts="ij,jk->ik": torch.einsum(subscripts, a, b),
    cases=(
        case("matrix product", a=normal(2, 3), b=normal(3, 4)),
        case("transposed product", a=normal(2, 3), b=normal(4, 3), subscripts="ij,kj->ki"),
        case("outer product", a=normal(2), b=normal(3), subscripts="i,j->ij"),
        case("a letter of one operand only", check="edges", a=normal(2, 3), b=normal(3), subscripts="ij,j->j"),
    ),
)


COST = Predict(
    name="cost",
    statement="How many numbers the Jacobian of a 1000 -> 1000 layer on a batch of 64 holds, and how many the VJP.",
    answers={"jacobian_entries": Answer(int), "jacobian_gigabytes": Answer(float), "vjp_entries": Answer(int)},
)
