"""The LSTM cell: two results, and six arguments that all act through the gates' preactivations."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from autograder.engine.broadcasting import Array
from autograder.engine.ops.activations import stable_sigmoid
from autograder.engine.primitive import defvjp, primitive

__all__ = ["lstm_cell"]


class _Gates(NamedTuple):
    """Input, forget, candidate and output gate, (N, H) each, in PyTorch's order."""

    i: Array
    f: Array
    g: Array
    o: Array


def _gates(x: Array, h: Array, W: Array, U: Array, b: Array) -> _Gates:
    i, f, g, o = np.split(x @ W.T + h @ U.T + b, 4, axis=-1)
    return _Gates(stable_sigmoid(i), stable_sigmoid(f), np.tanh(g), stable_sigmoid(o))


@primitive(
    shapes="(n,i),(n,h),(n,h),(4h,i),(4h,h),(4h)->(2,n,h)",
    source="Hochreiter, Schmidhuber 1997; gates as PyTorch nn.LSTMCell",
)
def lstm_cell(x: Array, h: Array, c: Array, W: Array, U: Array, b: Array) -> Array:
    """One step of an LSTM: y = (h', c') stacked, c' = f c + i g, h' = o tanh(c').

    A primitive has one result; the two states have one shape, so y[0] is h' and y[1] is c', and the
    cotangent is stacked likewise. Given g = (dL/dh', dL/dc'), (2,N,H), let e be the cotangent of c',
    dL/dc' + dL/dh' o (1 - tanh²c'), and d, (N,4H), that of the preactivations x Wᵀ + h Uᵀ + b:
    dL/dx = d W;  dL/dh = d U;  dL/dc = e f;  dL/dW = dᵀ x;  dL/dU = dᵀ h;  dL/db = Σ_N d.
    """
    gates = _gates(x, h, W, U, b)
    new_c = gates.f * c + gates.i * gates.g
    return np.stack([gates.o * np.tanh(new_c), new_c])


def _cell_cotangent(g: Array, y: Array, gates: _Gates) -> Array:
    """e: what reaches c' directly, and through h' = o tanh(c')."""
    grad_h, grad_c = g
    e: Array = grad_c + grad_h * gates.o * (1 - np.tanh(y[1]) ** 2)
    return e


def _d(g: Array, y: Array, x: Array, h: Array, c: Array, W: Array, U: Array, b: Array) -> Array:
    """d: the cotangent of the preactivations x Wᵀ + h Uᵀ + b, (N, 4H)."""
    gates = _gates(x, h, W, U, b)
    e = _cell_cotangent(g, y, gates)
    return np.concatenate(
        [
            e * gates.g * gates.i * (1 - gates.i),
            e * c * gates.f * (1 - gates.f),
            e * gates.i * (1 - gates.g**2),
            g[0] * np.tanh(y[1]) * gates.o * (1 - gates.o),
        ],
        axis=-1,
    )


defvjp(
    lstm_cell,
    x=lambda g, y, x, h, c, W, U, b: _d(g, y, x, h, c, W, U, b) @ W,
    h=lambda g, y, x, h, c, W, U, b: _d(g, y, x, h, c, W, U, b) @ U,
    c=lambda g, y, x, h, c, W, U, b: _cell_cotangent(g, y, _gates(x, h, W, U, b)) * _gates(x, h, W, U, b).f,
    W=lambda g, y, x, h, c, W, U, b: _d(g, y, x, h, c, W, U, b).T @ x,
    U=lambda g, y, x, h, c, W, U, b: _d(g, y, x, h, c, W, U, b).T @ h,
    b=lambda g, y, x, h, c, W, U, b: _d(g, y, x, h, c, W, U, b).sum(axis=0),
)
