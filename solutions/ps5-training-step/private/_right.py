"""What right answers of several files share, written as a student might."""

from __future__ import annotations

import types

import numpy as np


def on(forward):
    """A backward pass in a namespace in which ``mlp_forward`` is ``forward``, as in the notebook of one student."""
    return lambda backward: types.FunctionType(
        backward.__code__, {**backward.__globals__, "mlp_forward": forward}, backward.__name__
    )


def f(z, activation):
    return {"tanh": np.tanh(z), "relu": np.maximum(z, 0.0), "sigmoid": 1 / (1 + np.exp(-z))}[activation]


def slope_from_output(y, activation):
    return {"tanh": 1 - y**2, "relu": (y > 0) * 1.0, "sigmoid": y * (1 - y)}[activation]


def slope_from_input(z, activation):
    if activation == "tanh":
        return 1 / np.cosh(z) ** 2
    if activation == "relu":
        return np.heaviside(z, 0.0)
    return 1 / ((1 + np.exp(-z)) * (1 + np.exp(z)))
