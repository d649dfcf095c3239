"""ps5, the public half of the remedies, and of the question which of six networks can be trained."""

from __future__ import annotations

import numpy as np

from kit.declare import Answer, Function, Predict, Stored
from kit.draws import as_is

RESIDUAL = Function(
    name="residual_gradient_norms",
    signature="residual_gradient_norms(weights, x, activation)",
    statement="gradient_norms for h_t = h_(t-1) + f(h_(t-1) W_t^T).",
    stored=(
        Stored(
            "tanh",
            {
                "weights": as_is([np.array([[1.0, -0.5], [0.5, 2.0]]), np.array([[0.0, 1.0], [-1.0, 0.5]])]),
                "x": [[0.5, -1.0], [2.0, 0.25]],
                "activation": "tanh",
            },
            [2.813703060755, 2.206600649532, 2.0],
        ),
        Stored(
            "relu",
            {
                "weights": as_is([np.array([[1.0, -0.5], [0.5, 2.0]]), np.array([[0.0, 1.0], [-1.0, 0.5]])]),
                "x": [[0.5, -1.0], [2.0, 0.25]],
                "activation": "relu",
            },
            [6.595452979136, 2.645751311065, 2.0],
        ),
    ),
)

GATED = Function(
    name="gated_gradient_norms",
    signature="gated_gradient_norms(weights, x, activation, carry=0.9)",
    statement="gradient_norms for h_t = carry h_(t-1) + (1 - carry) f(h_(t-1) W_t^T).",
    stored=(
        Stored(
            "tanh",
            {
                "weights": as_is([np.array([[1.0, -0.5], [0.5, 2.0]]), np.array([[0.0, 1.0], [-1.0, 0.5]])]),
                "x": [[0.5, -1.0], [2.0, 0.25]],
                "activation": "tanh",
            },
            [1.717896448705, 1.856753161381, 2.0],
        ),
        Stored(
            "sigmoid, another carry",
            {
                "weights": as_is([np.array([[1.0, -0.5], [0.5, 2.0]]), np.array([[0.0, 1.0], [-1.0, 0.5]])]),
                "x": [[0.5, -1.0], [2.0, 0.25]],
                "activation": "sigmoid",
                "carry": 0.25,
            },
            [0.3309995826408, 0.7293248974503, 2.0],
        ),
    ),
)

NORMALIZED = Function(
    name="normalized_gradient_norms",
    signature="normalized_gradient_norms(weights, x, activation, eps=1e-5)",
    statement="gradient_norms for h_t = f(layer_norm(h_(t-1) W_t^T)), each row normalized, without gain and bias.",
    stored=(
        Stored(
            "tanh",
            {
                "weights": as_is(
                    [
                        np.array([[1.0, -0.5], [0.5, 2.0], [-1.0, 1.0]]),
                        np.array([[0.0, 1.0, 0.5], [-1.0, 0.5, 2.0], [0.5, 0.5, -1.0]]),
                    ]
                ),
                "x": [[0.5, -1.0], [2.0, 0.25]],
                "activation": "tanh",
            },
            [0.122432269073, 0.2894079572783, 2.449489742783],
            tolerance=1e-08,
        ),
        Stored(
            "relu, a large eps",
            {
                "weights": as_is(
                    [
                        np.array([[1.0, -0.5], [0.5, 2.0], [-1.0, 1.0]]),
                        np.array([[0.0, 1.0, 0.5], [-1.0, 0.5, 2.0], [0.5, 0.5, -1.0]]),
                    ]
                ),
                "x": [[0.5, -1.0], [2.0, 0.25]],
                "activation": "relu",
                "eps": 0.25,
            },
            [0.2759604750763, 1.158493692662, 2.449489742783],
            tolerance=1e-08,
        ),
    ),
)

NETS = ("sigmoid", "small_tanh", "he_relu", "double_he_relu", "residual_sigmoid", "residual_he_relu")

PREDICT = Predict(
    name="predict",
    statement="What becomes of the gradient in each of the notebook's six networks of fifty layers.",
    answers={"fate": Answer(dict, ("vanishes", "explodes", "survives"), keys=NETS)},
)
