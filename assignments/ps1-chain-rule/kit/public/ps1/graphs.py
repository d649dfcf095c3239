"""Graphs: an order of the nodes, and the backward pass over them, on graphs given as arrays (see ``kit.graphs``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...declare import Function, Public, Stored
from ._shapes import Edges, chain, diamond, ladder, reaches_nothing, skip, square

DEEP, RUNGS = 5_000, 60


def _values(edges: Edges) -> np.ndarray[Any, Any]:
    return np.linspace(-1.0, 1.5, int(edges.max()) + 1)


def _order(edges: Edges, output: int, reached: Sequence[int] = ()) -> tuple[Mapping[str, Any], tuple[Any, ...]]:
    """Inputs and answer: the nodes in ``reached`` (none given: all) once, every parent first, the output last."""
    values = _values(edges)
    listed = np.zeros(len(values))
    listed[list(reached) or slice(None)] = 1.0
    return {"values": values, "edges": edges, "output": output}, (listed, np.ones(len(edges)), 1.0, 0.0)


TOPOLOGICAL_ORDER = Function(
    name="topological_order",
    signature="topological_order(output)",
    statement="A list of all Nodes that output was computed from, each once, parents before children, output last.",
    stored=(
        Stored("y = a * b", *_order(np.array([[0, 1], [0, 2]]), 0)),
        Stored("chain of four", *_order(chain(4), 3)),
        Stored("x^2 + x", *_order(skip(), 2)),
        Stored("diamond", *_order(diamond(), 3)),
        Stored("x * x", *_order(square(), 1)),
        Stored("nodes that the output does not need", *_order(reaches_nothing(), 2, reached=(0, 1, 2))),
        Stored(
            "two nodes with the same value",
            {"values": np.array([2.0, 2.0, 4.0]), "edges": np.array([[2, 0], [2, 1]]), "output": 2},
            (np.ones(3), np.ones(2), 1.0, 0.0),
        ),
        Stored("chain of 5,000", *_order(chain(DEEP), DEEP - 1)),
        Stored("ladder of 60 diamonds", *_order(ladder(RUNGS), 3 * RUNGS)),
    ),
    results=(
        "number of times each node is listed",
        "mark of each edge (1: the parent comes before the node)",
        "place of the output, counted from the end of the list",
        "mark of strangers (1: something is listed that is no node of this graph)",
    ),
    adapter="graph_order",
    takes=("values", "edges", "output"),
)


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

PUBLIC: tuple[Public, ...] = (TOPOLOGICAL_ORDER, BACKWARD)
