"""Powers: the square root, a constant exponent, an exponent that is an array."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograder.course.declare import Exercise, mistake
from autograder.course.mistakes import averaged, not_summed, upstream_ignored
from autograder.engine import ops
from autograder.engine.broadcasting import unbroadcast
from kit.declare import case
from kit.draws import away_from_zero, exactly, normal, positive, shuffled

from ..public import powers as public
from ._right import looped, looped_pair, pair
from ._shared import Array, entries, pairs
from .broadcasting import by_reshape

SQRT = Exercise(
    public.SQRT,
    op=ops.sqrt,
    cases=(
        *entries(positive),
        case("small entries", check="edges", x=shuffled([1e-10, 1e-6, 1e-2, 1.0])),
        case("large entries", check="edges", x=shuffled([1.0, 1e4, 1e8])),
    ),
    mistakes=(
        upstream_ignored(ops.sqrt, "That is the slope of the root. What multiplies it on the way down?"),
        mistake(
            "root-on-top",
            lambda g, y, x: g * 0.5 * y,
            "The exponent 1/2 is lowered by one. Does the root then stand above or below the line?",
        ),
        mistake(
            "half-forgotten",
            lambda g, y, x: g / y,
            "Twice too large everywhere. What comes down in front when a power is differentiated?",
        ),
        mistake(
            "divided-by-the-input",
            lambda g, y, x: g / (2 * x),
            "You divide by x. Which power of x should be below the line?",
        ),
        mistake(
            "eps-in-the-denominator",
            lambda g, y, x: g / (2 * y + 1e-6),
            "Something small is added to the denominator. Was it there in the forward pass?",
        ),
        mistake(
            "multiplied-by-two",
            lambda g, y, x: 2 * g * y,
            "That is how the square reacts, the other way round. Is the root steep or flat for large x?",
        ),
    ),
    right_answers=(
        looped(lambda x, y: 0.5 / math.sqrt(x)),
        lambda g, y, x: 0.5 * g * x**-0.5,
        lambda g, y, x: g * y / (2 * x),
    ),
)


def lowered(x: Array, n: Any) -> Array:
    """n x^(n-1), written down without thinking of 0."""
    return np.asarray(n * x ** (n - 1))


POW = Exercise(
    public.POW,
    op=ops.pow,
    cases=(
        *entries(),
        case("cube", x=normal(3, 2), n=3),
        case("root", x=positive(4), n=0.5),
        case("reciprocal", x=away_from_zero(4), n=-1.0),
        case("exponent 1", check="edges", x=shuffled([-1.0, 0.0, 2.0]), n=1),
        case("exponent 0", check="edges", x=shuffled([-1.0, 0.5, 2.0]), n=0),
        case("0 to the power 0", check="edges", x=shuffled([-1.0, 0.0, 2.0]), n=0.0),
        case("base 0", check="edges", x=shuffled([-1.0, 0.0, 2.0]), n=2.0),
        case("negative base, large exponent", check="edges", x=away_from_zero(3), n=-3),
    ),
    mistakes=(
        upstream_ignored(ops.pow, "A good local slope. What has to multiply it?"),
        mistake(
            "exponent-not-lowered",
            lambda g, y, x, n=2.0: g * n * y,
            "The exponent comes down in front. What else happens to it?",
        ),
        mistake(
            "factor-forgotten",
            lambda g, y, x, n=2.0: g * x ** (n - 1),
            "The power is lowered, as it should be. What came down in front of it?",
        ),
        mistake(
            "precedence",
            lambda g, y, x, n=2.0: g * n * x**n - 1,
            "How does Python read x ** n - 1: which of the two operations comes first?",
        ),
        mistake(
            "output-over-input",
            lambda g, y, x, n=2.0: g * n * y / x,
            "Right wherever x is not 0. What does y / x give there, and what should it be?",
        ),
        mistake(
            "zero-times-infinity",
            lambda g, y, x, n=2.0: g * lowered(x, n),
            "One entry is NaN: x and n are both 0 there. How does a constant change when x does?",
        ),
        mistake(
            "exponential-rule",
            lambda g, y, x, n=2.0: g * y * np.log(np.abs(x) + 1e-300),
            "A logarithm appears when the exponent is the variable. Which of the two varies here?",
        ),
        mistake(
            "always-the-square", lambda g, y, x, n=2.0: 2 * g * x, "That is right for the default. Where does n enter?"
        ),
    ),
    right_answers=(
        looped(lambda x, y, n=2.0: n * x ** (n - 1) if n else 0.0),
        lambda g, y, x, n=2.0: g * n * x ** max(n - 1, 0) if n >= 0 and n == int(n) else g * n * x ** (n - 1),
    ),
)


@POW.right
def pow_by_cases(g, y, x, n=2.0):
    if n in (0, 1):
        return g * float(n)
    return g * (n * np.power(x, n - 1))


@POW.right
def pow_without_zero(g, y, x, n=2.0):
    grad = np.zeros(x.shape)
    if n != 0:
        np.multiply(g, n * x ** (n - 1), out=grad)
    return grad


def base(g: Array, a: Array, b: Array) -> Array:
    """The gradient of the base, unsummed."""
    return np.asarray(g * b * a ** (b - 1))


def exponent(g: Array, y: Array, a: Array) -> Array:
    """The gradient of the exponent, unsummed."""
    return np.asarray(g * y * np.log(np.where(a == 0, 1.0, a)))


def power_slopes(a, b):
    return b * math.pow(a, b - 1) if b else 0.0, math.pow(a, b) * math.log(a) if a > 0 else 0.0


POWER = Exercise(
    public.POWER,
    op=ops.power,
    cases=(
        *pairs(positive, normal),
        case("base 0", check="edges", a=shuffled([0.0, 0.0, 2.0]), b=exactly([1.0, 2.5, 3.0])),
    ),
    mistakes=(
        upstream_ignored(ops.power, "Both local slopes are right. What multiplies them on the way down?"),
        not_summed(lambda g, y, a, b: (base(g, a, b), exponent(g, y, a))),
        averaged(lambda g, y, a, b: (base(g, a, b), exponent(g, y, a))),
        mistake(
            "logarithm-forgotten",
            lambda g, y, a, b: (unbroadcast(base(g, a, b), a.shape), unbroadcast(g * y, b.shape)),
            "Write a^b as e to a power. What is the inner derivative with respect to b?",
        ),
        mistake(
            "logarithm-of-the-exponent",
            lambda g, y, a, b: (unbroadcast(base(g, a, b), a.shape), unbroadcast(g * y * np.log(np.abs(b)), b.shape)),
            "There is a logarithm in the gradient of b. Of which of the two?",
        ),
        mistake(
            "power-rule-for-the-exponent",
            lambda g, y, a, b: (unbroadcast(base(g, a, b), a.shape), unbroadcast(base(g, a, b), b.shape)),
            "The power rule answers how a^b reacts to its base. What kind of function is it of b?",
        ),
        mistake(
            "logarithm-of-zero",
            lambda g, y, a, b: (unbroadcast(base(g, a, b), a.shape), unbroadcast(g * y * np.log(a), b.shape)),
            "Right except where the base is 0: the value is 0 there and its logarithm is not finite. "
            "What did the text say about that place?",
        ),
        mistake(
            "exponent-not-lowered",
            lambda g, y, a, b: (unbroadcast(g * b * y, a.shape), unbroadcast(exponent(g, y, a), b.shape)),
            "In the gradient of a the exponent comes down in front. What else happens to it?",
        ),
    ),
    right_answers=(
        looped_pair(power_slopes),
        pair(
            lambda g, y, a, b: (g * b * a ** (b - 1), g * np.where(a > 0, y * np.log(np.where(a > 0, a, 2.0)), 0.0)),
            by_reshape,
        ),
    ),
)


@POWER.right
def power_by_masks(g, y, a, b):
    a_full, b_full = np.broadcast_arrays(a, b)
    slope_a, log_a = np.zeros(y.shape), np.zeros(y.shape)
    moving = b_full != 0
    slope_a[moving] = (b_full * a_full ** (b_full - 1))[moving]
    np.log(a_full, out=log_a, where=a_full > 0)
    return by_reshape(np.asarray(g * slope_a), a.shape), by_reshape(np.asarray(g * y * log_a), b.shape)
