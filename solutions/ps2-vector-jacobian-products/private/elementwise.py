"""Functions of one array, entry by entry: exponential, logarithm, absolute value, sine."""

from __future__ import annotations

import numpy as np

from autograder.course.declare import Exercise, Misconception
from autograder.engine import ops
from kit.declare import case
from kit.draws import away_from_zero, exactly, normal, positive, shuffled

from ..public import elementwise as kit
from ._shared import entries, upstream_ignored, upstream_overwritten

EXP = Exercise(
    public=kit.EXP,
    op=ops.exp,
    cases=(
        *entries(),
        case("far from zero", check="edges", x=shuffled([-700.0, -60.0, 0.0, 40.0])),
    ),
    misconceptions=(
        upstream_ignored(ops.exp, "vector", "e^x is the local slope. What multiplies it on the way down?"),
        upstream_overwritten(
            ops.exp,
            "vector",
            "The numbers are right, and grad_output is not what it was. Who else may still need it?",
        ),
        Misconception(
            "power-rule",
            seen_in="vector",
            wrong=lambda g, y, x: g * x * np.exp(x - 1),
            hint="The power rule is for x in the base. Where does x stand here?",
        ),
        Misconception(
            "passed-through",
            seen_in="vector",
            wrong=lambda g, y, x: g,
            hint="At which x is the slope of e^x equal to 1, and what is it elsewhere?",
        ),
        Misconception(
            "multiplied-by-the-input",
            seen_in="vector",
            wrong=lambda g, y, x: g * x,
            hint="You multiply by x. Is x the slope of e^x, and which of your arguments is?",
        ),
        Misconception(
            "exponential-twice",
            seen_in="vector",
            wrong=lambda g, y, x: g * np.exp(y),
            hint="output holds e^x already. What is the exponential of that?",
        ),
        Misconception(
            "divided",
            seen_in="vector",
            wrong=lambda g, y, x: g / y,
            hint="That would undo the exponential, like a logarithm. Does a steep function make the gradient smaller "
            "or larger?",
        ),
    ),
)

LOG = Exercise(
    public=kit.LOG,
    op=ops.log,
    cases=(
        *entries(positive),
        case("small entries", check="edges", x=shuffled([1e-8, 1e-5, 1e-2, 1.0])),
        case("large entries", check="edges", x=shuffled([1.0, 1e5, 1e9])),
    ),
    misconceptions=(
        upstream_ignored(ops.log, "vector", "1 / x is the local slope. What is still missing from the product?"),
        Misconception(
            "multiplied-by-the-input",
            seen_in="vector",
            wrong=lambda g, y, x: g * x,
            hint="The logarithm flattens as x grows. Does your slope shrink with x, or grow?",
        ),
        Misconception(
            "divided-by-the-output",
            seen_in="vector",
            wrong=lambda g, y, x: g / y,
            hint="You divide by log x. Which of the two arrays at hand does the slope depend on?",
        ),
        Misconception(
            "eps-in-the-denominator",
            seen_in="small entries",
            wrong=lambda g, y, x: g / (x + 1e-6),
            hint="Something small is added to the denominator. Was it there in the forward pass?",
        ),
        Misconception(
            "base-ten",
            seen_in="vector",
            wrong=lambda g, y, x: g / (x * np.log(10.0)),
            hint="Everything is off by one constant factor, about 2.3. To which base is the logarithm here?",
        ),
        Misconception(
            "logarithm-again",
            seen_in="vector",
            wrong=lambda g, y, x: g * y,
            hint="You multiply by the value log x. Is that its slope?",
        ),
    ),
)


def slope_one_at_zero(x: np.ndarray) -> np.ndarray:
    """1 for x >= 0, else -1."""
    return np.where(x >= 0, 1.0, -1.0)


ABS = Exercise(
    public=kit.ABS,
    op=ops.abs,
    cases=(
        *entries(away_from_zero),
        case("zeros", check="edges", x=shuffled([-1.5, 0.0, 0.5, 0.0, 2.0])),
        case("a zero alone", check="edges", x=exactly(0.0)),
    ),
    misconceptions=(
        upstream_ignored(ops.abs, "vector", "A sign is the local slope. What multiplies it?"),
        Misconception(
            "passed-through",
            seen_in="vector",
            wrong=lambda g, y, x: g,
            hint="Left of zero, which way does |x| go when x goes up?",
        ),
        Misconception(
            "zero-for-negative-inputs",
            seen_in="vector",
            wrong=lambda g, y, x: g * (x > 0),
            hint="For negative x you return 0. Is |x| flat there?",
        ),
        Misconception(
            "sign-of-the-upstream-lost",
            seen_in="vector",
            wrong=lambda g, y, x: np.abs(g) * np.sign(x),
            hint="The absolute value was taken of x. What happened to the sign of grad_output?",
        ),
        Misconception(
            "one-sided-at-zero",
            seen_in="zeros",
            wrong=lambda g, y, x: g * slope_one_at_zero(x),
            hint="Everything is right except where x is exactly 0. Which value between -1 and 1 does the text agree "
            "on there?",
        ),
        Misconception(
            "nan-at-zero",
            seen_in="zeros",
            wrong=lambda g, y, x: g * x / y,
            hint="x / |x| is the sign of x almost everywhere. What does it give at 0?",
        ),
        Misconception(
            "multiplied-by-the-output",
            seen_in="vector",
            wrong=lambda g, y, x: g * y,
            hint="You multiply by the value |x|. Is the slope larger further out?",
        ),
    ),
)

SIN = Exercise(
    public=kit.SIN,
    op=ops.sin,
    cases=(
        *entries(),
        case("several turns", check="edges", x=normal(4, scale=30.0)),
    ),
    misconceptions=(
        upstream_ignored(ops.sin, "vector", "The cosine is the local slope. What multiplies it on the way down?"),
        Misconception(
            "sign-wrong",
            seen_in="vector",
            wrong=lambda g, y, x: -g * np.cos(x),
            hint="Near 0 the sine rises with x. Does your slope say so?",
        ),
        Misconception(
            "sine-again",
            seen_in="vector",
            wrong=lambda g, y, x: g * y,
            hint="You multiply by the value sin x. At x = 0 the value is 0: is the sine flat there?",
        ),
        Misconception(
            "cosine-of-the-output",
            seen_in="vector",
            wrong=lambda g, y, x: g * np.cos(y),
            hint="The slope has to be taken at a point. Is that point the input or the output?",
        ),
        Misconception(
            "upstream-inside",
            seen_in="vector",
            wrong=lambda g, y, x: np.cos(g * x),
            hint="The upstream gradient stands inside the cosine. Does the chain rule put it there, or in front?",
        ),
        Misconception(
            "degrees",
            seen_in="vector",
            wrong=lambda g, y, x: g * np.cos(np.deg2rad(x)),
            hint="In which unit does NumPy take its angles, and in which is x?",
        ),
    ),
)
