"""Training mode and evaluation mode: switched for a moment, and left as they were found."""

from __future__ import annotations

from kit.declare import Function
from kit.draws import normal

from ._shared import LEFT, NET, net, stored

STATISTICS = "whether the batch norm's statistics moved"

EVALUATE = Function(
    name="evaluate",
    signature="evaluate(model, x)",
    statement="model(x) in evaluation mode, without a graph; every mode is as before, also if the model raises.",
    stored=stored(
        "evaluate",
        model_in_training={**net(2, 3, 1), "x": normal(3, 2)},
        dropout_in_eval_mode={**net(2, 3, 1), "x": normal(3, 2), "evaluating": ("drop",)},
        model_that_raises={**net(2, 3, 1), "x": normal(3, 2), "breaks": True},
    ),
    results=("output", "output of a second call", "whether an output holds a graph", STATISTICS, *LEFT),
    adapter="evaluated",
    takes=(*NET, "x"),
)

PREDICT_WITH_DROPOUT_OFF = Function(
    name="predict_with_dropout_off",
    signature="predict_with_dropout_off(model, x)",
    statement="model(x) in evaluation mode; every module's mode is as before.",
    stored=stored(
        "predict_with_dropout_off",
        model_in_training={**net(2, 3, 1), "x": normal(3, 2)},
        model_in_eval_mode={**net(2, 3, 1), "x": normal(3, 2), "evaluating": ("all",)},
        batch_norm_in_eval_mode={**net(2, 3, 1), "x": normal(3, 2), "evaluating": ("norm",)},
    ),
    results=("output", "output of a second call", STATISTICS, *LEFT),
    adapter="without_dropout",
    takes=(*NET, "x"),
)

MC_DROPOUT = Function(
    name="mc_dropout",
    signature="mc_dropout(model, x, samples)",
    statement="samples outputs stacked, dropout active and all else in evaluation mode; every mode is as before.",
    stored=stored(
        "mc_dropout",
        model_in_training={"x": normal(4, 8), "samples": 5},
        model_in_eval_mode={"x": normal(4, 8), "samples": 4, "rate": 0.25, "evaluating": ("all",)},
    ),
    results=(
        "shape of the output",
        "multiples of the output without dropout that occur",
        "number of different samples",
        STATISTICS,
        *LEFT,
    ),
    adapter="sampled",
    takes=("x", "samples"),
)
