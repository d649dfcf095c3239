"""ps5, the private half of the remedies: residual connections, gates, normalization; and the fate of six networks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.course.declare import Exercise, mistake
from kit.declare import Case, case
from kit.draws import as_is, every_second, normal

from ..public import remedies as public
from ._nets import Array
from ._right import f, slope_from_input, slope_from_output
from .depth import (
    ACTIVATIONS,
    layers,
    norms,
    norms_example_by_example,
    norms_from_inputs,
    norms_from_outputs,
    slope_at_the_activation,
)


def square_nets(**more: Any) -> tuple[Case, ...]:
    """Networks whose layers are all of one width, as a residual connection needs; ``more`` goes to some of them."""
    return (
        case("tanh", weights=layers(3, 3, 3, 3), x=normal(2, 3), activation="tanh"),
        case("relu", weights=layers(4, 4, 4), x=normal(5, 4), activation="relu", **more),
        case("sigmoid", weights=layers(3, 3, 3, scale=2.0), x=normal(4, 3), activation="sigmoid", **more),
        case("one layer", check="edges", weights=layers(3, 3), x=normal(2, 3), activation="sigmoid"),
        case("no layer", check="edges", weights=as_is([]), x=normal(2, 3), activation="tanh"),
        case("fifty layers", check="edges", shown=False, weights=layers(*[8] * 51), x=normal(4, 8), activation="tanh"),
        case("strided", check="edges", weights=layers(3, 3, 3), x=every_second(normal(2, 3)), activation="relu"),
    )


def residual_gradient_norms(weights: Sequence[Array], x: Array, activation: str) -> list[float]:
    """h_t = h_(t-1) + f(h_(t-1) W_t^T). Source: chapter, residual connections."""
    return norms(weights, x, activation, skip=1.0)


def residual(norms):
    return lambda weights, x, activation: norms(weights, x, activation, 1.0)


RESIDUAL = Exercise(
    public.RESIDUAL,
    reference=residual_gradient_norms,
    cases=square_nets(),
    mistakes=(
        mistake(
            "skip-lost-on-the-way-back",
            lambda weights, x, activation: norms(weights, x, activation, skip=1.0, skip_back=0.0),
            "h_(t-1) reaches h_t on two paths. How many of them does your gradient take?",
        ),
        mistake(
            "plain-network",
            lambda weights, x, activation: norms(weights, x, activation),
            "These are the norms of the plain network. Which path was to be added?",
        ),
        mistake(
            "skip-only",
            lambda weights, x, activation: norms(weights, x, activation, skip=1.0, branch_back=0.0),
            "All your norms are equal. What comes back through the layer itself?",
        ),
        mistake(
            "paths-averaged",
            lambda weights, x, activation: norms(weights, x, activation, skip=1.0, skip_back=0.5, branch_back=0.5),
            "You take the mean of two paths. What does the chain rule do with paths?",
        ),
        mistake(
            "slope-at-the-activation",
            lambda weights, x, activation: norms(weights, x, activation, skip=1.0, slope=slope_at_the_activation),
            "Is the slope of the activation taken at what goes into it, or at what comes out?",
        ),
        mistake(
            "weights-transposed",
            lambda weights, x, activation: norms(weights, x, activation, skip=1.0, back=lambda g, W: g @ W.T),
            "The forward pass used W.T. Does a gradient travel back through the same matrix?",
        ),
        mistake(
            "in-reverse",
            lambda weights, x, activation: residual_gradient_norms(weights, x, activation)[::-1],
            "The norms are right and begin at the output. Which of them belongs to h_0?",
        ),
    ),
    right_answers=(residual(norms_from_outputs), residual(norms_from_inputs), residual(norms_example_by_example)),
)


def gated_gradient_norms(weights: Sequence[Array], x: Array, activation: str, carry: float = 0.9) -> list[float]:
    """h_t = carry h_(t-1) + (1 - carry) f(h_(t-1) W_t^T). Source: chapter, gated units."""
    return norms(weights, x, activation, skip=carry, branch=1.0 - carry)


def gated(norms):
    return lambda weights, x, activation, carry=0.9: norms(weights, x, activation, carry, 1 - carry)


GATED = Exercise(
    public.GATED,
    reference=gated_gradient_norms,
    cases=square_nets(carry=0.3),
    mistakes=(
        mistake(
            "carry-lost-on-the-way-back",
            lambda weights, x, activation, carry=0.9: norms(
                weights, x, activation, skip=carry, branch=1.0 - carry, skip_back=0.0
            ),
            "h_(t-1) reaches h_t on two paths. How many of them does your gradient take?",
        ),
        mistake(
            "shares-exchanged",
            lambda weights, x, activation, carry=0.9: norms(weights, x, activation, skip=1.0 - carry, branch=carry),
            "With carry = 0.9 most of h_(t-1) is to be kept. How much of it do you keep?",
        ),
        mistake(
            "shares-forgotten-on-the-way-back",
            lambda weights, x, activation, carry=0.9: norms(
                weights, x, activation, skip=carry, branch=1.0 - carry, skip_back=1.0, branch_back=1.0
            ),
            "Each path was scaled on the way there. And on the way back?",
        ),
        mistake(
            "branch-not-scaled-back",
            lambda weights, x, activation, carry=0.9: norms(
                weights, x, activation, skip=carry, branch=1.0 - carry, branch_back=1.0
            ),
            "The carried path is right. By what was the other one multiplied in the forward pass?",
        ),
        mistake(
            "hard-coded-carry",
            lambda weights, x, activation, carry=0.9: gated_gradient_norms(weights, x, activation),
            "This is right for the default. Which carry did this call ask for?",
        ),
        mistake(
            "residual-for-gated",
            lambda weights, x, activation, carry=0.9: residual_gradient_norms(weights, x, activation),
            "You add both paths in full. What do the two shares of a gate sum to?",
        ),
    ),
    right_answers=(gated(norms_from_outputs), gated(norms_from_inputs), gated(norms_example_by_example)),
)

Back = Callable[[Array, Array, Array], Array]
"""(upstream gradient, normalized rows, standard deviations) to the gradient of the rows."""


def through_layer_norm(g: Array, hat: Array, std: Array) -> Array:
    """The VJP of a row's normalization. Source: torch.nn.functional.layer_norm."""
    return np.asarray((g - g.mean(-1, keepdims=True) - hat * (g * hat).mean(-1, keepdims=True)) / std)


