"""The modules that the programs train, built from arrays."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from ._data import Array, tensor

PARAMETERS = ("body.weight", "body.bias", "head.weight", "head.bias")


def linear(torch: Any, W: Array, b: Array) -> Any:
    """nn.Linear with weight ``W`` (m, n) and bias ``b`` (m,)."""
    made = _without_values(torch)(W.shape[1], W.shape[0])
    made.__class__ = torch.nn.Linear
    made.weight.data, made.bias.data = tensor(torch, W), tensor(torch, b)
    return made


@cache
def _without_values(torch: Any) -> Any:
    """nn.Linear that draws no random values: they take most of its time, and none of them is used."""

    class Linear(torch.nn.Linear):  # type: ignore[misc]
        def reset_parameters(self) -> None:
            pass

    return Linear


def network(
    torch: Any,
    W1: Array,
    b1: Array,
    W2: Array,
    b2: Array,
    *,
    layers: str = "plain",
    evaluating: Sequence[str] = (),
    frozen: Sequence[str] = (),
    stale: float = 0.0,
    rate: float = 0.5,
) -> Any:
    """A network of two linear layers, ``body`` and ``head``, with tanh between.

    ``layers`` "full" puts a batch norm (without parameters) before the tanh and a dropout with ``rate`` behind it.
    ``evaluating`` names the parts that are in eval mode, "all" is all of them; ``frozen`` the parameters that need no
    gradient; ``stale`` is what every ``.grad`` holds at the start (0: None).
    """
    parts = {"body": linear(torch, W1, b1), "bend": torch.nn.Tanh(), "head": linear(torch, W2, b2)}
    if layers == "full":
        norm = torch.nn.BatchNorm1d(W1.shape[0], affine=False)
        norm.running_mean.copy_(torch.linspace(-0.5, 0.5, W1.shape[0]))
        norm.running_var.copy_(torch.linspace(0.5, 2.0, W1.shape[0]))
        parts |= {"norm": norm, "drop": torch.nn.Dropout(rate)}
        parts = {name: parts[name] for name in ("body", "norm", "bend", "drop", "head")}
    model = torch.nn.Sequential(OrderedDict(parts))
    for name in evaluating:
        (model if name == "all" else parts[name]).eval()
    if frozen or stale:
        for name, parameter in model.named_parameters():
            if name in frozen:
                parameter.requires_grad_(False)
            elif stale:
                parameter.grad = torch.full_like(parameter, stale)
    return model


def loss_function(torch: Any, name: str) -> Callable[[Any, Any], Any]:
    """A loss by name: "mse", "l1" or "quartic"."""
    made: dict[str, Callable[[Any, Any], Any]] = {
        "mse": torch.nn.MSELoss(),
        "l1": torch.nn.L1Loss(),
        "quartic": lambda out, target: ((out - target) ** 4).sum(),
    }
    return made[name]


class BrokenModelError(Exception):
    """What a model raises that breaks on purpose."""


def breaking(torch: Any, model: Any) -> Any:
    """``model`` with a last layer that raises BrokenModelError."""

    class Breaking(torch.nn.Module):  # type: ignore[misc]
        def forward(self, x: Any) -> Any:
            raise BrokenModelError("this model breaks on purpose")

    model.append(Breaking())
    return model
