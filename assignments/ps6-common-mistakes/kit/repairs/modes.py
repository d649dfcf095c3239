"""Adapters for programs that switch between training and evaluation mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ._data import GRAPH, Array, kind, load, plain, standing, steady, tensor
from ._models import BrokenModelError, breaking, network

Answer = Callable[..., Any]


def evaluated(answer: Answer) -> Answer:
    """evaluate(model, x), twice.

    Gives the outputs, whether they hold a graph, whether the batch norm's statistics moved, and how the model was left.
    ``breaks``: the model raises, and there is no output. ``recording``: whether gradients are recorded around the call.
    """
    return _twice(answer, graph=True)


def without_dropout(answer: Answer) -> Answer:
    """predict_with_dropout_off(model, x), twice: as ``evaluated``, without asking for a graph."""
    return _twice(answer, graph=False)


def _twice(answer: Answer, *, graph: bool) -> Answer:
    def run(
        W1: Array,
        b1: Array,
        W2: Array,
        b2: Array,
        x: Array,
        *,
        breaks: bool = False,
        recording: bool = True,
        **options: Any,
    ) -> Any:
        torch = load()
        with steady(torch), torch.set_grad_enabled(recording):
            model = network(torch, W1, b1, W2, b2, layers="full", **options)
            statistics = model.norm.running_mean.tolist()
            if breaks:
                breaking(torch, model)
            outputs, held = [], 0
            for _ in range(2):
                try:
                    output = answer(model, tensor(torch, x))
                except BrokenModelError:
                    output = torch.zeros(0)
                held = max(held, int(kind(torch, output) == GRAPH))
                outputs.append(plain(torch, output))
            moved = int(model.norm.running_mean.tolist() != statistics)
            return (*outputs, *([held] if graph else []), moved, *standing(torch, model))

    return run


def sampled(answer: Answer) -> Answer:
    """mc_dropout(model, x, samples). What comes out at random is described by what makes it right.

    The model is a batch norm and then a dropout, so each output is 0 or a fixed multiple of what it would be without
    dropout. Gives the output's shape, the multiples that occur, how many samples differ from each other, whether the
    batch norm's statistics moved, and how the model was left.
    """

    def run(x: Array, samples: int, *, rate: float = 0.5, evaluating: tuple[str, ...] = ()) -> Any:
        torch = load()
        with steady(torch):
            norm = torch.nn.BatchNorm1d(x.shape[1], affine=False)
            norm.running_mean.copy_(torch.linspace(-3.0, -2.0, x.shape[1]))  # below all of x: no output is near zero
            drop = torch.nn.Dropout(rate)
            model = torch.nn.Sequential(norm, torch.nn.Sequential(drop)).train("all" not in evaluating)
            norm.train("norm" not in evaluating and "all" not in evaluating)
            drop.train("drop" not in evaluating and "all" not in evaluating)
            inputs = tensor(torch, x)
            mean, variance = norm.running_mean.clone(), norm.running_var.clone()
            returned = answer(model, inputs, samples)
            moved = int(not torch.equal(mean, norm.running_mean))
            whole = ((inputs - mean) / (variance + norm.eps).sqrt()).numpy()
            return (*_described(plain(torch, returned), whole), moved, *standing(torch, model))

    return run


def _described(output: Any, whole: Array) -> tuple[Any, Any, Any]:
    """Shape, multiples of ``whole`` that occur (rounded), number of different samples."""
    if not isinstance(output, np.ndarray) or output.dtype.kind != "f":
        return output, np.zeros(0), 0
    shape = np.array(output.shape, dtype=np.int64)
    if output.shape[1:] != whole.shape:
        return shape, np.zeros(0), 0
    with np.errstate(all="ignore"):
        multiples = np.unique(np.round(output / whole, 3) + 0.0)
    return shape, multiples[:8], len({sample.tobytes() for sample in output})
