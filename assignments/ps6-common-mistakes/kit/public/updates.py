"""Parameters: layers that a module knows of, and an update that keeps its leaves."""

from __future__ import annotations

import numpy as np

from kit.declare import Function
from kit.draws import Draw, normal

from ._shared import stored


def layers(*sizes: int) -> Draw:
    """Weight and bias of each layer, as a tuple."""
    pairs = list(zip(sizes[1:], sizes[:-1], strict=True))
    return Draw(
        f"layers {sizes}",
        lambda rng: tuple(array for m, n in pairs for array in (rng.standard_normal((m, n)), rng.standard_normal(m))),
    )


STACK = Function(
    name="Stack",
    signature="Stack(sizes)",
    statement="A module of linear layers, sizes[0] -> sizes[1] -> ..., with ReLU between them.",
    stored=stored(
        "Stack",
        two_layers={"arrays": layers(2, 3, 1), "x": normal(4, 2), "target": normal(4, 1)},
        three_layers={"arrays": layers(3, 4, 2, 2), "x": normal(3, 3), "target": normal(3, 2)},
        one_layer={"arrays": layers(2, 2), "x": normal(3, 2), "target": normal(3, 2)},
    ),
    results=(
        "shapes of parameters()",
        "output",
        "gradients of all parameters in a row (zero: none arrived)",
        "output after a step of the optimizer",
    ),
    adapter="stacked",
    takes=("arrays", "x", "target"),
)


MANUAL_SGD = Function(
    name="manual_sgd",
    signature="manual_sgd(parameters, lr)",
    statement="Moves every parameter by -lr times its gradient, in place, and skips those without one. Returns None.",
    stored=stored(
        "manual_sgd",
        two_parameters={"w": normal(2, 2), "b": normal(3), "unused": np.zeros(0), "lr": 0.1},
        one_without_a_gradient={"w": normal(3), "b": normal(2), "unused": normal(2), "lr": 0.05},
    ),
    results=(
        "first parameter after each step",
        "second parameter after each step",
        "parameter without a gradient",
        "whether each parameter is a leaf and requires a gradient, and last whether gradients are recorded",
        "whether something was returned",
    ),
    adapter="manual",
    takes=("w", "b", "unused", "lr"),
)
