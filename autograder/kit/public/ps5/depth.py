"""ps5, the public half of depth: products of derivatives, gradient norms layer by layer, initialization."""

from __future__ import annotations

from ...declare import Function

CHAIN_PRODUCT = Function(
    name="chain_product",
    signature="chain_product(derivatives)",
    statement="From dh_t/dh_(t-1) for t = 1 ... T: a list of dh_T/dh_t for t = 0 ... T, the last one 1.0.",
    stored=(),
)

GRADIENT_NORMS = Function(
    name="gradient_norms",
    signature="gradient_norms(weights, x, activation)",
    statement="The norms of dL/dh_t for t = 0 ... T, where h_t = f(h_(t-1) W_t^T), h_0 = x and L = sum h_T.",
    stored=(),
)

XAVIER_STD = Function(
    name="xavier_std",
    signature="xavier_std(fan_in, fan_out)",
    statement="The standard deviation of Xavier's initialization.",
    stored=(),
)

HE_STD = Function(
    name="he_std",
    signature="he_std(fan_in)",
    statement="The standard deviation of He's initialization, for layers followed by a ReLU.",
    stored=(),
)
