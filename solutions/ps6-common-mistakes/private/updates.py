"""Parameters, the hidden half: layers that a module knows of, and an update that keeps its leaves."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from autograder.course.declare import EDGES, Misconception
from kit.declare import case
from kit.draws import normal

from ..public import updates as public
from ..public.updates import layers
from ._shared import NO_GRAD, nn, repair, torch, written


def _stack(
    *,
    keep: Any = None,
    last_relu: bool = False,
    relu: bool = True,
    bias: bool = True,
    skip: int = 0,
    tanh: bool = False,
    backwards: bool = False,
) -> Any:
    """A class like Stack, right or with a mistake in it."""

    def make(sizes: Any) -> Any:
        class Stack(nn.Module):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                pairs = list(itertools.pairwise(sizes))
                made = [nn.Linear(n, m, bias=bias) for n, m in pairs[: len(pairs) - skip or 1]]
                self.layers = keep(made) if keep else nn.ModuleList(made[::-1] if backwards else made)

            def forward(self, x: Any) -> Any:
                layers = list(self.layers)[::-1] if backwards else list(self.layers)
                for place, layer in enumerate(layers):
                    x = layer(x)
                    if relu and (last_relu or place < len(layers) - 1):
                        x = torch.tanh(x) if tanh else torch.relu(x)
                return x

        return Stack()

    return make


STACK = repair(
    public.STACK,
    _stack(),
    (
        case("two layers", arrays=layers(2, 3, 1), x=normal(4, 2), target=normal(4, 1)),
        case("three layers", arrays=layers(3, 4, 2, 2), x=normal(3, 3), target=normal(3, 2)),
        case("four layers", arrays=layers(2, 3, 2, 4, 1), x=normal(5, 2), target=normal(5, 1)),
        case("one layer", check=EDGES, arrays=layers(2, 2), x=normal(3, 2), target=normal(3, 2)),
    ),
    Misconception(
        name="layers-in-a-list",
        seen_in="two layers",
        wrong=_stack(keep=list),
        hint="parameters() is empty. How does a module learn that a layer is part of it?",
    ),
    Misconception(
        name="last-layer-only",
        seen_in="two layers",
        wrong=_stack(skip=1),
        hint="How many layers lie between three sizes?",
    ),
    Misconception(
        name="relu-at-the-end",
        seen_in="two layers",
        wrong=_stack(last_relu=True),
        hint="Can the output be negative?",
    ),
    Misconception(
        name="no-relu",
        seen_in="two layers",
        wrong=_stack(relu=False),
        hint="What is a product of matrices, without anything between them?",
    ),
    Misconception(
        name="tanh-for-relu",
        seen_in="two layers",
        wrong=_stack(tanh=True),
        hint="Which nonlinearity was asked for?",
    ),
    Misconception(
        name="without-bias",
        seen_in="two layers",
        wrong=_stack(bias=False),
        hint="How many parameters does a linear layer have?",
    ),
    Misconception(
        name="reversed-order",
        seen_in="three layers",
        wrong=_stack(backwards=True),
        hint="In which order does parameters() list the layers?",
    ),
)


def manual_sgd(parameters: Any, lr: Any) -> Any:
    with torch.no_grad():
        for parameter in parameters:
            if parameter.grad is not None:
                parameter -= lr * parameter.grad


def _rebound(parameters: Any, lr: Any) -> Any:
    for parameter in parameters:
        if parameter.grad is not None:
            parameter = parameter - lr * parameter.grad


def _on_recorded_leaves(parameters: Any, lr: Any) -> Any:
    for parameter in parameters:
        parameter -= lr * parameter.grad


def _none_not_skipped(parameters: Any, lr: Any) -> Any:
    with torch.no_grad():
        for parameter in parameters:
            parameter -= lr * parameter.grad


def _uphill(parameters: Any, lr: Any) -> Any:
    with torch.no_grad():
        for parameter in parameters:
            if parameter.grad is not None:
                parameter += lr * parameter.grad


def _without_lr(parameters: Any, lr: Any) -> Any:
    manual_sgd(parameters, 1.0)


def _flags_removed(parameters: Any, lr: Any) -> Any:
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.requires_grad_(False)
            parameter -= lr * parameter.grad


def _new_list(parameters: Any, lr: Any) -> Any:
    return [p if p.grad is None else (p - lr * p.grad).detach().requires_grad_() for p in parameters]


def _recording_off(parameters: Any, lr: Any) -> Any:
    torch.set_grad_enabled(False)
    for parameter in parameters:
        if parameter.grad is not None:
            parameter -= lr * parameter.grad


MANUAL_SGD = repair(
    public.MANUAL_SGD,
    manual_sgd,
    (
        case("two parameters", w=normal(2, 2), b=normal(3), unused=np.zeros(0), lr=0.1),
        case("one without a gradient", w=normal(3), b=normal(2), unused=normal(2), lr=0.05),
        case("from a generator", check=EDGES, w=normal(2), b=normal(2), unused=np.zeros(0), lr=0.2, given="iterator"),
    ),
    Misconception(
        name="name-rebound",
        seen_in="two parameters",
        wrong=_rebound,
        hint="No parameter has moved. Which object does the name on the left of = stand for afterwards?",
    ),
    Misconception(
        name="recorded-in-place",
        seen_in="two parameters",
        wrong=_on_recorded_leaves,
        hint="PyTorch refuses to record a leaf changing in place. Should an update be part of the graph at all?",
        source=written(r"-=|sub_\(|add_\(|copy_\(", without=NO_GRAD),
    ),
    Misconception(
        name="none-not-skipped",
        seen_in="one without a gradient",
        wrong=_none_not_skipped,
        hint="What is in the .grad of a parameter that the loss does not depend on?",
    ),
    Misconception(
        name="uphill",
        seen_in="two parameters",
        wrong=_uphill,
        hint="The gradient points to where the loss grows. Which way is the step?",
    ),
    Misconception(
        name="without-learning-rate",
        seen_in="two parameters",
        wrong=_without_lr,
        hint="How long is the step?",
    ),
    Misconception(
        name="flags-removed",
        seen_in="two parameters",
        wrong=_flags_removed,
        hint="After the step the parameters require no gradient. What will the next backward do?",
    ),
    Misconception(
        name="new-list",
        seen_in="two parameters",
        wrong=_new_list,
        hint="New tensors came back and the model still holds the old ones. Which ones were to move?",
    ),
    Misconception(
        name="recording-left-off",
        seen_in="two parameters",
        wrong=_recording_off,
        hint="After the call no gradients are recorded anywhere. Which switch was not set back?",
    ),
)
