"""Checking gradients against finite differences: the authority that knows no calculus."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from autograder.engine.broadcasting import Array
from autograder.engine.errors import GradientCheckError
from autograder.engine.functional import vjp
from autograder.engine.tensor import Tensor

# The error of a central difference, eps² + 2⁻⁵² / eps, is smallest near the cube root of 2⁻⁵².
EPS = 6e-6


def numerical_vjp(
    f: Callable[..., npt.ArrayLike], x: tuple[npt.ArrayLike, ...], g: npt.ArrayLike, eps: float = EPS
) -> tuple[Array, ...]:
    """Gradients of Σ g f(*x) with respect to each float input, by central differences.

    ``f`` maps arrays to an array of g's shape and must be smooth at x. Integer and boolean inputs
    are left out. The step for each entry is eps, times the entry where that is larger than 1.
    """
    inputs = [np.array(a) for a in x]  # our own copies, to be nudged in place

    def weighted() -> float:
        return float(np.sum(np.asarray(g) * np.asarray(f(*inputs))))

    gradients = []
    for array in inputs:
        if array.dtype.kind != "f":
            continue
        gradient = np.zeros(array.shape)
        for i in np.ndindex(array.shape):
            middle = array[i].item()
            step = eps * max(1.0, abs(middle))
            array[i] = middle + step
            above = weighted()
            array[i] = middle - step
            gradient[i] = (above - weighted()) / (2 * step)
            array[i] = middle
        gradients.append(gradient)
    return tuple(gradients)


def gradcheck(
    f: Callable[..., Tensor],
    *x: npt.ArrayLike,
    seed: int = 0,
    eps: float = EPS,
    tolerance: float = 1e-6,
) -> None:
    """Compare the gradients of f by backpropagation with central differences.

    The upstream gradient is random (from ``seed``): one of all ones hides wrong rules. An entry may
    differ by ``tolerance`` times the largest gradient of its input. Raises GradientCheckError.
    """
    y, pullback = vjp(f, *x)
    g = np.random.default_rng(seed).normal(size=y.shape)
    got = pullback(g)
    expected = numerical_vjp(lambda *arrays: vjp(f, *arrays)[0], x, g, eps)
    for position, (ours, theirs) in enumerate(zip(got, expected, strict=True)):
        if not ours.size:
            continue
        error = np.abs(ours - theirs)
        if not np.all(error <= tolerance * max(1e-3, np.abs(theirs).max())):
            worst = np.unravel_index(int(np.argmax(error)), error.shape)
            index = tuple(int(i) for i in worst)
            raise GradientCheckError(position, index, ours[index].item(), theirs[index].item())
