"""ps6, the private half: hidden cases, repairs and misconceptions of PyTorch programs, one file per kind of mistake."""

from __future__ import annotations

from autograder.exercises.declare import Exercise
from autograder.exercises.ps6 import (
    choices,
    chunks,
    cuts,
    epochs,
    item,
    leaves,
    modes,
    predictions,
    steps,
    updates,
    values,
)

TORCH = True
"""In the box of this assignment there is PyTorch (`grading.torch_needed` reads this line)."""

EXERCISES: tuple[Exercise, ...] = (
    predictions.ITEM_PREDICTION,
    item.BACKWARD_FROM_LOSS,
    item.LOSS_FOR_LOG,
    predictions.DETACH_PREDICTION,
    cuts.ENCODER_DECODER_STEP,
    cuts.FROZEN_ENCODER_STEP,
    predictions.ARGMAX_PREDICTION,
    choices.CLASSIFICATION_LOSS,
    choices.SOFT_ARGMAX,
    choices.STRAIGHT_THROUGH_ONE_HOT,
    choices.PREDICT,
    choices.QUANTIZED_FORWARD,
    cuts.FEATURE_LOSS,
    cuts.TO_NUMPY_FOR_PLOT,
    cuts.SCALED_LOSS,
    leaves.NEW_LEAF,
    steps.TRAIN_STEP,
    modes.EVALUATE,
    epochs.TRAIN_EPOCH,
    epochs.ACCUMULATE_EPOCH,
    steps.ORDERED_STEP,
    updates.STACK,
    updates.MANUAL_SGD,
    values.SHIFTED_SIGMOID,
    values.DATA_EDIT,
    chunks.TRAIN_CHUNKS,
    values.VECTOR_JACOBIAN_PRODUCT,
    values.LOG_LIKELIHOOD,
    values.PAIRED_MSE,
    values.TO_COLUMNS,
    modes.PREDICT_WITH_DROPOUT_OFF,
    modes.MC_DROPOUT,
    steps.CLIPPED_STEP,
    leaves.TD_LOSS,
    values.SAFE_SQRT,
    leaves.MAKE_WEIGHT,
    choices.SOFT_LOOKUP,
    item.RUNNING_LOSS,
)
