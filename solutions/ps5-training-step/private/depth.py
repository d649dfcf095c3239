"""ps5, the private half of depth: products of many derivatives, gradient norms layer by layer, initialization."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.course.declare import Exercise, mistake
from kit.declare import case
from kit.draws import Draw, Generator, as_is, every_second, exactly, normal

from ..public import depth as public
from ._nets import Array
from ._right import f, slope_from_input, slope_from_output


def chain_product(derivatives: Sequence[float]) -> list[float]:
    """dh_T/dh_t for t = 0 ... T. Source: chapter, Why Deep Networks Can Be Hard to Train."""
    products = [1.0]
    for derivative in reversed(derivatives):
        products.append(products[-1] * derivative)
    return products[::-1]


def from_the_front(derivatives: Sequence[float]) -> list[float]:
    """dh_t/dh_0 instead: products that begin at the first step."""
    return chain_product(derivatives[::-1])[::-1]


def numbers(steps: int, low: float = 0.5, high: float = 1.6) -> Draw:
    """A list of derivatives of both signs."""
    return Draw(
        f"{steps} derivatives",
        lambda rng: [float(d) for d in rng.uniform(low, high, steps) * rng.choice([-1.0, 1.0], steps)],
    )


CHAIN_PRODUCT = Exercise(
    public.CHAIN_PRODUCT,
    reference=chain_product,
    cases=(
        case("three steps", derivatives=numbers(3)),
        case("seven steps", derivatives=numbers(7)),
        case("vanishing", derivatives=numbers(12, 0.05, 0.2)),
        case("no step", check="edges", derivatives=as_is([])),
        case("one step", check="edges", derivatives=numbers(1)),
        case("a zero on the way", check="edges", derivatives=as_is([2.0, -0.5, 0.0, 3.0, 4.0])),
        case("ten thousand steps", check="edges", shown=False, derivatives=numbers(10_000, 0.98, 1.02)),
    ),
    mistakes=(
        mistake(
            "from-the-front", from_the_front, "Your entry t is dh_t/dh_0. Which end of the chain stays fixed here?"
        ),
        mistake(
            "in-reverse",
            lambda derivatives: chain_product(derivatives)[::-1],
            "The numbers are right and run from T to 0. Which of them belongs to t = 0?",
        ),
        mistake(
            "last-one-missing",
            lambda derivatives: chain_product(derivatives)[:-1],
            "There are T + 1 values h_0 ... h_T. What is dh_T/dh_T?",
        ),
        mistake(
            "whole-product-only",
            lambda derivatives: chain_product(derivatives)[0],
            "That is dh_T/dh_0. What about the steps in between?",
        ),
        mistake(
            "added-up",
            lambda derivatives: list(np.cumsum([1.0, *derivatives[::-1]])[::-1]),
            "Sums are for paths side by side. How do derivatives combine one after another?",
        ),
        mistake(
            "absolute-values",
            lambda derivatives: [abs(product) for product in chain_product(derivatives)],
            "None of your products is negative. Which way does h_T go if one of the derivatives is?",
        ),
    ),
    right_answers=(
        lambda derivatives: np.cumprod([1.0, *reversed(derivatives)])[::-1],
        lambda derivatives: list(itertools.accumulate(reversed(derivatives), lambda a, b: a * b, initial=1.0))[::-1],
    ),
)


@CHAIN_PRODUCT.mistake
def divided_again(derivatives):
    """You multiply everything and divide some of it out again. What if one derivative is 0?"""
    total = np.prod(derivatives, dtype=np.float64)
    return [float(total / part) for part in from_the_front(derivatives)]


@CHAIN_PRODUCT.right
def products_backwards(derivatives):
    products = [1.0]
    for derivative in derivatives[::-1]:
        products.insert(0, products[0] * derivative)
    return products


ACTIVATIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "tanh": (np.tanh, lambda z: 1.0 - np.tanh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0.0), lambda z: np.where(z > 0, 1.0, 0.0)),
    "sigmoid": (lambda z: 1.0 / (1.0 + np.exp(-z)), lambda z: np.exp(-z) / (1.0 + np.exp(-z)) ** 2),
}
"""Each activation and its slope, both at the pre-activation."""

Slope = Callable[[Array, Array, str], Array]


def slope_of(z: Array, y: Array, activation: str) -> Array:
    """The slope at the pre-activation z; y = f(z)."""
    return ACTIVATIONS[activation][1](z)


def norms(
    weights: Sequence[Array],
    x: Array,
    activation: str,
    *,
    skip: float = 0.0,
    branch: float = 1.0,
    skip_back: float | None = None,
    branch_back: float | None = None,
    slope: Slope = slope_of,
    back: Callable[[Array, Array], Array] = np.matmul,
    measure: Callable[[Array], Any] = np.linalg.norm,
    start: Callable[[Array], Array] = np.ones_like,
) -> list[float]:
    """Norms of dL/dh_t in h_t = skip h_(t-1) + branch f(h_(t-1) W_t^T), L = sum h_T, t = 0 ... T.

    The other keywords are what a mistake may change on the way back.
    """
    h, steps = x, []
    for W in weights:
        z = h @ W.T
        y = ACTIVATIONS[activation][0](z)
        steps.append((z, y))
        h = branch * y + (skip * h if skip else 0.0)
    g = start(h)
    found = [float(measure(g))]
    on_skip = skip if skip_back is None else skip_back
    on_branch = branch if branch_back is None else branch_back
    for W, (z, y) in zip(reversed(weights), reversed(steps), strict=True):
        g = on_branch * back(g * slope(z, y, activation), W) + (on_skip * g if on_skip else 0.0)
        found.append(float(measure(g)))
    return found[::-1]


def gradient_norms(weights: Sequence[Array], x: Array, activation: str) -> list[float]:
    """Norms of dL/dh_t in a plain deep network. Source: chapter, Why Deep Networks Can Be Hard to Train."""
    return norms(weights, x, activation)


def slope_at_the_activation(z: Array, y: Array, activation: str) -> Array:
    """The slope taken at f(z)."""
    return ACTIVATIONS[activation][1](y)


def value_for_slope(z: Array, y: Array, activation: str) -> Array:
    """The activation's value in the place of its slope."""
    return y


