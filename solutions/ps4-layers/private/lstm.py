"""The LSTM cell: two upstream gradients, four gates, and a cell state that is read twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.course.declare import Array, Exercise, mistake
from autograder.engine import ops
from autograder.engine.ops.activations import stable_sigmoid
from kit.declare import case
from kit.draws import away_from_zero, exactly, normal, reversed_view, transposed_view

from ..public import lstm as public
from ._right import sigmoid


def _reference(grad_h: Array, grad_c: Array, *inputs: Array) -> tuple[Array, ...]:
    """The engine's rule; its cell has the two states stacked, and so their cotangents."""
    return ops.lstm_cell.backward(np.stack([grad_h, grad_c]), ops.lstm_cell.forward(*inputs), *inputs)


def _lstm(
    *,
    order: Sequence[int] = (0, 1, 2, 3),
    from_h: Callable[[Array], Array] = lambda new_c: np.asarray(1 - np.tanh(new_c) ** 2),
    from_c: float = 1.0,
    candidate_slope: Callable[[Array], Array] = lambda g: np.asarray(1 - g * g),
    forget: Callable[[Array], Array] = lambda f: f,
    for_b: Callable[[Array], Array] = lambda d: np.asarray(d.sum(axis=0)),
    output_gate: Callable[[Array], Array] = np.tanh,
    direct_only: bool = False,
) -> Callable[..., tuple[Any, ...]]:
    """The rule with one thing changed: the order of the gates, what reaches c' from h' and from above, one slope."""

    def wrong(
        grad_h: Array, grad_c: Array, x: Array, h: Array, c: Array, W: Array, U: Array, b: Array
    ) -> tuple[Any, ...]:
        parts = np.split(x @ W.T + h @ U.T + b, 4, axis=-1)
        i, f, g, o = (parts[place] for place in order)
        i, f, g, o = stable_sigmoid(i), stable_sigmoid(f), np.tanh(g), stable_sigmoid(o)
        new_c = f * c + i * g
        e = from_c * grad_c + grad_h * o * from_h(new_c)
        gates = [
            e * g * i * (1 - i),
            e * c * f * (1 - f),
            e * i * candidate_slope(g),
            grad_h * output_gate(new_c) * o * (1 - o),
        ]
        d = np.concatenate([gates[order.index(place)] for place in range(4)], axis=-1)
        return d @ W, d @ U, (grad_c if direct_only else e) * forget(f), d.T @ x, d.T @ h, for_b(d)

    return wrong


def _cell(n: int, inputs: int, hidden: int, scale: float = 1.0) -> dict[str, Any]:
    """Draws for all arguments of a cell with these sizes."""
    return {
        "grad_h": away_from_zero(n, hidden),
        "grad_c": away_from_zero(n, hidden),
        "x": normal(n, inputs, scale=scale),
        "h": normal(n, hidden),
        "c": normal(n, hidden),
        "W": normal(4 * hidden, inputs),
        "U": normal(4 * hidden, hidden),
        "b": normal(4 * hidden),
    }


LSTM_CELL = Exercise(
    public.LSTM_CELL,
    reference=_reference,
    cases=(
        case("small", **_cell(2, 3, 2)),
        case("one unit", **_cell(3, 2, 1)),
        case("batch of 1", check="edges", **_cell(1, 2, 3)),
        case("one input", check="edges", **_cell(3, 1, 2)),
        case("nothing from h'", check="edges", **{**_cell(2, 1, 2), "grad_h": exactly([[0.0, 0.0], [0.0, 0.0]])}),
        case(
            "strided",
            check="edges",
            **{**_cell(2, 3, 2), "W": transposed_view(normal(3, 8)), "h": reversed_view(normal(2, 2))},
        ),
        case("saturated", check="stability", **_cell(2, 3, 2, scale=1000.0)),
        case("cost", check="cost", **_cell(1500, 4, 8)),
    ),
    mistakes=(
        mistake(
            "gate-order",
            _lstm(order=(0, 1, 3, 2)),
            "In which order do the four gates stand in x W^T + h U^T + b? Which quarter goes through tanh?",
        ),
        mistake(
            "cell-gradient-ignored",
            _lstm(from_c=0),
            "The next step reads c' too. Which of your two upstream gradients says what happened there?",
        ),
        mistake(
            "path-through-h-missing",
            _lstm(from_h=np.zeros_like),
            "h' is made from c'. Does the gradient of h' reach c' in yours?",
        ),
        mistake(
            "tanh-of-cell-skipped", _lstm(from_h=np.ones_like), "Between c' and h' stands a tanh. Where is its slope?"
        ),
        mistake(
            "slope-from-cell",
            _lstm(from_h=lambda new_c: np.asarray(1 - new_c**2)),
            "In 1 - t^2, is t the input of tanh or its output?",
        ),
        mistake(
            "candidate-with-sigmoid-slope",
            _lstm(candidate_slope=lambda g: np.asarray(g * (1 - g))),
            "Three gates are sigmoids. Which one is not, and what is its slope?",
        ),
        mistake(
            "forget-gate-missing", _lstm(forget=np.ones_like), "How much of the old cell state entered the new one?"
        ),
        mistake(
            "old-cell-from-above-only",
            _lstm(direct_only=True),
            "The old cell state acts on h' as well. By which way, and is it in your dL/dc?",
        ),
        mistake(
            "bias-not-summed",
            _lstm(for_b=lambda d: d),
            "One bias serves every example of the batch. How do the contributions come together?",
        ),
        mistake(
            "output-gate-without-tanh",
            _lstm(output_gate=lambda new_c: new_c),
            "What does the output gate multiply: c', or what tanh made of it?",
        ),
    ),
)


