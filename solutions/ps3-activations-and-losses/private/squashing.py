"""ps3, the private half of sigmoid and tanh, and of what ten sigmoids in a row do."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.course.declare import Exercise, Misconception
from autograder.engine import ops
from autograder.engine.ops.activations import stable_sigmoid
from kit.declare import case

from ..public import squashing as kit
from ._shared import FAR_OUT, elementwise, upstream_dropped


def _sigmoid_in_place(x: Any) -> Any:
    x *= -1.0
    np.exp(x, out=x)
    return 1.0 / (1.0 + x)


SIGMOID = Exercise(
    public=kit.SIGMOID,
    reference=stable_sigmoid,
    cases=elementwise(case("far out", check="stability", x=FAR_OUT), cost=False),
    misconceptions=(
        Misconception(
            "overflow",
            seen_in="far out",
            wrong=lambda x: np.exp(x) / (1.0 + np.exp(x)),
            hint="What is exp(1000) in float64, and what is that divided by itself?",
        ),
        Misconception(
            "mirrored",
            seen_in="vector",
            wrong=lambda x: 1.0 / (1.0 + np.exp(x)),
            hint="A large positive x should land near 1. Where does yours land?",
        ),
        Misconception(
            "tanh",
            seen_in="vector",
            wrong=lambda x: np.tanh(x),
            hint="Your curve runs from -1 to 1. Between which two numbers does sigmoid run?",
        ),
        Misconception(
            "clipped-away-from-the-ends",
            seen_in="far out",
            wrong=lambda x: np.clip(stable_sigmoid(x), 1e-7, 1.0 - 1e-7),
            hint="Your values keep a fixed distance from 0 and 1. Is that the function, or a guard against something?",
        ),
        Misconception(
            "hard-step",
            seen_in="vector",
            wrong=lambda x: np.where(x > 0, 1.0, 0.0),
            hint="You decide, and sigmoid weighs. What should a small positive x give?",
        ),
        Misconception(
            "one-forgotten",
            seen_in="vector",
            wrong=lambda x: 1.0 / np.exp(-x),
            hint="Can your result exceed 1? What in the denominator keeps it below?",
        ),
        Misconception(
            "overwrites-input",
            seen_in="vector",
            wrong=_sigmoid_in_place,
            hint="The numbers are right, and x is not what it was. Which line writes into the caller's array?",
        ),
    ),
)

SIGMOID_BACKWARD = Exercise(
    public=kit.SIGMOID_BACKWARD,
    op=ops.sigmoid,
    cases=elementwise(case("far out", check="stability", x=FAR_OUT)),
    misconceptions=(
        upstream_dropped(ops.sigmoid),
        Misconception(
            "input-for-output",
            seen_in="vector",
            wrong=lambda g, y, x: g * x * (1.0 - x),
            hint="The chapter's formula has one letter in it. Is that letter the input or the output?",
        ),
        Misconception(
            "sigmoid-twice",
            seen_in="vector",
            wrong=lambda g, y, x: g * stable_sigmoid(y) * (1.0 - stable_sigmoid(y)),
            hint="output went through sigmoid already. What happens to it when you squash it again?",
        ),
        Misconception(
            "overflow",
            seen_in="far out",
            wrong=lambda g, y, x: g * np.exp(-x) / (1.0 + np.exp(-x)) ** 2,
            hint="What does exp give at 1000, and which of the arguments would spare you calling it at all?",
        ),
        Misconception(
            "tanh-rule",
            seen_in="vector",
            wrong=lambda g, y, x: g * (1.0 - y**2),
            hint="That is the slope of a curve from -1 to 1. Which curve is this one?",
        ),
        Misconception(
            "one-factor-only",
            seen_in="vector",
            wrong=lambda g, y, x: g * y,
            hint="For large x your slope tends to 1. How steep is the curve out there?",
        ),
        Misconception(
            "minus-sign",
            seen_in="vector",
            wrong=lambda g, y, x: g * y * (y - 1.0),
            hint="Sigmoid rises everywhere. What sign should its slope have?",
        ),
    ),
)

PREDICT = Exercise(
    public=kit.PREDICT,
    answers={"sigmoid_steepest_at": 0.0, "ten_sigmoids_bound": 0.25**10},
    misconceptions=(
        Misconception(
            "output-for-input",
            seen_in="sigmoid_steepest_at",
            wrong={"sigmoid_steepest_at": 0.5},
            hint="That is a value of y. At which x does the sigmoid take it?",
        ),
        Misconception(
            "slopes-added",
            seen_in="ten_sigmoids_bound",
            wrong={"ten_sigmoids_bound": 2.5},
            hint="The ten steps come one after the other. Does the chain rule add along a path?",
        ),
        Misconception(
            "one-sigmoid-only",
            seen_in="ten_sigmoids_bound",
            wrong={"ten_sigmoids_bound": 0.25},
            hint="That is the bound for one step. What does the next one do to it?",
        ),
        Misconception(
            "values-multiplied",
            seen_in="ten_sigmoids_bound",
            wrong={"ten_sigmoids_bound": 0.5**10},
            hint="You multiply values of the sigmoid. What does the chain rule multiply?",
        ),
        Misconception(
            "nine-steps",
            seen_in="ten_sigmoids_bound",
            wrong={"ten_sigmoids_bound": 0.25**9},
            hint="How many arrows lead from the first number to the last when there are ten sigmoids?",
        ),
        Misconception(
            "bounded-by-one",
            seen_in="ten_sigmoids_bound",
            wrong={"ten_sigmoids_bound": 1.0},
            hint="No value of the sigmoid exceeds 1. Is that the limit on its slope as well?",
        ),
    ),
)

TANH = Exercise(
    public=kit.TANH,
    op=ops.tanh,
    cases=elementwise(case("far out", check="stability", x=FAR_OUT)),
    misconceptions=(
        upstream_dropped(ops.tanh),
        Misconception(
            "input-for-output",
            seen_in="vector",
            wrong=lambda g, y, x: g * (1.0 - x**2),
            hint="For large x your slope goes to minus infinity. Which of the two, x or y, stays between -1 and 1?",
        ),
        Misconception(
            "sigmoid-rule",
            seen_in="vector",
            wrong=lambda g, y, x: g * y * (1.0 - y),
            hint="At x = 0 your slope is 0. How steep is tanh there?",
        ),
        Misconception(
            "square-forgotten",
            seen_in="vector",
            wrong=lambda g, y, x: g * (1.0 - y),
            hint="tanh is odd, so its slopes at x and -x agree. Do yours?",
        ),
        Misconception(
            "minus-sign",
            seen_in="vector",
            wrong=lambda g, y, x: g * (y**2 - 1.0),
            hint="tanh rises everywhere. What sign should its slope have?",
        ),
        Misconception(
            "tanh-twice",
            seen_in="vector",
            wrong=lambda g, y, x: g * (1.0 - np.tanh(y) ** 2),
            hint="output went through tanh already. What happens to it when you squash it again?",
        ),
        Misconception(
            "overflow",
            seen_in="far out",
            wrong=lambda g, y, x: g * (1.0 - ((np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))) ** 2),
            hint="What is exp(1000) in float64? Which argument would spare you the exponentials?",
        ),
    ),
)
