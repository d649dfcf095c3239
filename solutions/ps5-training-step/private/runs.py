"""ps5, the private half of the training run: steps of gradient descent one after another. Proven equal to PyTorch's."""

from __future__ import annotations

import numpy as np

from autograder.course.declare import Exercise, mistake
from kit.declare import case
from kit.draws import normal

from ..public import runs as public
from ._nets import Array, Params, each, net
from .network import loss_and_gradients, step_by_calls, step_in_one_go
from .optimizers import sgd_comprehension


def train(params: Params, X: Array, target: Array, steps: int, lr: float) -> tuple[Params, list[float]]:
    """Full-batch gradient descent: the parameters after the last update, the loss before each."""
    losses = []
    for _ in range(steps):
        loss, grads = loss_and_gradients(params, X, target)
        losses.append(loss)
        params = each(lambda value, grad: value - lr * grad, params, grads)
    return params, losses


TRAIN = Exercise(
    public.TRAIN,
    reference=train,
    rtol=1e-8,  # rounding grows a little from step to step
    floor=1e-10,
    cases=(
        case("a few steps", **net(2, 3, 1), X=normal(4, 2), target=normal(4, 1), steps=3, lr=0.1),
        case("two outputs", **net(3, 4, 2), X=normal(5, 3), target=normal(5, 2), steps=4, lr=0.05),
        case(
            "fifty steps",
            **net(10, 32, 1, scale=0.3),
            X=normal(16, 10),
            target=normal(16, 1),
            steps=50,
            lr=0.05,
            shown=False,
        ),
        case("one step", check="edges", **net(2, 3, 1), X=normal(3, 2), target=normal(3, 1), steps=1, lr=0.2),
        case("no step", check="edges", **net(2, 3, 1), X=normal(3, 2), target=normal(3, 1), steps=0, lr=0.2),
    ),
    mistakes=(
        mistake(
            "uphill",
            lambda params, X, target, steps, lr: train(params, X, target, steps, -lr),
            "Your loss rises. Does the gradient point to where the loss grows or to where it falls?",
        ),
        mistake(
            "one-loss-more",
            lambda params, X, target, steps, lr: (
                train(params, X, target, steps, lr)[0],
                train(params, X, target, steps + 1, lr)[1],
            ),
            "You record one loss more than there are updates. For which step is the last one?",
        ),
        mistake(
            "last-update-missing",
            lambda params, X, target, steps, lr: (
                train(params, X, target, max(steps - 1, 0), lr)[0],
                train(params, X, target, steps, lr)[1],
            ),
            "The losses are right, the parameters are those before the last update. What happens after the last loss?",
        ),
        mistake(
            "learning-rate-ignored",
            lambda params, X, target, steps, lr: train(params, X, target, steps, 1.0),
            "Your steps are the same for every lr. How long was a step to be?",
        ),
    ),
)


@TRAIN.mistake
def loss_after_the_update(params, X, target, steps, lr):
    """The parameters are right; your losses begin one step too late. When is losses[0] measured?"""
    return train(params, X, target, steps, lr)[0], train(params, X, target, steps + 1, lr)[1][1:]


@TRAIN.mistake
def gradients_never_cleared(params, X, target, steps, lr):
    """The first step is right, later ones are too long. What do your gradients start from in the second step?"""
    losses, total = [], each(np.zeros_like, params)
    for _ in range(steps):
        loss, grads = loss_and_gradients(params, X, target)
        losses.append(loss)
        total = each(np.add, total, grads)
        params = each(lambda value, grad: value - lr * grad, params, total)
    return params, losses


@TRAIN.mistake
def gradient_computed_once(params, X, target, steps, lr):
    """You take every step along the first gradient. Where are the parameters by then?"""
    losses, first = [], loss_and_gradients(params, X, target)[1]
    for _ in range(steps):
        losses.append(loss_and_gradients(params, X, target)[0])
        params = each(lambda value, grad: value - lr * grad, params, first)
    return params, losses


@TRAIN.mistake
def parameters_overwritten(params, X, target, steps, lr):
    """Everything is right, except that the caller's parameters have moved too. Could one start twice from them?"""
    after, losses = train(params, X, target, steps, lr)
    for key, value in after.items():
        params[key][...] = value
    return params, losses


@TRAIN.right
def train_with_list(params, X, target, steps, lr):
    losses = []
    for _ in range(steps):
        loss, grads = step_by_calls(params, X, target)
        losses.append(loss)
        params = {name: params[name] - lr * grads[name] for name in params}
    return params, losses


@TRAIN.right
def train_on_copies(params, X, target, steps, lr):
    params = {name: value.copy() for name, value in params.items()}
    losses = np.zeros(steps)
    for i in range(steps):
        losses[i], grads = step_in_one_go(params, X, target)
        for name, value in params.items():
            value -= lr * grads[name]
    return params, losses


@TRAIN.right
def train_recursively(params, X, target, steps, lr):
    if steps == 0:
        return params, []
    loss, grads = step_by_calls(params, X, target)
    params, losses = train_recursively(sgd_comprehension(params, grads, lr), X, target, steps - 1, lr)
    return params, [loss, *losses]
