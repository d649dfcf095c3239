"""Parameters, the hidden half: layers that a module knows of, and an update that keeps its leaves."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from autograder.course.declare import EDGES, mistake
from kit.declare import case
from kit.draws import normal

from ..public import updates as public
from ..public.updates import layers
from ._shared import NO_GRAD, F, nn, repair, torch, written


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

    def make(sizes):
        class Stack(nn.Module):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                pairs = list(itertools.pairwise(sizes))
                made = [nn.Linear(n, m, bias=bias) for n, m in pairs[: len(pairs) - skip or 1]]
                self.layers = keep(made) if keep else nn.ModuleList(made[::-1] if backwards else made)

            def forward(self, x):
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
    mistake(
        "layers-in-a-list",
        _stack(keep=list),
        "parameters() is empty. How does a module learn that a layer is part of it?",
    ),
    mistake("last-layer-only", _stack(skip=1), "How many layers lie between three sizes?"),
    mistake("relu-at-the-end", _stack(last_relu=True), "Can the output be negative?"),
    mistake("no-relu", _stack(relu=False), "What is a product of matrices, without anything between them?"),
    mistake("tanh-for-relu", _stack(tanh=True), "Which nonlinearity was asked for?"),
    mistake("without-bias", _stack(bias=False), "How many parameters does a linear layer have?"),
    mistake("reversed-order", _stack(backwards=True), "In which order does parameters() list the layers?"),
)


@STACK.right
def stack_by_module_list(sizes):
    class Stack(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(n, m) for n, m in itertools.pairwise(sizes))

        def forward(self, x):
            for layer in self.layers[:-1]:
                x = F.relu(layer(x))
            return self.layers[-1](x)

    return Stack()


@STACK.right
def stack_by_sequential(sizes):
    class Stack(nn.Module):
        def __init__(self):
            super().__init__()
            layers = []
            for n, m in itertools.pairwise(sizes):
                layers += [nn.Linear(n, m), nn.ReLU()]
            self.net = nn.Sequential(*layers[:-1])

        def forward(self, x):
            return self.net(x)

    return Stack()


@STACK.right
def stack_by_names(sizes):
    class Stack(nn.Module):
        def __init__(self):
            super().__init__()
            self.count = len(sizes) - 1
            for k in range(self.count):
                setattr(self, f"layer{k}", nn.Linear(sizes[k], sizes[k + 1]))

        def forward(self, x):
            for k in range(self.count):
                x = getattr(self, f"layer{k}")(x if k == 0 else torch.relu(x))
            return x

    return Stack()


@STACK.right
def stack_by_parameters(sizes):
    class Stack(nn.Module):
        def __init__(self):
            super().__init__()
            self.values = nn.ParameterList()
            for n, m in itertools.pairwise(sizes):
                self.values.append(nn.Parameter(torch.randn(m, n) / n**0.5))
                self.values.append(nn.Parameter(torch.zeros(m)))

        def forward(self, x):
            for k in range(0, len(self.values), 2):
                x = F.linear(torch.relu(x) if k else x, self.values[k], self.values[k + 1])
            return x

    return Stack()


def manual_sgd(parameters, lr):
    with torch.no_grad():
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
)


@MANUAL_SGD.mistake
def name_rebound(parameters, lr):
    """No parameter has moved. Which object does the name on the left of = stand for afterwards?"""
    for parameter in parameters:
        if parameter.grad is not None:
            parameter = parameter - lr * parameter.grad


@MANUAL_SGD.mistake(source=written(r"-=|sub_\(|add_\(|copy_\(", without=NO_GRAD))
def recorded_in_place(parameters, lr):
    """PyTorch refuses to record a leaf changing in place. Should an update be part of the graph at all?"""
    for parameter in parameters:
        parameter -= lr * parameter.grad


@MANUAL_SGD.mistake
def none_not_skipped(parameters, lr):
    """What is in the .grad of a parameter that the loss does not depend on?"""
    with torch.no_grad():
        for parameter in parameters:
            parameter -= lr * parameter.grad


@MANUAL_SGD.mistake
def uphill(parameters, lr):
    """The gradient points to where the loss grows. Which way is the step?"""
    with torch.no_grad():
        for parameter in parameters:
            if parameter.grad is not None:
                parameter += lr * parameter.grad


@MANUAL_SGD.mistake
def without_learning_rate(parameters, lr):
    """How long is the step?"""
    manual_sgd(parameters, 1.0)


@MANUAL_SGD.mistake
def flags_removed(parameters, lr):
    """After the step the parameters require no gradient. What will the next backward do?"""
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.requires_grad_(False)
            parameter -= lr * parameter.grad


@MANUAL_SGD.mistake
def new_list(parameters, lr):
    """New tensors came back and the model still holds the old ones. Which ones were to move?"""
    return [p if p.grad is None else (p - lr * p.grad).detach().requires_grad_() for p in parameters]


@MANUAL_SGD.mistake
def recording_left_off(parameters, lr):
    """After the call no gradients are recorded anywhere. Which switch was not set back?"""
    torch.set_grad_enabled(False)
    for parameter in parameters:
        if parameter.grad is not None:
            parameter -= lr * parameter.grad


@MANUAL_SGD.right
def sgd_in_no_grad(parameters, lr):
    with torch.no_grad():
        for parameter in parameters:
            if parameter.grad is not None:
                parameter.sub_(lr * parameter.grad)


@MANUAL_SGD.right
def sgd_through_data(parameters, lr):
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.data -= lr * parameter.grad
            parameter.grad.zero_()


@MANUAL_SGD.right
def sgd_by_copy(parameters, lr):
    moving = [parameter for parameter in parameters if parameter.grad is not None]
    with torch.no_grad():
        for parameter in moving:
            parameter.copy_(parameter - lr * parameter.grad)
            parameter.grad = None


@MANUAL_SGD.right
def sgd_by_optimizer(parameters, lr):
    torch.optim.SGD(list(parameters), lr=lr).step()
