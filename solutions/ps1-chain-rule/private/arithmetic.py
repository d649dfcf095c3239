"""Local derivatives of sum, product, quotient and power."""

from __future__ import annotations

import math

import numpy as np

from autograder.course.declare import Exercise, mistake
from kit.declare import case
from kit.draws import number

from ..public import arithmetic as public
from ._shared import above_zero

ADD_LOCAL = Exercise(
    public.ADD_LOCAL,
    reference=lambda a, b: (1.0, 1.0),
    cases=(
        case("one point", a=number(), b=number()),
        case("another point", a=number(2.5, 5.0), b=number()),
        case("large and small", check="edges", a=number(1e5, 1e6), b=number(1e-6, 1e-5)),
        case("zeros", check="edges", a=0.0, b=0.0),
    ),
    mistakes=(
        mistake("inputs-returned", lambda a, b: (a, b), "If a grows by 0.1, by how much does a + b grow?"),
        mistake(
            "as-for-a-product",
            lambda a, b: (b, a),
            "Those are the local derivatives of a * b. Which operation is this?",
        ),
        mistake(
            "value-returned",
            lambda a, b: a + b,
            "That is the sum itself. How fast does it change, with each of the two?",
        ),
        mistake("as-for-a-difference", lambda a, b: (1.0, -1.0), "If b grows, does a + b grow or shrink?"),
        mistake("shared-out", lambda a, b: (0.5, 0.5), "If only a grows by 0.1, does the sum grow by half of that?"),
        mistake("one-for-two", lambda a, b: 1.0, "One number came back. How many inputs does a sum have?"),
    ),
    right_answers=(lambda a, b: (1, 1), lambda a, b: [1.0, 1.0], lambda a, b: tuple(np.ones(2))),
)

MUL_LOCAL = Exercise(
    public.MUL_LOCAL,
    reference=lambda a, b: (b, a),
    cases=(
        case("one point", a=number(), b=number(2.5, 4.0)),
        case("another point", a=number(3.0, 5.0), b=number(1.1, 2.0)),
        case("one factor is zero", check="edges", a=0.0, b=number()),
        case("equal factors", check="edges", a=-2.5, b=-2.5),
        case("both are zero", check="edges", a=0.0, b=0.0),
    ),
    mistakes=(
        mistake(
            "own-factor", lambda a, b: (a, b), "Hold b fixed: a * b is then a straight line in a. What is its slope?"
        ),
        mistake(
            "product-returned",
            lambda a, b: (a * b, a * b),
            "That is the value. If a grows by 0.1, how much is added to it?",
        ),
        mistake(
            "as-for-a-sum",
            lambda a, b: (1.0, 1.0),
            "Those are the local derivatives of a + b. Which operation is this?",
        ),
        mistake(
            "both-added",
            lambda a, b: a + b,
            "A small change of a alone gives one term, of b alone the other. Why one sum?",
        ),
        mistake(
            "squared-factor", lambda a, b: (2 * a, 2 * b), "That is the slope of a square. Does a meet itself in a * b?"
        ),
        mistake(
            "as-for-a-quotient",
            lambda a, b: (1 / b, -a / b**2) if b else (0.0, 0.0),
            "What is done with b here, multiplying or dividing?",
        ),
    ),
    right_answers=(lambda a, b: (b, a), lambda a, b: [b, a], lambda a, b: (np.float64(b), np.array(a))),
)

