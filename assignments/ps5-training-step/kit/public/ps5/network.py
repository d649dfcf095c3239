"""ps5, the public half of the network: forward, backward, training step, training run."""

from __future__ import annotations

import numpy as np

from ...declare import Function, Stored

NET = ("W1", "b1", "W2", "b2")
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
    adapter="backward_pass",
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

TRAIN = Function(
    name="train",
    signature="train(params, X, target, steps, lr)",
    statement="(params, losses) after so many steps of gradient descent on the whole batch; losses before each update.",
    adapter="training_run",
    takes=(*NET, "X", "target", "steps", "lr"),
    results=("losses", *(f"{name} after the last step" for name in NET)),
    stored=(
        Stored(
            "three steps",
            {
                "W1": [[1.0, -2.0], [0.5, 1.0]],
                "b1": [0.5, -1.0],
                "W2": [[2.0, -1.0]],
                "b2": [0.25],
                "X": [[1.0, 2.0], [3.0, -1.0], [-1.0, 0.5]],
                "target": [[1.0], [4.0], [-2.0]],
                "steps": 3,
                "lr": 0.01,
            },
            (
                [20.89583333333, 8.25351703231, 5.215144330682],
                [[0.4921211406678, -1.830707046889], [0.4574653947859, 0.9149307895718]],
                [0.3307070468893, -1.042534605214],
                [[1.551779574521, -0.9385580615576]],
                [0.1579338173254],
            ),
            tolerance=1e-08,
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
                "steps": 2,
                "lr": 0.05,
            },
            (
                [27.1875, 1.047619923878],
                [[0.9110876953125, 0.322175390625], [-0.885124420166, 0.8937381973267]],
                [-0.0889123046875, -0.2757997283936],
                [[1.053073339844, -0.4986523269653], [0.03924326171875, 0.9052907806396]],
                [0.6299497070312, -0.8159755859375],
            ),
            tolerance=1e-08,
        ),
        Stored(
            "no step",
            {
                "W1": [[1.0, -2.0], [0.5, 1.0]],
                "b1": [0.5, -1.0],
                "W2": [[2.0, -1.0]],
                "b2": [0.25],
                "X": [[1.0, 2.0], [3.0, -1.0], [-1.0, 0.5]],
                "target": [[1.0], [4.0], [-2.0]],
                "steps": 0,
                "lr": 0.1,
            },
            ([], [[1.0, -2.0], [0.5, 1.0]], [0.5, -1.0], [[2.0, -1.0]], [0.25]),
            tolerance=1e-08,
        ),
    ),
)
