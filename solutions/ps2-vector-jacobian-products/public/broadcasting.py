"""Broadcasting, and undoing it."""

from __future__ import annotations

from typing import Any

import numpy as np

from kit.declare import Function, Property, Rule, Stored, case
from kit.draws import normal

UNBROADCAST = Function(
    name="unbroadcast",
    signature="unbroadcast(grad, shape)",
    statement="Sum grad over the axes that broadcasting stretched, so that the result has the given shape.",
    stored=(
        Stored("nothing stretched", {"grad": [[1.0, 2.0], [10.0, 20.0]], "shape": (2, 2)}, [[1.0, 2.0], [10.0, 20.0]]),
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
    """Whether <broadcast(x), grad> = <x, returned> for one x whose entries all differ."""
    x = np.cos(np.arange(np.prod(shape), dtype=np.float64)).reshape(shape)
    return bool(
        np.shape(returned) == shape
        and np.isclose((np.broadcast_to(x, grad.shape) * grad).sum(), (x * np.asarray(returned)).sum())
    )


BROADCAST_TO = Rule(
    name="broadcast_to_backward",
    statement="y = x, copied along new leading axes and along axes of size 1 until it has the given shape.",
    forward=lambda x, shape=None: np.broadcast_to(x, x.shape if shape is None else shape),
    oracle=lambda torch, x, shape=None: torch.broadcast_to(x, x.shape if shape is None else shape),
    cases=(
        case("new leading axis", x=normal(3), shape=(2, 3)),
        case("column", x=normal(2, 1), shape=(2, 3)),
        case("scalar", check="edges", x=normal(), shape=(2, 2)),
        case("nothing to copy", check="edges", x=normal(2, 3), shape=(2, 3)),
    ),
)
