"""Blocks of a deep network: attention, the residual connection, the gated linear unit."""

from __future__ import annotations

import math

import numpy as np

from autograder.engine.broadcasting import Array, rows, swap
from autograder.engine.ops.activations import stable_sigmoid, stable_softmax
from autograder.engine.primitive import defvjp, primitive

__all__ = ["attention", "glu", "residual_relu"]


def _attention_weights(q: Array, k: Array, causal: bool) -> Array:
    """softmax(q kᵀ / √d), (..., L, S): how much each query attends to each key."""
    scores = q @ swap(k) / math.sqrt(q.shape[-1])
    if causal:  # query l sees keys 0 to l: aligned top-left, also where S differs from L
        scores = np.where(np.tri(*scores.shape[-2:]), scores, -np.inf)
    return stable_softmax(scores)


def _score_cotangent(g: Array, q: Array, k: Array, v: Array, causal: bool) -> Array:
    """dL/d(q kᵀ), (..., L, S): g through the values, the softmax rule and the scale."""
    weights = _attention_weights(q, k, causal)
    h = g @ swap(v)
    d: Array = weights * (h - (h * weights).sum(axis=-1, keepdims=True))
    return d / math.sqrt(q.shape[-1])


@primitive(shapes="(*b,l,d),(*b,s,d),(*b,s,e)->(*b,l,e)", source="Vaswani et al. 2017")
def attention(q: Array, k: Array, v: Array, causal: bool = False) -> Array:
    """Scaled dot-product attention, y = P v with P = softmax(q kᵀ / √d).

    Given g = dL/dy, (L,E), and D = dL/d(q kᵀ) = P (g vᵀ - Σ_S P g vᵀ) / √d, (L,S):
    dL/dq = D k, (L,d);  dL/dk = Dᵀ q, (S,d);  dL/dv = Pᵀ g, (S,E).
    """
    return _attention_weights(q, k, causal) @ v


defvjp(
    attention,
    q=lambda g, y, q, k, v, causal: _score_cotangent(g, q, k, v, causal) @ k,
    k=lambda g, y, q, k, v, causal: swap(_score_cotangent(g, q, k, v, causal)) @ q,
    v=lambda g, y, q, k, v, causal: swap(_attention_weights(q, k, causal)) @ g,
)


@primitive(shapes="(*b,n),(n,n)->(*b,n)", source="He, Zhang, Ren, Sun 2016")
def residual_relu(x: Array, W: Array) -> Array:
    """Residual block y = x + relu(x Wᵀ).

    Given g = dL/dy, (B,n), and d = g [x Wᵀ > 0]:  dL/dx = g + d W, (B,n), one term for each path;
    dL/dW = dᵀ x, (n,n), summed over the batch.
    """
    return x + np.maximum(x @ W.T, 0)


# Subgradient: 0 where x Wᵀ = 0, as for relu.
defvjp(
    residual_relu,
    x=lambda g, y, x, W: g + (g * (x @ W.T > 0)) @ W,
    W=lambda g, y, x, W: rows(g * (x @ W.T > 0)).T @ rows(x),
)


def _glu_row(g: Array, y: Array, x: Array) -> Array:
    value, gate = np.split(x, 2, axis=-1)
    s = stable_sigmoid(gate)
    return np.concatenate([g * s, g * value * s * (1 - s)], axis=-1)


@primitive(shapes="(*b,2n)->(*b,n)", source="Dauphin, Fan, Auli, Grangier 2017")
def glu(x: Array) -> Array:
    """Gated linear unit: the first half of the last axis, a, gated by the second, b: y = a σ(b).

    Given g = dL/dy:  dL/da = g σ(b);  dL/db = g a σ(b) (1 - σ(b)).
    """
    value, gate = np.split(x, 2, axis=-1)
    return value * stable_sigmoid(gate)


defvjp(glu, x=_glu_row)
