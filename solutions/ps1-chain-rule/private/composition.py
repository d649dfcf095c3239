"""Composition: f(g(x)), any number of functions in a row, and a square of a sum."""

from __future__ import annotations

import functools
import itertools
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.course.declare import Exercise, mistake
from kit.declare import Instance, case
from kit.draws import Generator, jointly, number
from kit.functions import Named

from ..public import composition as public

Scalar = Callable[[float], float]
Pair = tuple[Named, Named]  # a function and its derivative


def polynomial(rng: Generator, degree: int = 3) -> Pair:
    """A polynomial with coefficients of both signs, away from zero."""
    c = (rng.choice([-1.0, 1.0], degree + 1) * rng.uniform(0.3, 1.2, degree + 1)).tolist()
    return public.polynomial(*c), public.polynomial_slope(*c)


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
            (public.polynomial(shift, slope), public.polynomial_slope(shift, slope))
            for shift, slope in zip(shifts, slopes, strict=True)
        ]
        pairs[2], pairs[length // 2] = wave(rng), wave(rng)
        return {"functions": [f for f, _ in pairs], "derivatives": [slope for _, slope in pairs]}

    return jointly(build, "functions", "derivatives")


def chain_derivative(f_prime: Scalar, g: Scalar, g_prime: Scalar, x: float) -> float:
    """dz/dx = dz/dy dy/dx, dz/dy taken at y = g(x). Source: chapter, Composition of Functions."""
    return f_prime(g(x)) * g_prime(x)


CHAIN_DERIVATIVE = Exercise(
    public.CHAIN_DERIVATIVE,
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
    mistakes=(
        mistake(
            "outer-slope-at-x",
            lambda f_prime, g, g_prime, x: f_prime(x) * g_prime(x),
            "You evaluate f_prime at x. Which number does f actually receive?",
        ),
        mistake(
            "inner-slope-forgotten",
            lambda f_prime, g, g_prime, x: f_prime(g(x)),
            "That is how z changes with y. If x moves a little, how far does y move?",
        ),
        mistake(
            "outer-slope-forgotten",
            lambda f_prime, g, g_prime, x: g_prime(x),
            "That is how y changes with x. What does f then make of the change in y?",
        ),
        mistake(
            "slopes-added",
            lambda f_prime, g, g_prime, x: f_prime(g(x)) + g_prime(x),
            "If y moves twice as far as x, and z three times as far as y, how far does z move: 5 times, or 6?",
        ),
        mistake(
            "inner-slope-at-y",
            lambda f_prime, g, g_prime, x: f_prime(g(x)) * g_prime(g(x)),
            "You evaluate both derivatives at g(x). Which number does g receive?",
        ),
        mistake(
            "value-for-slope",
            lambda f_prime, g, g_prime, x: f_prime(g(x)) * g(x),
            "One of your factors is the value of the inner function. Which of its properties belongs there?",
        ),
        mistake(
            "slope-of-the-slope",
            lambda f_prime, g, g_prime, x: f_prime(g_prime(x)),
            "You put the slope of g into f_prime. What does f receive in the forward pass, a slope or a value?",
        ),
        mistake(
            "arguments-exchanged",
            lambda f_prime, g, g_prime, x: f_prime(x) * g_prime(g(x)),
            "One derivative is taken at x and the other at g(x). Which function sees x first?",
        ),
    ),
    right_answers=(
        lambda f_prime, g, g_prime, x: np.float64(g_prime(x)) * f_prime(g(x)),
        lambda f_prime, g, g_prime, x: (math.prod([f_prime(g(x)), g_prime(x)]),),
    ),
)


@CHAIN_DERIVATIVE.right
def chain_derivative_step_by_step(f_prime, g, g_prime, x):
    y = g(x)
    dz_dy = f_prime(y)
    dy_dx = g_prime(x)
    return dz_dy * dy_dx


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
    if len(instance.args[0]) == public.MANY:
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
    public.COMPOSE_MANY,
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
        case("3,000 functions", check="edges", shown=False, x=number(0.5, 1.0), **thousands(public.MANY)),
    ),
    mistakes=(
        mistake(
            "all-slopes-at-x",
            composed(1.0, _times, "start"),
            "All your derivatives are evaluated at x. What does the second function receive?",
        ),
        mistake(
            "slopes-at-the-outputs",
            composed(1.0, _times, "after"),
            "Each derivative is evaluated at what its function gives. Where should it be evaluated: "
            "at what comes out, or at what goes in? Look at the order of two lines in your loop.",
        ),
        mistake(
            "all-slopes-at-the-end",
            composed(1.0, _times, "end"),
            "All your derivatives are evaluated at the final value. What did each function receive on the way?",
        ),
        mistake(
            "slopes-added",
            composed(0.0, lambda a, b: a + b, "before"),
            "You add the local derivatives of steps that follow each other. "
            "Does a change grow by a sum or by a factor at every step?",
        ),
        mistake(
            "product-starts-at-zero",
            composed(0.0, _times, "before"),
            "Your derivative is zero whatever the functions are. What number does your product start from?",
        ),
        mistake(
            "only-the-last-slope",
            composed(1.0, lambda a, b: b, "before"),
            "Only the last function's derivative is left in the result. What becomes of the earlier ones?",
        ),
        mistake(
            "last-function-first",
            lambda functions, derivatives, x: compose_many(functions[::-1], derivatives[::-1], x),
            "You start with the last function of the list. Which one is applied to x?",
        ),
        mistake(
            "slopes-in-reverse",
            lambda functions, derivatives, x: compose_many(functions, derivatives[::-1], x),
            "The value is right. Which derivative belongs to which function, when you walk through both lists?",
        ),
        mistake(
            "results-exchanged",
            lambda functions, derivatives, x: compose_many(functions, derivatives, x)[::-1],
            "Both numbers are right. In which order are they asked for?",
        ),
        mistake(
            "first-function-left-out",
            lambda functions, derivatives, x: compose_many(functions[1:], derivatives[1:], x),
            "The first function is never applied. Where does your loop start?",
        ),
        mistake(
            "one-call-per-function",
            by_recursion,
            "Right for a few functions; with 3,000 the calls inside calls are too many for Python. "
            "Can a loop carry along what the calls hand over?",
        ),
    ),
)


