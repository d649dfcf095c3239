"""ps3, the public half of the losses of probabilities. Where the forward holds a softmax or softplus none ships."""

from __future__ import annotations

from typing import Any

import numpy as np

from kit.declare import Rule, case
from kit.draws import exactly, integers, normal, tied

from ._shared import log_probabilities, probabilities

BCE_WITH_LOGITS = Rule(
    name="bce_with_logits_backward",
    statement="The mean over all entries of -(t log p + (1 - t) log(1 - p)) with p = sigmoid(logits), t = target.",
    forward=None,
    oracle=lambda torch, logits, target: torch.nn.functional.binary_cross_entropy_with_logits(logits, target),
    differentiable=("logits",),
    cases=(
        case("vector", logits=normal(4), target=tied(4, levels=2)),
        case("matrix", logits=normal(2, 3), target=tied(2, 3, levels=2)),
        case("soft targets", check="edges", logits=normal(3), target=exactly([0.1, 0.5, 0.8])),
        case("a single number", check="edges", logits=normal(), target=exactly(1.0)),
        case(
            "far out",
            check="stability",
            logits=exactly([1000.0, 1000.0, -1000.0, -1000.0]),
            target=exactly([0.0, 1.0, 0.0, 1.0]),
        ),
    ),
)

NLL = Rule(
    name="nll_backward",
    statement="The mean over the rows of -log_probs[row, target[row]]. Asked: the gradient of log_probs.",
    forward=lambda log_probs, target: -np.mean(log_probs[np.arange(len(target)), target]),
    oracle=lambda torch, log_probs, target: torch.nn.functional.nll_loss(log_probs, target),
    differentiable=("log_probs",),
    cases=(
        case("rows", log_probs=log_probabilities(3, 4), target=integers(0, 4, 3)),
        case("two classes", log_probs=log_probabilities(4, 2), target=integers(0, 2, 4)),
        case("one row", check="edges", log_probs=log_probabilities(1, 3), target=integers(0, 3, 1)),
        case("one class", check="edges", log_probs=log_probabilities(3, 1), target=integers(0, 1, 3)),
    ),
)

CROSS_ENTROPY = Rule(
    name="cross_entropy_backward",
    statement="The mean over the rows of -log softmax(logits)[row, target[row]]. Asked: the gradient of the logits.",
    forward=None,
    oracle=lambda torch, logits, target: torch.nn.functional.cross_entropy(logits, target),
    differentiable=("logits",),
    cases=(
        case("rows", logits=normal(3, 4), target=integers(0, 4, 3)),
        case("two classes", logits=normal(3, 2), target=integers(0, 2, 3)),
        case("one row", check="edges", logits=normal(1, 3), target=integers(0, 3, 1)),
        case("one class", check="edges", logits=normal(3, 1), target=integers(0, 1, 3)),
        case(
            "far out",
            check="stability",
            logits=exactly([[1000.0, 0.0, -1000.0], [0.0, 1000.0, 999.0]]),
            target=exactly([0, 2], dtype=np.int64),
        ),
    ),
)


def _kl_div(log_probs: Any, target: Any) -> Any:
    entropy = target * np.log(np.where(target > 0.0, target, 1.0))  # 0 log 0 is 0
    return np.sum(entropy - target * log_probs) / len(log_probs)


KL_DIV = Rule(
    name="kl_div_backward",
    statement="The sum of target (log target - log_probs) over all entries, divided by the number of rows.",
    forward=_kl_div,
    oracle=lambda torch, log_probs, target: torch.nn.functional.kl_div(log_probs, target, reduction="batchmean"),
    differentiable=("log_probs",),
    cases=(
        case("rows", log_probs=log_probabilities(2, 3), target=probabilities(2, 3)),
        case("more rows", log_probs=log_probabilities(4, 2), target=probabilities(4, 2)),
        case("three axes", check="edges", log_probs=log_probabilities(2, 1, 3), target=probabilities(2, 1, 3)),
        case(
            "impossible classes",
            check="edges",
            log_probs=log_probabilities(2, 3),
            target=exactly([[0.0, 1.0, 0.0], [0.25, 0.0, 0.75]]),
        ),
    ),
)
