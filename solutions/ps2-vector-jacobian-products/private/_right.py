"""What right answers of several files share, written as a student might."""

from __future__ import annotations

import math

import numpy as np


def full_axes(x, axis):
    """``axis`` as a tuple of non-negative numbers."""
    if axis is None:
        return tuple(range(x.ndim))
    return tuple(k % x.ndim for k in ((axis,) if isinstance(axis, int) else axis))


def put_back(reduced, x, axis):
    """A reduced array with size 1 where axes were reduced, whether they were kept or not."""
    axes = full_axes(x, axis)
    return np.reshape(reduced, [1 if k in axes else n for k, n in enumerate(x.shape)])


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