def normalized(
    weights: Sequence[Array],
    x: Array,
    activation: str,
    eps: float,
    *,
    back: Back = through_layer_norm,
    axis: int = -1,
    ddof: int = 0,
    outside: bool = False,
) -> list[float]:
    """Norms of dL/dh_t in h_t = f(layer_norm(h_(t-1) W_t^T)), with what a mistake may change."""
    f, slope = ACTIVATIONS[activation]
    h, steps = x, []
    for W in weights:
        z = h @ W.T
        var = z.var(axis, keepdims=True, ddof=ddof)
        std = np.sqrt(var) + eps if outside else np.sqrt(var + eps)
        hat = (z - z.mean(axis, keepdims=True)) / std
        steps.append((W, hat, std))
        h = f(hat)
    g = np.ones_like(h)
    found = [float(np.linalg.norm(g))]
    for W, hat, std in reversed(steps):
        g = back(g * slope(hat), hat, std) @ W
        found.append(float(np.linalg.norm(g)))
    return found[::-1]


def normalized_gradient_norms(weights: Sequence[Array], x: Array, activation: str, eps: float = 1e-5) -> list[float]:
    """h_t = f(layer_norm(h_(t-1) W_t^T)), rows normalized. Source: chapter, normalization."""
    return normalized(weights, x, activation, eps)


