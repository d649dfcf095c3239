"""Jacobians by differences, and vector-Jacobian products from them."""

from __future__ import annotations

from typing import Any

import numpy as np

from kit.declare import Function, Property, Stored
from kit.draws import normal
from kit.functions import Named

CENTRAL = 1e-7  # central differences with a step of 1e-6 are this good, one-sided ones are not


NUMERICAL_JACOBIAN = Function(
    name="numerical_jacobian",
    signature="numerical_jacobian(f, x, eps=1e-6)",
    statement="The Jacobian of f at x by central differences: f maps (n,) to (m,), the result has shape (m, n).",
    stored=(
        Stored(
            "linear",
            {"f": Named("affine", {"W": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "b": [0.5, -0.5]}), "x": [0.1, -0.2, 0.3]},
            [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]],
            tolerance=CENTRAL,
        ),
        Stored(
            "cubes, entry by entry",
            {"f": Named("cubes", {"scale": 2.0}), "x": [1.0, -2.0, 0.5]},
            [[6.0, 0.0, 0.0], [0.0, 24.0, 0.0], [0.0, 0.0, 1.5]],
            tolerance=CENTRAL,
        ),
        Stored(
            "product, sum and sum of squares",
            {"f": Named("product_and_sum"), "x": [2.0, 3.0]},
            [[3.0, 2.0], [1.0, 1.0], [4.0, 6.0]],
            tolerance=CENTRAL,
        ),
        Stored(
            "f returns its argument itself",
            {"f": Named("itself"), "x": [0.25, -4.0]},
            [[1.0, 0.0], [0.0, 1.0]],
            tolerance=CENTRAL,
        ),
        Stored(
            "a coarse step",
            {"f": Named("cubes"), "x": [1.0, -2.0], "eps": 0.25},
            [[3.0625, 0.0], [0.0, 12.0625]],
            tolerance=CENTRAL,
        ),
    ),
)


VJP_FROM_JACOBIAN = Function(
    name="vjp_from_jacobian",
    signature="vjp_from_jacobian(J, grad_output)",
    statement="The gradient of L in x, (n,), from the Jacobian J of y = g(x), (m, n), and grad_output = dL/dy, (m,).",
    stored=(
        Stored("wide", {"J": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "grad_output": [10.0, -1.0]}, [6.0, 15.0, 24.0]),
        Stored("square", {"J": [[1.0, 2.0], [0.0, -1.0]], "grad_output": [3.0, 5.0]}, [3.0, 1.0]),
        Stored("one output", {"J": [[2.0, -3.0]], "grad_output": [0.5]}, [1.0, -1.5]),
    ),
    properties=(
        Property(
            "same change of the loss either way",
            {"J": normal(4, 3), "grad_output": normal(4)},
            holds=lambda returned, J, grad_output: _predicts_the_change(returned, J, grad_output),
            says="for a small step dx, the loss changes by sum(gradient * dx), and also by sum(grad_output * dy)",
        ),
    ),
)


def _predicts_the_change(returned: Any, J: Any, grad_output: Any) -> bool:
    """Whether <gradient, dx> is <grad_output, dy>, dy being the step that J predicts for dx."""
    dx = np.cos(np.arange(J.shape[1], dtype=np.float64))
    dy = np.einsum("ij,j->i", J, dx)
    return bool(np.shape(returned) == dx.shape and np.isclose((grad_output * dy).sum(), (returned * dx).sum()))


NUMERICAL_VJP = Function(
    name="numerical_vjp",
    signature="numerical_vjp(f, x, grad_output, eps=1e-6)",
    statement="The gradient of sum(grad_output * f(x)) in x by central differences, for arrays of any shape.",
    stored=(
        Stored(
            "vector",
            {"f": Named("product_and_sum"), "x": [2.0, 3.0], "grad_output": [1.0, -2.0, 0.5]},
            [3.0, 3.0],
            tolerance=CENTRAL,
        ),
        Stored(
            "matrix",
            {
                "f": Named("cubes"),
                "x": [[1.0, -2.0, 0.5], [3.0, 1.0, -1.0]],
                "grad_output": [[1.0, 2.0, -1.0], [0.5, 4.0, 1.0]],
            },
            [[3.0, 24.0, -0.75], [13.5, 12.0, 3.0]],
            tolerance=CENTRAL,
        ),
        Stored(
            "scalar",
            {"f": Named("cubes", {"scale": 2.0}), "x": np.array(0.5), "grad_output": np.array(-3.0)},
            np.array(-4.5),
            tolerance=CENTRAL,
        ),
        Stored(
            "a coarse step",
            {"f": Named("cubes"), "x": [1.0, -2.0], "grad_output": [2.0, 1.0], "eps": 0.25},
            [6.125, 12.0625],
            tolerance=CENTRAL,
        ),
    ),
)
