"""Normalization and dropout: the statistics depend on x too, so the cotangent reaches it three ways.

For x̂ = (x - mean) / sqrt(variance + eps) and h = dL/dx̂, directly and through both statistics:
dL/dx = (h - mean(h) - x̂ mean(h x̂)) / sqrt(variance + eps), the means over the same axes.
"""

from __future__ import annotations

import numpy as np

from autograder.engine.broadcasting import Array, rows
from autograder.engine.primitive import NO_GRAD, defvjp, primitive

__all__ = ["batch_norm", "dropout", "group_norm", "layer_norm", "rms_norm"]

Axes = int | tuple[int, ...]


def _normalized(x: Array, axes: Axes, eps: float) -> Array:
    """x̂, with mean 0 and (nearly) variance 1 over ``axes``."""
    centered = x - x.mean(axis=axes, keepdims=True)
    normalized: Array = centered / np.sqrt((centered * centered).mean(axis=axes, keepdims=True) + eps)
    return normalized


def _normalized_row(h: Array, x: Array, axes: Axes, eps: float) -> Array:
    """dL/dx given h = dL/dx̂, as at the head of this file."""
    normalized = _normalized(x, axes, eps)
    scale = np.sqrt(x.var(axis=axes, keepdims=True) + eps)
    through_mean = h.mean(axis=axes, keepdims=True)
    through_variance = normalized * (h * normalized).mean(axis=axes, keepdims=True)
    dx: Array = (h - through_mean - through_variance) / scale
    return dx


@primitive(shapes="(*b,d),(d),(d)->(*b,d)", source="Ba, Kiros, Hinton 2016")
def layer_norm(x: Array, gamma: Array, beta: Array, eps: float = 1e-5) -> Array:
    """Normalize each row over the last axis: y = gamma x̂ + beta.

    Given g = dL/dy, (..., D), and h = g gamma:  dL/dx as at the head of this file;
    dL/dgamma = Σ g x̂, (D,);  dL/dbeta = Σ g, (D,), summed over all rows.
    """
    return gamma * _normalized(x, -1, eps) + beta


defvjp(
    layer_norm,
    x=lambda g, y, x, gamma, beta, eps: _normalized_row(g * gamma, x, -1, eps),
    gamma=lambda g, y, x, gamma, beta, eps: rows(g * _normalized(x, -1, eps)).sum(axis=0),
    beta=lambda g, y, x, gamma, beta, eps: rows(g).sum(axis=0),
)


@primitive(shapes="(n,d),(d),(d)->(n,d)", source="Ioffe, Szegedy 2015 (training mode)")
def batch_norm(x: Array, gamma: Array, beta: Array, eps: float = 1e-5) -> Array:
    """Normalize each feature over the batch, axis 0, with the biased variance: y = gamma x̂ + beta.

    Given g = dL/dy, (N,D), and h = g gamma:  dL/dx as at the head of this file;
    dL/dgamma = Σ_N g x̂, (D,);  dL/dbeta = Σ_N g, (D,).
    """
    return gamma * _normalized(x, 0, eps) + beta


defvjp(
    batch_norm,
    x=lambda g, y, x, gamma, beta, eps: _normalized_row(g * gamma, x, 0, eps),
    gamma=lambda g, y, x, gamma, beta, eps: (g * _normalized(x, 0, eps)).sum(axis=0),
    beta=lambda g, y, x, gamma, beta, eps: g.sum(axis=0),
)


def _root_mean_square(x: Array, eps: float) -> Array:
    rms: Array = np.sqrt((x * x).mean(axis=-1, keepdims=True) + eps)
    return rms


def _rms_norm_row(g: Array, y: Array, x: Array, gamma: Array, eps: float) -> Array:
    rms = _root_mean_square(x, eps)
    h, normalized = g * gamma, x / rms
    dx: Array = (h - normalized * (h * normalized).mean(axis=-1, keepdims=True)) / rms
    return dx


@primitive(shapes="(*b,d),(d)->(*b,d)", source="Zhang, Sennrich 2019")
def rms_norm(x: Array, gamma: Array, eps: float = 1e-6) -> Array:
    """Scale each row to root mean square 1 over the last axis: y = gamma x / r, r = √(mean x² + eps).

    Given g = dL/dy, (..., D), h = g gamma and x̂ = x / r:  dL/dx = (h - x̂ mean(h x̂)) / r;
    dL/dgamma = Σ g x̂, (D,), summed over all rows.
    """
    return gamma * (x / _root_mean_square(x, eps))


defvjp(
    rms_norm,
    x=_rms_norm_row,
    gamma=lambda g, y, x, gamma, eps: rows(g * (x / _root_mean_square(x, eps))).sum(axis=0),
)


def _grouped(x: Array, groups: int) -> Array:
    """(N,C,H,W) as (N, groups, C/groups, H, W)."""
    n, channels, height, width = x.shape
    return x.reshape(n, groups, channels // groups, height, width)


def _group_normalized(x: Array, groups: int, eps: float) -> Array:
    return _normalized(_grouped(x, groups), (2, 3, 4), eps).reshape(x.shape)


def _per_channel(values: Array) -> Array:
    """(C,) as (C,1,1), to broadcast against (N,C,H,W)."""
    return values[:, None, None]


def _group_norm_row(g: Array, y: Array, x: Array, gamma: Array, beta: Array, groups: int, eps: float) -> Array:
    h = _grouped(g * _per_channel(gamma), groups)
    return _normalized_row(h, _grouped(x, groups), (2, 3, 4), eps).reshape(x.shape)


@primitive(shapes="(n,2c,h,w),(2c),(2c)->(n,2c,h,w)", source="Wu, He 2018")
def group_norm(x: Array, gamma: Array, beta: Array, groups: int = 2, eps: float = 1e-5) -> Array:
    """Normalize each image over (C/groups, H, W), then scale and shift each channel: y = gamma x̂ + beta.

    Given g = dL/dy, (N,C,H,W), and h = g gamma:  dL/dx as at the head of this file, within a group;
    dL/dgamma = Σ_(N,H,W) g x̂, (C,);  dL/dbeta = Σ_(N,H,W) g, (C,).
    """
    return _per_channel(gamma) * _group_normalized(x, groups, eps) + _per_channel(beta)


defvjp(
    group_norm,
    x=_group_norm_row,
    gamma=lambda g, y, x, gamma, beta, groups, eps: (g * _group_normalized(x, groups, eps)).sum(axis=(0, 2, 3)),
    beta=lambda g, y, x, gamma, beta, groups, eps: g.sum(axis=(0, 2, 3)),
)


@primitive(shapes="(*s),(*s)->(*s)", source="Srivastava et al. 2014 (inverted)")
def dropout(x: Array, mask: Array, p: float = 0.5) -> Array:
    """Keep x where the mask is 1, scaled so that the expectation stays: y = x mask / (1 - p).

    Given g = dL/dy:  dL/dx = g mask / (1 - p), with the same mask.
    """
    return x * mask / (1 - p)


defvjp(dropout, x=lambda g, y, x, mask, p: g * mask / (1 - p), mask=NO_GRAD)
