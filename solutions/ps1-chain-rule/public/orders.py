"""Topological orders: what a backward pass has to know before it begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kit.declare import Function, Stored

from ._shapes import Edges, chain, diamond, ladder, reaches_nothing, skip, square
from ._shared import DEEP, RUNGS, _values


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
