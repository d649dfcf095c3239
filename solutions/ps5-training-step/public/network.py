"""A small network: forward, backward, and the gradients of its loss."""

from __future__ import annotations

from kit.declare import Function
from kit.stored import stored

from ._shared import NET, ONE_OUTPUT, TWO_OUTPUTS

GRADIENTS = tuple(f"gradient of {name}" for name in NET)


MLP_FORWARD = Function(
    name="mlp_forward",
    signature="mlp_forward(params, X)",
    statement="(prediction, cache) of Linear -> ReLU -> Linear; params holds W1, b1, W2 and b2.",
    adapter="forward_pass",
    takes=(*NET, "X"),
    results=("prediction",),
    stored=stored("mlp_forward", {"one output": {**ONE_OUTPUT}, "two outputs": {**TWO_OUTPUTS}}),
)


MLP_BACKWARD = Function(
    name="mlp_backward",
    signature="mlp_backward(params, cache, grad_prediction)",
    statement="The gradients of all parameters, in a dict with the keys of params, from the cache of mlp_forward.",
    adapter="backward_pass:mlp_forward",
    takes=(*NET, "X", "grad_prediction"),
    results=("prediction of mlp_forward, which blocks mlp_backward until it is right", *GRADIENTS),
    stored=stored(
        "mlp_backward",
        {
            "one output": {**ONE_OUTPUT, "grad_prediction": [[1.0], [-2.0], [0.5]]},
            "two outputs": {**TWO_OUTPUTS, "grad_prediction": [[0.5, -1.0], [2.0, 1.5]]},
            "a unit at exactly 0": {
                "W1": [[0.0, 0.0], [1.0, -1.0]],
                "b1": [0.0, 0.5],
                "W2": [[3.0, 1.0]],
                "b2": [0.0],
                "X": [[1.0, 2.0], [-2.0, 0.5]],
                "grad_prediction": [[1.5], [-1.0]],
            },
        },
    ),
)


LOSS_AND_GRADIENTS = Function(
    name="loss_and_gradients",
    signature="loss_and_gradients(params, X, target)",
    statement="(loss, grads): the mean squared error over all entries, and the gradients of all parameters.",
    adapter="training_step",
    takes=(*NET, "X", "target"),
    results=("loss", *GRADIENTS),
    stored=stored(
        "loss_and_gradients",
        {
            "one output": {**ONE_OUTPUT, "target": [[1.0], [4.0], [-2.0]]},
            "two outputs": {**TWO_OUTPUTS, "target": [[1.0, -1.0], [0.5, 2.0]]},
        },
    ),
)
