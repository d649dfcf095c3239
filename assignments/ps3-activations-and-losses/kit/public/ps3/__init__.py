"""ps3, the public half: activations, softmax and losses, in the notebook's order."""

from __future__ import annotations

from ...declare import Public
from . import classification, rectifiers, regression, smooth, softmaxes, squashing

PUBLIC: tuple[Public, ...] = (
    rectifiers.RELU,
    rectifiers.LEAKY_RELU,
    rectifiers.ELU,
    squashing.SIGMOID,
    squashing.SIGMOID_BACKWARD,
    squashing.PREDICT,
    squashing.TANH,
    smooth.SOFTPLUS,
    smooth.SOFTPLUS_BACKWARD,
    smooth.SILU,
    smooth.GELU,
    softmaxes.SOFTMAX,
    softmaxes.SOFTMAX_BACKWARD,
    softmaxes.LOG_SOFTMAX,
    regression.MSE,
    regression.L1,
    regression.HUBER,
    classification.BCE_WITH_LOGITS,
    classification.NLL,
    classification.CROSS_ENTROPY,
    classification.KL_DIV,
    regression.L2_PENALTY,
)
