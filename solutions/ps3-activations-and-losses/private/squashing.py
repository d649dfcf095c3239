"""ps3, the private half of sigmoid and tanh, and of what ten sigmoids in a row do."""

from __future__ import annotations

import math

import numpy as np

from autograder.course.declare import Exercise, mistake
from autograder.course.mistakes import upstream_ignored
from autograder.engine import ops
from autograder.engine.ops.activations import stable_sigmoid
from kit.declare import case

from ..public import squashing as public
from ._shared import FAR_OUT, elementwise

SIGMOID = Exercise(
    public.SIGMOID,
    reference=stable_sigmoid,
    cases=elementwise(case("far out", check="stability", x=FAR_OUT), cost=False),
    mistakes=(
        mistake(
            "overflow",
            lambda x: np.exp(x) / (1.0 + np.exp(x)),
            "What is exp(1000) in float64, and what is that divided by itself?",
        ),
        mistake(
            "mirrored",
            lambda x: 1.0 / (1.0 + np.exp(x)),
            "A large positive x should land near 1. Where does yours land?",
        ),
        mistake(
            "tanh", lambda x: np.tanh(x), "Your curve runs from -1 to 1. Between which two numbers does sigmoid run?"
        ),
        mistake(
            "clipped-away-from-the-ends",
            lambda x: np.clip(stable_sigmoid(x), 1e-7, 1.0 - 1e-7),
            "Your values keep a fixed distance from 0 and 1. Is that the function, or a guard against something?",
        ),
        mistake(
            "hard-step",
            lambda x: np.where(x > 0, 1.0, 0.0),
            "You decide, and sigmoid weighs. What should a small positive x give?",
        ),
        mistake(
            "one-forgotten",
            lambda x: 1.0 / np.exp(-x),
            "Can your result exceed 1? What in the denominator keeps it below?",
        ),
    ),
)


@SIGMOID.mistake
def overwrites_input(x):
    """The numbers are right, and x is not what it was. Which line writes into the caller's array?"""
    x *= -1.0
    np.exp(x, out=x)
    return 1.0 / (1.0 + x)


@SIGMOID.right
def sigmoid_as_written(x):
    return 1 / (1 + np.exp(-x))


@SIGMOID.right
def sigmoid_by_tanh(x):
    return 0.5 * (1 + np.tanh(x / 2))


@SIGMOID.right
def sigmoid_by_masks(x):
    y = np.empty_like(x)
    up = x >= 0
    y[up] = 1 / (1 + np.exp(-x[up]))
    y[~up] = np.exp(x[~up]) / (1 + np.exp(x[~up]))
    return y


@SIGMOID.right
def sigmoid_by_loop(x):
    def one(v):
        return 1 / (1 + np.exp(-v)) if v >= 0 else np.exp(v) / (1 + np.exp(v))

    return np.array([one(v) for v in x.ravel()]).reshape(x.shape)


SIGMOID_BACKWARD = Exercise(
    public.SIGMOID_BACKWARD,
    op=ops.sigmoid,
    cases=elementwise(case("far out", check="stability", x=FAR_OUT)),
    mistakes=(
        upstream_ignored(ops.sigmoid),
        mistake(
            "input-for-output",
            lambda g, y, x: g * x * (1.0 - x),
            "The chapter's formula has one letter in it. Is that letter the input or the output?",
        ),
        mistake(
            "sigmoid-twice",
            lambda g, y, x: g * stable_sigmoid(y) * (1.0 - stable_sigmoid(y)),
            "output went through sigmoid already. What happens to it when you squash it again?",
        ),
        mistake(
            "overflow",
            lambda g, y, x: g * np.exp(-x) / (1.0 + np.exp(-x)) ** 2,
            "What does exp give at 1000, and which of the arguments would spare you calling it at all?",
        ),
        mistake(
            "tanh-rule",
            lambda g, y, x: g * (1.0 - y**2),
            "That is the slope of a curve from -1 to 1. Which curve is this one?",
        ),
        mistake(
            "one-factor-only",
            lambda g, y, x: g * y,
            "For large x your slope tends to 1. How steep is the curve out there?",
        ),
        mistake(
            "minus-sign",
            lambda g, y, x: g * y * (y - 1.0),
            "Sigmoid rises everywhere. What sign should its slope have?",
        ),
    ),
    right_answers=(
        lambda grad_output, output, x: grad_output * sigmoid_by_tanh(x) * sigmoid_by_tanh(-x),
        lambda grad_output, output, x: grad_output / (4 * np.cosh(x / 2) ** 2),
    ),
)


