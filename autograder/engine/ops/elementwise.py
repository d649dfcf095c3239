"""Elementwise arithmetic. Operands broadcast together; every row sums over what was stretched."""

from __future__ import annotations

import numpy as np

from autograder.engine.broadcasting import Array, unbroadcast
from autograder.engine.primitive import NO_GRAD, defvjp, primitive

__all__ = [
    "abs", "add", "clip", "div", "exp", "log", "maximum", "minimum", "mul", "neg", "pow", "power",
    "sin", "sqrt", "sub", "where",
]  # fmt: skip


@primitive(shapes="(...),(...)->(...)", source="chapter: Multiple Paths")
def add(a: Array, b: Array) -> Array:
    """Sum y = a + b.

    Given g = dL/dy:  dL/da = g;  dL/db = g.
    """
    return a + b


defvjp(
    add,
    a=lambda g, y, a, b: unbroadcast(g, a.shape),
    b=lambda g, y, a, b: unbroadcast(g, b.shape),
)


@primitive(shapes="(...),(...)->(...)", source="chapter: Local Derivatives")
def sub(a: Array, b: Array) -> Array:
    """Difference y = a - b.

    Given g = dL/dy:  dL/da = g;  dL/db = -g.
    """
    return a - b


defvjp(
    sub,
    a=lambda g, y, a, b: unbroadcast(g, a.shape),
    b=lambda g, y, a, b: unbroadcast(-g, b.shape),
)


@primitive(shapes="(...),(...)->(...)", source="chapter: Local Derivatives")
def mul(a: Array, b: Array) -> Array:
    """Product y = a b.

    Given g = dL/dy:  dL/da = g b;  dL/db = g a.
    """
    return a * b


defvjp(
    mul,
    a=lambda g, y, a, b: unbroadcast(g * b, a.shape),
    b=lambda g, y, a, b: unbroadcast(g * a, b.shape),
)


@primitive(shapes="(...),(...)->(...)", source="quotient rule; PyTorch derivatives.yaml: div")
def div(a: Array, b: Array) -> Array:
    """Quotient y = a / b, b not 0.

    Given g = dL/dy:  dL/da = g / b;  dL/db = -g a / b².
    """
    return a / b


defvjp(
    div,
    a=lambda g, y, a, b: unbroadcast(g / b, a.shape),
    b=lambda g, y, a, b: unbroadcast(-g * y / b, b.shape),
)


@primitive(shapes="(*s)->(*s)", source="chapter: Local Derivatives")
def neg(x: Array) -> Array:
    """Negative y = -x.

    Given g = dL/dy:  dL/dx = -g.
    """
    return -x


defvjp(neg, x=lambda g, y, x: -g)


@primitive(shapes="(*s)->(*s)", source="chapter: Composition (power rule)")
def pow(x: Array, n: float = 2.0) -> Array:
    """Power y = xⁿ with a constant exponent; a negative x needs an integer n.

    Given g = dL/dy:  dL/dx = g n xⁿ⁻¹.
    """
    return x**n


# n = 0: y is constant, also at x = 0, where n * x ** (n - 1) would be 0 * inf.
defvjp(pow, x=lambda g, y, x, n: g * (n * x ** (n - 1)) if n else np.zeros(x.shape))


@primitive(shapes="(...),(...)->(...)", source="PyTorch derivatives.yaml: pow.Tensor_Tensor")
def power(a: Array, b: Array) -> Array:
    """Power y = aᵇ with an array exponent, a >= 0.

    Given g = dL/dy:  dL/da = g b aᵇ⁻¹;  dL/db = g y log a.
    """
    return a**b


defvjp(
    power,
    # b = 0: y is constant in a, also at a = 0, where a ** (b - 1) is infinite.
    a=lambda g, y, a, b: unbroadcast(g * b * a ** np.where(b == 0, 0, b - 1), a.shape),
    # a = 0: y stays 0 for every b > 0 (and log 0 is avoided): the derivative in b is 0.
    b=lambda g, y, a, b: unbroadcast(g * y * np.log(np.where(a == 0, 1, a)), b.shape),
)


@primitive(shapes="(*s)->(*s)", source="PyTorch derivatives.yaml: exp")
def exp(x: Array) -> Array:
    """Exponential y = eˣ.

    Given g = dL/dy:  dL/dx = g y.
    """
    return np.exp(x)


