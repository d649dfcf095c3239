"""Adapters for what leaves the graph or starts a new one: numbers for a log, arrays for a plot, new leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ._data import Array, changes, copied, kind, load, plain, steady, tensor

Answer = Callable[..., Any]


def logged(answer: Answer) -> Answer:
    """loss_for_log(loss), for the loss mean((w x)^2).

    Gives the number, its kind, what ``.grad`` of w holds on return, and the gradient that backward then gives (None:
    the graph is gone). Without ``graph`` the loss was computed without one.
    """

    def run(w: Array, x: Array, *, graph: bool = True) -> Any:
        torch = load()
        with steady(torch):
            weight = tensor(torch, w, grad=True)
            with torch.set_grad_enabled(graph):
                loss = ((weight * tensor(torch, x)) ** 2).mean()
            returned = answer(loss)
            held = _held(torch, weight)
            return plain(torch, returned), kind(torch, returned), held, _still_usable(torch, loss, [weight])[0]

    return run


def running(answer: Answer) -> Answer:
    """running_loss(losses), for the losses sum((w - x)^2), one for each row of x.

    Gives the number, its kind, the losses on return, what ``.grad`` of w holds, and the gradient that backward of the
    last loss then gives.
    """

    def run(w: Array, x: Array) -> Any:
        torch = load()
        with steady(torch):
            weight = tensor(torch, w, grad=True)
            losses = [((weight - row) ** 2).sum() for row in tensor(torch, x)]
            given = list(losses)
            returned = answer(losses)
            values = np.array([plain(torch, one) for one in given])
            held = _held(torch, weight)
            again = _still_usable(torch, given[-1], [weight])[0] if given else None
            return plain(torch, returned), kind(torch, returned), values, held, again

    return run


def plotted(answer: Answer) -> Answer:
    """to_numpy_for_plot(tensor), for the tensor w^3 (or w itself: ``leaf``), as float32 or int64.

    Gives the values, what they came in (0: a NumPy array of the tensor's own dtype, 1: a tensor, 2: anything else),
    whether the tensor still requires a gradient, and the gradient that backward of its sum then gives.
    """

    def run(w: Array, *, leaf: bool = False, graph: bool = True) -> Any:
        torch = load()
        with steady(torch):
            weight = tensor(torch, w, grad=graph)
            given = weight if leaf else (weight**3).transpose(0, -1)
            dtype = np.float32 if given.dtype == torch.float32 else np.int64
            returned = answer(given)
            what = 1 if isinstance(returned, torch.Tensor) else 2
            if isinstance(returned, np.ndarray) and returned.dtype == dtype:
                what = 0
            required = int(given.requires_grad)
            again = _still_usable(torch, given.sum(), [weight])[0] if graph else None
            return plain(torch, returned), what, required, again

    return run


def fresh_leaf(answer: Answer) -> Answer:
    """new_leaf(tensor), for the tensor w^2 (or w itself: ``leaf``).

    Gives the values; whether it is a leaf, requires a gradient, and owns its memory; the gradient of the new leaf for
    the loss sum(new^2); what ``.grad`` of w then holds; and whether the tensor itself stayed as it was.
    """

    def run(w: Array, *, leaf: bool = False, graph: bool = True) -> Any:
        torch = load()
        with steady(torch):
            weight = tensor(torch, w, grad=graph)
            given = weight if leaf else weight**2
            before = copied(torch, [given]), given.requires_grad
            new = answer(given)
            if not isinstance(new, torch.Tensor):
                return plain(torch, new), np.zeros(3), None, None, 0
            owns = new.untyped_storage().data_ptr() != given.untyped_storage().data_ptr()
            about = np.array([float(new.is_leaf), float(new.requires_grad), float(owns)])
            if new.requires_grad:
                with torch.enable_grad():
                    (new**2).sum().backward()
            gradient = _held(torch, new)
            same = not changes(torch, [given], before[0]) and given.requires_grad == before[1]
            return plain(torch, new), about, gradient, _held(torch, weight), int(same)

    return run


def made_weight(answer: Answer) -> Answer:
    """make_weight(shape, scale, generator), twice from one generator.

    Gives both tensors' values, whether the first is a leaf and requires a gradient, and its ``.grad`` after a loss.
    """

    def run(shape: tuple[int, ...], scale: float, seed: Array | int) -> Any:
        torch = load()
        with steady(torch):
            generator = torch.Generator().manual_seed(int(seed))
            first, second = answer(shape, scale, generator), answer(shape, scale, generator)
            if not isinstance(first, torch.Tensor):
                return plain(torch, first), plain(torch, second), np.zeros(2), None
            if first.requires_grad:
                (first * torch.arange(1.0, first.numel() + 1.0).reshape(first.shape)).sum().backward()
            about = np.array([float(first.is_leaf), float(first.requires_grad)])
            return plain(torch, first), plain(torch, second), about, _held(torch, first)

    return run


def _held(torch: Any, one: Any) -> Any:
    """What ``.grad`` holds; None for a tensor that is no leaf, where it is not kept."""
    return None if not one.is_leaf or one.grad is None else plain(torch, one.grad)


def _still_usable(torch: Any, output: Any, wanted: list[Any]) -> tuple[Any, ...]:
    """The gradients of ``output``, None where its graph is gone or there never was one."""
    if not output.requires_grad:
        return (None,) * len(wanted)
    try:
        with torch.enable_grad():
            found = torch.autograd.grad(output, wanted, allow_unused=True)
    except RuntimeError:  # the graph was freed
        return (None,) * len(wanted)
    return tuple(None if one is None else plain(torch, one) for one in found)
