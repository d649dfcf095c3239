"""What several topics of this assignment share."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from kit.draws import Array, Draw


def far_from_zero(*shape: int, offset: float) -> Draw:
    """Entries around ``offset``, on a grid so fine that a mean of four is exact and a square is not.

    A variance from centred entries is then right to the last digit, and one from a difference of squares is not.
    """
    grid = 2.0**-16
    return Draw(f"far_from_zero{shape}", lambda rng: np.round(rng.standard_normal(shape) / grid) * grid + offset)


def _sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), stable for large inputs of both signs."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -x)))


def _standardize(x: Array, axis: int | tuple[int, ...], eps: float) -> Array:
    """Mean 0 and (nearly) variance 1 over ``axis``; the variance is the biased one, eps is inside the root."""
    variance = x.var(axis=axis, keepdims=True)
    return np.asarray((x - x.mean(axis=axis, keepdims=True)) / np.sqrt(variance + eps))


def _windows(x: Array, kernel: tuple[int, int], stride: int) -> Array:
    """The windows of an image, (N, C, Y, X, KH, KW): window (y, x) starts at row y * stride, column x * stride."""
    return np.asarray(sliding_window_view(x, kernel, axis=(2, 3))[:, :, ::stride, ::stride])
