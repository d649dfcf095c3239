"""ps6, the public half: common PyTorch mistakes, one file per kind of mistake. It holds answers as data, no repair."""

from __future__ import annotations

from ...declare import Public
from . import choices, cuts, item, modes, predictions, training, values

PUBLIC: tuple[Public, ...] = (
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
    cuts.NEW_LEAF,
    training.TRAIN_STEP,
    modes.EVALUATE,
    training.TRAIN_EPOCH,
    training.ACCUMULATE_EPOCH,
    training.ORDERED_STEP,
    training.STACK,
    training.MANUAL_SGD,
    values.SHIFTED_SIGMOID,
    values.DATA_EDIT,
    training.TRAIN_CHUNKS,
    values.VECTOR_JACOBIAN_PRODUCT,
    values.LOG_LIKELIHOOD,
    values.PAIRED_MSE,
    values.TO_COLUMNS,
    modes.PREDICT_WITH_DROPOUT_OFF,
    modes.MC_DROPOUT,
    training.CLIPPED_STEP,
    cuts.TD_LOSS,
    values.SAFE_SQRT,
    cuts.MAKE_WEIGHT,
    choices.SOFT_LOOKUP,
    item.RUNNING_LOSS,
)