NORMALIZED = Exercise(
    public.NORMALIZED,
    reference=normalized_gradient_norms,
    rtol=1e-8,  # gradients of a normalization are small differences of large numbers
    cases=(
        case("tanh", weights=layers(4, 4, 4, 4), x=normal(2, 4), activation="tanh"),
        case("relu", weights=layers(5, 5, 5), x=normal(3, 5), activation="relu", eps=0.1),
        case("sigmoid", weights=layers(4, 4, 4, scale=2.0), x=normal(3, 4), activation="sigmoid", eps=0.5),
        case("layers of other widths", weights=layers(3, 5, 4), x=normal(2, 3), activation="tanh", eps=0.05),
        case("one layer", check="edges", weights=layers(3, 4), x=normal(2, 3), activation="sigmoid"),
        case("no layer", check="edges", weights=as_is([]), x=normal(2, 3), activation="tanh"),
        case("fifty layers", check="edges", shown=False, weights=layers(*[8] * 51), x=normal(4, 8), activation="tanh"),
        case("strided", check="edges", weights=layers(4, 4, 4), x=every_second(normal(2, 4)), activation="tanh"),
    ),
    mistakes=(
        mistake(
            "statistics-as-constants",
            lambda weights, x, activation, eps=1e-5: normalized(
                weights, x, activation, eps, back=lambda g, hat, std: g / std
            ),
            "Move one entry of a row: do its mean and variance stay the same?",
        ),
        mistake(
            "mean-as-a-constant",
            lambda weights, x, activation, eps=1e-5: normalized(
                weights,
                x,
                activation,
                eps,
                back=lambda g, hat, std: (g - hat * (g * hat).mean(-1, keepdims=True)) / std,
            ),
            "Add 1 to a whole row: the output stays the same. Do the entries of your gradient sum to 0 along it?",
        ),
        mistake(
            "variance-as-a-constant",
            lambda weights, x, activation, eps=1e-5: normalized(
                weights, x, activation, eps, back=lambda g, hat, std: (g - g.mean(-1, keepdims=True)) / std
            ),
            "Double a whole row: the output hardly changes. Which term of the formula takes care of that?",
        ),
        mistake(
            "not-divided-on-the-way-back",
            lambda weights, x, activation, eps=1e-5: normalized(
                weights, x, activation, eps, back=lambda g, hat, std: through_layer_norm(g, hat, np.ones_like(std))
            ),
            "The forward pass divides each row. And on the way back?",
        ),
        mistake(
            "over-the-batch",
            lambda weights, x, activation, eps=1e-5: normalized(
                weights,
                x,
                activation,
                eps,
                axis=0,
                back=lambda g, hat, std: (g - g.mean(0) - hat * (g * hat).mean(0)) / std,
            ),
            "You normalize each column over the examples. Over what does layer_norm take its statistics?",
        ),
        mistake(
            "eps-ignored",
            lambda weights, x, activation, eps=1e-5: normalized(weights, x, activation, 0.0),
            "This is right for tiny eps only. Where does it enter the forward?",
        ),
        mistake(
            "eps-outside-the-root",
            lambda weights, x, activation, eps=1e-5: normalized(weights, x, activation, eps, outside=True),
            "A large eps shows it: is it added to the variance or to the standard deviation?",
        ),
        mistake(
            "unbiased-variance",
            lambda weights, x, activation, eps=1e-5: normalized(weights, x, activation, eps, ddof=1),
            "By how many do you divide for the variance of a row of n entries?",
        ),
    ),
)


@NORMALIZED.right
def normalized_by_formula(weights, x, activation, eps=1e-5):
    saved, h = [], x
    for W in weights:
        z = h @ W.T
        std = np.sqrt(z.var(axis=-1, keepdims=True) + eps)
        hat = (z - z.mean(axis=-1, keepdims=True)) / std
        h = f(hat, activation)
        saved.append((hat, std, h))
    g = np.ones_like(h)
    norms = [np.linalg.norm(g)]
    for W, (hat, std, y) in zip(weights[::-1], saved[::-1], strict=True):
        g = g * slope_from_output(y, activation)
        g = (g - g.mean(axis=-1, keepdims=True) - hat * (g * hat).mean(axis=-1, keepdims=True)) / std
        g = g @ W
        norms.append(np.linalg.norm(g))
    return norms[::-1]


