"""A number has no graph: item, and what a log may keep."""

from __future__ import annotations

import numpy as np

from kit.declare import Function
from kit.draws import normal

from ._shared import CHANGED, GRADIENTS, KIND, LEFT, NET, stored, supervised

BACKWARD_FROM_LOSS = Function(
    name="backward_from_loss",
    signature="backward_from_loss(model, x, target)",
    statement="Adds the gradients of the mean squared error to the model's parameters and returns the loss as a float.",
    stored=stored(
        "backward_from_loss",
        one_call=supervised(2, 3, 1, 4),
        called_twice={**supervised(3, 2, 2, 3), "times": 2},
        batch_norm_in_eval_mode={**supervised(2, 3, 1, 4), "layers": "full", "evaluating": ("norm",)},
    ),
    results=("loss", KIND, *GRADIENTS, CHANGED, *LEFT),
    adapter="backward_once",
    takes=(*NET, "x", "target"),
)

LOSS_FOR_LOG = Function(
    name="loss_for_log",
    signature="loss_for_log(loss)",
    statement="The value of the loss as a Python float. The loss can still be differentiated afterwards.",
    stored=stored(
        "loss_for_log",
        loss_with_its_graph={"w": normal(3), "x": normal(3)},
        loss_without_a_graph={"w": normal(2), "x": normal(2), "graph": False},
    ),
    results=(
        "number for the log",
        KIND,
        "grad of the parameter on return",
        "gradient that backward of the loss gives after the call (None: its graph is gone)",
    ),
    adapter="logged",
    takes=("w", "x"),
)

RUNNING_LOSS = Function(
    name="running_loss",
    signature="running_loss(losses)",
    statement="The sum of the losses as a Python float. The losses can still be differentiated afterwards.",
    stored=stored(
        "running_loss",
        three_losses={"w": normal(2), "x": normal(3, 2)},
        one_loss={"w": normal(2), "x": normal(1, 2)},
        no_loss={"w": normal(2), "x": np.zeros((0, 2))},
    ),
    results=(
        "sum",
        KIND,
        "losses on return",
        "grad of the parameter on return",
        "gradient that backward of the last loss gives after the call (None: no graph)",
    ),
    adapter="running",
    takes=("w", "x"),
)
