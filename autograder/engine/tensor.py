"""Tensor: a node of the tape with operators. Last in reading order.

>>> x = Tensor(3.0)
>>> z = x**2 + x
>>> z.backward()
>>> x.grad
array(7.)
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt

from autograder.engine import ops
from autograder.engine.broadcasting import Array, Axis, IntArray
from autograder.engine.tape import Node


class Tensor(Node):
    """A float64 array whose history is recorded, so that ``backward()`` gives gradients.

    ``data`` is not copied where it is a float64 array already.

    Arrays and numbers mix freely with tensors and count as constants. After ``y.backward()`` every
    leaf (a tensor made by hand) that y depends on has dL/d(leaf) added to its ``grad``.
    """

    __slots__ = ()
    __array_ufunc__ = None  # array + tensor: NumPy leaves it to Tensor.__radd__

    def __add__(self, other: Self | npt.ArrayLike) -> Self:
        return ops.add(self, other)

    def __radd__(self, other: npt.ArrayLike) -> Self:
        return ops.add(other, self)

    def __sub__(self, other: Self | npt.ArrayLike) -> Self:
        return ops.sub(self, other)

    def __rsub__(self, other: npt.ArrayLike) -> Self:
        return ops.sub(other, self)

    def __mul__(self, other: Self | npt.ArrayLike) -> Self:
        return ops.mul(self, other)

    def __rmul__(self, other: npt.ArrayLike) -> Self:
        return ops.mul(other, self)

    def __truediv__(self, other: Self | npt.ArrayLike) -> Self:
        return ops.div(self, other)

    def __rtruediv__(self, other: npt.ArrayLike) -> Self:
        return ops.div(other, self)

    def __neg__(self) -> Self:
        return ops.neg(self)

    def __pow__(self, exponent: Self | npt.ArrayLike) -> Self:
        if isinstance(exponent, int | float):
            return ops.pow(self, n=exponent)
        return ops.power(self, exponent)

    def __rpow__(self, base: npt.ArrayLike) -> Self:
        return ops.power(base, self)

    def __matmul__(self, other: Self | Array) -> Self:
        if other.ndim == 1:
            return ops.matvec(self, other)
        return ops.matmul(self, other)

    def __rmatmul__(self, other: npt.ArrayLike) -> Self:
        if self.ndim == 1:
            return ops.matvec(other, self)
        return ops.matmul(other, self)

    def __getitem__(self, index: Any) -> Self:
        if isinstance(index, np.ndarray) and index.dtype.kind == "i":
            return ops.getitem(self, index)
        # Slices, tuples and masks too only say which flat positions are read.
        positions: IntArray = np.arange(self.size).reshape(self.shape)[index]
        return ops.getitem(self.reshape(-1), positions)

    def sum(self, axis: Axis = None, keepdims: bool = False) -> Self:
        """Sum over ``axis`` (None: all)."""
        return ops.sum(self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Axis = None, keepdims: bool = False) -> Self:
        """Mean over ``axis`` (None: all)."""
        return ops.mean(self, axis=axis, keepdims=keepdims)

    def max(self, axis: Axis = None, keepdims: bool = False) -> Self:
        """Largest entry along ``axis`` (None: of all); ties share the gradient evenly."""
        return ops.amax(self, axis=axis, keepdims=keepdims)

    def reshape(self, *shape: int) -> Self:
        """The same entries in another shape; one size may be -1."""
        return ops.reshape(self, shape=shape)

    def transpose(self, *axes: int) -> Self:
        """Axis i of the result is axis ``axes[i]``; without arguments the axes are reversed."""
        return ops.transpose(self, axes=axes or None)

    @property
    def T(self) -> Self:
        """The axes reversed."""
        return ops.transpose(self)

    def exp(self) -> Self:
        """e to the power of each entry."""
        return ops.exp(self)

    def log(self) -> Self:
        """Natural logarithm of each entry."""
        return ops.log(self)

    def relu(self) -> Self:
        """max(0, x) of each entry."""
        return ops.relu(self)

    def sigmoid(self) -> Self:
        """1 / (1 + e⁻ˣ) of each entry."""
        return ops.sigmoid(self)

    def tanh(self) -> Self:
        """Hyperbolic tangent of each entry."""
        return ops.tanh(self)

    def item(self) -> float:
        """The only element as a plain number, without a history."""
        return float(self.data.item())

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes of the axes."""
        return self.data.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.data.ndim

    @property
    def size(self) -> int:
        """Number of entries."""
        return self.data.size

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return f"Tensor({self.data!r})"
