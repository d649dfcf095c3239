"""Reductions over axes, and the running sum."""

from __future__ import annotations

import math

import numpy as np

from tests.exercises.variants.ps2._helpers import full_axes, put_back


def reduction(weights):
    """A rule that spreads grad_output with weights of x's shape: ``weights(y kept, x, axes, ddof)``."""

    def rule(grad_output, output, x, axis=None, keepdims=False, ddof=0):
        axes = full_axes(x, axis)
        spread = np.zeros(x.shape) + put_back(grad_output, x, axis)
        return spread * weights(put_back(output, x, axis), x, axes, ddof)

    return rule


def reduction_by_loop(weight):
    """A rule that walks over the entries of x; ``weight(x, y, index, group, ddof)`` of one entry."""

    def rule(grad_output, output, x, axis=None, keepdims=False, ddof=0):
        axes = full_axes(x, axis)
        g, y = put_back(grad_output, x, axis), put_back(output, x, axis)
        grad = np.zeros(x.shape)
        for index in np.ndindex(x.shape):
            group = tuple(slice(None) if k in axes else index[k] for k in range(x.ndim))
            place = tuple(0 if k in axes else index[k] for k in range(x.ndim))
            grad[index] = g[place] * weight(x[index], y[place], x[group], ddof)
        return grad

    return rule


def reduction_moved(inner):
    """A rule that moves the reduced axes to the end and flattens them: ``inner(g, y, rows, ddof)`` works on rows."""

    def rule(grad_output, output, x, axis=None, keepdims=False, ddof=0):
        axes = full_axes(x, axis)
        moved = np.moveaxis(x, axes, range(-len(axes), 0)) if axes else x
        kept = moved.shape[: x.ndim - len(axes)]
        rows = moved.reshape(math.prod(kept), math.prod(moved.shape[len(kept) :]))
        grad = inner(grad_output.reshape(-1, 1), output.reshape(-1, 1), rows, ddof).reshape(moved.shape)
        return np.moveaxis(grad, range(-len(axes), 0), axes) if axes else grad

    return rule


def size(x, axes):
    return math.prod(x.shape[k] for k in axes)


def sum_by_einsum(g, y, x, axis=None, keepdims=False):
    return np.einsum("...,...->...", put_back(g, x, axis), np.ones(x.shape))


def amax_rows(g, y, rows, ddof):
    winners = (rows == y).astype(float)
    return g * winners / winners.sum(axis=1, keepdims=True)


def softmax_rows(g, y, rows, ddof):
    shifted = np.exp(rows - rows.max(axis=1, keepdims=True))
    return g * shifted / shifted.sum(axis=1, keepdims=True)


def variance_rows(g, y, rows, ddof):
    n = rows.shape[1]
    centering = np.eye(n) - 1.0 / n
    return g * 2 / (n - ddof) * (rows @ centering)


def cumsum_by_loop(g, y, x, axis=0):
    g = np.moveaxis(g, axis, 0)
    grad, running = np.zeros(g.shape), np.zeros(g.shape[1:])
    for i in range(len(g) - 1, -1, -1):
        running = running + g[i]
        grad[i] = running
    return np.moveaxis(grad, 0, axis)


def cumsum_by_difference(g, y, x, axis=0):
    return g.sum(axis=axis, keepdims=True) - g.cumsum(axis=axis) + g


def cumsum_by_slices(g, y, x, axis=0):
    back = [slice(None)] * x.ndim
    back[axis] = slice(None, None, -1)
    return np.add.accumulate(g[tuple(back)], axis=axis)[tuple(back)]


def tied(value, top, group):
    return 1.0 / np.count_nonzero(group == top) if value == top else 0.0


VARIANTS = {
    "sum_backward": (
        reduction(lambda y, x, axes, ddof: np.ones(x.shape)),
        reduction_by_loop(lambda value, total, group, ddof: 1.0),
        reduction_moved(lambda g, y, rows, ddof: np.repeat(g, rows.shape[1], axis=1)),
        sum_by_einsum,
    ),
    "mean_backward": (
        reduction(lambda y, x, axes, ddof: 1 / size(x, axes)),
        reduction_by_loop(lambda value, mean, group, ddof: 1 / np.size(group)),
        reduction_moved(lambda g, y, rows, ddof: np.tile(g / rows.shape[1], (1, rows.shape[1]))),
    ),
    "amax_backward": (
        reduction(lambda y, x, axes, ddof: (x == y) / np.sum(x == y, axis=axes, keepdims=True)),
        reduction_by_loop(lambda value, top, group, ddof: tied(value, top, group)),
        reduction_moved(amax_rows),
    ),
    "var_backward": (
        reduction(
            lambda y, x, axes, ddof: 2 * (x - x.sum(axis=axes, keepdims=True) / size(x, axes)) / (size(x, axes) - ddof)
        ),
        reduction_by_loop(lambda value, variance, group, ddof: 2 * (value - np.mean(group)) / (np.size(group) - ddof)),
        reduction_moved(variance_rows),
    ),
    "logsumexp_backward": (
        reduction(lambda y, x, axes, ddof: np.exp(x - y)),
        reduction_by_loop(lambda value, y, group, ddof: math.exp(value - y)),
        reduction_moved(softmax_rows),
    ),
    "cumsum_backward": (cumsum_by_loop, cumsum_by_difference, cumsum_by_slices),
}
