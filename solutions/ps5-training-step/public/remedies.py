"""ps5, the public half of the remedies, and of the question which of six networks can be trained."""

from __future__ import annotations

from kit.declare import Answer, Function, Predict
from kit.stored import stored

from ._shared import SQUARE, WIDE

RESIDUAL = Function(
    name="residual_gradient_norms",
    signature="residual_gradient_norms(weights, x, activation)",
    statement="gradient_norms for h_t = h_(t-1) + f(h_(t-1) W_t^T).",
    stored=stored(
        "residual_gradient_norms", {"tanh": {**SQUARE, "activation": "tanh"}, "relu": {**SQUARE, "activation": "relu"}}
    ),
)

GATED = Function(
    name="gated_gradient_norms",
    signature="gated_gradient_norms(weights, x, activation, carry=0.9)",
    statement="gradient_norms for h_t = carry h_(t-1) + (1 - carry) f(h_(t-1) W_t^T).",
    stored=stored(
        "gated_gradient_norms",
        {
            "tanh": {**SQUARE, "activation": "tanh"},
            "sigmoid, another carry": {**SQUARE, "activation": "sigmoid", "carry": 0.25},
        },
    ),
)

NORMALIZED = Function(
    name="normalized_gradient_norms",
    signature="normalized_gradient_norms(weights, x, activation, eps=1e-5)",
    statement="gradient_norms for h_t = f(layer_norm(h_(t-1) W_t^T)), each row normalized, without gain and bias.",
    stored=stored(
        "normalized_gradient_norms",
        {"tanh": {**WIDE, "activation": "tanh"}, "relu, a large eps": {**WIDE, "activation": "relu", "eps": 0.25}},
        tolerance=1e-08,
    ),
)

NETS = ("sigmoid", "small_tanh", "he_relu", "double_he_relu", "residual_sigmoid", "residual_he_relu")

PREDICT = Predict(
    name="predict",
    statement="What becomes of the gradient in each of the notebook's six networks of fifty layers.",
    answers={"fate": Answer(dict, ("vanishes", "explodes", "survives"), keys=NETS)},
)
