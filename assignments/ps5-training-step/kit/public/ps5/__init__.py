"""ps5, the public half: a training step, a tape of one's own, and why depth is hard; in the notebook's order."""

from __future__ import annotations

from ...declare import Public
from .depth import CHAIN_PRODUCT, GRADIENT_NORMS, HE_STD, XAVIER_STD
from .gradients import ACCUMULATE, CLIP_GRAD_NORM, ZERO_GRAD
from .network import LOSS_AND_GRADIENTS, MLP_BACKWARD, MLP_FORWARD, TRAIN
from .optimizers import ADAM_STEP, MOMENTUM_STEP, SGD_STEP
from .remedies import GATED, NORMALIZED, PREDICT, RESIDUAL
from .rules import AFFINE, LINEAR, MSE, RELU
from .tapes import TENSOR

PUBLIC: tuple[Public, ...] = (
    LINEAR,
    AFFINE,
    RELU,
    MSE,
    MLP_FORWARD,
    MLP_BACKWARD,
    LOSS_AND_GRADIENTS,
    ZERO_GRAD,
    ACCUMULATE,
    SGD_STEP,
    TRAIN,
    CLIP_GRAD_NORM,
    MOMENTUM_STEP,
    ADAM_STEP,
    TENSOR,
    CHAIN_PRODUCT,
    GRADIENT_NORMS,
    XAVIER_STD,
    HE_STD,
    RESIDUAL,
    GATED,
    NORMALIZED,
    PREDICT,
)
