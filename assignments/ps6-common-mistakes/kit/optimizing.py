"""Adapters for optimizers: one step after the other on given gradients, and what the parameters are after each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .loans import entries, lent, settle

Answer = Callable[..., Any]
Array = np.ndarray[Any, np.dtype[Any]]
Snapshot = tuple[Any, ...]


def steps(answer: Answer) -> Answer:
    """sgd_step(params, grads, lr) -> params. Gradients have a first axis for the steps; lr is one number a step.

    Gives each of the four parameters after every step, the steps along the first axis.
    """

    def run(
        W1: Array, b1: Array, W2: Array, b2: Array, dW1: Array, db1: Array, dW2: Array, db2: Array, lr: Array
    ) -> Any:
        seen: list[Snapshot] = []
        for after in trajectory(answer, (W1, b1, W2, b2), (dW1, db1, dW2, db2), lr, (), {}):
            if not isinstance(after, tuple):
                return after
            seen.append(after)
        return tuple(stacked([after[place] for after in seen], W.shape) for place, W in enumerate((W1, b1, W2, b2)))

    return run


def interleaved_steps(answer: Answer) -> Answer:
    """An optimizer with a ``state`` before lr, in several runs that take turns, each with a state of its own.

    Every array has a first axis for the runs; gradients and lr have the steps next. Gives each of the four parameters
    of every run after every step. What an optimizer keeps anywhere but in ``state`` gets mixed up between the runs.
    """

    def run(
        W1: Array,
        b1: Array,
        W2: Array,
        b2: Array,
        dW1: Array,
        db1: Array,
        dW2: Array,
        db2: Array,
        lr: Array,
        **options: float,
    ) -> Any:
        params, gradients = (W1, b1, W2, b2), (dW1, db1, dW2, db2)
        runs = [
            trajectory(answer, [p[i] for p in params], [g[i] for g in gradients], lr[i], ({},), options)
            for i in range(len(lr))
        ]
        seen: list[list[Snapshot]] = [[] for _ in runs]
        for _ in range(lr.shape[1]):
            for one, trail in zip(runs, seen, strict=True):
                after = next(one)
                if not isinstance(after, tuple):
                    return after
                trail.append(after)
        return tuple(
            stacked(
                [stacked([after[place] for after in trail], p.shape[1:]) for trail in seen], (lr.shape[1], *p.shape[1:])
            )
            for place, p in enumerate(params)
        )

    return run


def trajectory(
    answer: Answer,
    arrays: Sequence[Array],
    gradients: Sequence[Array],
    lr: Array,
    state: tuple[dict[Any, Any], ...],
    options: Mapping[str, float],
) -> Iterator[Snapshot | str | None]:
    """The four parameters after each step; what ``entries`` makes of an answer that is no dict of them."""
    first = lent(arrays)
    params: Any = first
    for number, rate in enumerate(lr):
        slices = [gradient[number] for gradient in gradients]
        grads = lent(slices)
        params = answer(params, grads, *state, float(rate), **options)
        settle(grads, slices)
        settle(first, arrays)
        yield entries(params)


def stacked(values: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """Arrays of one shape along a new first axis; the list itself where they are not."""
    if all(isinstance(value, np.ndarray) and value.shape == shape for value in values):
        return np.array(values).reshape(len(values), *shape)
    return list(values)
