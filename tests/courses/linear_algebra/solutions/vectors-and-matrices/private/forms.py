"""A quadratic form, the hidden half: the engine has no such operation, so it is declared here."""

from __future__ import annotations

import numpy as np

from autograder.course.declare import EDGES, UNCHANGED, Exercise, mistake
from autograder.course.mistakes import gradients_swapped, upstream_ignored
from autograder.engine import defvjp, primitive
from kit.declare import case
from kit.draws import normal

from ..public import forms as public


@primitive(shapes="(n),(n,n)->()", source="the notebook, section 2")
def quadratic(x, A):
    """y = x @ A @ x. Given g = dL/dy:  dL/dx = g (A + A^T) x;  dL/dA = g x x^T."""
    return x @ A @ x


defvjp(quadratic, x=lambda g, y, x, A: g * ((A + A.T) @ x), A=lambda g, y, x, A: g * np.outer(x, x))

QUADRATIC = Exercise(
    public.QUADRATIC,
    op=quadratic,
    shares={EDGES: 0.2, UNCHANGED: 0.1},
    cases=(
        case("plane", x=normal(2), A=normal(2, 2)),
        case("five dimensions", x=normal(5), A=normal(5, 5)),
        case("one dimension", check="edges", x=normal(1), A=normal(1, 1)),
        case("large entries", check="edges", x=normal(3, scale=1e3), A=normal(3, 3)),
    ),
    mistakes=(
        upstream_ignored(quadratic),
        gradients_swapped(quadratic, "x comes before A in the arguments. And in what you return?"),
        mistake(
            "symmetry-assumed",
            lambda g, y, x, A: (2 * g * A @ x, g * np.outer(x, x)),
            "2 A x is right for a symmetric A. In which two places does x stand, and what meets it in each?",
        ),
        mistake(
            "one-place-only",
            lambda g, y, x, A: (g * A @ x, g * np.outer(x, x)),
            "x stands in two places of x @ A @ x. How many of them did you differentiate?",
        ),
    ),
)


@QUADRATIC.right
def by_einsum(g, y, x, A):
    return g * (np.einsum("ij,j->i", A, x) + np.einsum("ij,i->j", A, x)), g * np.einsum("i,j->ij", x, x)


@QUADRATIC.right
def by_the_symmetric_part(g, y, x, A):
    return 2 * g * ((A + A.T) / 2) @ x, g * x[:, None] * x


@QUADRATIC.right
def entry_by_entry(g, y, x, A):
    n = len(x)
    grad_x = [g * sum((A[i, j] + A[j, i]) * x[j] for j in range(n)) for i in range(n)]
    return np.array(grad_x), np.array([[g * x[i] * x[j] for j in range(n)] for i in range(n)])