def open_at_zero(z: Array, y: Array, activation: str) -> Array:
    """A ReLU that lets the gradient through at 0."""
    return np.where(z >= 0, 1.0, 0.0) if activation == "relu" else slope_of(z, y, activation)


def layers(*widths: int, scale: float = 1.0) -> Draw:
    """A list of weight matrices between layers of these widths."""

    def build(rng: Generator) -> list[Array]:
        return [scale * rng.standard_normal((m, n)) / np.sqrt(n) for n, m in itertools.pairwise(widths)]

    return Draw(f"layers{widths}", build)


GRADIENT_NORMS = Exercise(
    public.GRADIENT_NORMS,
    reference=gradient_norms,
    cases=(
        case("tanh", weights=layers(3, 3, 3, 3), x=normal(2, 3), activation="tanh"),
        case("relu", weights=layers(4, 4, 4), x=normal(5, 4), activation="relu"),
        case("sigmoid", weights=layers(3, 3, 3, scale=2.0), x=normal(4, 3), activation="sigmoid"),
        case("layers of other widths", weights=layers(2, 5, 3, 4), x=normal(3, 2), activation="tanh"),
        case("one layer", check="edges", weights=layers(3, 2), x=normal(2, 3), activation="sigmoid"),
        case("no layer", check="edges", weights=as_is([]), x=normal(2, 3), activation="tanh"),
        case("one example", check="edges", weights=layers(3, 4, 3), x=normal(1, 3), activation="relu"),
        case("fifty layers", check="edges", shown=False, weights=layers(*[8] * 51), x=normal(4, 8), activation="tanh"),
        case("strided", check="edges", weights=layers(3, 3, 3), x=every_second(normal(2, 3)), activation="tanh"),
        case("at zero", check="edges", weights=layers(3, 2, 3), x=exactly(np.zeros((2, 3))), activation="relu"),
    ),
    mistakes=(
        mistake(
            "in-reverse",
            lambda weights, x, activation: gradient_norms(weights, x, activation)[::-1],
            "The norms are right and begin at the output. Which of them belongs to h_0?",
        ),
        mistake(
            "squared-norms",
            lambda weights, x, activation: norms(weights, x, activation, measure=lambda g: (g**2).sum()),
            "You add up the squares. What is still missing to get a norm?",
        ),
        mistake(
            "slope-forgotten",
            lambda weights, x, activation: norms(
                weights, x, activation, slope=lambda z, y, activation: np.ones_like(z)
            ),
            "Your norms are those of a network without activations. What does a layer do after its matrix?",
        ),
        mistake(
            "slope-at-the-activation",
            lambda weights, x, activation: norms(weights, x, activation, slope=slope_at_the_activation),
            "Is the slope of the activation taken at what goes into it, or at what comes out?",
        ),
        mistake(
            "value-for-slope",
            lambda weights, x, activation: norms(weights, x, activation, slope=value_for_slope),
            "You multiply by the activation's value. What is asked for on the way back: the value or its change?",
        ),
        mistake(
            "weights-transposed",
            lambda weights, x, activation: norms(weights, x, activation, back=lambda g, W: g @ W.T),
            "The forward pass used W.T. Does a gradient travel back through the same matrix?",
        ),
        mistake(
            "last-one-missing",
            lambda weights, x, activation: gradient_norms(weights, x, activation)[:-1],
            "There are T + 1 of them, h_0 ... h_T. What is the gradient of h_T itself?",
        ),
        mistake(
            "open-at-zero",
            lambda weights, x, activation: norms(weights, x, activation, slope=open_at_zero),
            "A pre-activation of exactly 0: which slope of the ReLU was agreed on there?",
        ),
        mistake(
            "mean-for-sum",
            lambda weights, x, activation: norms(weights, x, activation, start=lambda h: np.ones_like(h) / h.size),
            "All your norms are too small by one factor. Is the loss the mean of h_T or its sum?",
        ),
    ),
)


