"""Linear layers: a matrix times a vector, a batch, and a bias."""

from __future__ import annotations

from kit.declare import Rule, case
from kit.draws import normal

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
