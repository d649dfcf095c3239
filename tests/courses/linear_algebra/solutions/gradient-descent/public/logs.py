"""A loss for the log, in PyTorch, and the order of a computation."""

from __future__ import annotations

import numpy as np

from kit.declare import Function, Stored
from kit.repairs._data import KIND

LOGGED_LOSS = Function(
    name="logged_loss",
    signature="logged_loss(loss)",
    statement="The value of the loss as a Python float. The loss can still be differentiated afterwards.",
    stored=(
        Stored("two weights", {"w": [1.0, 2.0], "x": [3.0, 1.0]}, (6.5, 0, None, [9.0, 2.0]), 1e-4),
        Stored("a loss without a graph", {"w": [2.0], "x": [1.0], "graph": False}, (4.0, 0, None, None), 1e-4),
    ),
    results=(
        "number for the log",
        KIND,
        "grad of the parameter on return",
        "gradient that backward of the loss gives after the call (None: its graph is gone)",
    ),
    adapter="logged",
    takes=("w", "x"),
)

CHAIN = np.array([[1, 0], [2, 1]])
DIAMOND = np.array([[1, 0], [2, 0], [3, 1], [3, 2]])

COMPUTATION_ORDER = Function(
    name="computation_order",
    signature="computation_order(output)",
    statement="A list of all Nodes that output was computed from, each once, parents before children, output last.",
    stored=(
        Stored("a chain", {"values": [1.0] * 3, "edges": CHAIN, "output": 2}, ([1.0] * 3, [1.0] * 2, 1.0, 0.0)),
        Stored("a diamond", {"values": [1.0] * 4, "edges": DIAMOND, "output": 3}, ([1.0] * 4, [1.0] * 4, 1.0, 0.0)),
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
