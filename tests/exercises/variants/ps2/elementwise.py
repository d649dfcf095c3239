"""Arithmetic, functions, powers and choices, entry by entry."""

from __future__ import annotations

import math

import numpy as np

from tests.exercises.variants.ps2._helpers import axis_by_axis, by_counting, by_reshape


def looped(slope):
    """A rule that walks over all entries with a scalar ``slope(x, y, **params)``."""

    def rule(grad_output, output, x, **params):
        grad = np.zeros(x.shape)
        for index in np.ndindex(x.shape):
            grad[index] = grad_output[index] * slope(float(x[index]), float(output[index]), **params)
        return grad

    return rule


def looped_pair(slopes):
    """A rule that adds up the paths of every output entry, with scalar ``slopes(a, b)``."""

    def rule(grad_output, output, a, b):
        places_a = np.broadcast_to(np.arange(a.size).reshape(a.shape), output.shape).ravel()
        places_b = np.broadcast_to(np.arange(b.size).reshape(b.shape), output.shape).ravel()
        values_a, values_b = a.ravel().tolist(), b.ravel().tolist()
        da, db = [0.0] * a.size, [0.0] * b.size
        for g, i, j in zip(grad_output.ravel().tolist(), places_a.tolist(), places_b.tolist(), strict=True):
            slope_a, slope_b = slopes(values_a[i], values_b[j])
            da[i] += g * slope_a
            db[j] += g * slope_b
        return np.array(da).reshape(a.shape), np.array(db).reshape(b.shape)

    return rule


def pair(gradients, undo):
    """A rule from unsummed gradients and a way of undoing broadcasting; a list comes back."""
    return lambda g, y, a, b: [
        undo(np.asarray(full), x.shape) for full, x in zip(gradients(g, y, a, b), (a, b), strict=True)
    ]


def larger(a, b):
    return (1.0, 0.0) if a > b else (0.0, 1.0) if b > a else (0.5, 0.5)


def smaller(a, b):
    return larger(-a, -b)


def power_slopes(a, b):
    return b * math.pow(a, b - 1) if b else 0.0, math.pow(a, b) * math.log(a) if a > 0 else 0.0


def power_by_masks(g, y, a, b):
    a_full, b_full = np.broadcast_arrays(a, b)
    slope_a, log_a = np.zeros(y.shape), np.zeros(y.shape)
    moving = b_full != 0
    slope_a[moving] = (b_full * a_full ** (b_full - 1))[moving]
    np.log(a_full, out=log_a, where=a_full > 0)
    return by_reshape(np.asarray(g * slope_a), a.shape), by_reshape(np.asarray(g * y * log_a), b.shape)


def abs_by_masks(g, y, x):
    grad = np.zeros_like(x)
    grad[x > 0] = g[x > 0]
    grad[x < 0] = -g[x < 0]
    return grad


def pow_by_cases(g, y, x, n=2.0):
    if n in (0, 1):
        return g * float(n)
    return g * (n * np.power(x, n - 1))


def pow_without_zero(g, y, x, n=2.0):
    grad = np.zeros(x.shape)
    if n != 0:
        np.multiply(g, n * x ** (n - 1), out=grad)
    return grad


def where_by_masks(g, y, condition, a, b):
    mask = np.broadcast_to(condition, g.shape).astype(float)
    return axis_by_axis(mask * g, a.shape), axis_by_axis((1 - mask) * g, b.shape)


def where_by_assignment(g, y, condition, a, b):
    mask = np.broadcast_to(condition, g.shape)
    da, db = g.copy(), g.copy()
    da[~mask] = 0
    db[mask] = 0
    return by_counting(da, a.shape), by_counting(db, b.shape)


def clip_by_assignment(g, y, x, lo=-1.0, hi=1.0):
    grad = np.array(g)
    grad[np.asarray((x < lo) | (x > hi))] = 0.0
    return grad


