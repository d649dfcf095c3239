"""Adapters for functions of tensors: their output, and what an upstream gradient becomes behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ._data import GRAPH, Array, changes, copied, kind, load, plain, steady, tensor, unknown

Answer = Callable[..., Any]


def pulled(answer: Answer) -> Answer:
    """A function of float tensors that all want a gradient (integer ones do not), as (grad_output, inputs) -> results.

    Gives the output, the gradient of every float input, and how many inputs were changed in place. ``intermediate``:
    the inputs are no leaves but results of an operation, as inside a network.
    """
    return _with_gradients(answer, None)


def pulled_first(answer: Answer) -> Answer:
    """As ``pulled``, where only the first input wants a gradient."""
    return _with_gradients(answer, 1)


def _with_gradients(answer: Answer, count: int | None) -> Answer:
    def run(grad_output: Array, *inputs: Array, intermediate: bool = False, **params: Any) -> Any:
        torch = load()
        with steady(torch):
            wanting = [place for place, one in enumerate(inputs) if one.dtype.kind == "f"][:count]
            leaves = [tensor(torch, one, grad=place in wanting) for place, one in enumerate(inputs)]
            passed = [one.clone() if one.requires_grad else one for one in leaves] if intermediate else leaves
            before = copied(torch, passed)
            output = answer(*passed, **params)
            touched = changes(torch, passed, before)
            found = asked_back(torch, output, grad_output, [leaves[place] for place in wanting])
            return (plain(torch, output), *found, touched)

    return run


def asked_back(torch: Any, output: Any, grad_output: Array, wanted: list[Any]) -> tuple[Any, ...]:
    """The gradients of the leaves, None for each that the output does not depend on."""
    if kind(torch, output) != GRAPH:
        return (None,) * len(wanted)
    if tuple(output.shape) != np.shape(grad_output):
        return unknown(len(wanted))
    upstream = tensor(torch, grad_output).to(output.dtype)
    with torch.enable_grad():
        found = torch.autograd.grad(output, wanted, upstream, allow_unused=True)
    return tuple(None if one is None else plain(torch, one) for one in found)


def indices(answer: Answer) -> Answer:
    """predict(logits) -> indices. Gives them and whether they are a tensor of int64."""

    def run(logits: Array) -> Any:
        torch = load()
        with steady(torch):
            returned = answer(tensor(torch, logits, grad=True))
            whole = isinstance(returned, torch.Tensor) and returned.dtype == torch.int64
            return plain(torch, returned), int(whole)

    return run


def _functions(torch: Any, M: Any) -> Mapping[str, Answer]:
    return {
        "matrix": lambda x: M @ x,
        "waves": lambda x: torch.sin(M @ x) * (x**2).sum(),
        "outer": lambda x: torch.outer(torch.sin(M @ x), x**2),
    }


def vector_product(answer: Answer) -> Answer:
    """vector_jacobian_product(f, x, v), where ``f`` is named and built from the matrix M.

    ``wants_grad``: x requires a gradient and has one already, which must stay. Gives the product, x's ``.grad`` and
    whether x requires a gradient afterwards, and whether x was changed.
    """

    def run(f: str, M: Array, x: Array, v: Array, *, wants_grad: bool = False) -> Any:
        torch = load()
        with steady(torch):
            point = tensor(torch, x, grad=wants_grad)
            if wants_grad:
                point.grad = torch.full_like(point, 0.5)
            function = _functions(torch, tensor(torch, M))[f]
            product = answer(function, point, tensor(torch, v))
            held = None if point.grad is None else plain(torch, point.grad)
            touched = changes(torch, [point], [x.astype(np.float32)])
            return plain(torch, product), held, int(point.requires_grad), touched

    return run