@SIGMOID_BACKWARD.right
def sigmoid_backward_squared(grad_output, output, x):
    return grad_output * (output - output**2)


@SIGMOID_BACKWARD.right
def sigmoid_backward_by_loop(grad_output, output, x):
    pairs = zip(grad_output.flat, output.flat, strict=True)
    return np.array([g * y * (1 - y) for g, y in pairs]).reshape(x.shape)


PREDICT = Exercise(
    public.PREDICT,
    answers={"sigmoid_steepest_at": 0.0, "ten_sigmoids_bound": 0.25**10},
    mistakes=(
        mistake(
            "output-for-input",
            {"sigmoid_steepest_at": 0.5},
            "That is a value of y. At which x does the sigmoid take it?",
        ),
        mistake(
            "slopes-added",
            {"ten_sigmoids_bound": 2.5},
            "The ten steps come one after the other. Does the chain rule add along a path?",
        ),
        mistake(
            "one-sigmoid-only",
            {"ten_sigmoids_bound": 0.25},
            "That is the bound for one step. What does the next one do to it?",
        ),
        mistake(
            "values-multiplied",
            {"ten_sigmoids_bound": 0.5**10},
            "You multiply values of the sigmoid. What does the chain rule multiply?",
        ),
        mistake(
            "nine-steps",
            {"ten_sigmoids_bound": 0.25**9},
            "How many arrows lead from the first number to the last when there are ten sigmoids?",
        ),
        mistake(
            "bounded-by-one",
            {"ten_sigmoids_bound": 1.0},
            "No value of the sigmoid exceeds 1. Is that the limit on its slope as well?",
        ),
    ),
)

TANH = Exercise(
    public.TANH,
    op=ops.tanh,
    cases=elementwise(case("far out", check="stability", x=FAR_OUT)),
    mistakes=(
        upstream_ignored(ops.tanh),
        mistake(
            "input-for-output",
            lambda g, y, x: g * (1.0 - x**2),
            "For large x your slope goes to minus infinity. Which of the two, x or y, stays between -1 and 1?",
        ),
        mistake(
            "sigmoid-rule", lambda g, y, x: g * y * (1.0 - y), "At x = 0 your slope is 0. How steep is tanh there?"
        ),
        mistake(
            "square-forgotten", lambda g, y, x: g * (1.0 - y), "tanh is odd, so its slopes at x and -x agree. Do yours?"
        ),
        mistake(
            "minus-sign", lambda g, y, x: g * (y**2 - 1.0), "tanh rises everywhere. What sign should its slope have?"
        ),
        mistake(
            "tanh-twice",
            lambda g, y, x: g * (1.0 - np.tanh(y) ** 2),
            "output went through tanh already. What happens to it when you squash it again?",
        ),
        mistake(
            "overflow",
            lambda g, y, x: g * (1.0 - ((np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))) ** 2),
            "What is exp(1000) in float64? Which argument would spare you the exponentials?",
        ),
    ),
    right_answers=(
        lambda grad_output, output, x: grad_output * (1 - output) * (1 + output),
        lambda grad_output, output, x: grad_output / np.cosh(x) ** 2,
        lambda grad_output, output, x: grad_output - grad_output * output * output,
    ),
)


@TANH.right
def tanh_by_loop(grad_output, output, x):
    return np.array([g * (1 - math.tanh(v) ** 2) for g, v in zip(grad_output.flat, x.flat, strict=True)]).reshape(
        x.shape
    )
