"""Powers: the square root, a constant exponent, an exponent that is an array."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.course.declare import Exercise, Misconception
from autograder.engine import ops
from autograder.engine.broadcasting import unbroadcast
from kit.declare import case
from kit.draws import away_from_zero, exactly, normal, positive, shuffled

from ..public import powers as kit
from ._shared import Array, averaged, entries, not_summed, pairs, upstream_ignored

SQRT = Exercise(
    public=kit.SQRT,
    op=ops.sqrt,
    cases=(
        *entries(positive),
        case("small entries", check="edges", x=shuffled([1e-10, 1e-6, 1e-2, 1.0])),
        case("large entries", check="edges", x=shuffled([1.0, 1e4, 1e8])),
    ),
    misconceptions=(
        upstream_ignored(ops.sqrt, "vector", "That is the slope of the root. What multiplies it on the way down?"),
        Misconception(
            "root-on-top",
            seen_in="vector",
            wrong=lambda g, y, x: g * 0.5 * y,
            hint="The exponent 1/2 is lowered by one. Does the root then stand above or below the line?",
        ),
        Misconception(
            "half-forgotten",
            seen_in="vector",
            wrong=lambda g, y, x: g / y,
            hint="Twice too large everywhere. What comes down in front when a power is differentiated?",
        ),
        Misconception(
            "divided-by-the-input",
            seen_in="vector",
            wrong=lambda g, y, x: g / (2 * x),
            hint="You divide by x. Which power of x should be below the line?",
        ),
        Misconception(
            "eps-in-the-denominator",
            seen_in="small entries",
            wrong=lambda g, y, x: g / (2 * y + 1e-6),
            hint="Something small is added to the denominator. Was it there in the forward pass?",
        ),
        Misconception(
            "multiplied-by-two",
            seen_in="vector",
            wrong=lambda g, y, x: 2 * g * y,
            hint="That is how the square reacts, the other way round. Is the root steep or flat for large x?",
        ),
    ),
)


def lowered(x: Array, n: Any) -> Array:
    """n x^(n-1), written down without thinking of 0."""
    return np.asarray(n * x ** (n - 1))


POW = Exercise(
    public=kit.POW,
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
    misconceptions=(
        upstream_ignored(ops.pow, "cube", "A good local slope. What has to multiply it?"),
        Misconception(
            "exponent-not-lowered",
            seen_in="cube",
            wrong=lambda g, y, x, n=2.0: g * n * y,
            hint="The exponent comes down in front. What else happens to it?",
        ),
        Misconception(
            "factor-forgotten",
            seen_in="cube",
            wrong=lambda g, y, x, n=2.0: g * x ** (n - 1),
            hint="The power is lowered, as it should be. What came down in front of it?",
        ),
        Misconception(
            "precedence",
            seen_in="cube",
            wrong=lambda g, y, x, n=2.0: g * n * x**n - 1,
            hint="How does Python read x ** n - 1: which of the two operations comes first?",
        ),
        Misconception(
            "output-over-input",
            seen_in="base 0",
            wrong=lambda g, y, x, n=2.0: g * n * y / x,
            hint="Right wherever x is not 0. What does y / x give there, and what should it be?",
        ),
        Misconception(
            "zero-times-infinity",
            seen_in="0 to the power 0",
            wrong=lambda g, y, x, n=2.0: g * lowered(x, n),
            hint="One entry is NaN: x and n are both 0 there. How does a constant change when x does?",
        ),
        Misconception(
            "exponential-rule",
            seen_in="cube",
            wrong=lambda g, y, x, n=2.0: g * y * np.log(np.abs(x) + 1e-300),
            hint="A logarithm appears when the exponent is the variable. Which of the two varies here?",
        ),
        Misconception(
            "always-the-square",
            seen_in="cube",
            wrong=lambda g, y, x, n=2.0: 2 * g * x,
            hint="That is right for the default. Where does n enter?",
        ),
    ),
)


def base(g: Array, a: Array, b: Array) -> Array:
    """The gradient of the base, unsummed."""
    return np.asarray(g * b * a ** (b - 1))


def exponent(g: Array, y: Array, a: Array) -> Array:
    """The gradient of the exponent, unsummed."""
    return np.asarray(g * y * np.log(np.where(a == 0, 1.0, a)))


POWER = Exercise(
    public=kit.POWER,
    op=ops.power,
    cases=(
        *pairs(positive, normal),
        case("base 0", check="edges", a=shuffled([0.0, 0.0, 2.0]), b=exactly([1.0, 2.5, 3.0])),
    ),
    misconceptions=(
        upstream_ignored(ops.power, "same shape", "Both local slopes are right. What multiplies them on the way down?"),
        not_summed(lambda g, y, a, b: (base(g, a, b), exponent(g, y, a))),
        averaged(lambda g, y, a, b: (base(g, a, b), exponent(g, y, a))),
        Misconception(
            "logarithm-forgotten",
            seen_in="same shape",
            wrong=lambda g, y, a, b: (unbroadcast(base(g, a, b), a.shape), unbroadcast(g * y, b.shape)),
            hint="Write a^b as e to a power. What is the inner derivative with respect to b?",
        ),
        Misconception(
            "logarithm-of-the-exponent",
            seen_in="same shape",
            wrong=lambda g, y, a, b: (
                unbroadcast(base(g, a, b), a.shape),
                unbroadcast(g * y * np.log(np.abs(b)), b.shape),
            ),
            hint="There is a logarithm in the gradient of b. Of which of the two?",
        ),
        Misconception(
            "power-rule-for-the-exponent",
            seen_in="same shape",
            wrong=lambda g, y, a, b: (unbroadcast(base(g, a, b), a.shape), unbroadcast(base(g, a, b), b.shape)),
            hint="The power rule answers how a^b reacts to its base. What kind of function is it of b?",
        ),
        Misconception(
            "logarithm-of-zero",
            seen_in="base 0",
            wrong=lambda g, y, a, b: (unbroadcast(base(g, a, b), a.shape), unbroadcast(g * y * np.log(a), b.shape)),
            hint="Right except where the base is 0: the value is 0 there and its logarithm is not finite. What did "
            "the text "
            "say about that place?",
        ),
        Misconception(
            "exponent-not-lowered",
            seen_in="same shape",
            wrong=lambda g, y, a, b: (unbroadcast(g * b * y, a.shape), unbroadcast(exponent(g, y, a), b.shape)),
            hint="In the gradient of a the exponent comes down in front. What else happens to it?",
        ),
    ),
)
