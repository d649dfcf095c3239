"""A small network: forward, backward, and the gradients of its loss."""

from __future__ import annotations

import numpy as np

from kit.declare import Function, Stored

from ._shared import NET

GRADIENTS = tuple(f"gradient of {name}" for name in NET)


MLP_FORWARD = Function(
    name="mlp_forward",
    signature="mlp_forward(params, X)",
    statement="(prediction, cache) of Linear -> ReLU -> Linear; params holds W1, b1, W2 and b2.",
    adapter="forward_pass",
    takes=(*NET, "X"),
    results=("prediction",),
    stored=(
        Stored(
            "one output",
            {
                "W1": [[1.0, -2.0], [0.5, 1.0]],
                "b1": [0.5, -1.0],
                "W2": [[2.0, -1.0]],
                "b2": [0.25],
                "X": [[1.0, 2.0], [3.0, -1.0], [-1.0, 0.5]],
            },
            [[-1.25], [11.25], [0.25]],
        ),
        Stored(
            "two outputs",
            {
                "W1": [[1.0, 0.5], [-1.0, 2.0]],
                "b1": [0.0, 0.5],
                "W2": [[1.0, -1.0], [0.5, 2.0]],
                "b2": [0.5, -0.5],
                "X": [[1.0, 2.0], [-2.0, 0.5]],
            },
            [[-1.0, 7.5], [-3.0, 6.5]],
        ),
    ),
)


MLP_BACKWARD = Function(
    name="mlp_backward",
    signature="mlp_backward(params, cache, grad_prediction)",
    statement="The gradients of all parameters, in a dict with the keys of params, from the cache of mlp_forward.",
    adapter="backward_pass:mlp_forward",
    takes=(*NET, "X", "grad_prediction"),
    results=("prediction of mlp_forward, which blocks mlp_backward until it is right", *GRADIENTS),
    stored=(
        Stored(
            "one output",
            {
                "W1": [[1.0, -2.0], [0.5, 1.0]],
                "b1": [0.5, -1.0],
                "W2": [[2.0, -1.0]],
                "b2": [0.25],
                "X": [[1.0, 2.0], [3.0, -1.0], [-1.0, 0.5]],
                "grad_prediction": [[1.0], [-2.0], [0.5]],
            },
            ([[-1.25], [11.25], [0.25]], [[-12.0, 4.0], [-1.0, -2.0]], [-4.0, -1.0], [[-11.0, 1.5]], [-0.5]),
        ),
        Stored(
            "two outputs",
            {
                "W1": [[1.0, 0.5], [-1.0, 2.0]],
                "b1": [0.0, 0.5],
                "W2": [[1.0, -1.0], [0.5, 2.0]],
                "b2": [0.5, -0.5],
                "X": [[1.0, 2.0], [-2.0, 0.5]],
                "grad_prediction": [[0.5, -1.0], [2.0, 1.5]],
            },
            (
                [[-1.0, 7.5], [-3.0, 6.5]],
                [[0.0, 0.0], [-4.5, -4.5]],
                [0.0, -1.5],
                [[1.0, 8.75], [-2.0, 1.75]],
                [2.5, 0.5],
            ),
        ),
        Stored(
            "a unit at exactly 0",
            {
                "W1": [[0.0, 0.0], [1.0, -1.0]],
                "b1": [0.0, 0.5],
                "W2": [[3.0, 1.0]],
                "b2": [0.0],
                "X": [[1.0, 2.0], [-2.0, 0.5]],
                "grad_prediction": [[1.5], [-1.0]],
            },
            ([[0.0], [0.0]], [[0.0, 0.0], [0.0, 0.0]], [0.0, 0.0], [[0.0, 0.0]], [0.5]),
        ),
    ),
)


LOSS_AND_GRADIENTS = Function(
    name="loss_and_gradients",
    signature="loss_and_gradients(params, X, target)",
    statement="(loss, grads): the mean squared error over all entries, and the gradients of all parameters.",
    adapter="training_step",
    takes=(*NET, "X", "target"),
    results=("loss", *GRADIENTS),
    stored=(
        Stored(
            "one output",
            {
                "W1": [[1.0, -2.0], [0.5, 1.0]],
                "b1": [0.5, -1.0],
                "W2": [[2.0, -1.0]],
                "b2": [0.25],
                "X": [[1.0, 2.0], [3.0, -1.0], [-1.0, 0.5]],
                "target": [[1.0], [4.0], [-2.0]],
            },
            (
                np.array(20.89583333333),
                [[29.0, -9.666666666667], [1.5, 3.0]],
                [9.666666666667, 1.5],
                [[26.58333333333, -2.25]],
                [4.833333333333],
            ),
        ),
        Stored(
            "two outputs",
            {
                "W1": [[1.0, 0.5], [-1.0, 2.0]],
                "b1": [0.0, 0.5],
                "W2": [[1.0, -1.0], [0.5, 2.0]],
                "b2": [0.5, -0.5],
                "X": [[1.0, 2.0], [-2.0, 0.5]],
                "target": [[1.0, -1.0], [0.5, 2.0]],
            },
            (
                np.array(27.1875),
                [[1.125, 2.25], [-3.0, 22.125]],
                [1.125, 15.75],
                [[-2.0, -9.625], [8.5, 22.75]],
                [-2.75, 6.5],
            ),
        ),
    ),
)
