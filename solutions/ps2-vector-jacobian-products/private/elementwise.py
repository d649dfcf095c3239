"""Functions of one array, entry by entry: exponential, logarithm, absolute value, sine."""

from __future__ import annotations

import math

import numpy as np

from autograder.course.declare import Exercise, mistake
from autograder.course.mistakes import upstream_ignored, upstream_overwritten
from autograder.engine import ops
from kit.declare import case
from kit.draws import away_from_zero, exactly, normal, positive, shuffled

from ..public import elementwise as public
from ._right import looped
from ._shared import entries

EXP = Exercise(
    public.EXP,
    op=ops.exp,
    cases=(*entries(), case("far from zero", check="edges", x=shuffled([-700.0, -60.0, 0.0, 40.0]))),
    mistakes=(
        upstream_ignored(ops.exp, "e^x is the local slope. What multiplies it on the way down?"),
        upstream_overwritten(
            ops.exp, "The numbers are right, and grad_output is not what it was. Who else may still need it?"
        ),
        mistake(
            "power-rule",
            lambda g, y, x: g * x * np.exp(x - 1),
            "The power rule is for x in the base. Where does x stand here?",
        ),
        mistake(
            "passed-through", lambda g, y, x: g, "At which x is the slope of e^x equal to 1, and what is it elsewhere?"
        ),
        mistake(
            "multiplied-by-the-input",
            lambda g, y, x: g * x,
            "You multiply by x. Is x the slope of e^x, and which of your arguments is?",
        ),
        mistake(
            "exponential-twice",
            lambda g, y, x: g * np.exp(y),
            "output holds e^x already. What is the exponential of that?",
        ),
        mistake(
            "divided",
            lambda g, y, x: g / y,
            "That would undo the exponential, like a logarithm. "
            "Does a steep function make the gradient smaller or larger?",
        ),
    ),
    right_answers=(looped(lambda x, y: math.exp(x)), lambda g, y, x: np.exp(x) * g, lambda g, y, x: (y * g,)),
)

LOG = Exercise(
    public.LOG,
    op=ops.log,
    cases=(
        *entries(positive),
        case("small entries", check="edges", x=shuffled([1e-8, 1e-5, 1e-2, 1.0])),
        case("large entries", check="edges", x=shuffled([1.0, 1e5, 1e9])),
    ),
    mistakes=(
        upstream_ignored(ops.log, "1 / x is the local slope. What is still missing from the product?"),
        mistake(
            "multiplied-by-the-input",
            lambda g, y, x: g * x,
            "The logarithm flattens as x grows. Does your slope shrink with x, or grow?",
        ),
        mistake(
            "divided-by-the-output",
            lambda g, y, x: g / y,
            "You divide by log x. Which of the two arrays at hand does the slope depend on?",
        ),
        mistake(
            "eps-in-the-denominator",
            lambda g, y, x: g / (x + 1e-6),
            "Something small is added to the denominator. Was it there in the forward pass?",
        ),
        mistake(
            "base-ten",
            lambda g, y, x: g / (x * np.log(10.0)),
            "Everything is off by one constant factor, about 2.3. To which base is the logarithm here?",
        ),
        mistake("logarithm-again", lambda g, y, x: g * y, "You multiply by the value log x. Is that its slope?"),
    ),
    right_answers=(looped(lambda x, y: 1 / x), lambda g, y, x: g * x**-1.0, lambda g, y, x: g * np.exp(-y)),
)


def slope_one_at_zero(x: np.ndarray) -> np.ndarray:
    """1 for x >= 0, else -1."""
    return np.where(x >= 0, 1.0, -1.0)


ABS = Exercise(
    public.ABS,
    op=ops.abs,
    cases=(
        *entries(away_from_zero),
        case("zeros", check="edges", x=shuffled([-1.5, 0.0, 0.5, 0.0, 2.0])),
        case("a zero alone", check="edges", x=exactly(0.0)),
    ),
    mistakes=(
        upstream_ignored(ops.abs, "A sign is the local slope. What multiplies it?"),
        mistake("passed-through", lambda g, y, x: g, "Left of zero, which way does |x| go when x goes up?"),
        mistake(
            "zero-for-negative-inputs", lambda g, y, x: g * (x > 0), "For negative x you return 0. Is |x| flat there?"
        ),
        mistake(
            "sign-of-the-upstream-lost",
            lambda g, y, x: np.abs(g) * np.sign(x),
            "The absolute value was taken of x. What happened to the sign of grad_output?",
        ),
        mistake(
            "one-sided-at-zero",
            lambda g, y, x: g * slope_one_at_zero(x),
            "Everything is right except where x is exactly 0. "
            "Which value between -1 and 1 does the text agree on there?",
        ),
        mistake(
            "nan-at-zero",
            lambda g, y, x: g * x / y,
            "x / |x| is the sign of x almost everywhere. What does it give at 0?",
        ),
        mistake(
            "multiplied-by-the-output",
            lambda g, y, x: g * y,
            "You multiply by the value |x|. Is the slope larger further out?",
        ),
    ),
    right_answers=(
        looped(lambda x, y: (x > 0) - (x < 0)),
        lambda g, y, x: g * np.where(x == 0, 0.0, x / np.where(y == 0, 1.0, y)),
    ),
)


@ABS.right
def abs_by_masks(g, y, x):
    grad = np.zeros_like(x)
    grad[x > 0] = g[x > 0]
    grad[x < 0] = -g[x < 0]
    return grad


SIN = Exercise(
    public.SIN,
    op=ops.sin,
    cases=(*entries(), case("several turns", check="edges", x=normal(4, scale=30.0))),
    mistakes=(
        upstream_ignored(ops.sin, "The cosine is the local slope. What multiplies it on the way down?"),
        mistake("sign-wrong", lambda g, y, x: -g * np.cos(x), "Near 0 the sine rises with x. Does your slope say so?"),
        mistake(
            "sine-again",
            lambda g, y, x: g * y,
            "You multiply by the value sin x. At x = 0 the value is 0: is the sine flat there?",
        ),
        mistake(
            "cosine-of-the-output",
            lambda g, y, x: g * np.cos(y),
            "The slope has to be taken at a point. Is that point the input or the output?",
        ),
        mistake(
            "upstream-inside",
            lambda g, y, x: np.cos(g * x),
            "The upstream gradient stands inside the cosine. Does the chain rule put it there, or in front?",
        ),
        mistake(
            "degrees",
            lambda g, y, x: g * np.cos(np.deg2rad(x)),
            "In which unit does NumPy take its angles, and in which is x?",
        ),
    ),
    right_answers=(
        looped(lambda x, y: math.cos(x)),
        lambda g, y, x: g * np.sin(x + np.pi / 2),
        lambda g, y, x: np.multiply(np.cos(x), g),
    ),
)
