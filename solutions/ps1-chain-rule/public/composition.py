"""Composition: the derivative of f(g(x)), of any number of functions, and of a square of a sum."""

from __future__ import annotations

from kit.declare import Function, Stored
from kit.draws import as_is
from kit.functions import Named


def polynomial(*coefficients: float) -> Named:
    """c0 + c1 x + c2 x^2 + ..."""
    return Named("polynomial", {"coefficients": list(coefficients)})


def polynomial_slope(*coefficients: float) -> Named:
    """The derivative of ``polynomial(*coefficients)``."""
    return polynomial(*(power * c for power, c in enumerate(coefficients) if power))


CHAIN_DERIVATIVE = Function(
    name="chain_derivative",
    signature="chain_derivative(f_prime, g, g_prime, x)",
    statement="The derivative of f(g(x)) at x, from the derivative of f, g itself, and the derivative of g.",
    stored=(
        Stored(
            "z = (x + 1)^2 at 3",
            {"f_prime": polynomial(0.0, 2.0), "g": polynomial(1.0, 1.0), "g_prime": polynomial(1.0), "x": 3.0},
            8.0,
        ),
        Stored(
            "z = (x^2 - 1)^3 at 2",
            {
                "f_prime": polynomial(0.0, 0.0, 3.0),
                "g": polynomial(-1.0, 0.0, 1.0),
                "g_prime": polynomial(0.0, 2.0),
                "x": 2.0,
            },
            108.0,
        ),
        Stored(
            "z = 2 exp(0.5 y), y = x^2 at -1",
            {
                "f_prime": Named("growth", {"scale": 1.0, "rate": 0.5}),
                "g": polynomial(0.0, 0.0, 1.0),
                "g_prime": polynomial(0.0, 2.0),
                "x": -1.0,
            },
            -3.2974425414002564,
        ),
        Stored(
            "a constant inner function",
            {"f_prime": polynomial(0.0, 2.0), "g": polynomial(5.0), "g_prime": polynomial(0.0), "x": 1.5},
            0.0,
        ),
    ),
    results=("derivative",),
)

MANY = 3_000

COMPOSE_MANY = Function(
    name="compose_many",
    signature="compose_many(functions, derivatives, x)",
    statement=(
        "The value and the derivative at x of the composition of any number of functions, functions[0] applied first; "
        "each function and each derivative is called once."
    ),
    stored=(
        Stored(
            "x + 1, then squared, at 3",
            {
                "functions": as_is([polynomial(1.0, 1.0), polynomial(0.0, 0.0, 1.0)]),
                "derivatives": as_is([polynomial(1.0), polynomial(0.0, 2.0)]),
                "x": 3.0,
            },
            (16.0, 8.0),
        ),
        Stored(
            "squared, then 2 - 3 y, then squared, at 2",
            {
                "functions": as_is([polynomial(0.0, 0.0, 1.0), polynomial(2.0, -3.0), polynomial(0.0, 0.0, 1.0)]),
                "derivatives": as_is([polynomial(0.0, 2.0), polynomial(-3.0), polynomial(0.0, 2.0)]),
                "x": 2.0,
            },
            (100.0, 240.0),
        ),
        Stored("no function at all", {"functions": as_is([]), "derivatives": as_is([]), "x": -0.5}, (-0.5, 1.0)),
        Stored(
            "3,000 functions, x + 1 each",
            {
                "functions": as_is([polynomial(1.0, 1.0)] * MANY),
                "derivatives": as_is([polynomial(1.0)] * MANY),
                "x": 0.25,
            },
            (MANY + 0.25, 1.0),
        ),
    ),
    results=("value", "derivative"),
)

SQUARED_SUM_GRADIENTS = Function(
    name="squared_sum_gradients",
    signature="squared_sum_gradients(x, y)",
    statement="dz/dx and dz/dy of z = (x + y)^2, through the intermediate value a = x + y.",
    stored=(
        Stored("at (2, 3)", {"x": 2.0, "y": 3.0}, (10.0, 10.0)),
        Stored("at (-4, 1.5)", {"x": -4.0, "y": 1.5}, (-5.0, -5.0)),
        Stored("at (1, -1)", {"x": 1.0, "y": -1.0}, (0.0, 0.0)),
    ),
    results=("dz/dx", "dz/dy"),
)
