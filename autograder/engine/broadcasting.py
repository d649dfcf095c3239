"""Undoing what broadcasting and reductions did to a shape: the helpers that backward rules share."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.integer[Any]]
Axis = int | tuple[int, ...] | None


def unbroadcast(g: Array, shape: tuple[int, ...]) -> Array:
    """Sum ``g`` over the axes that broadcasting stretched, back to ``shape``.

    A value that was copied n times influences the loss n times: its n contributions are added.
    """
    if g.shape == shape:
        return g
    new = g.ndim - len(shape)
    stretched = [new + i for i, n in enumerate(shape) if n == 1 and g.shape[new + i] != 1]
    return total(g, axis=(*range(new), *stretched)).reshape(shape)


def total(x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """Sum over ``axis``: ``x.sum`` without its overhead, and with a type."""
    # The stubs want keepdims to be a literal.
    y: Array = np.add.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]
    return y


def stretch(g: Array, shape: tuple[int, ...]) -> Array:
    """``g`` broadcast to ``shape`` as an array of its own (``np.broadcast_to`` gives a slow view)."""
    out = np.empty(shape)
    out[...] = g
    return out


def restore(reduced: Array, shape: tuple[int, ...], axis: Axis, keepdims: bool) -> Array:
    """Put the axes back, with size 1, that a reduction of an array of ``shape`` removed."""
    if keepdims or axis is None:
        return reduced  # with axis None a 0-d array: it broadcasts against every shape
    removed = {a % len(shape) for a in ((axis,) if isinstance(axis, int) else axis)}
    return reduced.reshape([1 if i in removed else n for i, n in enumerate(shape)])


def count(shape: tuple[int, ...], axis: Axis) -> int:
    """How many entries a reduction over ``axis`` combines into one."""
    if axis is None:
        return math.prod(shape)
    return math.prod(shape[a] for a in ((axis,) if isinstance(axis, int) else axis))


def swap(x: Array) -> Array:
    """Transpose of the last two axes, batch axes left where they are."""
    return x.swapaxes(-1, -2)


def rows(x: Array) -> Array:
    """``x`` of shape (..., n) as a matrix (rows, n)."""
    return x if x.ndim == 2 else x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
