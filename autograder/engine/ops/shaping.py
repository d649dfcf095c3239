"""Moving entries without changing them: the rows move the cotangent back the way it came."""

from __future__ import annotations

import numpy as np

from autograder.engine.broadcasting import Array, unbroadcast
from autograder.engine.primitive import defvjp, primitive

__all__ = ["broadcast_to", "concatenate", "reshape", "stack", "transpose"]


@primitive(shapes="(*s)->(*r)", source="PyTorch derivatives.yaml: view")
def reshape(x: Array, shape: tuple[int, ...] | None = None) -> Array:
    """The same entries in the same reading order, in another shape; None leaves it as it is.

    Given g = dL/dy:  dL/dx = g, in the shape of x.
    """
    return x.reshape(x.shape if shape is None else shape)


defvjp(reshape, x=lambda g, y, x, shape: g.reshape(x.shape))


@primitive(shapes="(*s)->(*r)", source="PyTorch derivatives.yaml: permute")
def transpose(x: Array, axes: tuple[int, ...] | None = None) -> Array:
    """Axis i of y is axis ``axes[i]`` of x; None reverses the axes.

    Given g = dL/dy:  dL/dx = g, transposed by the inverse permutation.
    """
    return x.transpose(axes)


defvjp(
    transpose,
    x=lambda g, y, x, axes: g.transpose(None if axes is None else np.argsort(axes)),
)


@primitive(shapes="(*s)->(*r)", source="PyTorch derivatives.yaml: expand")
def broadcast_to(x: Array, shape: tuple[int, ...] | None = None) -> Array:
    """x copied along new axes and axes of size 1; None leaves it as it is.

    Given g = dL/dy:  dL/dx = g, summed over the copies.
    """
    return np.broadcast_to(x, x.shape if shape is None else shape)


defvjp(broadcast_to, x=lambda g, y, x, shape: unbroadcast(g, x.shape))


def _part(g: Array, axis: int, start: int, stop: int) -> Array:
    """The entries of g from start to stop along one axis."""
    return np.moveaxis(np.moveaxis(g, axis, 0)[start:stop], 0, axis)


@primitive(shapes="(m,*s),(n,*s)->(p,*s)", source="PyTorch derivatives.yaml: cat")
def concatenate(a: Array, b: Array, axis: int = 0) -> Array:
    """a, then b, along an existing axis; they may differ in size along it.

    Given g = dL/dy:  dL/da and dL/db are the parts of g where a and b went.
    """
    return np.concatenate([a, b], axis=axis)


defvjp(
    concatenate,
    a=lambda g, y, a, b, axis: _part(g, axis, 0, a.shape[axis]),
    b=lambda g, y, a, b, axis: _part(g, axis, a.shape[axis], y.shape[axis]),
)


@primitive(shapes="(*s),(*s)->(2,*s)", source="PyTorch derivatives.yaml: stack")
def stack(a: Array, b: Array, axis: int = 0) -> Array:
    """a and b side by side along a new axis of size 2.

    Given g = dL/dy:  dL/da is the first slice of g along it, dL/db the second.
    """
    return np.stack([a, b], axis=axis)


defvjp(
    stack,
    a=lambda g, y, a, b, axis: g.take(0, axis=axis),
    b=lambda g, y, a, b, axis: g.take(1, axis=axis),
)
