"""Adapter for a module that the student writes: are its layers there, and do they learn?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ._data import GRAPH, Array, kind, load, plain, steady, tensor, unknown

Answer = Callable[..., Any]


def stacked(answer: Answer) -> Answer:
    """class Stack, as (arrays, x, target) -> what it is and does; ``arrays``: weight and bias of each layer.

    Gives the shapes of ``parameters()``, one row each (a bias as (m, 0)); then, with the arrays put into them, the
    output, the gradients one after the other in a row, and the output after a step of an optimizer.
    """

    def run(arrays: Sequence[Array], x: Array, target: Array) -> Any:
        torch = load()
        with steady(torch):
            model = answer([arrays[0].shape[1], *(bias.shape[0] for bias in arrays[1::2])])
            if not isinstance(model, torch.nn.Module):
                return type(model).__name__, *unknown(3)
            parameters = list(model.parameters())
            shapes = np.array([(*one.shape, 0)[:2] for one in parameters], dtype=np.int64).reshape(-1, 2)
            if [tuple(one.shape) for one in parameters] != [one.shape for one in arrays]:
                return shapes, *unknown(3)
            with torch.no_grad():
                for parameter, array in zip(parameters, arrays, strict=True):
                    parameter.copy_(tensor(torch, array))
            return (shapes, *_trained(torch, model, parameters, tensor(torch, x), tensor(torch, target)))

    return run


def _trained(torch: Any, model: Any, parameters: list[Any], x: Any, target: Any) -> tuple[Any, Any, Any]:
    """Output, gradients in a row (zero where there is none), output after a step."""
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    output = model(x)
    if kind(torch, output) == GRAPH and output.shape == target.shape:
        ((output - target) ** 2).mean().backward()
    found = [torch.zeros_like(one) if one.grad is None else one.grad for one in parameters]
    row = torch.cat([one.reshape(-1) for one in found])
    optimizer.step()
    with torch.no_grad():
        return plain(torch, output), plain(torch, row), plain(torch, model(x))
