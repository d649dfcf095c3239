"""ps5, the private half of the network: forward, backward, and the training step. Proven equal to PyTorch's.

Adapters call every answer with the arrays of its dicts. ``mlp_backward`` runs on the answer's own forward pass: for the
mistakes of this file that is the ``mlp_forward`` of this file.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.course.declare import Exercise, Misconception
from kit.declare import Case, case
from kit.draws import every_second, exactly, normal, reversed_view

from ..public import network as kit
from ._nets import Array, Params, Recipes, each, net

Cache = tuple[Array, Array, Array]


def mlp_forward(params: Params, X: Array) -> tuple[Array, Cache]:
    """Prediction (B, n_out) of Linear -> ReLU -> Linear. Source: chapter, Chain Rule in a Training Step."""
    pre = X @ params["W1"].T + params["b1"]
    hidden = np.maximum(pre, 0.0)
    return hidden @ params["W2"].T + params["b2"], (X, pre, hidden)


def no_bias(params: Params, *keys: str) -> Params:
    """The parameters with zeros under ``keys``."""
    return {key: np.zeros_like(value) if key in keys else value for key, value in params.items()}


def linear_net(params: Params, X: Array) -> tuple[Array, None]:
    """No nonlinearity in between."""
    return (X @ params["W1"].T + params["b1"]) @ params["W2"].T + params["b2"], None


def untransposed(params: Params, X: Array) -> tuple[Array, None]:
    """Weights used as if they were (n_in, n_out)."""
    return np.maximum(X @ params["W1"] + params["b1"], 0.0) @ params["W2"] + params["b2"], None


def squeezed(params: Params, X: Array) -> tuple[Array, None]:
    """A prediction without its last axis where that has length 1."""
    prediction = mlp_forward(params, X)[0]
    return (prediction[:, 0] if prediction.shape[1] == 1 else prediction), None


def bias_after_relu(params: Params, X: Array) -> tuple[Array, None]:
    """The hidden bias added to what the ReLU lets through."""
    hidden = np.maximum(X @ params["W1"].T, 0.0) + params["b1"]
    return hidden @ params["W2"].T + params["b2"], None


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
    public=kit.MLP_FORWARD,
    reference=mlp_forward,
    cases=batches(),
    misconceptions=(
        Misconception(
            "no-nonlinearity",
            seen_in="small",
            wrong=linear_net,
            hint="Two linear layers in a row are one linear layer. What stands between them in the chapter's model?",
        ),
        Misconception(
            "relu-on-the-prediction",
            seen_in="small",
            wrong=lambda params, X: (np.maximum(mlp_forward(params, X)[0], 0.0), None),
            hint="Your network can never predict a negative number. Does an activation follow the last layer?",
        ),
        Misconception(
            "biases-forgotten",
            seen_in="small",
            wrong=lambda params, X: mlp_forward(no_bias(params, "b1", "b2"), X),
            hint="Feed a batch of zeros: you predict 0. What should an affine layer say there?",
        ),
        Misconception(
            "hidden-bias-forgotten",
            seen_in="small",
            wrong=lambda params, X: mlp_forward(no_bias(params, "b1"), X),
            hint="Change b1: your prediction stays the same. Where does it enter?",
        ),
        Misconception(
            "output-bias-forgotten",
            seen_in="small",
            wrong=lambda params, X: mlp_forward(no_bias(params, "b2"), X),
            hint="Your prediction is off by the same numbers for every example. Which parameter did not take part?",
        ),
        Misconception(
            "bias-after-relu",
            seen_in="small",
            wrong=bias_after_relu,
            hint="A bias moves the point at which its unit switches on. Is yours there when the ReLU decides?",
        ),
        Misconception(
            "weights-not-transposed",
            seen_in="square",
            wrong=untransposed,
            hint="W1 has one row for each hidden unit. Which axis of it has to meet the features of X?",
        ),
        Misconception(
            "prediction-flattened",
            seen_in="small",
            wrong=squeezed,
            hint="The numbers are right and stand in a row. What happens when you subtract a target of shape (B, 1)?",
        ),
    ),
)


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


def overwriting(params: Params, cache: Cache, g: Array) -> Params:
    """The right gradients; the upstream gradient is used as scratch space."""
    grads = mlp_backward(params, cache, g)
    g *= 0.0
    return grads


MLP_BACKWARD = Exercise(
    public=kit.MLP_BACKWARD,
    reference=mlp_backward,
    cases=batches(grad_prediction=normal),
    misconceptions=(
        Misconception(
            "taken-at-the-activation",
            seen_in="small",
            wrong=lambda params, cache, g: backward(params, cache, g, slope=lambda pre, hidden, d: d),
            hint="You hand the gradient of the activations straight to the first layer. Which step lies between the "
            "first layer's output and the activations?",
        ),
        Misconception(
            "times-the-activation",
            seen_in="small",
            wrong=lambda params, cache, g: backward(params, cache, g, slope=lambda pre, hidden, d: d * hidden),
            hint="You multiply by the activation itself. How much does it change when its pre-activation moves a "
            "little?",
        ),
        Misconception(
            "relu-of-the-gradient",
            seen_in="small",
            wrong=lambda params, cache, g: backward(params, cache, g, slope=lambda pre, hidden, d: np.maximum(d, 0.0)),
            hint="You keep the positive gradients. Whose sign opened the gate in the forward pass?",
        ),
        Misconception(
            "one-at-zero",
            seen_in="a unit at exactly 0",
            wrong=lambda params, cache, g: backward(params, cache, g, slope=lambda pre, hidden, d: d * (pre >= 0)),
            hint="One unit's pre-activation is exactly 0. Which slope was agreed on there?",
        ),
        Misconception(
            "bias-not-summed",
            seen_in="small",
            wrong=lambda params, cache, g: backward(params, cache, g, rows=lambda d: d),
            hint="Each example pulls at the same bias. What is the shape of b1, and what becomes of the batch axis?",
        ),
        Misconception(
            "bias-averaged",
            seen_in="small",
            wrong=lambda params, cache, g: backward(params, cache, g, rows=lambda d: d.mean(axis=0)),
            hint="Your bias gradients are too small by the number of examples. Does grad_prediction know of the mean "
            "in the loss already?",
        ),
        Misconception(
            "averaged-over-the-batch",
            seen_in="small",
            wrong=lambda params, cache, g: each(lambda grad: grad / len(g), mlp_backward(params, cache, g)),
            hint="Everything is too small by the number of examples. Was there a mean between the prediction and the "
            "parameters?",
        ),
        Misconception(
            "weight-gradients-transposed",
            seen_in="small",
            wrong=lambda params, cache, g: each(np.transpose, mlp_backward(params, cache, g)),
            hint="The numbers are right, rows and columns have changed places. What are the shapes of W1 and W2?",
        ),
        Misconception(
            "second-weight-not-transposed-back",
            seen_in="square",
            wrong=lambda params, cache, g: backward(params, cache, g, to_hidden=lambda g, W2: g @ W2.T),
            hint="The forward pass used W2.T. With which matrix does a gradient travel back: does it sum over outputs?",
        ),
        Misconception(
            "hidden-before-relu",
            seen_in="small",
            wrong=lambda params, cache, g: with_key(mlp_backward(params, cache, g), "W2", g.T @ cache[1]),
            hint="The gradient of W2 uses what went into the ReLU. What did W2 multiply in the forward pass?",
        ),
        Misconception(
            "upstream-ignored",
            seen_in="small",
            wrong=lambda params, cache, g: mlp_backward(params, cache, np.ones_like(g)),
            hint="Your gradients are those of the plain sum of the predictions. Where does grad_prediction enter?",
        ),
        Misconception(
            "upstream-overwritten",
            seen_in="small",
            wrong=overwriting,
            hint="The numbers are right, but grad_prediction is not what it was. Whose array is it?",
        ),
    ),
)


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
    public=kit.LOSS_AND_GRADIENTS,
    reference=loss_and_gradients,
    cases=batches(target=normal),
    misconceptions=(
        Misconception(
            "mean-forgotten-in-the-gradient",
            seen_in="small",
            wrong=lambda params, X, target: step(params, X, target, slope=size(target)),
            hint="The loss is a mean, your gradients are those of a sum. How much does one entry's square weigh?",
        ),
        Misconception(
            "divided-by-rows",
            seen_in="two outputs",
            wrong=lambda params, X, target: step(params, X, target, slope=target.shape[1]),
            hint="With one output per example all is well. Over how many numbers does the mean go when there are two?",
        ),
        Misconception(
            "two-forgotten",
            seen_in="small",
            wrong=lambda params, X, target: step(params, X, target, slope=0.5),
            hint="The loss is right and all gradients are half of what they should be. What does the square bring "
            "down?",
        ),
        Misconception(
            "sum-for-mean",
            seen_in="small",
            wrong=lambda params, X, target: step(params, X, target, loss=size(target), slope=size(target)),
            hint="Loss and gradients agree with each other, and both grow with the batch. Is the loss a sum or a mean?",
        ),
        Misconception(
            "half-the-square",
            seen_in="small",
            wrong=lambda params, X, target: step(params, X, target, loss=0.5, slope=0.5),
            hint="You put a half in front of the square. Does the chapter's loss have one?",
        ),
        Misconception(
            "averaged-twice",
            seen_in="small",
            wrong=lambda params, X, target: step(params, X, target, slope=1.0 / len(X)),
            hint="You divide by the batch in the loss and once more on the way back. How often was the mean taken?",
        ),
        Misconception(
            "pointing-uphill",
            seen_in="small",
            wrong=lambda params, X, target: step(params, X, target, slope=-1.0),
            hint="All your gradients have the opposite sign. Which of prediction and target is subtracted from the "
            "other?",
        ),
        Misconception(
            "relu-skipped-on-the-way-back",
            seen_in="small",
            wrong=lambda params, X, target: _without_the_relu(params, X, target),
            hint="The second layer's gradients are right. What did the signal pass between the layers?",
        ),
    ),
)


def _without_the_relu(params: Params, X: Array, target: Array) -> tuple[float, Params]:
    prediction, cache = mlp_forward(params, X)
    error = prediction - target
    grads = backward(params, cache, 2.0 * error / error.size, slope=lambda pre, hidden, d: d)
    return float(np.mean(error**2)), grads
