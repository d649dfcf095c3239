"""Hard choices and soft ones: argmax, round, integer indices, and losses that can be differentiated."""

from __future__ import annotations

import numpy as np

from kit.declare import Function
from kit.draws import normal

from ._shared import TOUCHED, classes, stored

LOGITS = ("gradient of logits", TOUCHED)

CLASSIFICATION_LOSS = Function(
    name="classification_loss",
    signature="classification_loss(logits, target)",
    statement="The cross-entropy of the logits, averaged over the batch, as a loss that can be differentiated.",
    stored=stored("classification_loss", three_classes=classes(2, 3), five_classes=classes(4, 5)),
    results=("loss", *LOGITS),
    adapter="pulled",
    takes=("grad_output", "logits", "target"),
)

SOFT_ARGMAX = Function(
    name="soft_argmax",
    signature="soft_argmax(logits, temperature=1.0)",
    statement="The expected index, sum over k of k softmax(logits / temperature)_k, along the last axis.",
    stored=stored(
        "soft_argmax",
        rows={"grad_output": normal(2), "logits": normal(2, 4)},
        low_temperature={"grad_output": normal(3), "logits": normal(3, 3), "temperature": 0.3},
        one_row={"grad_output": normal(), "logits": normal(4), "temperature": 2.0},
    ),
    results=("expected index", *LOGITS),
    adapter="pulled",
    takes=("grad_output", "logits"),
)

STRAIGHT_THROUGH_ONE_HOT = Function(
    name="straight_through_one_hot",
    signature="straight_through_one_hot(logits)",
    statement="Forward the one-hot of the largest logit along the last axis; backward the gradient of softmax.",
    stored=stored(
        "straight_through_one_hot",
        rows={"grad_output": normal(2, 3), "logits": normal(2, 3)},
        square={"grad_output": normal(3, 3), "logits": normal(3, 3)},
        one_row={"grad_output": normal(4), "logits": normal(4)},
    ),
    results=("one-hot", *LOGITS),
    adapter="pulled",
    takes=("grad_output", "logits"),
)

PREDICT = Function(
    name="predict",
    signature="predict(logits)",
    statement="The index of the largest logit along the last axis, as a tensor of int64.",
    stored=stored(
        "predict",
        rows={"logits": normal(4, 3)},
        square={"logits": normal(3, 3)},
        three_axes={"logits": normal(2, 2, 3)},
    ),
    results=("indices", "whether they are a tensor of int64"),
    adapter="indices",
    takes=("logits",),
)

QUANTIZED_FORWARD = Function(
    name="quantized_forward",
    signature="quantized_forward(x)",
    statement="Forward torch.round(x); backward the upstream gradient passes unchanged.",
    stored=stored(
        "quantized_forward",
        matrix={"grad_output": normal(2, 3), "x": normal(2, 3, scale=3.0)},
        halves={"grad_output": normal(4), "x": np.array([0.5, 1.5, -0.5, -2.5])},
    ),
    results=("rounded x", "gradient of x", TOUCHED),
    adapter="pulled",
    takes=("grad_output", "x"),
)

SOFT_LOOKUP = Function(
    name="soft_lookup",
    signature="soft_lookup(weights, table)",
    statement="The rows of table (K, D) mixed by weights (N, K): an (N, D) tensor. Both get gradients.",
    stored=stored(
        "soft_lookup",
        small={"grad_output": normal(2, 4), "weights": normal(2, 3), "table": normal(3, 4)},
        square={"grad_output": normal(2, 2), "weights": normal(2, 2), "table": normal(2, 2)},
    ),
    results=("mixed rows", "gradient of weights", "gradient of table", TOUCHED),
    adapter="pulled",
    takes=("grad_output", "weights", "table"),
)
