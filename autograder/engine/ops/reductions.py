"""Reductions over axes: the rows put the reduced axes back and spread the cotangent over them.

``axis`` is None (all), a number or a tuple, negative ones count from the end; the reduced axes are
not empty. Shapes: y has the shape of x without the reduced axes (with size 1 for ``keepdims``).
"""

from __future__ import annotations

import numpy as np

from autograder.engine.broadcasting import Array, Axis, count, restore, stretch, total
from autograder.engine.primitive import defvjp, primitive

__all__ = ["amax", "cumsum", "logsumexp", "mean", "sum", "var"]


@primitive(shapes="(*s)->(*r)", source="chapter: Chain Rule on Graphs (a sum copies its gradient)")
def sum(x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """Sum over ``axis``.

    Given g = dL/dy:  dL/dx = g, copied back along the summed axes.
    """
    return total(x, axis, keepdims)


defvjp(
    sum,
    x=lambda g, y, x, axis, keepdims: stretch(restore(g, x.shape, axis, keepdims), x.shape),
)


@primitive(shapes="(*s)->(*r)", source="chapter: Chain Rule Through Loss Functions")
def mean(x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """Mean over the n entries along ``axis``.

    Given g = dL/dy:  dL/dx = g / n, copied back along the averaged axes.
    """
    return total(x, axis, keepdims) / count(x.shape, axis)


defvjp(
    mean,
    x=lambda g, y, x, axis, keepdims: stretch(restore(g, x.shape, axis, keepdims) / count(x.shape, axis), x.shape),
)


@primitive(shapes="(*s)->(*r)", source="PyTorch derivatives.yaml: var.correction")
def var(x: Array, axis: Axis = None, keepdims: bool = False, ddof: int = 0) -> Array:
    """Variance over the n entries along ``axis``, n > ddof: Σ (x - x̄)² / (n - ddof).

    Given g = dL/dy:  dL/dx = 2 g (x - x̄) / (n - ddof).
    The path through x̄ adds nothing, since Σ (x - x̄) = 0.
    """
    y: Array = x.var(axis=axis, keepdims=keepdims, ddof=ddof)
    return y


defvjp(
    var,
    x=lambda g, y, x, axis, keepdims, ddof: (
        restore(g, x.shape, axis, keepdims)
        * (2 / (count(x.shape, axis) - ddof))
        * (x - x.mean(axis=axis, keepdims=True))
    ),
)


def _amax_row(g: Array, y: Array, x: Array, axis: Axis, keepdims: bool) -> Array:
    largest = x == restore(y, x.shape, axis, keepdims)
    # Subgradient: tied maxima share the gradient evenly, as torch.amax does.
    share: Array = largest / largest.sum(axis=axis, keepdims=True)
    return restore(g, x.shape, axis, keepdims) * share


@primitive(shapes="(*s)->(*r)", source="PyTorch derivatives.yaml: amax")
def amax(x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """Largest entry along ``axis``.

    Given g = dL/dy:  dL/dx = g / k at the k entries that equal the maximum, 0 elsewhere.
    """
    return np.asarray(x.max(axis=axis, keepdims=keepdims))


defvjp(amax, x=_amax_row)


@primitive(shapes="(*s)->(*r)", source="PyTorch derivatives.yaml: logsumexp")
def logsumexp(x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """log Σ eˣ along ``axis``, without overflow: the maximum is subtracted first.

    Given g = dL/dy:  dL/dx = g e^(x - y), that is g softmax(x).
    """
    top = x.max(axis=axis, keepdims=True)
    y: Array = np.log(np.exp(x - top).sum(axis=axis, keepdims=True)) + top
    return y if keepdims else y.squeeze(axis)


defvjp(
    logsumexp,
    x=lambda g, y, x, axis, keepdims: (
        restore(g, x.shape, axis, keepdims) * np.exp(x - restore(y, x.shape, axis, keepdims))
    ),
)


@primitive(shapes="(n,*s)->(n,*s)", source="PyTorch derivatives.yaml: cumsum")
def cumsum(x: Array, axis: int = 0) -> Array:
    """Running sum y_j = Σ_(i<=j) x_i along one axis.

    Given g = dL/dy:  dL/dx_i = Σ_(j>=i) g_j, the running sum from the other end.
    """
    return x.cumsum(axis=axis)


defvjp(cumsum, x=lambda g, y, x, axis: np.flip(np.flip(g, axis).cumsum(axis=axis), axis))
