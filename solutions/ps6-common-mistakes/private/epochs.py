"""Epochs, the hidden half: gradients cleared for every batch, and gradients that add up on purpose."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.course.declare import EDGES, Misconception
from kit.declare import case

from ..public import epochs as public
from ..public._shared import batches
from ._shared import repair, torch
from .steps import (
    clears_afterwards,
    never_clears,
    returns_a_tensor,
    returns_the_graph,
    squared_error,
    train_step,
)


def train_epoch(model: Any, optimizer: Any, batches: Any) -> Any:
    return [train_step(model, optimizer, x, target) for x, target in batches]


def _epoch_never_clears(model: Any, optimizer: Any, batches: Any) -> Any:
    return [never_clears(model, optimizer, x, target) for x, target in batches]


def _epoch_clears_once(model: Any, optimizer: Any, batches: Any) -> Any:
    optimizer.zero_grad()
    return [never_clears(model, optimizer, x, target) for x, target in batches]


def _epoch_clears_before_stepping(model: Any, optimizer: Any, batches: Any) -> Any:
    losses = []
    for x, target in batches:
        loss = squared_error(model, x, target)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        losses.append(loss.item())
    return losses


def _epoch_steps_once(model: Any, optimizer: Any, batches: Any) -> Any:
    optimizer.zero_grad()
    losses = []
    for x, target in batches:
        loss = squared_error(model, x, target)
        loss.backward()
        losses.append(loss.item())
    optimizer.step()
    return losses


def _epoch_clears_afterwards(model: Any, optimizer: Any, batches: Any) -> Any:
    return [clears_afterwards(model, optimizer, x, target) for x, target in batches]


def _epoch_last_loss(model: Any, optimizer: Any, batches: Any) -> Any:
    return train_epoch(model, optimizer, batches)[-1]


def _epoch_mean_loss(model: Any, optimizer: Any, batches: Any) -> Any:
    return float(np.mean(train_epoch(model, optimizer, batches)))


def _epoch_tensors(model: Any, optimizer: Any, batches: Any) -> Any:
    return [returns_the_graph(model, optimizer, x, target) for x, target in batches]


def _epoch_bare_tensors(model: Any, optimizer: Any, batches: Any) -> Any:
    return [returns_a_tensor(model, optimizer, x, target) for x, target in batches]


TRAIN_EPOCH = repair(
    public.TRAIN_EPOCH,
    train_epoch,
    (
        case("two batches", **batches(2, 2, 1, 3, 3)),
        case("unequal batches", **batches(3, 2, 2, 2, 4, 1)),
        case("gradients there before", **batches(2, 3, 1, 3, 2), stale=1.0),
        case("momentum", **batches(2, 3, 2, 3, 3), lr=0.05, momentum=0.9),
        case(
            "one layer in eval mode", check=EDGES, **batches(2, 3, 1, 4, 3), layers="full", evaluating=("norm", "drop")
        ),
    ),
    Misconception(
        name="never-clears",
        seen_in="two batches",
        wrong=_epoch_never_clears,
        hint="The first step is right and the later ones are not. What does backward do with what is in .grad already?",
    ),
    Misconception(
        name="clears-once",
        seen_in="two batches",
        wrong=_epoch_clears_once,
        hint="How often must the gradients be cleared in an epoch of two steps?",
    ),
    Misconception(
        name="clears-before-stepping",
        seen_in="two batches",
        wrong=_epoch_clears_before_stepping,
        hint="No error, and no parameter moves. What is in .grad at the moment of step()?",
    ),
    Misconception(
        name="steps-once",
        seen_in="two batches",
        wrong=_epoch_steps_once,
        hint="One step for each batch, or one for all of them?",
    ),
    Misconception(
        name="clears-afterwards",
        seen_in="gradients there before",
        wrong=_epoch_clears_afterwards,
        hint="All is well unless gradients are there when the epoch begins. When is the time to clear?",
    ),
    Misconception(
        name="last-loss",
        seen_in="two batches",
        wrong=_epoch_last_loss,
        hint="How many losses does an epoch have?",
    ),
    Misconception(
        name="mean-loss",
        seen_in="two batches",
        wrong=_epoch_mean_loss,
        hint="One number came back. Which list was asked for?",
    ),
    Misconception(
        name="keeps-every-graph",
        seen_in="two batches",
        wrong=_epoch_tensors,
        hint="Each entry of the list holds the graph of its step. How much of it is needed to draw a curve?",
    ),
    Misconception(
        name="list-of-tensors",
        seen_in="two batches",
        wrong=_epoch_bare_tensors,
        hint="The entries are tensors. What gives the number in a tensor?",
    ),
)


def accumulate_epoch(model: Any, optimizer: Any, micro_batches: Any) -> Any:
    total = sum(target.numel() for _, target in micro_batches)
    optimizer.zero_grad()
    value = 0.0
    for x, target in micro_batches:
        loss = ((model(x) - target) ** 2).sum() / total
        loss.backward()
        value += loss.item()
    optimizer.step()
    return value


def _accumulated(
    model: Any,
    optimizer: Any,
    micro_batches: Any,
    *,
    weight: Any = None,
    clears: bool = True,
    clears_each: bool = False,
) -> Any:
    """The loop with a weight for each micro-batch of so many entries, out of a total, in so many pieces."""
    total = sum(target.numel() for _, target in micro_batches)
    if clears:
        optimizer.zero_grad()
    value = 0.0
    for x, target in micro_batches:
        if clears_each:
            optimizer.zero_grad()
        share = weight(target.numel(), total, len(micro_batches)) if weight else target.numel() / total
        loss = squared_error(model, x, target) * share
        loss.backward()
        value += loss.item()
    optimizer.step()
    return value


def _undivided(model: Any, optimizer: Any, micro_batches: Any) -> Any:
    return _accumulated(model, optimizer, micro_batches, weight=lambda n, total, pieces: 1.0)


def _divided_by_pieces(model: Any, optimizer: Any, micro_batches: Any) -> Any:
    return _accumulated(model, optimizer, micro_batches, weight=lambda n, total, pieces: 1.0 / pieces)


def _divided_twice(model: Any, optimizer: Any, micro_batches: Any) -> Any:
    return _accumulated(model, optimizer, micro_batches, weight=lambda n, total, pieces: n / total / pieces)


def _clears_each_piece(model: Any, optimizer: Any, micro_batches: Any) -> Any:
    return _accumulated(model, optimizer, micro_batches, clears_each=True)


def _accumulates_without_clearing(model: Any, optimizer: Any, micro_batches: Any) -> Any:
    return _accumulated(model, optimizer, micro_batches, clears=False)


def _mean_of_epoch_losses(model: Any, optimizer: Any, micro_batches: Any) -> Any:
    return float(np.mean(train_epoch(model, optimizer, micro_batches)))


def _mean_of_means_for_the_log(model: Any, optimizer: Any, micro_batches: Any) -> Any:
    with torch.no_grad():
        losses = [squared_error(model, x, target).item() for x, target in micro_batches]
    accumulate_epoch(model, optimizer, micro_batches)
    return float(np.mean(losses))


def _accumulated_graph(model: Any, optimizer: Any, micro_batches: Any) -> Any:
    total = sum(target.numel() for _, target in micro_batches)
    optimizer.zero_grad()
    value = sum(((model(x) - target) ** 2).sum() / total for x, target in micro_batches)
    value.backward()
    optimizer.step()
    return value


ACCUMULATE_EPOCH = repair(
    public.ACCUMULATE_EPOCH,
    accumulate_epoch,
    (
        case("two of one size", **batches(2, 2, 1, 3, 3)),
        case("unequal sizes", **batches(3, 2, 2, 1, 4, 2)),
        case("gradients there before", **batches(2, 3, 1, 3, 2), stale=1.0),
        case("one micro-batch", check=EDGES, **batches(2, 3, 1, 4)),
        case(
            "one layer in eval mode", check=EDGES, **batches(2, 3, 1, 4, 3), layers="full", evaluating=("norm", "drop")
        ),
    ),
    Misconception(
        name="not-divided",
        seen_in="two of one size",
        wrong=_undivided,
        hint="Means of parts were added. What is the mean of the whole?",
    ),
    Misconception(
        name="equal-weights",
        seen_in="unequal sizes",
        wrong=_divided_by_pieces,
        hint="It works while all micro-batches are of one size. How much does a micro-batch of one sample count?",
    ),
    Misconception(
        name="divided-twice",
        seen_in="two of one size",
        wrong=_divided_twice,
        hint="Loss and gradients are too small. How often are they divided?",
    ),
    Misconception(
        name="clears-each-piece",
        seen_in="two of one size",
        wrong=_clears_each_piece,
        hint="Only the last micro-batch counts. What happens to the gradients of the others?",
    ),
    Misconception(
        name="never-clears",
        seen_in="two of one size",
        wrong=_accumulates_without_clearing,
        hint="Adding up is right within an epoch. What is in .grad when the epoch begins?",
    ),
    Misconception(
        name="steps-each-time",
        seen_in="two of one size",
        wrong=_mean_of_epoch_losses,
        hint="How many steps does the optimizer take for one full batch?",
    ),
    Misconception(
        name="mean-of-means-in-the-log",
        seen_in="unequal sizes",
        wrong=_mean_of_means_for_the_log,
        hint="The step is that of the full batch. Is the number that is returned its loss?",
    ),
    Misconception(
        name="returns-the-graph",
        seen_in="two of one size",
        wrong=_accumulated_graph,
        hint="The returned loss still holds a graph, and all micro-batches were in memory at once. What was the idea?",
    ),
)
