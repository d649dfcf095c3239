"""Scaled dot-product attention: three inputs, a softmax between them, and a scale that is easily lost."""

from __future__ import annotations

import math

import numpy as np

from kit.declare import Rule, case
from kit.draws import Array, normal


def _attention(q: Array, k: Array, v: Array, causal: bool = False) -> Array:
    scores = q @ np.swapaxes(k, -1, -2) / math.sqrt(q.shape[-1])
    if causal:
        scores = np.where(np.tri(*scores.shape[-2:]), scores, -np.inf)
    return np.asarray(np.exp(scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True)) @ v)


ATTENTION = Rule(
    name="attention_backward",
    statement="y = softmax(q k^T / sqrt(d)) v; with causal=True query l sees keys 0 to l.",
    forward=_attention,
    oracle=lambda torch, q, k, v, causal=False: torch.nn.functional.scaled_dot_product_attention(
        q, k, v, is_causal=causal
    ),
    cases=(
        case("3 queries, 2 keys", q=normal(3, 2), k=normal(2, 2), v=normal(2, 4)),
        case("causal", q=normal(3, 2), k=normal(3, 2), v=normal(3, 1), causal=True),
        case("causal, more keys", check="edges", q=normal(2, 2), k=normal(3, 2), v=normal(3, 1), causal=True),
        case("batch", check="edges", q=normal(2, 2, 3), k=normal(2, 4, 3), v=normal(2, 4, 2)),
        case(
            "batch and heads",
            check="edges",
            q=normal(2, 1, 3, 2),
            k=normal(2, 1, 3, 2),
            v=normal(2, 1, 3, 2),
            causal=True,
        ),
        case("large scores", check="stability", q=normal(2, 3, scale=40.0), k=normal(3, 3, scale=40.0), v=normal(3, 2)),
    ),
)
