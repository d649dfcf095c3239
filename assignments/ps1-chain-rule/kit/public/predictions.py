"""Predictions: paths, how they combine, a second backward pass, a node that the output does not depend on."""

from __future__ import annotations

from kit.declare import Answer, Predict

PREDICT = Predict(
    name="predict",
    statement="Four questions about the notebook's graphs, to be answered before anything is run.",
    answers={
        "path_count": Answer(int),
        "combine_paths": Answer(str, ("add", "multiply", "average")),
        "grad_after_second_backward": Answer(float),
        "unreached_grad": Answer(float),
    },
)
