"""Activations: elementwise nonlinearities, and softmax along an axis. All are stable at |x| = 1000."""

from __future__ import annotations

import math

import numpy as np

from autograder.engine.broadcasting import Array
from autograder.engine.primitive import defvjp, primitive

__all__ = [
    "elu", "gelu", "leaky_relu", "log_softmax", "relu", "sigmoid", "silu", "softmax", "softplus",
    "tanh",
]  # fmt: skip


def stable_sigmoid(x: Array) -> Array:
    """1 / (1 + e⁻ˣ) without overflow: only exponentials of negative numbers are taken."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, small) / (1.0 + small)


def stable_softmax(x: Array, axis: int = -1) -> Array:
    """eˣ / Σ eˣ along an axis without overflow: the maximum is subtracted first."""
    weights = np.exp(x - x.max(axis=axis, keepdims=True))
    normalised: Array = weights / weights.sum(axis=axis, keepdims=True)
    return normalised


@primitive(shapes="(*s)->(*s)", source="chapter: Chain Rule Through Nonlinearities")
def relu(x: Array) -> Array:
    """Rectifier y = max(0, x).

    Given g = dL/dy:  dL/dx = g [x > 0].
    """
    return np.maximum(x, 0)


# Subgradient: 0 at x = 0.
defvjp(relu, x=lambda g, y, x: g * (x > 0))


@primitive(shapes="(*s)->(*s)", source="Maas, Hannun, Ng 2013")
def leaky_relu(x: Array, negative_slope: float = 0.01) -> Array:
    """Leaky rectifier: y = x for x > 0, else negative_slope x.

    Given g = dL/dy:  dL/dx = g for x > 0, else g negative_slope.
    """
    return np.where(x > 0, x, negative_slope * x)


# Subgradient: negative_slope at x = 0.
defvjp(leaky_relu, x=lambda g, y, x, negative_slope: g * np.where(x > 0, 1.0, negative_slope))


@primitive(shapes="(*s)->(*s)", source="Clevert, Unterthiner, Hochreiter 2016")
def elu(x: Array, alpha: float = 1.0) -> Array:
    """Exponential linear unit: y = x for x > 0, else alpha (eˣ - 1).

    Given g = dL/dy:  dL/dx = g for x > 0, else g alpha eˣ.
    """
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


# Subgradient: alpha at x = 0, the slope from the left.
defvjp(
    elu,
    x=lambda g, y, x, alpha: g * np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0))),
)


@primitive(shapes="(*s)->(*s)", source="chapter: Chain Rule Through Nonlinearities")
def sigmoid(x: Array) -> Array:
    """Logistic function y = 1 / (1 + e⁻ˣ).

    Given g = dL/dy:  dL/dx = g y (1 - y).
    """
    return stable_sigmoid(x)


defvjp(sigmoid, x=lambda g, y, x: g * (y * (1 - y)))


@primitive(shapes="(*s)->(*s)", source="PyTorch derivatives.yaml: tanh")
def tanh(x: Array) -> Array:
    """Hyperbolic tangent y = tanh x.

    Given g = dL/dy:  dL/dx = g (1 - y²).
    """
    return np.tanh(x)


defvjp(tanh, x=lambda g, y, x: g * (1 - y * y))


@primitive(shapes="(*s)->(*s)", source="Dugas et al. 2001")
def softplus(x: Array) -> Array:
    """Smooth rectifier y = log(1 + eˣ).

    Given g = dL/dy:  dL/dx = g sigmoid(x).
    """
    return np.logaddexp(x, 0)


defvjp(softplus, x=lambda g, y, x: g * stable_sigmoid(x))


def normal_cdf(x: Array) -> Array:
    """Φ(x) = erfc(-x / √2) / 2: accurate in the left tail too, where 1 + erf cancels."""
    erfc = np.frompyfunc(math.erfc, 1, 1)
    return np.asarray(0.5 * erfc(x * -math.sqrt(0.5)), dtype=np.float64)


def normal_pdf(x: Array) -> Array:
    """φ(x) = e^(-x²/2) / √(2π), the derivative of Φ."""
    return np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)


@primitive(shapes="(*s)->(*s)", source="Hendrycks, Gimpel 2016 (exact form)")
def gelu(x: Array) -> Array:
    """Gaussian error linear unit y = x Φ(x), Φ the normal distribution function.

    Given g = dL/dy:  dL/dx = g (Φ(x) + x φ(x)), φ the normal density.
    """
    return x * normal_cdf(x)


defvjp(gelu, x=lambda g, y, x: g * (normal_cdf(x) + x * normal_pdf(x)))


@primitive(shapes="(*s)->(*s)", source="Elfwing, Uchibe, Doya 2018")
def silu(x: Array) -> Array:
    """Sigmoid-weighted unit y = x σ(x).

    Given g = dL/dy:  dL/dx = g (σ + x σ (1 - σ)).
    """
    return x * stable_sigmoid(x)


def _silu_row(g: Array, y: Array, x: Array) -> Array:
    s = stable_sigmoid(x)
    return g * (s + x * s * (1 - s))


defvjp(silu, x=_silu_row)


@primitive(shapes="(*s,n)->(*s,n)", source="PyTorch derivatives.yaml: _softmax")
def softmax(x: Array, axis: int = -1) -> Array:
    """Positive weights with sum 1 along an axis, y = eˣ / Σ eˣ.

    Given g = dL/dy:  dL/dx = y (g - Σ g y), the sum along the axis.
    """
    return stable_softmax(x, axis)


defvjp(softmax, x=lambda g, y, x, axis: y * (g - (g * y).sum(axis=axis, keepdims=True)))


@primitive(shapes="(*s,n)->(*s,n)", source="PyTorch derivatives.yaml: _log_softmax")
def log_softmax(x: Array, axis: int = -1) -> Array:
    """Logarithm of softmax, y = x - log Σ eˣ along an axis.

    Given g = dL/dy:  dL/dx = g - eʸ Σ g, the sum along the axis.
    """
    shifted = x - x.max(axis=axis, keepdims=True)
    y: Array = shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    return y


defvjp(log_softmax, x=lambda g, y, x, axis: g - np.exp(y) * g.sum(axis=axis, keepdims=True))
