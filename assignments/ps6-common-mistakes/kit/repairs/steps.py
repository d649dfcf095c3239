"""Adapters for training steps: the losses and the parameters over a few steps, on batches that differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ._data import Array, copied, kind, load, plain, series, standing, steady, tensor
from ._models import network

Answer = Callable[..., Any]


def stepped(answer: Answer) -> Answer:
    """A function (model, optimizer, x, target, ...) -> loss, once for each entry of the first axis of x and target.

    Gives the losses, their kinds, each of the four parameters after every step, and how the model was left.
    """

    def run(
        W1: Array,
        b1: Array,
        W2: Array,
        b2: Array,
        x: Array,
        target: Array,
        *more: Any,
        lr: float = 0.1,
        momentum: float = 0.0,
        **options: Any,
    ) -> Any:
        torch = load()
        with steady(torch):
            model = network(torch, W1, b1, W2, b2, **options)
            parameters = list(model.parameters())
            optimizer = torch.optim.SGD(parameters, lr=lr, momentum=momentum)
            returned, after = [], []
            for inputs, wanted in zip(x, target, strict=True):
                loss = answer(model, optimizer, tensor(torch, inputs), tensor(torch, wanted), *more)
                returned.append((plain(torch, loss), kind(torch, loss)))
                after.append(copied(torch, parameters))
            left = standing(torch, model)
            return (*_numbers(returned), *_stacked(after), *left)

    return run


def epochs(answer: Answer) -> Answer:
    """train_epoch(model, optimizer, batches), for two epochs. ``x`` and ``target`` are tuples, one array for a batch.

    Gives the losses of each epoch, their kinds, each of the four parameters after every epoch, and how the model was
    left.
    """

    def run(
        W1: Array,
        b1: Array,
        W2: Array,
        b2: Array,
        x: Sequence[Array],
        target: Sequence[Array],
        *,
        lr: float = 0.1,
        momentum: float = 0.0,
        **options: Any,
    ) -> Any:
        torch = load()
        with steady(torch):
            model, found, after = _over_epochs(torch, answer, (W1, b1, W2, b2), x, target, lr, momentum, options)
            left = standing(torch, model)
            losses, kinds = zip(*[series(torch, one) for one in found], strict=True)
            return (_even(losses), np.concatenate(kinds), *_stacked(after), *left)

    return run


def accumulated_epochs(answer: Answer) -> Answer:
    """accumulate_epoch(model, optimizer, micro_batches), as in ``epochs`` but with one loss for each epoch."""

    def run(
        W1: Array,
        b1: Array,
        W2: Array,
        b2: Array,
        x: Sequence[Array],
        target: Sequence[Array],
        *,
        lr: float = 0.1,
        momentum: float = 0.0,
        **options: Any,
    ) -> Any:
        torch = load()
        with steady(torch):
            model, found, after = _over_epochs(torch, answer, (W1, b1, W2, b2), x, target, lr, momentum, options)
            left = standing(torch, model)
            returned = [(plain(torch, one), kind(torch, one)) for one in found]
            return (*_numbers(returned), *_stacked(after), *left)

    return run


def _over_epochs(
    torch: Any,
    answer: Answer,
    arrays: tuple[Array, Array, Array, Array],
    x: Sequence[Array],
    target: Sequence[Array],
    lr: float,
    momentum: float,
    options: dict[str, Any],
) -> tuple[Any, list[Any], list[tuple[Any, ...]]]:
    """The model, what each of two epochs returned, and the parameters after each."""
    model = network(torch, *arrays, **options)
    parameters = list(model.parameters())
    optimizer = torch.optim.SGD(parameters, lr=lr, momentum=momentum)
    found, after = [], []
    for _ in range(2):
        batches = [(tensor(torch, a), tensor(torch, b)) for a, b in zip(x, target, strict=True)]
        found.append(answer(model, optimizer, batches))
        after.append(copied(torch, parameters))
    return model, found, after


def manual(answer: Answer) -> Answer:
    """manual_sgd(parameters, lr), for three steps on a fixed loss.

    ``unused`` is a parameter that the loss does not depend on (empty: there is none); ``given`` says in what form the
    parameters come. Gives the first two parameters after every step, the unused one after all, what each parameter is
    (leaf, requires_grad), whether gradients are recorded, and whether something was returned (1 or 0).
    """

    def run(w: Array, b: Array, unused: Array, lr: float, *, given: str = "list") -> Any:
        torch = load()
        with steady(torch):
            first, second, third = leaves = [tensor(torch, array, grad=True) for array in (w, b, unused)]
            used = leaves if unused.size else leaves[:2]
            after: list[tuple[Any, ...]] = []
            returned: Any = None
            for _ in range(3):
                for one in leaves:
                    one.grad = None
                with torch.enable_grad():
                    loss = (first**2).sum() + (first.sum() * second.sin()).sum()
                    if loss.requires_grad:
                        loss.backward()
                returned = answer(iter(used) if given == "iterator" else used, lr)
                after.append(copied(torch, (first, second)))
            about = [float(flag) for one in used for flag in (one.is_leaf, one.requires_grad)]
            recorded = float(torch.is_grad_enabled())
            something = int(returned is not None)
            return (*_stacked(after), plain(torch, third), np.array([*about, recorded]), something)

    return run


def _numbers(returned: Sequence[tuple[Any, int]]) -> tuple[Any, Array]:
    """Losses as one array where they are numbers, and their kinds."""
    values = [value for value, _ in returned]
    kinds = np.array([one for _, one in returned], dtype=np.int64)
    if any(value is None or isinstance(value, (str, list, tuple, dict)) for value in values):
        return next(value for value in values if not isinstance(value, (float, int, np.ndarray))), kinds
    return _even(values), kinds


def _even(values: Sequence[Any]) -> Any:
    """Values of one shape as one array, else as a list."""
    shapes = {np.shape(value) for value in values}
    return np.array(values) if len(shapes) == 1 else list(values)


def _stacked(after: Sequence[tuple[Any, ...]]) -> tuple[Array, ...]:
    """Parameters over time: one array for each, the steps along the first axis."""
    return tuple(np.array(trail) for trail in zip(*after, strict=True))
