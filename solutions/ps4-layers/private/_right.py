"""What right answers of several files share, written as a student might."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def pair(size):
    return size if isinstance(size, tuple) else (size, size)


def norm_short(grad_output, x, gamma, axis, eps):
    mean, std = x.mean(axis, keepdims=True), np.sqrt(x.var(axis, keepdims=True) + eps)
    normalized = (x - mean) / std
    h = grad_output * gamma
    correction = h.mean(axis, keepdims=True) + normalized * (h * normalized).mean(axis, keepdims=True)
    return (h - correction) / std, grad_output * normalized


def norm_long(grad_output, x, gamma, axis, eps):
    """Every step of the graph on its own: centred, variance, inverse root, and back."""
    n = x.shape[axis]
    mean = x.sum(axis, keepdims=True) / n
    centred = x - mean
    variance = (centred**2).sum(axis, keepdims=True) / n
    inverse = (variance + eps) ** -0.5
    normalized = centred * inverse
    d_normalized = grad_output * gamma
    d_inverse = (d_normalized * centred).sum(axis, keepdims=True)
    d_variance = d_inverse * -0.5 * (variance + eps) ** -1.5
    d_centred = d_normalized * inverse + 2 * centred * d_variance / n
    d_mean = -d_centred.sum(axis, keepdims=True)
    return d_centred + np.ones_like(x) * d_mean / n, grad_output * normalized


def windows_of(x, kernel_size, stride):
    return sliding_window_view(x, pair(kernel_size), axis=(2, 3))[:, :, ::stride, ::stride]
