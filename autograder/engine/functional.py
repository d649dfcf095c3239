"""Vector-Jacobian products of whole functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from autograder.engine.broadcasting import Array
from autograder.engine.tape import leaf_cotangents, seed
from autograder.engine.tensor import Tensor

Pullback = Callable[[npt.ArrayLike | None], tuple[Array, ...]]


def vjp(f: Callable[..., Tensor | Array], *x: npt.ArrayLike) -> tuple[Array, Pullback]:
    """y = f(*x), and the function that pulls a cotangent g = dL/dy back to (dL/dx₀, dL/dx₁, ...).

    Float inputs are passed to ``f`` as tensors and have a gradient (zero where y does not depend on
    them); integer and boolean ones (indices, masks) are passed as arrays and are left out. The
    pullback may be called again and again; it raises SeedError for a cotangent of another shape.
    """
    arrays = [np.asarray(array) for array in x]
    inputs: list[Any] = [Tensor(a) if a.dtype.kind == "f" else a for a in arrays]
    leaves = [leaf for leaf in inputs if isinstance(leaf, Tensor)]
    y = f(*inputs)

    def pullback(g: npt.ArrayLike | None = None) -> tuple[Array, ...]:
        if not isinstance(y, Tensor):  # f is constant: it never touched its inputs
            return tuple(np.zeros(leaf.shape) for leaf in leaves)
        found = leaf_cotangents(y, seed(y.data, g))
        return tuple(np.array(found[leaf]) if leaf in found else np.zeros(leaf.shape) for leaf in leaves)

    return (y.data if isinstance(y, Tensor) else np.asarray(y)), pullback
