"""Adapters for the training step: answers that take and return dicts are called with the arrays in them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .loans import KEYS, entries, kept, lent, pair, settle, spoil_shared
from .notes import note

Answer = Callable[..., Any]
Array = np.ndarray[Any, np.dtype[Any]]


def forward_pass(answer: Answer) -> Answer:
    """mlp_forward(params, X) -> (prediction, cache), as arrays -> prediction."""

    def run(W1: Array, b1: Array, W2: Array, b2: Array, X: Array) -> Any:
        arrays = (W1, b1, W2, b2)
        params = lent(arrays)
        both = pair(answer(params, X))
        settle(params, arrays)
        return kept(both[0]) if isinstance(both, tuple) else both

    return run


def backward_pass(answer: Answer, forward: str) -> Answer:
    """A function (params, cache, grad_prediction) -> grads, as arrays -> (prediction, four gradients).

    The cache is the student's own, so the forward pass is the student's too: the function called ``forward`` as it
    stands in the answer's globals. Its prediction is returned first: where that is wrong, it is what the gradients are
    blocked by.
    """

    def run(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, grad_prediction: Array) -> Any:
        arrays = (W1, b1, W2, b2)
        params = lent(arrays)
        try:
            both = pair(neighbour(answer, forward)(params, X))
        except Exception:  # whatever goes wrong there, it is not the fault of this answer
            return note("blocked by the forward pass")
        if not isinstance(both, tuple):
            return note("blocked by the forward pass")
        prediction, cache = kept(both[0]), both[1]
        gradients = entries(answer(params, cache, grad_prediction))
        settle(params, arrays)
        return (prediction, *gradients) if isinstance(gradients, tuple) else gradients

    return run


def neighbour(answer: Answer, name: str) -> Answer:
    """Another answer of the same student, by its name in the globals of this one. Raises KeyError if there is none."""
    inside: Any = answer
    while isinstance(inside, functools.partial):
        inside = inside.func
    while hasattr(inside, "__wrapped__"):
        inside = inside.__wrapped__
    if not hasattr(inside, "__globals__"):  # an object that can be called
        inside = type(inside).__call__
    found: Answer = inside.__globals__[name]
    return found


def training_step(answer: Answer) -> Answer:
    """loss_and_gradients(params, X, target) -> (loss, grads), as arrays -> (loss, four gradients)."""

    def run(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, target: Array) -> Any:
        arrays = (W1, b1, W2, b2)
        params = lent(arrays)
        both = pair(answer(params, X, target))
        settle(params, arrays)
        if not isinstance(both, tuple):
            return both
        gradients = entries(both[1])
        return (both[0], *gradients) if isinstance(gradients, tuple) else gradients or note("no dict")

    return run


def training_run(answer: Answer) -> Answer:
    """train(params, X, target, steps, lr) -> (params, losses), as arrays -> (losses, four arrays)."""

    def run(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, target: Array, steps: int, lr: float) -> Any:
        arrays = (W1, b1, W2, b2)
        params = lent(arrays)
        both = pair(answer(params, X, target, steps, lr))
        if not isinstance(both, tuple):
            return both
        after = entries(both[0])
        settle(params, arrays)
        if not isinstance(after, tuple):
            return after or note("no dict")
        if not isinstance(both[1], (list, tuple, np.ndarray)):
            return note("no list")
        return (both[1], *after)

    return run


def cleared(answer: Answer) -> Answer:
    """zero_grad(grads) -> grads, as arrays -> four arrays."""

    def run(dW1: Array, db1: Array, dW2: Array, db2: Array) -> Any:
        arrays = (dW1, db1, dW2, db2)
        grads = lent(arrays)
        after = entries(answer(grads))
        settle(grads, arrays)
        return after

    return run


def accumulated(answer: Answer) -> Answer:
    """accumulate(total, grads) -> total, one micro-batch after the other, as (total, arrays) -> four arrays.

    The arrays have a first axis for the micro-batches. An argument that shares memory with what came back counts as
    changed: whoever adds to the total next would change it.
    """

    def run(total: Mapping[str, Array] | None, dW1: Array, db1: Array, dW2: Array, db2: Array) -> Any:
        running: Any = total
        for batch in range(len(dW1)):
            arrays = (dW1[batch], db1[batch], dW2[batch], db2[batch])
            grads = lent(arrays)
            running = answer(running, grads)
            settle(grads, arrays)
        after = entries(running)
        if isinstance(after, tuple):
            given = [*(total or {}).values(), dW1, db1, dW2, db2]
            spoil_shared([running[key] for key in KEYS], given)
        return after

    return run


def clipped(answer: Answer) -> Answer:
    """clip_grad_norm(grads, max_norm) -> (grads, norm), as arrays -> (norm, four arrays)."""

    def run(dW1: Array, db1: Array, dW2: Array, db2: Array, max_norm: float) -> Any:
        arrays = (dW1, db1, dW2, db2)
        grads = lent(arrays)
        both = pair(answer(grads, max_norm))
        if not isinstance(both, tuple):
            return both
        after = entries(both[0])
        settle(grads, arrays)
        return (both[1], *after) if isinstance(after, tuple) else after or note("no dict")

    return run
