"""Reading entries by index: the rows add the cotangent at every place it was read from.

An entry that was read k times gets k contributions: hence ``np.add.at``, which adds for repeated
indices, where ``dx[index] += g`` would keep only one.
"""

from __future__ import annotations

import numpy as np

from autograder.engine.broadcasting import Array, IntArray
from autograder.engine.primitive import NO_GRAD, defvjp, primitive

__all__ = ["embedding", "gather", "getitem"]


def _scatter_add(shape: tuple[int, ...], index: object, g: Array) -> Array:
    """Zeros of ``shape``, with g added at ``index``."""
    dx = np.zeros(shape)
    np.add.at(dx, index, g)  # type: ignore[arg-type]  # any NumPy index
    return dx


@primitive(shapes="(n,*s),(*i)->(*i,*s)", source="PyTorch derivatives.yaml: index.Tensor")
def getitem(x: Array, index: IntArray) -> Array:
    """The slices x[index] along axis 0; indices may repeat and count from the end if negative.

    Given g = dL/dy:  dL/dx[i] = the sum of g over all places where the index is i.
    """
    return x[index]


defvjp(getitem, x=lambda g, y, x, index: _scatter_add(x.shape, index, g), index=NO_GRAD)


def _along(index: IntArray, axis: int) -> tuple[IntArray, ...]:
    """The full index of every entry that ``take_along_axis`` reads."""
    places: list[IntArray] = list(np.indices(index.shape))
    places[axis] = index
    return tuple(places)


@primitive(shapes="(n,*s),(m,*s)->(m,*s)", source="PyTorch derivatives.yaml: gather")
def gather(x: Array, index: IntArray, axis: int = 0) -> Array:
    """Pick along one axis, ``take_along_axis``: for axis 0, y[i, j] = x[index[i, j], j].

    Given g = dL/dy:  dL/dx = g, added where each entry was read.
    """
    return np.take_along_axis(x, index, axis)


defvjp(
    gather,
    x=lambda g, y, x, index, axis: _scatter_add(x.shape, _along(index, axis), g),
    index=NO_GRAD,
)


def _embedding_row(g: Array, y: Array, index: IntArray, weight: Array, padding_idx: int | None) -> Array:
    dweight = _scatter_add(weight.shape, index, g)
    if padding_idx is not None:
        dweight[padding_idx] = 0  # the padding row is looked up, but never trained
    return dweight


@primitive(shapes="(*i),(v,d)->(*i,d)", source="PyTorch derivatives.yaml: embedding")
def embedding(index: IntArray, weight: Array, padding_idx: int | None = None) -> Array:
    """Row ``index`` of a table: y[i] = weight[index[i]].

    Given g = dL/dy:  dL/dweight[v] = the sum of g over all places where the index is v, and 0 for
    v = padding_idx.
    """
    return weight[index]


defvjp(embedding, index=NO_GRAD, weight=_embedding_row)
