"""Predictions: what each parameter's gradient is after a broken program has run."""

from __future__ import annotations

from kit.declare import Answer, Predict

FATES = ("none", "zero", "right", "wrong")


def _prediction(name: str, statement: str, *groups: str) -> Predict:
    return Predict(name=name, statement=statement, answers={name: Answer(dict, FATES, groups)})


ITEM_PREDICTION = _prediction(
    "item_prediction",
    "What backward leaves in .grad when the loss went through item() and a penalty did not.",
    "body.weight",
    "head.weight",
    "head.bias",
)
DETACH_PREDICTION = _prediction(
    "detach_prediction",
    "What backward leaves in .grad when a layer is used on both sides of a detach.",
    "encoder",
    "shared",
    "decoder",
    "skip",
)
ARGMAX_PREDICTION = _prediction(
    "argmax_prediction",
    "What backward leaves in .grad behind argmax and behind round.",
    "features",
    "classifier",
    "scorer",
    "offset",
)
