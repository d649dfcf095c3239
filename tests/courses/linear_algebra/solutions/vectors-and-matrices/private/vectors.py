"""Vectors, the hidden half."""

from __future__ import annotations

import numpy as np

from autograder.course.declare import EDGES, UNCHANGED, Exercise, mistake
from kit.declare import case
from kit.draws import exactly, normal

from ..public import vectors as public

PROJECT = Exercise(
    public.PROJECT,
    reference=lambda v, u: (v @ u) / (u @ u) * u,
    shares={EDGES: 0.2, UNCHANGED: 0.1},
    cases=(
        case("plane", v=normal(2), u=normal(2)),
        case("five dimensions", v=normal(5), u=normal(5)),
        case("one dimension", check="edges", v=normal(1), u=normal(1)),
        case("a long u", check="edges", v=normal(3), u=normal(3, scale=1e4)),
        case("orthogonal", check="edges", v=exactly([3.0, 0.0, 1.0]), u=exactly([0.0, 2.0, 0.0])),
    ),
    mistakes=(
        mistake("length-forgotten", lambda v, u: (v @ u) * u, "Double u. Should the projection change?"),
        mistake(
            "length-once",
            lambda v, u: (v @ u) / np.sqrt(u @ u) * u,
            "You divide by the length of u once. How often does u stand in your product?",
        ),
        mistake(
            "onto-the-other",
            lambda v, u: (v @ u) / (v @ v) * v,
            "Your answer lies on the line through v. On which line should it lie?",
        ),
    ),
)


@PROJECT.mistake
def rejection(v, u):
    """What you return is orthogonal to u. Which part of v did you keep?"""
    return v - (v @ u) / (u @ u) * u


@PROJECT.right
def by_the_unit_vector(v, u):
    unit = u / np.linalg.norm(u)
    return np.dot(unit, v) * unit


@PROJECT.right
def by_a_matrix(v, u):
    return np.outer(u, u) @ v / np.sum(u * u)


@PROJECT.right
def by_least_squares(v, u):
    (factor,), *_ = np.linalg.lstsq(u[:, None], v, rcond=None)
    return factor * u


PRODUCT_SHAPES = Exercise(
    public.PRODUCT_SHAPES,
    answers={"A_times_x": "(3,)", "x_times_x": "()", "A_times_z": "error", "A_times_A_transposed": "(3, 3)"},
    mistakes=(
        mistake("wrong-axis-left", {"A_times_x": "(4,)"}, "Over which axis of A does the product sum?"),
        mistake("entry-by-entry", {"x_times_x": "(4,)"}, "x * x keeps every entry. What does x @ x do with them?"),
        mistake("transposed-silently", {"A_times_z": "(4,)"}, "Does @ transpose A for you where the axes do not fit?"),
    ),
)
