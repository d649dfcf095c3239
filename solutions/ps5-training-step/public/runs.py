"""Training: the steps one after the other."""

from __future__ import annotations

from kit.declare import Function
from kit.stored import stored

from ._shared import NET, ONE_OUTPUT, TWO_OUTPUTS

TRAIN = Function(
    name="train",
    signature="train(params, X, target, steps, lr)",
    statement="(params, losses) after so many steps of gradient descent on the whole batch; losses before each update.",
    adapter="training_run",
    takes=(*NET, "X", "target", "steps", "lr"),
    results=("losses", *(f"{name} after the last step" for name in NET)),
    stored=stored(
        "train",
        {
            "three steps": {**ONE_OUTPUT, "target": [[1.0], [4.0], [-2.0]], "steps": 3, "lr": 0.01},
            "two outputs": {**TWO_OUTPUTS, "target": [[1.0, -1.0], [0.5, 2.0]], "steps": 2, "lr": 0.05},
            "no step": {**ONE_OUTPUT, "target": [[1.0], [4.0], [-2.0]], "steps": 0, "lr": 0.1},
        },
        tolerance=1e-08,
    ),
)
