"""Vectors: a projection, and the shapes of products."""

from __future__ import annotations

import numpy as np

from kit.declare import Answer, Function, Predict, Property, Stored
from kit.draws import normal

PROJECT = Function(
    name="project",
    signature="project(v, u)",
    statement="The projection of the vector v onto the line through u.",
    stored=(
        Stored("onto an axis", {"v": [3.0, 4.0], "u": [2.0, 0.0]}, [3.0, 0.0]),
        Stored("onto a diagonal", {"v": [1.0, 2.0], "u": [1.0, 1.0]}, [1.5, 1.5]),
    ),
    properties=(
        Property(
            "what is left",
            {"v": normal(4), "u": normal(4)},
            lambda returned, v, u: bool(abs(np.dot(v - returned, u)) < 1e-9),
            "v minus its projection is orthogonal to u",
        ),
    ),
    results=("projection",),
)

SHAPES = ("()", "(3,)", "(4,)", "(3, 4)", "(3, 3)", "error")

PRODUCT_SHAPES = Predict(
    name="product_shapes",
    statement="The shapes of four products of a matrix A (3, 4), a vector x (4,) and a vector z (3,).",
    answers={name: Answer(str, SHAPES) for name in ("A_times_x", "x_times_x", "A_times_z", "A_times_A_transposed")},
)
