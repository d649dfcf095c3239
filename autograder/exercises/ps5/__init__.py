"""ps5, the private half: hidden cases, references and misconceptions, one file per topic; in the notebook's order."""

from __future__ import annotations

from autograder.exercises.declare import Exercise
from autograder.exercises.ps5 import depth, gradients, network, optimizers, remedies, rules, runs, tapes

EXERCISES: tuple[Exercise, ...] = (
    *rules.EXERCISES,
    network.MLP_FORWARD,
    network.MLP_BACKWARD,
    network.LOSS_AND_GRADIENTS,
    gradients.ZERO_GRAD,
    gradients.ACCUMULATE,
    optimizers.SGD_STEP,
    runs.TRAIN,
    gradients.CLIP_GRAD_NORM,
    optimizers.MOMENTUM_STEP,
    optimizers.ADAM_STEP,
    tapes.TENSOR,
    depth.CHAIN_PRODUCT,
    depth.GRADIENT_NORMS,
    depth.XAVIER_STD,
    depth.HE_STD,
    remedies.RESIDUAL,
    remedies.GATED,
    remedies.NORMALIZED,
    remedies.PREDICT,
)
