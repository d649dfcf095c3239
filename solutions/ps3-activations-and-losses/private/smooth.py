"""ps3, the private half of the smooth rectifiers: softplus, silu and gelu."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograder.course.declare import Exercise, Misconception
from autograder.engine import ops
from autograder.engine.ops.activations import normal_cdf, normal_pdf, stable_sigmoid
from kit.declare import case
from kit.draws import shuffled

from ..public import smooth as kit
from ._shared import FAR_OUT, elementwise, sign_flipped, upstream_dropped

ZEROS = shuffled([-1.5, -0.0, 0.0, 2.0])


def _softplus(x: Any) -> Any:
    return np.logaddexp(x, 0.0)


def _softplus_in_place(x: Any) -> Any:
    np.logaddexp(x, 0.0, out=x)
    return x.copy()


SOFTPLUS = Exercise(
    public=kit.SOFTPLUS,
    reference=_softplus,
    cases=elementwise(case("far out", check="stability", x=FAR_OUT), cost=False),
    misconceptions=(
        Misconception(
            "overflow",
            seen_in="far out",
            wrong=lambda x: np.log(1.0 + np.exp(x)),
            hint="At x = 1000 the result is about 1000. How large is the exponential on the way there?",
        ),
        Misconception(
            "relu-instead",
            seen_in="vector",
            wrong=lambda x: np.maximum(x, 0.0),
            hint="Far out both agree. What does softplus give at 0?",
        ),
        Misconception(
            "straight-part-forgotten",
            seen_in="vector",
            wrong=lambda x: np.log1p(np.exp(-np.abs(x))),
            hint="Your curve has its peak at 0. What must be added so that it goes on rising on the right?",
        ),
        Misconception(
            "mirrored",
            seen_in="vector",
            wrong=lambda x: np.logaddexp(-x, 0.0),
            hint="For large x the result should be near x. Where does yours go?",
        ),
        Misconception(
            "logarithm-to-base-two",
            seen_in="vector",
            wrong=lambda x: np.logaddexp(x, 0.0) / math.log(2.0),
            hint="At 0 you get 1. To which base is the logarithm?",
        ),
        Misconception(
            "one-forgotten",
            seen_in="vector",
            wrong=lambda x: np.log(np.exp(x)),
            hint="A logarithm of an exponential gives x back. What stands between the two in the formula?",
        ),
        Misconception(
            "overwrites-input",
            seen_in="vector",
            wrong=_softplus_in_place,
            hint="The numbers are right, and x is not what it was. Which line writes into the caller's array?",
        ),
    ),
)

SOFTPLUS_BACKWARD = Exercise(
    public=kit.SOFTPLUS_BACKWARD,
    op=ops.softplus,
    cases=elementwise(case("far out", check="stability", x=FAR_OUT)),
    misconceptions=(
        upstream_dropped(ops.softplus),
        Misconception(
            "overflow",
            seen_in="far out",
            wrong=lambda g, y, x: g * np.exp(x) / (1.0 + np.exp(x)),
            hint="What is exp(1000) in float64? You have written this very function in a safe form: where?",
        ),
        Misconception(
            "slope-at-the-output",
            seen_in="vector",
            wrong=lambda g, y, x: g * stable_sigmoid(y),
            hint="The function is the right one. Is it taken at the input or at the output?",
        ),
        Misconception(
            "relu-rule",
            seen_in="vector",
            wrong=lambda g, y, x: g * (x > 0),
            hint="Your slope jumps at 0. Does the slope of a smooth curve?",
        ),
        Misconception(
            "inner-derivative-forgotten",
            seen_in="vector",
            wrong=lambda g, y, x: g * stable_sigmoid(-x),
            hint="You differentiated the logarithm. What does the chain rule ask for next?",
        ),
        Misconception(
            "one-derivative-too-many",
            seen_in="vector",
            wrong=lambda g, y, x: g * stable_sigmoid(x) * stable_sigmoid(-x),
            hint="Far to the right softplus rises like x itself. How steep is your answer there?",
        ),
        sign_flipped(ops.softplus, "vector", hint="Softplus rises everywhere. What sign should its slope have?"),
    ),
)


def _silu_overflowing(g: Any, y: Any, x: Any) -> Any:
    s = np.exp(x) / (1.0 + np.exp(x))
    return g * (s + x * s * (1.0 - s))


def _silu_by_division(g: Any, y: Any, x: Any) -> Any:
    s = y / x
    return g * (s + x * s * (1.0 - s))


SILU = Exercise(
    public=kit.SILU,
    op=ops.silu,
    cases=elementwise(case("at zero", check="edges", x=ZEROS), case("far out", check="stability", x=FAR_OUT)),
    misconceptions=(
        upstream_dropped(ops.silu),
        Misconception(
            "one-term-of-the-product",
            seen_in="vector",
            wrong=lambda g, y, x: g * stable_sigmoid(x),
            hint="y is a product of two functions of x. How many terms does the product rule have?",
        ),
        Misconception(
            "other-term-of-the-product",
            seen_in="vector",
            wrong=lambda g, y, x: g * x * stable_sigmoid(x) * stable_sigmoid(-x),
            hint="You differentiated the sigmoid and left x alone. Which term of the product rule is missing?",
        ),
        Misconception(
            "sigmoid-not-differentiated",
            seen_in="vector",
            wrong=lambda g, y, x: g * (stable_sigmoid(x) + x * stable_sigmoid(x)),
            hint="Two terms, good. In the second, is it the sigmoid that is wanted or its slope?",
        ),
        Misconception(
            "slope-at-the-output",
            seen_in="vector",
            wrong=lambda g, y, x: g * (y + stable_sigmoid(y) * (1.0 - y)),
            hint="The shape of the formula is right. Is the sigmoid taken at the input or at the output?",
        ),
        Misconception(
            "factor-missing",
            seen_in="vector",
            wrong=lambda g, y, x: g * (stable_sigmoid(x) + stable_sigmoid(x) * stable_sigmoid(-x)),
            hint="Two terms, good. Which factor of the second stays as it is when the other is differentiated?",
        ),
        Misconception(
            "divided-by-the-input",
            seen_in="at zero",
            wrong=_silu_by_division,
            hint="You recover the sigmoid by a division. What if x is 0?",
        ),
        Misconception(
            "overflow",
            seen_in="far out",
            wrong=_silu_overflowing,
            hint="What is exp(1000) in float64? You have written this sigmoid in a safe form: where?",
        ),
    ),
)


def _gelu_tanh_form(g: Any, y: Any, x: Any) -> Any:
    c = math.sqrt(2.0 / math.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return g * (0.5 * (1.0 + t) + 0.5 * x * (1.0 - t**2) * c * (1.0 + 3.0 * 0.044715 * x**2))


GELU = Exercise(
    public=kit.GELU,
    op=ops.gelu,
    cases=elementwise(case("at zero", check="edges", x=ZEROS), case("far out", check="stability", x=FAR_OUT)),
    misconceptions=(
        upstream_dropped(ops.gelu),
        Misconception(
            "one-term-of-the-product",
            seen_in="vector",
            wrong=lambda g, y, x: g * normal_cdf(x),
            hint="y is a product of two functions of x. How many terms does the product rule have?",
        ),
        Misconception(
            "other-term-of-the-product",
            seen_in="vector",
            wrong=lambda g, y, x: g * x * normal_pdf(x),
            hint="You differentiated the second factor and left x alone. Which term of the product rule is missing?",
        ),
        Misconception(
            "factor-missing",
            seen_in="vector",
            wrong=lambda g, y, x: g * (normal_cdf(x) + normal_pdf(x)),
            hint="Two terms, good. Which factor of the second stays as it is when the other is differentiated?",
        ),
        Misconception(
            "normaliser-forgotten",
            seen_in="vector",
            wrong=lambda g, y, x: g * (normal_cdf(x) + x * np.exp(-0.5 * x * x)),
            hint="The bell curve under a distribution function has area 1. Does yours?",
        ),
        Misconception(
            "root-of-two-lost-inside",
            seen_in="vector",
            wrong=lambda g, y, x: g * (normal_cdf(x) + x * np.exp(-x * x / 2.0) / math.sqrt(math.pi)),
            hint="erf is taken of x divided by something. Where does that divisor go by the chain rule?",
        ),
        Misconception(
            "tanh-form",
            seen_in="vector",
            wrong=_gelu_tanh_form,
            hint="You are within a thousandth: that is the slope of an approximation. Which form is the forward's?",
        ),
    ),
)
