"""Helpers as a student might write them: three ways of undoing broadcasting."""

from __future__ import annotations

import numpy as np


def axis_by_axis(grad, shape):
    """Sum leading axes away one at a time, then the stretched ones."""
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


def by_counting(grad, shape):
    """Number the entries of the input, broadcast the numbers, and add up by number."""
    size = int(np.prod(shape))
    numbers = np.broadcast_to(np.arange(size).reshape(shape), grad.shape)
    return np.bincount(numbers.ravel(), weights=grad.ravel(), minlength=size).reshape(shape)


def by_reshape(grad, shape):
    """Put ones in front, sum with keepdims, reshape."""
    padded = (1,) * (grad.ndim - len(shape)) + tuple(shape)
    axes = tuple(k for k in range(grad.ndim) if padded[k] == 1 and grad.shape[k] != 1)
    return np.sum(grad, axis=axes, keepdims=True).reshape(shape)


def full_axes(x, axis):
    """``axis`` as a tuple of non-negative numbers."""
    if axis is None:
        return tuple(range(x.ndim))
    return tuple(k % x.ndim for k in ((axis,) if isinstance(axis, int) else axis))


def put_back(reduced, x, axis):
    """A reduced array with size 1 where axes were reduced, whether they were kept or not."""
    axes = full_axes(x, axis)
    return np.reshape(reduced, [1 if k in axes else n for k, n in enumerate(x.shape)])
