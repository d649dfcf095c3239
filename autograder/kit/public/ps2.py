"""ps2, the public half: vector-Jacobian products."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declare import Answer, Function, Predict, Property, Public, Rule, Stored, case
from ..draws import normal

UNBROADCAST = Function(
    name="unbroadcast",
    signature="unbroadcast(grad, shape)",
    statement="Sum grad over the axes that broadcasting stretched, so that the result has the given shape.",
    stored=(
        Stored("row", {"grad": [[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]], "shape": (3,)}, [11.0, 22.0, 33.0]),
        Stored("column", {"grad": [[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]], "shape": (2, 1)}, [[6.0], [60.0]]),
        Stored("scalar", {"grad": [1.0, -2.0, 4.0], "shape": ()}, 3.0),
    ),
    properties=(
        Property(
            "adjoint of broadcasting",
            {"grad": normal(4, 2, 3), "shape": (2, 1)},
            holds=lambda returned, grad, shape: _is_adjoint(returned, grad, shape),
            says="for every x of that shape, sum(broadcast(x) * grad) must equal sum(x * unbroadcast(grad))",
        ),
    ),
)


def _is_adjoint(returned: Any, grad: Any, shape: tuple[int, ...]) -> bool:
    """Whether <broadcast(x), grad> = <x, returned> for a few fixed x."""
    x = np.cos(np.arange(np.prod(shape), dtype=np.float64)).reshape(shape)
    return bool(
        np.shape(returned) == shape
        and np.isclose((np.broadcast_to(x, grad.shape) * grad).sum(), (x * np.asarray(returned)).sum())
    )


MATMUL = Rule(
    name="matmul_backward",
    statement="y = a @ b, matrices (or stacks of matrices; stack axes broadcast).",
    forward=lambda a, b: a @ b,
    oracle=lambda torch, a, b: a @ b,
    cases=(
        case("square", a=normal(2, 2), b=normal(2, 2)),
        case("all different", a=normal(2, 3), b=normal(3, 4)),
        case("stack against one matrix", check="edges", a=normal(2, 2, 3), b=normal(3, 2)),
    ),
)

COST = Predict(
    name="cost",
    statement="How many numbers the full Jacobian of a 1000 -> 1000 layer holds on a batch of 64, and how many the VJP.",
    answers={
        "jacobian_entries": Answer(int),
        "jacobian_gigabytes": Answer(float),
        "vjp_entries": Answer(int),
    },
)

PUBLIC: tuple[Public, ...] = (UNBROADCAST, MATMUL, COST)
