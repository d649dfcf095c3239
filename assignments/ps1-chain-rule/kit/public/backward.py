"""The backward pass over a graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kit.declare import Function, Stored

from ._shapes import Edges, chain, diamond, ladder, reaches_nothing, skip, square
from ._shared import DEEP, RUNGS, _values


def _backward(
    edges: Edges, local_grads: Sequence[float], outputs: Sequence[int], grads: Sequence[float] = ()
) -> Mapping[str, Any]:
    values = _values(edges)
    held = np.array(grads) if grads else np.zeros(len(values))
    return {
        "values": values,
        "edges": edges,
        "local_grads": np.array(local_grads),
        "grads": held,
        "outputs": tuple(outputs),
    }


BACKWARD = Function(
    name="backward",
    signature="backward(output)",
    statement="Adds the derivative of output with respect to each Node that it was computed from to that Node's .grad.",
    stored=(
        Stored("y = a * b", _backward(np.array([[0, 1], [0, 2]]), [3.0, 2.0], [0]), np.array([1.0, 3.0, 2.0])),
        Stored("chain of four", _backward(chain(4), [2.0, -3.0, 0.5], [3]), np.array([-3.0, -1.5, 0.5, 1.0])),
        Stored("x^2 + x at 3", _backward(skip(), [6.0, 1.0, 1.0], [2]), np.array([7.0, 1.0, 1.0])),
        Stored("diamond", _backward(diamond(), [2.0, 3.0, 5.0, 7.0], [3]), np.array([31.0, 5.0, 7.0, 1.0])),
        Stored("x * x at 4", _backward(square(), [4.0, 4.0], [1]), np.array([8.0, 1.0])),
        Stored(
            "nodes that the output does not need",
            _backward(reaches_nothing(), [2.0, 5.0, 3.0, 4.0], [2]),
            np.array([10.0, 5.0, 1.0, 0.0, 0.0]),
        ),
        Stored("called twice", _backward(skip(), [6.0, 1.0, 1.0], [2, 2]), np.array([14.0, 2.0, 2.0])),
        Stored(
            "something in .grad before",
            _backward(skip(), [6.0, 1.0, 1.0], [2], [0.5, -1.0, 2.0]),
            np.array([7.5, 0.0, 3.0]),
        ),
        Stored(
            "from two outputs of one graph",
            _backward(diamond(), [2.0, 3.0, 5.0, 7.0], [3, 1]),
            np.array([33.0, 6.0, 7.0, 1.0]),
        ),
        Stored("chain of 5,000", _backward(chain(DEEP), [1.0] * (DEEP - 1), [DEEP - 1]), np.ones(DEEP)),
        Stored(
            "ladder of 60 diamonds",
            _backward(ladder(RUNGS), [1.0, 1.0, 0.25, 0.75] * RUNGS, [3 * RUNGS]),
            np.array([1.0, *[0.25, 0.75, 1.0] * RUNGS]),
        ),
    ),
    results=("grad of the nodes",),
    adapter="graph_backward",
    takes=("values", "edges", "local_grads", "grads", "outputs"),
)