@GRADIENT_NORMS.right
def norms_from_outputs(weights, x, activation, skip=0.0, branch=1.0):
    outputs, h = [], x
    for W in weights:
        outputs.append(f(h @ W.T, activation))
        h = branch * outputs[-1] + (skip * h if skip else 0.0)
    g = np.ones(h.shape)
    found = [np.linalg.norm(g)]
    for W, y in zip(weights[::-1], outputs[::-1], strict=True):
        g = branch * (g * slope_from_output(y, activation)) @ W + (skip * g if skip else 0.0)
        found.append(np.linalg.norm(g))
    return found[::-1]


@GRADIENT_NORMS.right
def norms_from_inputs(weights, x, activation, skip=0.0, branch=1.0):
    zs, h = [], x
    for W in weights:
        zs.append(np.einsum("bn,mn->bm", h, W))
        h = skip * h + branch * f(zs[-1], activation) if skip else branch * f(zs[-1], activation)
    g = np.ones_like(h)
    norms = np.zeros(len(weights) + 1)
    norms[-1] = math.sqrt((g * g).sum())
    for t in reversed(range(len(weights))):
        back = np.einsum("bm,mn->bn", g * slope_from_input(zs[t], activation), weights[t])
        g = branch * back + skip * g if skip else branch * back
        norms[t] = math.sqrt((g * g).sum())
    return norms