@NORMALIZED.right
def normalized_row_by_row(weights, x, activation, eps=1e-5):
    squares = np.zeros(len(weights) + 1)
    for row in x:
        h, jacobians = row, []
        for W in weights:
            z = W @ h
            n = len(z)
            std = math.sqrt(((z - z.mean()) ** 2).mean() + eps)
            hat = (z - z.mean()) / std
            normalizing = (np.eye(n) - np.ones((n, n)) / n - np.outer(hat, hat) / n) / std
            jacobians.append(np.diag(slope_from_input(hat, activation)) @ normalizing @ W)
            h = f(hat, activation)
        g = np.ones(len(h))
        squares[-1] += (g**2).sum()
        for t in reversed(range(len(weights))):
            g = g @ jacobians[t]
            squares[t] += (g**2).sum()
    return np.sqrt(squares)


@NORMALIZED.right
def normalized_by_parts(weights, x, activation, eps=1e-5):
    saved, h = [], x
    for W in weights:
        centred = (h @ W.T) - (h @ W.T).mean(-1)[:, None]
        inverse = ((centred * centred).mean(-1)[:, None] + eps) ** -0.5
        saved.append((W, centred, inverse))
        h = f(centred * inverse, activation)
    g = np.ones(h.shape)
    norms = [float(np.sqrt(np.sum(g**2)))]
    while saved:
        W, centred, inverse = saved.pop()
        g = g * slope_from_input(centred * inverse, activation)
        d_inverse = (g * centred).sum(-1)[:, None]
        d_centred = g * inverse - d_inverse * inverse**3 * centred / W.shape[0]
        g = (d_centred - d_centred.mean(-1)[:, None]) @ W
        norms.insert(0, float(np.sqrt(np.sum(g**2))))
    return norms


FATE = {
    "sigmoid": "vanishes",
    "small_tanh": "vanishes",
    "he_relu": "survives",
    "double_he_relu": "explodes",
    "residual_sigmoid": "survives",
    "residual_he_relu": "explodes",
}
"""Measured in the tests: |dL/dh_0| / |dL/dh_50| below 1e-3, above 1e3, or in between, by at least a factor of 100."""

PREDICT = Exercise(
    public.PREDICT,
    answers={"fate": FATE},
    mistakes=(
        mistake(
            "residual-always-survives",
            {"fate": {**FATE, "residual_he_relu": "survives"}},
            "The skip path alone keeps the gradient as it is. What does the other path add to it, fifty times?",
        ),
        mistake(
            "sigmoid-decides",
            {"fate": {**FATE, "residual_sigmoid": "vanishes"}},
            "The slopes of both sigmoid networks are small. Do they have to be multiplied with each other in both?",
        ),
        mistake(
            "relu-never-vanishes-or-explodes",
            {"fate": {**FATE, "double_he_relu": "survives", "residual_he_relu": "survives"}},
            "The slope of an open ReLU is 1. What else is multiplied in each layer?",
        ),
        mistake(
            "doubling-is-harmless",
            {"fate": {**FATE, "double_he_relu": "survives"}},
            "Twice as large once is not much. What is 2 to the power of 50?",
        ),
        mistake(
            "residual-means-exploding",
            {"fate": {**FATE, "residual_sigmoid": "explodes"}},
            "How large can the slope of a sigmoid be, and how much does it add to the skip path's 1?",
        ),
        mistake(
            "small-weights-survive",
            {"fate": {**FATE, "small_tanh": "survives"}},
            "With weights of half the size, by what is the gradient multiplied in each layer, at most about?",
        ),
    ),
)
