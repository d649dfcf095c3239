"""Products of matrices and vectors, the linear layer, and what its Jacobian would cost."""

from __future__ import annotations

import numpy as np

from ...declare import Answer, Predict, Public, Rule, case
from ...draws import normal

MATVEC = Rule(
    name="matvec_backward",
    statement="y = W @ x, a matrix (m, n) times a vector (n,).",
    forward=lambda W, x: W @ x,
    oracle=lambda torch, W, x: W @ x,
    cases=(
        case("wide", W=normal(2, 3), x=normal(3)),
        case("square", W=normal(2, 2), x=normal(2)),
        case("one output", check="edges", W=normal(1, 3), x=normal(3)),
    ),
)

LINEAR = Rule(
    name="linear_backward",
    statement="Y = X @ W.T: W is (m, n); X is one example (n,), a batch (B, n) or a batch of sequences (B, T, n).",
    forward=lambda X, W: X @ W.T,
    oracle=lambda torch, X, W: X @ W.T,
    cases=(
        case("batch", X=normal(4, 3), W=normal(2, 3)),
        case("square", X=normal(2, 2), W=normal(2, 2)),
        case("one example", check="edges", X=normal(3), W=normal(2, 3)),
        case("sequences", check="edges", X=normal(2, 2, 3), W=normal(4, 3)),
    ),
)

AFFINE = Rule(
    name="affine_backward",
    statement="Y = X @ W.T + b: W is (m, n), b is (m,); X is (n,), (B, n) or (B, T, n).",
    forward=lambda X, W, b: X @ W.T + b,
    oracle=lambda torch, X, W, b: X @ W.T + b,
    cases=(
        case("batch", X=normal(4, 3), W=normal(2, 3), b=normal(2)),
        case("square", X=normal(2, 2), W=normal(2, 2), b=normal(2)),
        case("one example", check="edges", X=normal(3), W=normal(2, 3), b=normal(2)),
        case("sequences", check="edges", X=normal(2, 2, 3), W=normal(4, 3), b=normal(4)),
    ),
)

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
    answers={
        "jacobian_entries": Answer(int),
        "jacobian_gigabytes": Answer(float),
        "vjp_entries": Answer(int),
    },
)

PUBLIC: tuple[Public, ...] = (MATVEC, LINEAR, AFFINE, MATMUL, EINSUM, COST)
