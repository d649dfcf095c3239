"""Scaled dot-product attention: three inputs, a softmax between them, and a scale that is easily lost."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from autograder.course.declare import Array, Exercise, mistake
from autograder.engine import ops
from kit.declare import case
from kit.draws import every_second, exactly, normal, reversed_view, transposed_view

from ..public import attention as public

Gradients = tuple[Array, Array, Array]


def _swap(x: Array) -> Array:
    return np.swapaxes(x, -1, -2)


def _softmax(scores: Array, axis: int = -1) -> Array:
    raised = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return np.asarray(raised / raised.sum(axis=axis, keepdims=True))


def _unshifted_softmax(scores: Array) -> Array:
    raised = np.exp(scores)
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def _visible(queries: int, keys: int) -> Array:
    """Query l sees keys 0 to l."""
    return np.tri(queries, keys, dtype=np.bool_)


def _softmax_rule(P: Array, dP: Array) -> Array:
    return np.asarray(P * (dP - (P * dP).sum(axis=-1, keepdims=True)))


def _attention(
    *,
    visible: Callable[[int, int], Array] = _visible,
    always_causal: bool = False,
    softmax: Callable[[Array], Array] = _softmax,
    rule: Callable[[Array, Array], Array] = _softmax_rule,
    scale_back: Callable[[Array, Array], float] = lambda q, k: 1 / math.sqrt(q.shape[-1]),
    weigh: float = 1.0,
    for_v: Callable[[Array, Array], Array] = lambda P, g: np.asarray(_swap(P) @ g),
    swapped: bool = False,
) -> Callable[..., Gradients]:
    """The rule with one thing changed: what is ``visible``, the softmax or its rule, the scale on the way back."""

    def wrong(g: Array, y: Array, q: Array, k: Array, v: Array, causal: bool = False) -> Gradients:
        scores = q @ _swap(k) / math.sqrt(q.shape[-1])
        if causal or always_causal:
            scores = np.where(visible(*scores.shape[-2:]), scores, -np.inf)
        P = softmax(scores)
        dS = weigh * rule(P, g @ _swap(v)) * scale_back(q, k)
        dq, dk = dS @ k, _swap(dS) @ q
        return (dk, dq, for_v(P, g)) if swapped else (dq, dk, for_v(P, g))

    return wrong


ATTENTION = Exercise(
    public.ATTENTION,
    op=ops.attention,
    floor=1e-10,  # scores in the thousands have lost four digits before any rule sees them
    cases=(
        case("square", q=normal(3, 3), k=normal(3, 3), v=normal(3, 3)),
        case("4 queries, 3 keys", q=normal(4, 2), k=normal(3, 2), v=normal(3, 5)),
        case("2 queries, 4 keys", q=normal(2, 3), k=normal(4, 3), v=normal(4, 2)),
        case("causal", q=normal(4, 3), k=normal(4, 3), v=normal(4, 2), causal=True),
        case("batch", check="edges", q=normal(2, 3, 2), k=normal(2, 4, 2), v=normal(2, 4, 3)),
        case("batch and heads", check="edges", q=normal(2, 3, 4, 2), k=normal(2, 3, 5, 2), v=normal(2, 3, 5, 1)),
        case("causal batch", check="edges", q=normal(2, 3, 4), k=normal(2, 3, 4), v=normal(2, 3, 2), causal=True),
        case("causal, more keys", check="edges", q=normal(3, 2), k=normal(5, 2), v=normal(5, 3), causal=True),
        case("causal, fewer keys", check="edges", q=normal(5, 2), k=normal(3, 2), v=normal(3, 2), causal=True),
        case("one key", check="edges", q=normal(3, 2), k=normal(1, 2), v=normal(1, 4)),
        case("one query", check="edges", q=normal(1, 3), k=normal(4, 3), v=normal(4, 2)),
        case("width 1", check="edges", q=normal(3, 1), k=normal(2, 1), v=normal(2, 1)),
        case("equal keys", check="edges", q=normal(2, 2), k=exactly([[1.0, -2.0]] * 3), v=normal(3, 2)),
        case(
            "strided",
            check="edges",
            q=every_second(normal(3, 2)),
            k=transposed_view(normal(2, 4)),
            v=reversed_view(normal(4, 3)),
            upstream=np.asfortranarray,
        ),
        case("saturated", check="stability", q=normal(3, 4, scale=5.0), k=normal(4, 4, scale=5.0), v=normal(4, 2)),
        case("large scores", check="stability", q=normal(3, 2, scale=40.0), k=normal(4, 2, scale=40.0), v=normal(4, 3)),
        case(
            "large and causal",
            check="stability",
            q=normal(3, 2, scale=40.0),
            k=normal(3, 2, scale=40.0),
            v=normal(3, 2),
            causal=True,
        ),
        case("cost", check="cost", q=normal(16, 1000), k=normal(16, 1000), v=normal(16, 1000)),
    ),
    mistakes=(
        mistake(
            "scale-forgotten",
            _attention(scale_back=lambda q, k: 1.0),
            "The forward divided the scores by something. Where does that factor appear on the way back?",
        ),
        mistake(
            "scale-twice",
            _attention(scale_back=lambda q, k: 1 / q.shape[-1]),
            "How often was the scale applied in the forward, and how often in your rule?",
        ),
        mistake(
            "scaled-by-keys",
            _attention(scale_back=lambda q, k: 1 / math.sqrt(k.shape[-2])),
            "Is the scale made from the number of keys or from the width of a key?",
        ),
        mistake(
            "values-no-transpose",
            _attention(for_v=lambda P, g: np.asarray(P @ g)),
            "Key j served every query. Which axis of the weights is summed for dL/dv_j?",
        ),
        mistake(
            "softmax-diagonal",
            _attention(rule=lambda P, dP: np.asarray(dP * P * (1 - P))),
            "Raise one score: what happens to the other weights of its row?",
        ),
        mistake(
            "softmax-skipped",
            _attention(rule=lambda P, dP: dP),
            "Between the scores and the weights stands a softmax. Where is its rule?",
        ),
        mistake(
            "softmax-uncentred",
            _attention(rule=lambda P, dP: np.asarray(P * dP)),
            "The weights of a row always sum to 1. What must the gradients of a row's scores sum to, then?",
        ),
        mistake(
            "softmax-rule-over-queries",
            _attention(rule=lambda P, dP: np.asarray(P * (dP - (P * dP).sum(axis=-2, keepdims=True)))),
            "Along which axis do the weights sum to 1: over the keys or over the queries?",
        ),
        mistake(
            "weights-over-queries",
            _attention(softmax=lambda scores: _softmax(scores, axis=-2)),
            "Does each query share out its attention among the keys, or each key among the queries?",
        ),
        mistake(
            "weights-constant",
            _attention(weigh=0.0),
            "What are the attention weights made from? Then does nothing come back to q and k?",
        ),
        mistake(
            "mask-forgotten",
            _attention(visible=lambda queries, keys: np.ones((queries, keys), dtype=np.bool_)),
            "With causal=True, may a query get a gradient from a key that it could not see?",
        ),
        mistake(
            "mask-always",
            _attention(always_causal=True),
            "You hide later keys even if causal is False. What does the parameter say?",
        ),
        mistake(
            "mask-upside-down",
            _attention(visible=lambda queries, keys: np.triu(np.ones((queries, keys), dtype=np.bool_))),
            "Which keys does the first query see: the first one, or all of them?",
        ),
        mistake(
            "mask-without-diagonal",
            _attention(visible=lambda queries, keys: np.tri(queries, keys, -1, dtype=np.bool_)),
            "Does a query see the key at its own place? What is left for the first query if not?",
        ),
        mistake(
            "mask-aligned-at-the-end",
            _attention(visible=lambda queries, keys: np.tri(queries, keys, keys - queries, dtype=np.bool_)),
            "With more keys than queries, which keys does the first query see: is the mask aligned at the start?",
        ),
        mistake(
            "queries-and-keys-swapped",
            _attention(swapped=True),
            "Each of the first two gradients is right for the other input. In which order do the inputs come?",
        ),
        mistake(
            "overflow",
            _attention(softmax=_unshifted_softmax),
            "What is exp(1000)? What may you subtract from a row of scores without changing its weights?",
        ),
    ),
)


def swap(x):
    return np.swapaxes(x, -1, -2)


def attention_weights(q, k, causal):
    scores = q @ swap(k) * q.shape[-1] ** -0.5
    if causal:
        queries, keys = scores.shape[-2:]
        scores = scores + np.where(np.arange(keys) > np.arange(queries)[:, None], -np.inf, 0.0)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


@ATTENTION.right
def attention_library(grad_output, output, q, k, v, causal=False):
    weights = attention_weights(q, k, causal)
    d_weights = grad_output @ swap(v)
    d_scores = weights * (d_weights - (weights * d_weights).sum(axis=-1, keepdims=True))
    d_scores /= np.sqrt(q.shape[-1])
    return d_scores @ k, swap(d_scores) @ q, swap(weights) @ grad_output


@ATTENTION.right
def attention_from_output(grad_output, output, q, k, v, causal=False):
    """As flash attention does: the correction of a row is its upstream gradient times its output."""
    weights = attention_weights(q, k, causal)
    correction = (grad_output * output).sum(axis=-1, keepdims=True)
    d_scores = weights * (np.einsum("...le,...se->...ls", grad_output, v) - correction)
    scale = 1 / math.sqrt(k.shape[-1])
    dq = scale * np.einsum("...ls,...sd->...ld", d_scores, k)
    dk = scale * np.einsum("...ls,...ld->...sd", d_scores, q)
    return [dq, dk, np.einsum("...ls,...le->...se", weights, grad_output)]


@ATTENTION.right
def attention_jacobians(grad_output, output, q, k, v, causal=False):
    """Row by row, with the small Jacobian of the softmax."""
    dq, dk, dv = np.zeros(q.shape), np.zeros(k.shape), np.zeros(v.shape)
    for place in np.ndindex(q.shape[:-2]):
        for row, query in enumerate(q[place]):
            seen = slice(0, row + 1) if causal else slice(None)
            keys, values = k[place][seen], v[place][seen]
            weights = np.exp((keys @ query - (keys @ query).max()) / math.sqrt(len(query)))
            weights = weights / weights.sum()
            g = grad_output[place][row]
            jacobian = np.diag(weights) - np.outer(weights, weights)
            d_scores = jacobian @ (values @ g) / math.sqrt(len(query))
            dq[place][row] += d_scores @ keys
            dk[place][seen] += np.outer(d_scores, query)
            dv[place][seen] += np.outer(weights, g)
    return dq, dk, dv


__all__ = ["ATTENTION"]
