"""ps5, the private half of the network: forward, backward, and the training step. Proven equal to PyTorch's.

Adapters call every answer with the arrays of its dicts. ``mlp_backward`` runs on the answer's own forward pass: for the
mistakes of this file that is the ``mlp_forward`` of this file.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.course.declare import Exercise, mistake
from kit.declare import Case, case
from kit.draws import every_second, exactly, normal, reversed_view

from ..public import network as public
from ._nets import Array, Params, Recipes, each, net
from ._right import on
from .rules import affine_by_matmul

Cache = tuple[Array, Array, Array]


def mlp_forward(params: Params, X: Array) -> tuple[Array, Cache]:
    """Prediction (B, n_out) of Linear -> ReLU -> Linear. Source: chapter, Chain Rule in a Training Step."""
    pre = X @ params["W1"].T + params["b1"]
    hidden = np.maximum(pre, 0.0)
    return hidden @ params["W2"].T + params["b2"], (X, pre, hidden)


def no_bias(params: Params, *keys: str) -> Params:
    """The parameters with zeros under ``keys``."""
    return {key: np.zeros_like(value) if key in keys else value for key, value in params.items()}


AT_ZERO: Recipes = {
    **net(2, 3, 2),
    "W1": exactly([[0.0, 0.0], [1.0, -1.0], [0.5, 2.0]]),
    "b1": exactly([0.0, 0.25, -0.75]),
}
"""A hidden unit whose pre-activation is exactly 0 for every example."""


def batches(**more: Any) -> tuple[Case, ...]:
    """Networks and batches of several sizes; ``more`` gives the recipe of an argument for (B, n_out)."""

    def of(name: str, B: int, sizes: tuple[int, int, int], check: str = "values", **own: Any) -> Case:
        extra = {word: recipe(B, sizes[2]) for word, recipe in more.items()}
        return case(name, check=check, **{**net(*sizes), "X": normal(B, sizes[0]), **extra, **own})

    return (
        of("small", 4, (2, 3, 1)),
        of("two outputs", 3, (3, 4, 2)),
        of("square", 3, (3, 3, 3)),
        of("the chapter's sizes", 16, (10, 32, 1), shown=False),
        of("one example", 1, (2, 3, 2), "edges"),
        of("one hidden unit", 4, (2, 1, 2), "edges"),
        of("a unit at exactly 0", 4, (2, 3, 2), "edges", **AT_ZERO),
        of("strided", 3, (2, 3, 2), "edges", X=every_second(normal(3, 2)), W2=reversed_view(normal(2, 3))),
    )


MLP_FORWARD = Exercise(
    public.MLP_FORWARD,
    reference=mlp_forward,
    cases=batches(),
    mistakes=(
        mistake(
            "no-nonlinearity",
            lambda params, X: ((X @ params["W1"].T + params["b1"]) @ params["W2"].T + params["b2"], None),
            "Two linear layers in a row are one linear layer. What stands between them in the chapter's model?",
        ),
        mistake(
            "relu-on-the-prediction",
            lambda params, X: (np.maximum(mlp_forward(params, X)[0], 0.0), None),
            "Your network can never predict a negative number. Does an activation follow the last layer?",
        ),
        mistake(
            "biases-forgotten",
            lambda params, X: mlp_forward(no_bias(params, "b1", "b2"), X),
            "Feed a batch of zeros: you predict 0. What should an affine layer say there?",
        ),
        mistake(
            "hidden-bias-forgotten",
            lambda params, X: mlp_forward(no_bias(params, "b1"), X),
            "Change b1: your prediction stays the same. Where does it enter?",
        ),
        mistake(
            "output-bias-forgotten",
            lambda params, X: mlp_forward(no_bias(params, "b2"), X),
            "Your prediction is off by the same numbers for every example. Which parameter did not take part?",
        ),
        mistake(
            "weights-not-transposed",
            lambda params, X: (np.maximum(X @ params["W1"] + params["b1"], 0.0) @ params["W2"] + params["b2"], None),
            "W1 has one row for each hidden unit. Which axis of it has to meet the features of X?",
        ),
    ),
)


@MLP_FORWARD.mistake
def bias_after_relu(params, X):
    """A bias moves the point at which its unit switches on. Is yours there when the ReLU decides?"""
    hidden = np.maximum(X @ params["W1"].T, 0.0) + params["b1"]
    return hidden @ params["W2"].T + params["b2"], None


@MLP_FORWARD.mistake
def prediction_flattened(params, X):
    """The numbers are right and stand in a row. What happens when you subtract a target of shape (B, 1)?"""
    prediction = mlp_forward(params, X)[0]
    return (prediction[:, 0] if prediction.shape[1] == 1 else prediction), None


@MLP_FORWARD.right
def forward_with_tuple(params, X):
    z = X @ params["W1"].T + params["b1"]
    h = np.maximum(z, 0)
    return h @ params["W2"].T + params["b2"], (X, h)


@MLP_FORWARD.right
def forward_with_dict(params, X):
    cache = {"X": X.copy()}
    cache["z"] = np.einsum("bn,hn->bh", X, params["W1"]) + params["b1"]
    cache["mask"] = cache["z"] > 0
    cache["h"] = np.where(cache["mask"], cache["z"], 0.0)
    return np.einsum("bh,oh->bo", cache["h"], params["W2"]) + params["b2"], cache


@MLP_FORWARD.right
def forward_by_rows(params, X):
    rows = []
    for x in X:
        hidden = [max(float(w @ x + b), 0.0) for w, b in zip(params["W1"], params["b1"], strict=True)]
        rows.append([float(w @ hidden + b) for w, b in zip(params["W2"], params["b2"], strict=True)])
    return rows, X


def backward(
    params: Params, cache: Cache, g: Array, *, slope: Any = None, rows: Any = None, to_hidden: Any = None
) -> Params:
    """The backward pass, with what a mistake may change.

    ``slope(pre, hidden, d_hidden)`` takes the hidden gradient through the ReLU; ``rows(d)`` is the gradient of a bias;
    ``to_hidden(g, W2)`` is that of the hidden activations.
    """
    X, pre, hidden = cache
    through = slope or (lambda pre, hidden, d: d * (pre > 0))
    summed = rows or (lambda d: d.sum(axis=0))
    d_hidden = (to_hidden or np.matmul)(g, params["W2"])
    d_pre = through(pre, hidden, d_hidden)
    return {"W1": d_pre.T @ X, "b1": summed(d_pre), "W2": g.T @ hidden, "b2": summed(g)}


def mlp_backward(params: Params, cache: Cache, grad_prediction: Array) -> Params:
    """Gradients of all four parameters. Source: chapter, Chain Rule in a Training Step, read from right to left."""
    return backward(params, cache, grad_prediction)


def with_key(grads: Params, key: str, value: Any) -> Params:
    """The gradients with one of them exchanged."""
    return {**grads, key: value}


MLP_BACKWARD = Exercise(
    public.MLP_BACKWARD,
    reference=mlp_backward,
    cases=batches(grad_prediction=normal),
    mistakes=(
        mistake(
            "taken-at-the-activation",
            lambda params, cache, g: backward(params, cache, g, slope=lambda pre, hidden, d: d),
            "You hand the gradient of the activations straight to the first layer. "
            "Which step lies between the first layer's output and the activations?",
        ),
        mistake(
            "times-the-activation",
            lambda params, cache, g: backward(params, cache, g, slope=lambda pre, hidden, d: d * hidden),
            "You multiply by the activation itself. How much does it change when its pre-activation moves a little?",
        ),
        mistake(
            "relu-of-the-gradient",
            lambda params, cache, g: backward(params, cache, g, slope=lambda pre, hidden, d: np.maximum(d, 0.0)),
            "You keep the positive gradients. Whose sign opened the gate in the forward pass?",
        ),
        mistake(
            "one-at-zero",
            lambda params, cache, g: backward(params, cache, g, slope=lambda pre, hidden, d: d * (pre >= 0)),
            "One unit's pre-activation is exactly 0. Which slope was agreed on there?",
        ),
        mistake(
            "bias-not-summed",
            lambda params, cache, g: backward(params, cache, g, rows=lambda d: d),
            "Each example pulls at the same bias. What is the shape of b1, and what becomes of the batch axis?",
        ),
        mistake(
            "bias-averaged",
            lambda params, cache, g: backward(params, cache, g, rows=lambda d: d.mean(axis=0)),
            "Your bias gradients are too small by the number of examples. "
            "Does grad_prediction know of the mean in the loss already?",
        ),
        mistake(
            "averaged-over-the-batch",
            lambda params, cache, g: each(lambda grad: grad / len(g), mlp_backward(params, cache, g)),
            "Everything is too small by the number of examples. "
            "Was there a mean between the prediction and the parameters?",
        ),
        mistake(
            "weight-gradients-transposed",
            lambda params, cache, g: each(np.transpose, mlp_backward(params, cache, g)),
            "The numbers are right, rows and columns have changed places. What are the shapes of W1 and W2?",
        ),
        mistake(
            "second-weight-not-transposed-back",
            lambda params, cache, g: backward(params, cache, g, to_hidden=lambda g, W2: g @ W2.T),
            "The forward pass used W2.T. With which matrix does a gradient travel back: does it sum over outputs?",
        ),
        mistake(
            "hidden-before-relu",
            lambda params, cache, g: with_key(mlp_backward(params, cache, g), "W2", g.T @ cache[1]),
            "The gradient of W2 uses what went into the ReLU. What did W2 multiply in the forward pass?",
        ),
        mistake(
            "upstream-ignored",
            lambda params, cache, g: mlp_backward(params, cache, np.ones_like(g)),
            "Your gradients are those of the plain sum of the predictions. Where does grad_prediction enter?",
        ),
    ),
)


@MLP_BACKWARD.mistake
def upstream_overwritten(params, cache, g):
    """The numbers are right, but grad_prediction is not what it was. Whose array is it?"""
    grads = mlp_backward(params, cache, g)
    g *= 0.0
    return grads


@MLP_BACKWARD.right
@on(forward_with_tuple)
def backward_with_tuple(params, cache, grad_prediction):
    X, h = cache
    dz = (grad_prediction @ params["W2"]) * (h > 0)
    return {"b2": grad_prediction.sum(0), "W2": grad_prediction.T @ h, "b1": dz.sum(0), "W1": dz.T @ X}


@MLP_BACKWARD.right
@on(forward_with_dict)
def backward_with_dict(params, cache, grad_prediction):
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    for x, h, mask, g in zip(cache["X"], cache["h"], cache["mask"], grad_prediction, strict=True):
        grads["W2"] += np.outer(g, h)
        grads["b2"] += g
        delta = mask * (params["W2"].T @ g)
        grads["W1"] += np.outer(delta, x)
        grads["b1"] += delta
    return grads


@MLP_BACKWARD.right
@on(forward_by_rows)
def backward_from_inputs_alone(params, cache, grad_prediction):
    X = cache
    z = X @ params["W1"].T + params["b1"]
    dh, dW2, db2 = affine_by_matmul(grad_prediction, None, np.maximum(z, 0), params["W2"], params["b2"])
    dz = np.where(z > 0, dh, 0.0)
    _, dW1, db1 = affine_by_matmul(dz, None, X, params["W1"], params["b1"])
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}


def loss_and_gradients(params: Params, X: Array, target: Array) -> tuple[float, Params]:
    """The mean squared error and its gradients. Source: chapter, Chain Rule in a Training Step."""
    prediction, cache = mlp_forward(params, X)
    error = prediction - target
    return float(np.mean(error**2)), mlp_backward(params, cache, 2.0 * error / error.size)


def step(params: Params, X: Array, target: Array, *, loss: float = 1.0, slope: float = 1.0) -> tuple[float, Params]:
    """The training step with its loss times ``loss`` and its gradients times ``slope``."""
    value, grads = loss_and_gradients(params, X, target)
    return loss * value, each(lambda grad: slope * grad, grads)


def size(target: Array) -> int:
    """How many numbers the mean goes over."""
    return target.size


LOSS_AND_GRADIENTS = Exercise(
    public.LOSS_AND_GRADIENTS,
    reference=loss_and_gradients,
    cases=batches(target=normal),
    mistakes=(
        mistake(
            "mean-forgotten-in-the-gradient",
            lambda params, X, target: step(params, X, target, slope=size(target)),
            "The loss is a mean, your gradients are those of a sum. How much does one entry's square weigh?",
        ),
        mistake(
            "divided-by-rows",
            lambda params, X, target: step(params, X, target, slope=target.shape[1]),
            "With one output per example all is well. Over how many numbers does the mean go when there are two?",
        ),
        mistake(
            "two-forgotten",
            lambda params, X, target: step(params, X, target, slope=0.5),
            "The loss is right and all gradients are half of what they should be. What does the square bring down?",
        ),
        mistake(
            "sum-for-mean",
            lambda params, X, target: step(params, X, target, loss=size(target), slope=size(target)),
            "Loss and gradients agree with each other, and both grow with the batch. Is the loss a sum or a mean?",
        ),
        mistake(
            "half-the-square",
            lambda params, X, target: step(params, X, target, loss=0.5, slope=0.5),
            "You put a half in front of the square. Does the chapter's loss have one?",
        ),
        mistake(
            "averaged-twice",
            lambda params, X, target: step(params, X, target, slope=1.0 / len(X)),
            "You divide by the batch in the loss and once more on the way back. How often was the mean taken?",
        ),
        mistake(
            "pointing-uphill",
            lambda params, X, target: step(params, X, target, slope=-1.0),
            "All your gradients have the opposite sign. Which of prediction and target is subtracted from the other?",
        ),
        mistake(
            "relu-skipped-on-the-way-back",
            lambda params, X, target: _without_the_relu(params, X, target),
            "The second layer's gradients are right. What did the signal pass between the layers?",
        ),
    ),
)


@LOSS_AND_GRADIENTS.right
def step_by_calls(params, X, target):
    prediction, cache = forward_with_tuple(params, X)
    loss = np.mean((prediction - target) ** 2)
    return loss, backward_with_tuple(params, cache, 2.0 * (prediction - target) / prediction.size)


@LOSS_AND_GRADIENTS.right
def step_in_one_go(params, X, target):
    prediction, cache = forward_with_dict(params, X)
    error = prediction - target
    return float((error * error).sum() / error.size), backward_with_dict(params, cache, 2 / error.size * error)


@LOSS_AND_GRADIENTS.right
def step_example_by_example(params, X, target):
    loss, grads = 0.0, None
    for i in range(len(X)):
        part, own = step_by_calls(params, X[i : i + 1], target[i : i + 1])
        loss += part / len(X)
        own = {name: grad / len(X) for name, grad in own.items()}
        grads = own if grads is None else {name: grads[name] + own[name] for name in own}
    return loss, grads


def _without_the_relu(params: Params, X: Array, target: Array) -> tuple[float, Params]:
    prediction, cache = mlp_forward(params, X)
    error = prediction - target
    grads = backward(params, cache, 2.0 * error / error.size, slope=lambda pre, hidden, d: d)
    return float(np.mean(error**2)), grads