DIV_LOCAL = Exercise(
    public.DIV_LOCAL,
    reference=lambda a, b: (1.0 / b, -a / b**2),
    cases=(
        case("one point", a=number(), b=number(1.5, 3.0)),
        case("another point", a=number(2.5, 5.0), b=number(0.3, 0.7)),
        case("numerator is zero", check="edges", a=0.0, b=number()),
        case("small divisor", check="edges", a=number(), b=number(1e-4, 1e-3)),
        case("divisor -1", check="edges", a=number(), b=-1.0),
    ),
    mistakes=(
        mistake(
            "sign-lost",
            lambda a, b: (1 / b, a / b**2),
            "If b grows, a and b being positive, does a / b grow or shrink?",
        ),
        mistake(
            "divisor-not-squared",
            lambda a, b: (1 / b, -a / b),
            "Write a / b as a times b to the power -1. What does the power rule make of the exponent?",
        ),
        mistake("numerator-forgotten", lambda a, b: (1 / b, -1 / b**2), "That is the slope of 1 / b. Where is a?"),
        mistake(
            "as-for-a-product",
            lambda a, b: (b, a),
            "Those are the local derivatives of a * b. What is a / b times what?",
        ),
        mistake(
            "results-exchanged", lambda a, b: (-a / b**2, 1 / b), "Both are right. Which one belongs to the numerator?"
        ),
        mistake(
            "upside-down", lambda a, b: (b, -a * b**2), "If b is large, does a / b react strongly to a, or weakly?"
        ),
        mistake(
            "quotient-rule-in-one",
            lambda a, b: (b - a) / b**2,
            "The quotient rule is for a and b that both depend on x. What is left of it if only one of them moves?",
        ),
    ),
    right_answers=(
        lambda a, b: (1 / b, -a / b**2),
        lambda a, b: (b**-1, -a * b**-2),
        lambda a, b: [1 / b, -(a / b) / b],
    ),
)


def power(a: float, n: float) -> float:
    """n a^(n-1), and 0 for n = 0 also where a is 0."""
    return 0.0 if n == 0 else float(n * a ** (n - 1))


POW_LOCAL = Exercise(
    public.POW_LOCAL,
    reference=power,
    cases=(
        case("cube", a=above_zero(), n=3),
        case("square", a=above_zero(), n=2),
        case("root", a=above_zero(), n=0.5),
        case("one over", a=above_zero(), n=-1),
        case("power 2.7", a=above_zero(), n=2.7),
        case("negative base", check="edges", a=-1.75, n=3),
        case("negative base, negative power", check="edges", a=-0.8, n=-2),
        case("power 0", check="edges", a=number(), n=0),
        case("power 0 at 0", check="edges", a=0.0, n=0),
        case("power 1 at 0", check="edges", a=0.0, n=1),
        case("square at 0", check="edges", a=0.0, n=2),
    ),
    mistakes=(
        mistake(
            "exponent-kept",
            lambda a, n: n * a**n if n >= 0 or a else 0.0,
            "The exponent came down as a factor. What becomes of it up there?",
        ),
        mistake(
            "factor-forgotten",
            lambda a, n: a ** (n - 1),
            "The exponent went down by one. What becomes of the n itself?",
        ),
        mistake("as-for-a-square", lambda a, n: 2.0 * a, "That is right for n = 2. Where does n enter?"),
        mistake(
            "as-for-an-exponential",
            lambda a, n: a**n * math.log(a),
            "That is how a ** n changes with n. Which of the two is the variable here?",
        ),
        mistake(
            "exponent-too",
            lambda a, n: (power(a, n), a**n * math.log(a)),
            "Two numbers came back. n is a constant: how many inputs are left?",
        ),
        mistake(
            "exponent-raised",
            lambda a, n: n * a ** (n + 1),
            "Does a derivative of a power have one power more, or one less?",
        ),
        mistake(
            "integrated",
            lambda a, n: a ** (n + 1) / (n + 1) if n != -1 else math.log(a),
            "Which function has a ** n as its derivative, that is what you return. Which way round is it asked?",
        ),
        mistake(
            "zero-to-the-minus-one",
            lambda a, n: n * a ** (n - 1),
            "At a = 0 and n = 0 Python is asked for 0.0 ** -1. What is the slope of a constant?",
        ),
    ),
    right_answers=(
        lambda a, n: (n * a**n / a if a else float(n == 1),),
        lambda a, n: np.array(0.0) if n == 0 else n * np.power(np.float64(a), n - 1),
    ),
)


@POW_LOCAL.right
def power_by_cases(a, n):
    if n == 0:
        return 0
    if n == 1:
        return 1.0
    return n * a ** (n - 1)