@COMPOSE_MANY.right
def compose_values_first(functions, derivatives, x):
    values = list(itertools.accumulate(functions, lambda value, f: f(value), initial=x))
    return [values[-1], math.prod(d(value) for d, value in zip(derivatives, values, strict=False)) * 1.0]


@COMPOSE_MANY.right
def compose_by_reduce(functions, derivatives, x):
    def step(state, pair):
        value, slope = state
        function, derivative = pair
        return function(value), derivative(value) * slope

    return functools.reduce(step, zip(functions, derivatives, strict=True), (x, 1.0))


@COMPOSE_MANY.right
def compose_backwards(functions, derivatives, x):
    values = [x]
    for i in range(len(functions)):
        values.append(functions[i](values[i]))
    slope = 1
    for i in reversed(range(len(functions))):
        slope = slope * derivatives[i](values[i])
    return np.float64(values[-1]), slope


SQUARED_SUM_GRADIENTS = Exercise(
    public.SQUARED_SUM_GRADIENTS,
    reference=lambda x, y: (2.0 * (x + y), 2.0 * (x + y)),
    cases=(
        case("one sign or two", x=number(), y=number()),
        case("another point", x=number(), y=number()),
        case("a third point", x=number(2.5, 4.0), y=number()),
        case("x + y is zero", check="edges", x=1.75, y=-1.75),
        case("x is zero", check="edges", x=0.0, y=number()),
        case("both are zero", check="edges", x=0.0, y=0.0),
    ),
    mistakes=(
        mistake(
            "squares-of-each",
            lambda x, y: (2.0 * x, 2.0 * y),
            "Those are the derivatives of x^2 + y^2. At which number is the derivative of the square taken here?",
        ),
        mistake(
            "outer-slope-forgotten",
            lambda x, y: (1.0, 1.0),
            "That is how a = x + y moves with x and y. How does z = a^2 move with a?",
        ),
        mistake(
            "factor-two-lost",
            lambda x, y: (x + y, x + y),
            "Exactly half. What is the derivative of a^2 with respect to a?",
        ),
        mistake(
            "value-returned",
            lambda x, y: ((x + y) ** 2, (x + y) ** 2),
            "That is z itself. What is asked for: its value, or how it changes?",
        ),
        mistake(
            "one-number-for-two",
            lambda x, y: 2.0 * (x + y),
            "One number came back. The two derivatives are equal here, but how many inputs are there?",
        ),
        mistake(
            "product-instead-of-sum",
            lambda x, y: (2.0 * x * y * y, 2.0 * x * x * y),
            "Those are the derivatives of (x y)^2. Which operation comes before the square?",
        ),
        mistake(
            "both-added",
            lambda x, y: (4.0 * (x + y), 4.0 * (x + y)),
            "You add up the way through x and the way through y. Does a change of x alone travel both?",
        ),
    ),
    right_answers=(
        lambda x, y: (2 * x + 2 * y, 2 * x + 2 * y),
        lambda x, y: [2 * (x + y)] * 2,
        lambda x, y: tuple(np.full(2, 2 * (x + y))),
    ),
)
