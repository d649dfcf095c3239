"""Triangular systems, the hidden half."""

from __future__ import annotations

import numpy as np

from autograder.course.declare import EDGES, UNCHANGED, Exercise
from kit.declare import case
from kit.draws import Draw, normal, signed

from ..public import triangles as public


def upper(n: int) -> Draw:
    """An upper triangular matrix with a safe diagonal."""
    return Draw(f"upper({n})", lambda rng: np.triu(rng.standard_normal((n, n)), 1) + np.diag(signed(rng, (n,))))


def solved(U, b, *, use=lambda x, U, i: U[i, i + 1 :] @ x[i + 1 :], divide=True):
    """Back substitution; each keyword is a place where it can go wrong."""
    x = np.zeros(len(b))
    for i in reversed(range(len(b))):
        x[i] = b[i] - use(x, U, i)
        x[i] /= U[i, i] if divide else 1.0
    return x


BACK_SUBSTITUTION = Exercise(
    public.BACK_SUBSTITUTION,
    reference=lambda U, b: solved(U, b),
    shares={EDGES: 0.2, UNCHANGED: 0.1},
    cases=(
        case("two rows", U=upper(2), b=normal(2)),
        case("four rows", U=upper(4), b=normal(4)),
        case("one row", check="edges", U=upper(1), b=normal(1)),
        case("seven rows", check="edges", U=upper(7), b=normal(7)),
    ),
)


@BACK_SUBSTITUTION.mistake
def never_divided(U, b):
    """Row i says U[i, i] x[i] + ... = b[i]. What is still in front of x[i]?"""
    return solved(U, b, divide=False)


@BACK_SUBSTITUTION.mistake
def others_not_subtracted(U, b):
    """You divide b by the diagonal. Where do the entries above the diagonal go?"""
    return b / np.diag(U)


@BACK_SUBSTITUTION.mistake
def rows_for_columns(U, b):
    """You take the entries from a column of U. Along which axis does one equation stand?"""
    return solved(U, b, use=lambda x, U, i: U[: len(x) - i - 1, i] @ x[i + 1 :])


@BACK_SUBSTITUTION.right
def by_columns(U, b):
    x = np.array(b, dtype=float)
    for j in range(len(x) - 1, -1, -1):
        x[j] /= U[j, j]
        x[:j] -= U[:j, j] * x[j]
    return x


@BACK_SUBSTITUTION.right
def by_numpy(U, b):
    return np.linalg.solve(U, b)


@BACK_SUBSTITUTION.right
def by_recursion(U, b):
    if len(b) == 0:
        return np.zeros(0)
    last = b[-1] / U[-1, -1]
    return np.append(by_recursion(U[:-1, :-1], b[:-1] - last * U[:-1, -1]), last)
