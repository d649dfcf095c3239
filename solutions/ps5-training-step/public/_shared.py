"""What several topics of this assignment share: names, and networks, batches and gradients for public cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kit.draws import as_is

NET = ("W1", "b1", "W2", "b2")

ONE_OUTPUT = {
    "W1": [[1.0, -2.0], [0.5, 1.0]],
    "b1": [0.5, -1.0],
    "W2": [[2.0, -1.0]],
    "b2": [0.25],
    "X": [[1.0, 2.0], [3.0, -1.0], [-1.0, 0.5]],
}
TWO_OUTPUTS = {
    "W1": [[1.0, 0.5], [-1.0, 2.0]],
    "b1": [0.0, 0.5],
    "W2": [[1.0, -1.0], [0.5, 2.0]],
    "b2": [0.5, -0.5],
    "X": [[1.0, 2.0], [-2.0, 0.5]],
}
START = {"W1": [[1.0, -1.0], [0.5, 2.0]], "b1": [0.0, 1.0], "W2": [[0.5, -0.5]], "b2": [3.0]}
THREE_STEPS = {
    "dW1": [[[0.5, -1.0], [2.0, 0.0]], [[0.0, 0.75], [-0.75, 0.25]], [[0.0, -3.0], [3.0, -1.0]]],
    "db1": [[1.0, -0.5], [-0.25, 0.5], [1.0, -2.0]],
    "dW2": [[[-1.5, 0.25]], [[1.0, 0.125]], [[-4.0, -0.5]]],
    "db2": [[2.0], [-0.75], [3.0]],
}
GRADIENT = {name: steps[0] for name, steps in THREE_STEPS.items()}
TWO_RUNS: Mapping[str, Any] = {
    "W1": [[[1.0, -1.0], [0.5, 2.0]], [[1.0, -2.0], [0.5, 1.0]]],
    "b1": [[0.0, 1.0], [0.5, -1.0]],
    "W2": [[[0.5, -0.5]], [[2.0, -1.0]]],
    "b2": [[3.0], [0.25]],
    "dW1": [
        [[[0.5, -1.0], [2.0, 0.0]], [[0.0, 0.75], [-0.75, 0.25]]],
        [[[1.0, -2.0], [4.0, 0.0]], [[0.0, 1.5], [-1.5, 0.5]]],
    ],
    "db1": [[[1.0, -0.5], [-0.25, 0.5]], [[2.0, -1.0], [-0.5, 1.0]]],
    "dW2": [[[[-1.5, 0.25]], [[1.0, 0.125]]], [[[-3.0, 0.5]], [[2.0, 0.25]]]],
    "db2": [[[2.0], [-0.75]], [[4.0], [-1.5]]],
}

X = [[0.5, -1.0], [2.0, 0.25]]
SQUARE: Mapping[str, Any] = {
    "weights": as_is([np.array([[1.0, -0.5], [0.5, 2.0]]), np.array([[0.0, 1.0], [-1.0, 0.5]])]),
    "x": X,
}
WIDE: Mapping[str, Any] = {
    "weights": as_is(
        [
            np.array([[1.0, -0.5], [0.5, 2.0], [-1.0, 1.0]]),
            np.array([[0.0, 1.0, 0.5], [-1.0, 0.5, 2.0], [0.5, 0.5, -1.0]]),
        ]
    ),
    "x": X,
}


def steps(count: int) -> dict[str, Any]:
    """The first of the three steps, so many."""
    return {name: value[:count] for name, value in THREE_STEPS.items()}


def one_run(of: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters or gradients with a first axis for the run."""
    return {name: [value] for name, value in of.items()}