@LSTM_CELL.right
def lstm_library(grad_h, grad_c, x, h, c, W, U, b):
    size = h.shape[1]
    pre = x @ W.T + h @ U.T + b
    i, f, o = (sigmoid(pre[:, k * size : (k + 1) * size]) for k in (0, 1, 3))
    g = np.tanh(pre[:, 2 * size : 3 * size])
    t = np.tanh(f * c + i * g)
    dc = grad_c + grad_h * o * (1 - t**2)
    d_pre = np.hstack([dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g**2), grad_h * t * o * (1 - o)])
    return d_pre @ W, d_pre @ U, dc * f, d_pre.T @ x, d_pre.T @ h, d_pre.sum(0)


@LSTM_CELL.right
def lstm_gates_apart(grad_h, grad_c, x, h, c, W, U, b):
    parts = [
        (w, u, x @ w.T + h @ u.T + s) for w, u, s in zip(np.split(W, 4), np.split(U, 4), np.split(b, 4), strict=True)
    ]
    i, f, g, o = (act(pre) for act, (_, _, pre) in zip((sigmoid, sigmoid, np.tanh, sigmoid), parts, strict=True))
    state = f * c + i * g
    d_state = grad_c + grad_h * o / np.cosh(np.clip(state, -300, 300)) ** 2
    d_gates = [
        d_state * g * i * (1 - i),
        d_state * c * f * (1 - f),
        d_state * i * (1 - g) * (1 + g),
        grad_h * np.tanh(state) * o * (1 - o),
    ]
    dx = sum(d @ w for d, (w, _, _) in zip(d_gates, parts, strict=True))
    dh = sum(d @ u for d, (_, u, _) in zip(d_gates, parts, strict=True))
    dW = np.concatenate([np.einsum("nk,ni->ki", d, x) for d in d_gates])
    dU = np.concatenate([np.einsum("nk,ni->ki", d, h) for d in d_gates])
    return [dx, dh, d_state * f, dW, dU, np.concatenate([d.sum(axis=0) for d in d_gates])]


@LSTM_CELL.right
def lstm_example_by_example(grad_h, grad_c, x, h, c, W, U, b):
    size = h.shape[1]
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h), np.zeros_like(c)
    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
    for n in range(len(x)):
        pre = (W @ x[n] + U @ h[n] + b).reshape(4, size)
        i, f, o = sigmoid(pre[[0, 1, 3]])
        g = np.tanh(pre[2])
        t = np.tanh(f * c[n] + i * g)
        e = grad_c[n] + grad_h[n] * o * (1 - t * t)
        d = np.array([e * g * i * (1 - i), e * c[n] * f * (1 - f), e * i * (1 - g * g), grad_h[n] * t * o * (1 - o)])
        d = d.reshape(-1)
        dx[n], dh[n], dc[n] = d @ W, d @ U, e * f
        dW += np.outer(d, x[n])
        dU += np.outer(d, h[n])
        db += d
    return dx, dh, dc, dW, dU, db


__all__ = ["LSTM_CELL"]
