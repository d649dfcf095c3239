"""Linear systems, the hidden half."""

from __future__ import annotations

import numpy as np

from autograder.course.declare import EDGES, UNCHANGED, Exercise, mistake
from kit.declare import case
from kit.draws import Draw, normal

from ..public import systems as public


def dominant(n: int) -> Draw:
    """A matrix whose diagonal outweighs the rest of each row."""
    return Draw(f"dominant({n})", lambda rng: rng.uniform(-1, 1, (n, n)) + np.diag(rng.choice([-1, 1], n) * (n + 1.0)))


def regular(n: int) -> Draw:
    """A matrix that is neither symmetric nor near a singular one."""
    return Draw(f"regular({n})", lambda rng: rng.standard_normal((n, n)) / n + np.diag(rng.uniform(1.0, 4.0, n)))


JACOBI_STEP = Exercise(
    public.JACOBI_STEP,
    reference=lambda A, b, x: (b - A @ x) / np.diag(A) + x,
    shares={EDGES: 0.2, UNCHANGED: 0.1},
    cases=(
        case("two rows", A=dominant(2), b=normal(2), x=normal(2)),
        case("five rows", A=dominant(5), b=normal(5), x=normal(5)),
        case("one row", check="edges", A=dominant(1), b=normal(1), x=normal(1)),
        case("nine rows", check="edges", A=dominant(9), b=normal(9), x=normal(9)),
    ),
    mistakes=(
        mistake(
            "diagonal-not-left-out",
            lambda A, b, x: (b - A @ x) / np.diag(A),
            "A @ x has the diagonal in it. Which terms of row i move to the other side?",
        ),
        mistake(
            "never-divided",
            lambda A, b, x: b - A @ x + np.diag(A) * x,
            "What stands in front of x[i] in row i?",
        ),
    ),
)


@JACOBI_STEP.mistake
def new_values_used(A, b, x):
    """In row 2 you use the x[1] that you have just found. Which method is that?"""
    x = x.copy()
    for i in range(len(b)):
        x[i] += (b[i] - A[i] @ x) / A[i, i]
    return x


@JACOBI_STEP.right
def by_splitting(A, b, x):
    d = np.diag(A)
    return (b - (A - np.diag(d)) @ x) / d


@JACOBI_STEP.right
def row_by_row(A, b, x):
    n = len(b)
    return np.array([(b[i] - sum(A[i, j] * x[j] for j in range(n) if j != i)) / A[i, i] for i in range(n)])


@JACOBI_STEP.right
def by_the_inverse_of_the_diagonal(A, b, x):
    return x + np.linalg.inv(np.diag(np.diag(A))) @ (b - A @ x)


CONDITION_NUMBER = Exercise(
    public.CONDITION_NUMBER,
    reference=lambda A: np.linalg.cond(A, 2),
    shares={EDGES: 0.2, UNCHANGED: 0.1},
    rtol=1e-6,
    cases=(
        case("two rows", A=regular(2)),
        case("four rows", A=regular(4)),
        case("far from 1", check="edges", A=normal(3, 3, scale=1e-3)),
    ),
    mistakes=(
        mistake(
            "upside-down",
            lambda A: 1 / np.linalg.cond(A, 2),
            "A condition number is never below 1. Which singular value is above the line?",
        ),
        mistake(
            "squared",
            lambda A: np.linalg.cond(A.T @ A, 2),
            "Those are the eigenvalues of A^T A. What are the singular values of A?",
        ),
        mistake(
            "eigenvalues",
            lambda A: np.abs(np.linalg.eigvals(A)).max() / np.abs(np.linalg.eigvals(A)).min(),
            "Right for a symmetric A. What takes the place of its eigenvalues otherwise?",
        ),
        mistake("another-norm", lambda A: np.linalg.cond(A, 1), "Which norm is asked for, and which one did you take?"),
    ),
    right_answers=(
        lambda A: np.linalg.norm(A, 2) * np.linalg.norm(np.linalg.inv(A), 2),
        lambda A: np.sqrt(np.linalg.eigvalsh(A.T @ A)[-1] / np.linalg.eigvalsh(A.T @ A)[0]),
    ),
)


@CONDITION_NUMBER.right
def by_singular_values(A):
    singular = np.linalg.svd(A, compute_uv=False)
    return singular[0] / singular[-1]
