"""ps5, the public half of the network: forward, backward, training step, training run."""

from __future__ import annotations

from ...declare import Function

NET = ("W1", "b1", "W2", "b2")
GRADIENTS = tuple(f"gradient of {name}" for name in NET)

MLP_FORWARD = Function(
    name="mlp_forward",
    signature="mlp_forward(params, X)",
    statement="(prediction, cache) of Linear -> ReLU -> Linear; params holds W1, b1, W2 and b2.",
    adapter="forward_pass",
    takes=(*NET, "X"),
    results=("prediction",),
    stored=(),
)

MLP_BACKWARD = Function(
    name="mlp_backward",
    signature="mlp_backward(params, cache, grad_prediction)",
    statement="The gradients of all parameters, in a dict with the keys of params, from the cache of mlp_forward.",
    adapter="backward_pass",
    takes=(*NET, "X", "grad_prediction"),
    results=("prediction of mlp_forward, which blocks mlp_backward until it is right", *GRADIENTS),
    stored=(),
)

LOSS_AND_GRADIENTS = Function(
    name="loss_and_gradients",
    signature="loss_and_gradients(params, X, target)",
    statement="(loss, grads): the mean squared error over all entries, and the gradients of all parameters.",
    adapter="training_step",
    takes=(*NET, "X", "target"),
    results=("loss", *GRADIENTS),
    stored=(),
)

TRAIN = Function(
    name="train",
    signature="train(params, X, target, steps, lr)",
    statement="(params, losses) after so many steps of gradient descent on the whole batch; losses before each update.",
    adapter="training_run",
    takes=(*NET, "X", "target", "steps", "lr"),
    results=("losses", *(f"{name} after the last step" for name in NET)),
    stored=(),
)

