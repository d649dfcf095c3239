"""ps5, the public half of depth: products of derivatives, gradient norms layer by layer, initialization."""

from __future__ import annotations

import numpy as np

from kit.declare import Function, Stored
from kit.draws import as_is
from kit.stored import stored

from ._shared import SQUARE

CHAIN_PRODUCT = Function(
    name="chain_product",
    signature="chain_product(derivatives)",
    statement="From dh_t/dh_(t-1) for t = 1 ... T: a list of dh_T/dh_t for t = 0 ... T, the last one 1.0.",
    stored=(
        Stored("three steps", {"derivatives": as_is([2.0, -0.5, 3.0])}, [-3.0, -1.5, 3.0, 1.0]),
        Stored("a zero on the way", {"derivatives": as_is([2.0, 0.0, 4.0, -1.0])}, [0.0, 0.0, -4.0, -1.0, 1.0]),
        Stored("no step", {"derivatives": as_is([])}, [1.0]),
    ),
)

GRADIENT_NORMS = Function(
    name="gradient_norms",
    signature="gradient_norms(weights, x, activation)",
    statement="The norms of dL/dh_t for t = 0 ... T, where h_t = f(h_(t-1) W_t^T), h_0 = x and L = sum h_T.",
    stored=stored(
        "gradient_norms",
        {
            "tanh": {**SQUARE, "activation": "tanh"},
            "relu, other widths": {
                "weights": as_is([np.array([[1.0, -0.5], [0.5, 2.0], [-1.0, 1.0]]), np.array([[1.0, 1.0, 2.0]])]),
                "x": [[0.5, -1.0], [2.0, 0.25]],
                "activation": "relu",
            },
            "sigmoid": {**SQUARE, "activation": "sigmoid"},
        },
    ),
)

XAVIER_STD = Function(
    name="xavier_std",
    signature="xavier_std(fan_in, fan_out)",
    statement="The standard deviation of Xavier's initialization.",
    stored=(
        Stored("even", {"fan_in": 100, "fan_out": 100}, np.array(0.1)),
        Stored("narrowing", {"fan_in": 28, "fan_out": 4}, np.array(0.25)),
    ),
)

HE_STD = Function(
    name="he_std",
    signature="he_std(fan_in)",
    statement="The standard deviation of He's initialization, for layers followed by a ReLU.",
    stored=(Stored("fifty", {"fan_in": 50}, np.array(0.2)), Stored("two", {"fan_in": 2}, np.array(1.0))),
)