@GRADIENT_NORMS.right
def norms_example_by_example(weights, x, activation, skip=0.0, branch=1.0):
    squares = [0.0] * (len(weights) + 1)
    for row in x:
        h, jacobians = row, []
        for W in weights:
            z = W @ h
            local = np.diag(slope_from_input(z, activation)) @ W * branch
            h, before = branch * f(z, activation), h
            if skip:
                local, h = local + skip * np.eye(len(before)), h + skip * before
            jacobians.append(local)
        g = np.ones(len(h))
        squares[-1] += g @ g
        for t in range(len(weights) - 1, -1, -1):
            g = jacobians[t].T @ g
            squares[t] += g @ g
    return tuple(math.sqrt(square) for square in squares)


def xavier_std(fan_in: int, fan_out: int) -> float:
    """sqrt(2 / (fan_in + fan_out)). Source: torch.nn.init.xavier_normal_."""
    return float(np.sqrt(2.0 / (fan_in + fan_out)))


XAVIER_STD = Exercise(
    public.XAVIER_STD,
    reference=xavier_std,
    shares={"edges": 0.2},
    cases=(
        case("narrowing", fan_in=100, fan_out=20),
        case("widening", fan_in=10, fan_out=32),
        case("even", fan_in=50, fan_out=50),
        case("smallest", check="edges", fan_in=1, fan_out=1),
        case("one output", check="edges", fan_in=4096, fan_out=1),
    ),
    mistakes=(
        mistake(
            "variance-for-std",
            lambda fan_in, fan_out: 2.0 / (fan_in + fan_out),
            "That is the variance. What is asked for?",
        ),
        mistake(
            "fan-in-only",
            lambda fan_in, fan_out: np.sqrt(1.0 / fan_in),
            "This keeps the size of the activations. Which number decides about the gradients on their way back?",
        ),
        mistake(
            "one-for-two",
            lambda fan_in, fan_out: np.sqrt(1.0 / (fan_in + fan_out)),
            "For fan_in = fan_out = n each layer should keep its size, with a variance of 1/n. Is yours that?",
        ),
        mistake(
            "bound-of-the-uniform",
            lambda fan_in, fan_out: np.sqrt(6.0 / (fan_in + fan_out)),
            "That is the bound of the uniform version. What is the standard deviation?",
        ),
        mistake(
            "he-for-xavier",
            lambda fan_in, fan_out: np.sqrt(2.0 / fan_in),
            "Your number does not depend on fan_out. Should it?",
        ),
    ),
    right_answers=(
        lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out)),
        lambda fan_in, fan_out: np.sqrt(2.0 / np.sum([fan_in, fan_out])),
        lambda fan_in, fan_out: ((fan_in + fan_out) / 2) ** -0.5,
    ),
)

HE_STD = Exercise(
    public.HE_STD,
    reference=lambda fan_in: float(np.sqrt(2.0 / fan_in)),
    shares={"edges": 0.2},
    cases=(
        case("ten", fan_in=10),
        case("five hundred", fan_in=512),
        case("one", check="edges", fan_in=1),
        case("many", check="edges", fan_in=1_000_000),
    ),
    mistakes=(
        mistake("variance-for-std", lambda fan_in: 2.0 / fan_in, "That is the variance. What is asked for?"),
        mistake(
            "one-for-two",
            lambda fan_in: np.sqrt(1.0 / fan_in),
            "Right for a layer without ReLU. What does the ReLU do to half of the entries?",
        ),
        mistake(
            "upside-down",
            lambda fan_in: np.sqrt(fan_in / 2.0),
            "The wider your layer, the larger its weights. What happens to a sum of more and more terms?",
        ),
        mistake(
            "two-outside-the-root",
            lambda fan_in: 2.0 / np.sqrt(fan_in),
            "A factor of 2 in the variance: how much is that in the standard deviation?",
        ),
    ),
    right_answers=(
        lambda fan_in: math.sqrt(2 / fan_in),
        lambda fan_in: np.sqrt(2.0) / np.sqrt(fan_in),
        lambda fan_in: np.array((fan_in / 2) ** -0.5),
    ),
)
