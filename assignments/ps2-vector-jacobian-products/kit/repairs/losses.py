"""Adapters for programs that build a loss: what it is, and which parameters get which gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ._data import GRAPH, Array, changes, copied, gradients, kind, load, plain, standing, steady, tensor, unknown
from ._models import linear, loss_function, network

Answer = Callable[..., Any]


def backward_once(answer: Answer) -> Answer:
    """backward_from_loss(model, x, target), called ``times`` times on one model.

    Gives the losses, their kinds, the four gradients, how many parameters changed, and how the model was left.
    """

    def run(
        W1: Array, b1: Array, W2: Array, b2: Array, x: Array, target: Array, *, times: int = 1, **options: Any
    ) -> Any:
        torch = load()
        with steady(torch):
            model = network(torch, W1, b1, W2, b2, **options)
            parameters = list(model.parameters())
            before = copied(torch, parameters)
            returned = [answer(model, tensor(torch, x), tensor(torch, target)) for _ in range(times)]
            left = standing(torch, model)
            kinds = np.array([kind(torch, one) for one in returned])
            values = [plain(torch, one) for one in returned]
            return (
                values[0] if times == 1 else values,
                kinds,
                *gradients(torch, parameters),
                changes(torch, parameters, before),
                *left,
            )

    return run


def coded(answer: Answer) -> Answer:
    """encoder_decoder_step(encoder, decoder, loss_fn, x, target).

    Gives the loss, whether it still holds a graph, the four gradients, how many parameters changed, and how the modules
    were left.
    """

    def run(W1: Array, b1: Array, W2: Array, b2: Array, loss_fn: str, x: Array, target: Array) -> Any:
        torch = load()
        with steady(torch):
            encoder = torch.nn.Sequential(linear(torch, W1, b1), torch.nn.Tanh())
            decoder = linear(torch, W2, b2)
            parameters = [*encoder.parameters(), *decoder.parameters()]
            before = copied(torch, parameters)
            given = tensor(torch, x), tensor(torch, target)
            returned = answer(encoder, decoder, loss_function(torch, loss_fn), *given)
            left = standing(torch, encoder, decoder)
            return (
                plain(torch, returned),
                int(kind(torch, returned) == GRAPH),
                *gradients(torch, parameters),
                changes(torch, parameters, before),
                *left,
            )

    return run


def loss_of_model(answer: Answer) -> Answer:
    """A function (model, x, target, ...) -> loss, of which the caller runs backward, with ``grad_output``.

    Gives the loss, its kind, the four gradients and how the model was left.
    """

    def run(
        grad_output: Array,
        W1: Array,
        b1: Array,
        W2: Array,
        b2: Array,
        x: Array,
        target: Array,
        *more: Any,
        **options: Any,
    ) -> Any:
        torch = load()
        with steady(torch):
            model = network(torch, W1, b1, W2, b2, **options)
            loss = answer(model, tensor(torch, x), tensor(torch, target), *more)
            left = standing(torch, model)
            found = pulled_back(torch, loss, grad_output, list(model.parameters()))
            return (plain(torch, loss), kind(torch, loss), *found, *left)

    return run


def pulled_back(torch: Any, output: Any, grad_output: Array, wanted: list[Any]) -> tuple[Any, ...]:
    """The gradients that arrive in ``.grad`` when the caller runs backward; NaN where the output's shape is another."""
    if kind(torch, output) == GRAPH:
        if tuple(output.shape) != np.shape(grad_output):
            return unknown(len(wanted))
        with torch.enable_grad():
            output.backward(tensor(torch, grad_output).to(output.dtype))
    return gradients(torch, wanted)


def target_network(answer: Answer) -> Answer:
    """td_loss(online, target_net, x, reward, next_x, gamma), of which the caller runs backward.

    Gives the loss, the online network's four gradients, how many gradients arrived in the target network (if it is
    another one), and how both were left. ``same``: both are one network.
    """

    def run(
        W1: Array,
        b1: Array,
        W2: Array,
        b2: Array,
        V1: Array,
        c1: Array,
        V2: Array,
        c2: Array,
        x: Array,
        reward: Array,
        next_x: Array,
        gamma: float,
        *,
        same: bool = False,
    ) -> Any:
        torch = load()
        with steady(torch):
            online = network(torch, W1, b1, W2, b2)
            target_net = online if same else network(torch, V1, c1, V2, c2)
            given = [tensor(torch, one) for one in (x, reward, next_x)]
            loss = answer(online, target_net, *given, gamma)
            left = standing(torch, online, target_net)
            found = pulled_back(torch, loss, np.array(1.0), list(online.parameters()))
            arrived = 0 if same else sum(one.grad is not None for one in target_net.parameters())
            return (plain(torch, loss), *found, arrived, *left)

    return run