VARIANTS = {
    "add_backward": (
        looped_pair(lambda a, b: (1.0, 1.0)),
        pair(lambda g, y, a, b: (g, g), axis_by_axis),
        pair(lambda g, y, a, b: (g * 1.0, g * 1.0), by_reshape),
    ),
    "mul_backward": (
        looped_pair(lambda a, b: (b, a)),
        pair(lambda g, y, a, b: (g * b, g * a), by_counting),
        pair(lambda g, y, a, b: (g * b, g * a), axis_by_axis),
    ),
    "div_backward": (
        looped_pair(lambda a, b: (1 / b, -a / b**2)),
        pair(lambda g, y, a, b: (g * b**-1.0, -(g * a) * b**-2.0), axis_by_axis),
        pair(lambda g, y, a, b: (g / b, -(g / b) * (a / b)), by_reshape),
    ),
    "sub_backward": (
        looped_pair(lambda a, b: (1.0, -1.0)),
        pair(lambda g, y, a, b: (g, -g), axis_by_axis),
        lambda g, y, a, b: (by_reshape(g, a.shape), -by_reshape(g, b.shape)),
    ),
    "neg_backward": (
        looped(lambda x, y: -1.0),
        lambda g, y, x: 0.0 - g,
        lambda g, y, x: (np.negative(g).tolist(),) if x.size else -g,
    ),
    "exp_backward": (
        looped(lambda x, y: math.exp(x)),
        lambda g, y, x: np.exp(x) * g,
        lambda g, y, x: (y * g,),
    ),
    "log_backward": (
        looped(lambda x, y: 1 / x),
        lambda g, y, x: g * x**-1.0,
        lambda g, y, x: g * np.exp(-y),
    ),
    "abs_backward": (
        looped(lambda x, y: (x > 0) - (x < 0)),
        abs_by_masks,
        lambda g, y, x: g * np.where(x == 0, 0.0, x / np.where(y == 0, 1.0, y)),
    ),
    "sin_backward": (
        looped(lambda x, y: math.cos(x)),
        lambda g, y, x: g * np.sin(x + np.pi / 2),
        lambda g, y, x: np.multiply(np.cos(x), g),
    ),
    "sqrt_backward": (
        looped(lambda x, y: 0.5 / math.sqrt(x)),
        lambda g, y, x: 0.5 * g * x**-0.5,
        lambda g, y, x: g * y / (2 * x),
    ),
    "pow_backward": (
        pow_by_cases,
        pow_without_zero,
        looped(lambda x, y, n=2.0: n * x ** (n - 1) if n else 0.0),
        lambda g, y, x, n=2.0: g * n * x ** max(n - 1, 0) if n >= 0 and n == int(n) else g * n * x ** (n - 1),
    ),
    "power_backward": (
        looped_pair(power_slopes),
        power_by_masks,
        pair(
            lambda g, y, a, b: (g * b * a ** (b - 1), g * np.where(a > 0, y * np.log(np.where(a > 0, a, 2.0)), 0.0)),
            by_reshape,
        ),
    ),
    "maximum_backward": (
        looped_pair(larger),
        pair(lambda g, y, a, b: (g * (np.sign(a - b) + 1) / 2, g * (np.sign(b - a) + 1) / 2), axis_by_axis),
        pair(lambda g, y, a, b: (g * np.heaviside(a - b, 0.5), g * np.heaviside(b - a, 0.5)), by_reshape),
        pair(lambda g, y, a, b: tuple(g * (x == y) / ((a == y) * 1 + (b == y)) for x in (a, b)), by_reshape),
    ),
    "minimum_backward": (
        looped_pair(smaller),
        pair(lambda g, y, a, b: (g * (np.sign(b - a) + 1) / 2, g * (np.sign(a - b) + 1) / 2), axis_by_axis),
        pair(lambda g, y, a, b: (g * np.heaviside(b - a, 0.5), g * np.heaviside(a - b, 0.5)), by_reshape),
    ),
    "where_backward": (
        where_by_masks,
        where_by_assignment,
        lambda g, y, condition, a, b: [by_reshape(g * condition, a.shape), by_reshape(g * ~condition, b.shape)],
    ),
    "clip_backward": (
        clip_by_assignment,
        looped(lambda x, y, lo=-1.0, hi=1.0: 1.0 if lo <= x <= hi else 0.0),
        lambda g, y, x, lo=-1.0, hi=1.0: np.where(y == x, g, 0.0),
        lambda g, y, x, lo=-1.0, hi=1.0: np.where(np.logical_or(x < lo, x > hi), 0.0, g),
    ),
}
