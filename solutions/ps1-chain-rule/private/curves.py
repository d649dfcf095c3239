"""Local derivatives of exponential, logarithm, sine and hyperbolic tangent."""

from __future__ import annotations

import math

import numpy as np

from autograder.course.declare import Exercise, mistake
from kit.declare import case
from kit.draws import number

from ..public import curves as public
from ._shared import above_zero

EXP_LOCAL = Exercise(
    public.EXP_LOCAL,
    reference=math.exp,
    cases=(
        case("one point", a=number()),
        case("another point", a=number(2.5, 4.0)),
        case("at 0", check="edges", a=0.0),
        case("far left", check="edges", a=-700.0),
        case("far right", check="edges", a=700.0),
    ),
    mistakes=(
        mistake(
            "as-for-a-power",
            lambda a: a * math.exp(a - 1),
            "The power rule is for a variable base. Where is the variable here?",
        ),
        mistake(
            "input-returned", lambda a: a, "exp(a) grows the faster, the larger it is. Is its slope a straight line?"
        ),
        mistake(
            "as-for-a-logarithm",
            lambda a: 1 / a if a else math.inf,
            "That is the slope of the inverse function. Which one is asked about?",
        ),
        mistake(
            "times-the-input",
            lambda a: a * math.exp(a),
            "There is a factor a too much. Is anything inside the exponential whose slope is a?",
        ),
        mistake(
            "opposite-direction",
            lambda a: math.exp(-a),
            "Your slope gets smaller towards the right. Does the curve get flatter there?",
        ),
        mistake("always-one", lambda a: 1.0, "That is the slope at a = 0. Is it the same everywhere?"),
    ),
    right_answers=(math.exp, lambda a: (np.exp(a),), lambda a: math.e**a),
)

LOG_LOCAL = Exercise(
    public.LOG_LOCAL,
    reference=lambda a: 1.0 / a,
    cases=(
        case("one point", a=above_zero()),
        case("another point", a=above_zero(0.2, 0.8)),
        case("at 1", check="edges", a=1.0),
        case("tiny", check="edges", a=1e-12),
        case("huge", check="edges", a=1e12),
    ),
    mistakes=(
        mistake("value-returned", math.log, "That is the logarithm itself. How steep is its curve at a?"),
        mistake(
            "input-returned", lambda a: a, "For large a the curve of log is nearly flat. Is your slope small there?"
        ),
        mistake(
            "slope-of-one-over",
            lambda a: -1 / a**2,
            "That is the slope of 1 / a: you took the derivative twice. Does log fall or rise?",
        ),
        mistake(
            "base-ten",
            lambda a: 1 / (a * math.log(10.0)),
            "That belongs to the logarithm to base 10. Which base does math.log have?",
        ),
        mistake(
            "divided-by-the-value",
            lambda a: 1 / math.log(a) if a != 1 else math.inf,
            "You divide by log(a). Which number should the slope be small for: a large logarithm, or a large a?",
        ),
        mistake(
            "value-over-input",
            lambda a: math.log(a) / a,
            "Half of your formula is right. What is the logarithm doing in its own derivative?",
        ),
    ),
    right_answers=(lambda a: 1 / a, lambda a: (a**-1,), lambda a: np.reciprocal(np.float64(a))),
)

SIN_LOCAL = Exercise(
    public.SIN_LOCAL,
    reference=math.cos,
    cases=(
        case("one point", a=number(0.4, 0.7)),
        case("another point", a=number(0.9, 1.4)),
        case("past the top", a=number(1.8, 2.9)),
        case("at 0", check="edges", a=0.0),
        case("many turns", check="edges", a=number(40.0, 60.0)),
    ),
    mistakes=(
        mistake("opposite-sign", lambda a: -math.cos(a), "Just right of 0, does sin rise or fall?"),
        mistake("value-returned", math.sin, "At 0 the value is 0. Is the curve flat there?"),
        mistake(
            "as-for-the-cosine", lambda a: -math.sin(a), "That is the slope of cos. Which function is asked about?"
        ),
        mistake(
            "in-degrees",
            lambda a: math.cos(math.radians(a)),
            "Your slope hardly changes with a. In which unit does math.cos take its argument?",
        ),
        mistake(
            "times-the-input",
            lambda a: a * math.cos(a),
            "There is a factor a too much. What is the inner derivative of sin(a)?",
        ),
        mistake("always-one", lambda a: 1.0, "That is the slope at 0. What is it at the top of the curve?"),
    ),
    right_answers=(math.cos, lambda a: (np.cos(a),), lambda a: math.sin(a + math.pi / 2)),
)

TANH_LOCAL = Exercise(
    public.TANH_LOCAL,
    reference=lambda a: 1.0 / math.cosh(a) ** 2,
    unit=1.0,
    cases=(
        case("one point", a=number(0.3, 0.7)),
        case("another point", a=number(0.8, 1.5)),
        case("a third point", a=number(1.6, 2.5)),
        case("at 0", check="edges", a=0.0),
        case("far right", check="edges", a=300.0),
        case("far left", check="edges", a=-300.0),
        case("nearly flat", check="edges", a=number(8.0, 12.0)),
    ),
    mistakes=(
        mistake(
            "not-squared",
            lambda a: 1.0 - math.tanh(a),
            "To the left of 0 your slope is above 1. Is the curve of tanh ever steeper than at 0?",
        ),
        mistake("value-returned", math.tanh, "At 0 the value is 0. Is the curve flat there?"),
        mistake(
            "input-for-output",
            lambda a: 1.0 - a * a,
            "For |a| above 1 your slope is negative. Which square belongs into the formula: "
            "that of a, or that of the value?",
        ),
        mistake(
            "as-for-a-sigmoid",
            lambda a: math.tanh(a) * (1.0 - math.tanh(a)),
            "That form belongs to the sigmoid. How steep is tanh at 0?",
        ),
        mistake(
            "sign-of-the-square",
            lambda a: 1.0 + math.tanh(a) ** 2,
            "Far to the right the curve is flat. Is your slope small there?",
        ),
        mistake(
            "only-the-square",
            lambda a: math.tanh(a) ** 2,
            "At 0 your slope is 0 and far out it is 1. Which way round is the curve?",
        ),
        mistake(
            "root-for-square",
            lambda a: 1.0 / math.cosh(a),
            "Right at 0 and too large elsewhere. How often does cosh(a) divide?",
        ),
    ),
    right_answers=(
        lambda a: 1 - math.tanh(a) ** 2,
        lambda a: (1 / math.cosh(a) ** 2,),
        lambda a: 0.0 if abs(a) > 20 else 1 / math.cosh(a) ** 2,
        lambda a: (1 - np.tanh(a)) * (1 + np.tanh(a)),
    ),
)


@TANH_LOCAL.right
def tanh_by_exponentials(a):
    e = math.exp(-2 * abs(a))
    return 4 * e / (1 + e) ** 2