defvjp(exp, x=lambda g, y, x: g * y)


@primitive(shapes="(*s)->(*s)", source="PyTorch derivatives.yaml: log")
def log(x: Array) -> Array:
    """Natural logarithm y = log x, x > 0.

    Given g = dL/dy:  dL/dx = g / x.
    """
    return np.log(x)


defvjp(log, x=lambda g, y, x: g / x)


@primitive(shapes="(*s)->(*s)", source="PyTorch derivatives.yaml: sqrt")
def sqrt(x: Array) -> Array:
    """Square root y = √x, x > 0.

    Given g = dL/dy:  dL/dx = g / (2 y).
    """
    return np.sqrt(x)


defvjp(sqrt, x=lambda g, y, x: g / (2 * y))


@primitive(shapes="(*s)->(*s)", source="PyTorch derivatives.yaml: abs")
def abs(x: Array) -> Array:
    """Absolute value y = |x|.

    Given g = dL/dy:  dL/dx = g sign(x).
    """
    return np.abs(x)


# Subgradient: 0 at x = 0, between the slopes -1 and 1, as sign(0) = 0 gives by itself.
defvjp(abs, x=lambda g, y, x: g * np.sign(x))


@primitive(shapes="(*s)->(*s)", source="PyTorch derivatives.yaml: sin")
def sin(x: Array) -> Array:
    """Sine y = sin x.

    Given g = dL/dy:  dL/dx = g cos x.
    """
    return np.sin(x)


defvjp(sin, x=lambda g, y, x: g * np.cos(x))


def _share(winner: Array, other: Array, y: Array) -> Array:
    """What part of the gradient ``winner`` gets: 1 where it alone is y, half on a tie, else 0.

    Subgradient: ties are shared evenly, so that the two shares always add to 1.
    """
    return np.where(winner == other, 0.5, np.where(winner == y, 1.0, 0.0))


@primitive(shapes="(...),(...)->(...)", source="PyTorch derivatives.yaml: maximum")
def maximum(a: Array, b: Array) -> Array:
    """Larger of two, y = max(a, b).

    Given g = dL/dy:  dL/da = g [a > b];  dL/db = g [b > a];  each g / 2 where a = b.
    """
    return np.maximum(a, b)


defvjp(
    maximum,
    a=lambda g, y, a, b: unbroadcast(g * _share(a, b, y), a.shape),
    b=lambda g, y, a, b: unbroadcast(g * _share(b, a, y), b.shape),
)


@primitive(shapes="(...),(...)->(...)", source="PyTorch derivatives.yaml: minimum")
def minimum(a: Array, b: Array) -> Array:
    """Smaller of two, y = min(a, b).

    Given g = dL/dy:  dL/da = g [a < b];  dL/db = g [b < a];  each g / 2 where a = b.
    """
    return np.minimum(a, b)


defvjp(
    minimum,
    a=lambda g, y, a, b: unbroadcast(g * _share(a, b, y), a.shape),
    b=lambda g, y, a, b: unbroadcast(g * _share(b, a, y), b.shape),
)


@primitive(shapes="(...),(...),(...)->(...)", source="PyTorch derivatives.yaml: where")
def where(condition: Array, a: Array, b: Array) -> Array:
    """Choice y = a where the condition holds, else b.

    Given g = dL/dy:  dL/da = g where the condition holds, else 0;  dL/db the other way round.
    """
    return np.where(condition, a, b)


defvjp(
    where,
    condition=NO_GRAD,
    a=lambda g, y, condition, a, b: unbroadcast(np.where(condition, g, 0), a.shape),
    b=lambda g, y, condition, a, b: unbroadcast(np.where(condition, 0, g), b.shape),
)


@primitive(shapes="(*s)->(*s)", source="PyTorch derivatives.yaml: clamp")
def clip(x: Array, lo: float = -1.0, hi: float = 1.0) -> Array:
    """x limited to the interval from lo to hi, lo < hi.

    Given g = dL/dy:  dL/dx = g where lo <= x <= hi, else 0.
    """
    return np.clip(x, lo, hi)


# Subgradient: on both bounds the gradient passes.
defvjp(clip, x=lambda g, y, x, lo, hi: g * ((x >= lo) & (x <= hi)))
