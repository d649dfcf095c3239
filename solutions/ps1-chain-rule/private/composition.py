"""Composition: f(g(x)), any number of functions in a row, and a square of a sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.course.declare import Exercise, Misconception
from kit.declare import Instance, case
from kit.draws import Generator, jointly, number
from kit.functions import Named

from ..public import composition as kit

Scalar = Callable[[float], float]
Pair = tuple[Named, Named]  # a function and its derivative


def polynomial(rng: Generator, degree: int = 3) -> Pair:
    """A polynomial with coefficients of both signs, away from zero."""
    c = (rng.choice([-1.0, 1.0], degree + 1) * rng.uniform(0.3, 1.2, degree + 1)).tolist()
    return kit.polynomial(*c), kit.polynomial_slope(*c)


def wave(rng: Generator) -> Pair:
    """amplitude sin(frequency x + phase); its slope is a wave a quarter of a turn ahead."""
    size, often, phase = rng.uniform(0.8, 2.0), rng.uniform(0.5, 1.5), rng.uniform(-1.0, 1.0)
    ahead = {"amplitude": size * often, "frequency": often, "phase": phase + np.pi / 2}
    return Named("wave", {"amplitude": size, "frequency": often, "phase": phase}), Named("wave", ahead)


def growth(rng: Generator) -> Pair:
    """scale exp(rate x)."""
    scale, rate = rng.choice([-1.0, 1.0]) * rng.uniform(0.5, 1.5), rng.choice([-1.0, 1.0]) * rng.uniform(0.2, 0.6)
    return Named("growth", {"scale": scale, "rate": rate}), Named("growth", {"scale": scale * rate, "rate": rate})


def line(rng: Generator) -> Pair:
    """A straight line: its slope is the same everywhere."""
    return polynomial(rng, 1)


def constant(rng: Generator) -> Pair:
    """A function that does not move."""
    return polynomial(rng, 0)


Kind = Callable[[Generator], Pair]


def two(outer: Kind, inner: Kind) -> dict[str, Any]:
    """The inputs of ``chain_derivative`` for two functions of these kinds, but for x."""

    def build(rng: Generator) -> Mapping[str, Any]:
        (_, f_prime), (g, g_prime) = outer(rng), inner(rng)
        return {"f_prime": f_prime, "g": g, "g_prime": g_prime}

    return jointly(build, "f_prime", "g", "g_prime")


def several(*kinds: Kind) -> dict[str, Any]:
    """The inputs of ``compose_many`` for functions of these kinds, the first applied first, but for x."""

    def build(rng: Generator) -> Mapping[str, Any]:
        pairs = [kind(rng) for kind in kinds]
        return {"functions": [f for f, _ in pairs], "derivatives": [slope for _, slope in pairs]}

    return jointly(build, "functions", "derivatives")


def thousands(length: int) -> dict[str, Any]:
    """So many lines whose slopes multiply to about one wherever one stops, a wave as the third and in the middle."""

    def build(rng: Generator) -> Mapping[str, Any]:
        level = rng.uniform(-0.5, 0.5, length + 1)
        slopes, shifts = np.exp(np.diff(level)).tolist(), rng.uniform(-0.1, 0.1, length).tolist()
        pairs = [
            (kit.polynomial(shift, slope), kit.polynomial_slope(shift, slope))
            for shift, slope in zip(shifts, slopes, strict=True)
        ]
        pairs[2], pairs[length // 2] = wave(rng), wave(rng)
        return {"functions": [f for f, _ in pairs], "derivatives": [slope for _, slope in pairs]}

    return jointly(build, "functions", "derivatives")


def chain_derivative(f_prime: Scalar, g: Scalar, g_prime: Scalar, x: float) -> float:
    """dz/dx = dz/dy dy/dx, dz/dy taken at y = g(x). Source: chapter, Composition of Functions."""
    return f_prime(g(x)) * g_prime(x)


CHAIN_DERIVATIVE = Exercise(
    public=kit.CHAIN_DERIVATIVE,
    reference=chain_derivative,
    cases=(
        case("polynomial of a polynomial", x=number(), **two(polynomial, polynomial)),
        case("wave of a polynomial", x=number(), **two(wave, polynomial)),
        case("growth of a wave", x=number(), **two(growth, wave)),
        case("polynomial of a growth", x=number(), **two(polynomial, growth)),
        case("inner function constant", check="edges", x=number(), **two(polynomial, constant)),
        case("outer function constant", check="edges", x=number(), **two(constant, polynomial)),
        case("two lines", check="edges", x=number(), **two(line, line)),
        case("at zero", check="edges", x=0.0, **two(wave, polynomial)),
    ),
    misconceptions=(
        Misconception(
            "outer-slope-at-x",
            seen_in="polynomial of a polynomial",
            wrong=lambda f_prime, g, g_prime, x: f_prime(x) * g_prime(x),
            hint="You evaluate f_prime at x. Which number does f actually receive?",
        ),
        Misconception(
            "inner-slope-forgotten",
            seen_in="polynomial of a polynomial",
            wrong=lambda f_prime, g, g_prime, x: f_prime(g(x)),
            hint="That is how z changes with y. If x moves a little, how far does y move?",
        ),
        Misconception(
            "outer-slope-forgotten",
            seen_in="polynomial of a polynomial",
            wrong=lambda f_prime, g, g_prime, x: g_prime(x),
            hint="That is how y changes with x. What does f then make of the change in y?",
        ),
        Misconception(
            "slopes-added",
            seen_in="polynomial of a polynomial",
            wrong=lambda f_prime, g, g_prime, x: f_prime(g(x)) + g_prime(x),
            hint="If y moves twice as far as x, and z three times as far as y, how far does z move: 5 times, or 6?",
        ),
        Misconception(
            "inner-slope-at-y",
            seen_in="polynomial of a polynomial",
            wrong=lambda f_prime, g, g_prime, x: f_prime(g(x)) * g_prime(g(x)),
            hint="You evaluate both derivatives at g(x). Which number does g receive?",
        ),
        Misconception(
            "value-for-slope",
            seen_in="polynomial of a polynomial",
            wrong=lambda f_prime, g, g_prime, x: f_prime(g(x)) * g(x),
            hint="One of your factors is the value of the inner function. Which of its properties belongs there?",
        ),
        Misconception(
            "slope-of-the-slope",
            seen_in="polynomial of a polynomial",
            wrong=lambda f_prime, g, g_prime, x: f_prime(g_prime(x)),
            hint="You put the slope of g into f_prime. What does f receive in the forward pass, a slope or a value?",
        ),
        Misconception(
            "arguments-exchanged",
            seen_in="polynomial of a polynomial",
            wrong=lambda f_prime, g, g_prime, x: f_prime(x) * g_prime(g(x)),
            hint="One derivative is taken at x and the other at g(x). Which function sees x first?",
        ),
    ),
)


def compose_many(functions: Sequence[Scalar], derivatives: Sequence[Scalar], x: float) -> tuple[float, float]:
    """Value and slope side by side, one step after the other. Source: chapter, Composition of Functions."""
    slope = 1.0
    for function, derivative in zip(functions, derivatives, strict=True):
        slope *= derivative(x)
        x = function(x)
    return x, slope


def composed(start: float, combine: Callable[[float, float], float], at: str) -> Callable[..., Any]:
    """``compose_many`` gone wrong: another start, another way to combine, or slopes taken ``at`` another place."""

    def wrong(functions: Sequence[Scalar], derivatives: Sequence[Scalar], x: float) -> tuple[float, float]:
        met = [x]
        for function in functions:
            met.append(function(met[-1]))
        total = start
        for place, derivative in enumerate(derivatives):
            where = {"start": met[0], "before": met[place], "after": met[place + 1], "end": met[-1]}
            total = combine(total, derivative(where[at]))
        return met[-1], total

    return wrong


def by_recursion(functions: Sequence[Scalar], derivatives: Sequence[Scalar], x: float) -> tuple[float, float]:
    """Right, one call for every function."""
    if not functions:
        return x, 1.0
    value, slope = by_recursion(functions[1:], derivatives[1:], functions[0](x))
    return value, slope * derivatives[0](x)


def once_each(instance: Instance) -> Mapping[str, int]:
    """Every function and derivative called once, by the names that the box counts under: ``wave``, ``wave#2``, ...

    Counted on the small cases: what fails at 3,000 functions loses the edges, and not the calls as well.
    """
    if len(instance.args[0]) == kit.MANY:
        return {}
    met: Counter[str] = Counter()
    counts: dict[str, int] = {}
    for function in (*instance.args[0], *instance.args[1]):
        met[function.name] += 1
        counts[function.name if met[function.name] == 1 else f"{function.name}#{met[function.name]}"] = 1
    return counts


def _times(a: float, b: float) -> float:
    return a * b


COMPOSE_MANY = Exercise(
    public=kit.COMPOSE_MANY,
    reference=compose_many,
    calls=once_each,
    cases=(
        case("two functions", x=number(), **several(polynomial, wave)),
        case("three functions", x=number(), **several(wave, polynomial, growth)),
        case("five functions", x=number(), **several(growth, wave, line, polynomial, wave)),
        case("one function", check="edges", x=number(), **several(polynomial)),
        case("no function", check="edges", x=number(), functions=[], derivatives=[]),
        case("a constant in the middle", check="edges", x=number(), **several(wave, constant, polynomial)),
        case("at zero", check="edges", x=0.0, **several(polynomial, growth, wave)),
        case("3,000 functions", check="edges", shown=False, x=number(0.5, 1.0), **thousands(kit.MANY)),
    ),
    misconceptions=(
        Misconception(
            "all-slopes-at-x",
            seen_in="three functions",
            wrong=composed(1.0, _times, "start"),
            hint="All your derivatives are evaluated at x. What does the second function receive?",
        ),
        Misconception(
            "slopes-at-the-outputs",
            seen_in="three functions",
            wrong=composed(1.0, _times, "after"),
            hint="Each derivative is evaluated at what its function gives. Where should it be evaluated: at what "
            "comes out, or at what goes in? Look at the order of two lines in your loop.",
        ),
        Misconception(
            "all-slopes-at-the-end",
            seen_in="three functions",
            wrong=composed(1.0, _times, "end"),
            hint="All your derivatives are evaluated at the final value. What did each function receive on the way?",
        ),
        Misconception(
            "slopes-added",
            seen_in="three functions",
            wrong=composed(0.0, lambda a, b: a + b, "before"),
            hint="You add the local derivatives of steps that follow each other. Does a change grow by a sum or by a "
            "factor at every step?",
        ),
        Misconception(
            "product-starts-at-zero",
            seen_in="two functions",
            wrong=composed(0.0, _times, "before"),
            hint="Your derivative is zero whatever the functions are. What number does your product start from?",
        ),
        Misconception(
            "only-the-last-slope",
            seen_in="three functions",
            wrong=composed(1.0, lambda a, b: b, "before"),
            hint="Only the last function's derivative is left in the result. What becomes of the earlier ones?",
        ),
        Misconception(
            "last-function-first",
            seen_in="three functions",
            wrong=lambda functions, derivatives, x: compose_many(functions[::-1], derivatives[::-1], x),
            hint="You start with the last function of the list. Which one is applied to x?",
        ),
        Misconception(
            "slopes-in-reverse",
            seen_in="three functions",
            wrong=lambda functions, derivatives, x: compose_many(functions, derivatives[::-1], x),
            hint="The value is right. Which derivative belongs to which function, when you walk through both lists?",
        ),
        Misconception(
            "results-exchanged",
            seen_in="two functions",
            wrong=lambda functions, derivatives, x: compose_many(functions, derivatives, x)[::-1],
            hint="Both numbers are right. In which order are they asked for?",
        ),
        Misconception(
            "first-function-left-out",
            seen_in="two functions",
            wrong=lambda functions, derivatives, x: compose_many(functions[1:], derivatives[1:], x),
            hint="The first function is never applied. Where does your loop start?",
        ),
        Misconception(
            "one-call-per-function",
            seen_in="3,000 functions",
            wrong=by_recursion,
            hint="Right for a few functions; with 3,000 the calls inside calls are too many for Python. Can a loop "
            "carry along what the calls hand over?",
        ),
    ),
)


SQUARED_SUM_GRADIENTS = Exercise(
    public=kit.SQUARED_SUM_GRADIENTS,
    reference=lambda x, y: (2.0 * (x + y), 2.0 * (x + y)),
    cases=(
        case("one sign or two", x=number(), y=number()),
        case("another point", x=number(), y=number()),
        case("a third point", x=number(2.5, 4.0), y=number()),
        case("x + y is zero", check="edges", x=1.75, y=-1.75),
        case("x is zero", check="edges", x=0.0, y=number()),
        case("both are zero", check="edges", x=0.0, y=0.0),
    ),
    misconceptions=(
        Misconception(
            "squares-of-each",
            seen_in="one sign or two",
            wrong=lambda x, y: (2.0 * x, 2.0 * y),
            hint="Those are the derivatives of x^2 + y^2. At which number is the derivative of the square taken here?",
        ),
        Misconception(
            "outer-slope-forgotten",
            seen_in="one sign or two",
            wrong=lambda x, y: (1.0, 1.0),
            hint="That is how a = x + y moves with x and y. How does z = a^2 move with a?",
        ),
        Misconception(
            "factor-two-lost",
            seen_in="one sign or two",
            wrong=lambda x, y: (x + y, x + y),
            hint="Exactly half. What is the derivative of a^2 with respect to a?",
        ),
        Misconception(
            "value-returned",
            seen_in="one sign or two",
            wrong=lambda x, y: ((x + y) ** 2, (x + y) ** 2),
            hint="That is z itself. What is asked for: its value, or how it changes?",
        ),
        Misconception(
            "one-number-for-two",
            seen_in="one sign or two",
            wrong=lambda x, y: 2.0 * (x + y),
            hint="One number came back. The two derivatives are equal here, but how many inputs are there?",
        ),
        Misconception(
            "product-instead-of-sum",
            seen_in="one sign or two",
            wrong=lambda x, y: (2.0 * x * y * y, 2.0 * x * x * y),
            hint="Those are the derivatives of (x y)^2. Which operation comes before the square?",
        ),
        Misconception(
            "both-added",
            seen_in="one sign or two",
            wrong=lambda x, y: (4.0 * (x + y), 4.0 * (x + y)),
            hint="You add up the way through x and the way through y. Does a change of x alone travel both?",
        ),
    ),
)
