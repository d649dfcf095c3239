"""Epochs, the hidden half: gradients cleared for every batch, and gradients that add up on purpose."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.course.declare import EDGES, mistake
from kit.declare import case

from ..public import epochs as public
from ..public._shared import batches
from ._shared import F, repair, torch
from .steps import (
    clears_afterwards,
    never_clears,
    returns_a_tensor,
    returns_the_graph,
    squared_error,
    step_clearing_before_backward,
    train_step,
)


def train_epoch(model, optimizer, batches):
    return [train_step(model, optimizer, x, target) for x, target in batches]


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
    mistake(
        "never-clears",
        lambda model, optimizer, batches: [never_clears(model, optimizer, x, target) for x, target in batches],
        "The first step is right and the later ones are not. What does backward do with what is in .grad already?",
    ),
    mistake(
        "clears-afterwards",
        lambda model, optimizer, batches: [clears_afterwards(model, optimizer, x, target) for x, target in batches],
        "All is well unless gradients are there when the epoch begins. When is the time to clear?",
    ),
    mistake(
        "last-loss",
        lambda model, optimizer, batches: train_epoch(model, optimizer, batches)[-1],
        "How many losses does an epoch have?",
    ),
    mistake(
        "mean-loss",
        lambda model, optimizer, batches: float(np.mean(train_epoch(model, optimizer, batches))),
        "One number came back. Which list was asked for?",
    ),
    mistake(
        "keeps-every-graph",
        lambda model, optimizer, batches: [returns_the_graph(model, optimizer, x, target) for x, target in batches],
        "Each entry of the list holds the graph of its step. How much of it is needed to draw a curve?",
    ),
    mistake(
        "list-of-tensors",
        lambda model, optimizer, batches: [returns_a_tensor(model, optimizer, x, target) for x, target in batches],
        "The entries are tensors. What gives the number in a tensor?",
    ),
)


@TRAIN_EPOCH.mistake
def clears_once(model, optimizer, batches):
    """How often must the gradients be cleared in an epoch of two steps?"""
    optimizer.zero_grad()
    return [never_clears(model, optimizer, x, target) for x, target in batches]


@TRAIN_EPOCH.mistake
def clears_before_stepping(model, optimizer, batches):
    """No error, and no parameter moves. What is in .grad at the moment of step()?"""
    losses = []
    for x, target in batches:
        loss = squared_error(model, x, target)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        losses.append(loss.item())
    return losses


@TRAIN_EPOCH.mistake
def steps_once(model, optimizer, batches):
    """One step for each batch, or one for all of them?"""
    optimizer.zero_grad()
    losses = []
    for x, target in batches:
        loss = squared_error(model, x, target)
        loss.backward()
        losses.append(loss.item())
    optimizer.step()
    return losses


@TRAIN_EPOCH.right
def epoch_by_loop(model, optimizer, batches):
    losses = []
    for x, target in batches:
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@TRAIN_EPOCH.right
def epoch_by_comprehension(model, optimizer, batches):
    return [step_clearing_before_backward(model, optimizer, x, target) for x, target in batches]


@TRAIN_EPOCH.right
def epoch_with_numbers_at_the_end(model, optimizer, batches):
    losses = []
    optimizer.zero_grad()
    for x, target in batches:
        loss = ((model(x) - target) ** 2).mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.detach())
    return [float(loss) for loss in losses]


def accumulate_epoch(model, optimizer, micro_batches):
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


def _accumulated_graph(model, optimizer, micro_batches):
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
    mistake(
        "clears-each-piece",
        lambda model, optimizer, micro_batches: _accumulated(model, optimizer, micro_batches, clears_each=True),
        "Only the last micro-batch counts. What happens to the gradients of the others?",
    ),
    mistake(
        "never-clears",
        lambda model, optimizer, micro_batches: _accumulated(model, optimizer, micro_batches, clears=False),
        "Adding up is right within an epoch. What is in .grad when the epoch begins?",
    ),
    mistake(
        "steps-each-time",
        lambda model, optimizer, micro_batches: float(np.mean(train_epoch(model, optimizer, micro_batches))),
        "How many steps does the optimizer take for one full batch?",
    ),
    mistake(
        "returns-the-graph",
        _accumulated_graph,
        "The returned loss still holds a graph, and all micro-batches were in memory at once. What was the idea?",
    ),
)


@ACCUMULATE_EPOCH.mistake
def not_divided(model, optimizer, micro_batches):
    """Means of parts were added. What is the mean of the whole?"""
    return _accumulated(model, optimizer, micro_batches, weight=lambda n, total, pieces: 1.0)


@ACCUMULATE_EPOCH.mistake
def equal_weights(model, optimizer, micro_batches):
    """It works while all micro-batches are of one size. How much does a micro-batch of one sample count?"""
    return _accumulated(model, optimizer, micro_batches, weight=lambda n, total, pieces: 1.0 / pieces)


@ACCUMULATE_EPOCH.mistake
def divided_twice(model, optimizer, micro_batches):
    """Loss and gradients are too small. How often are they divided?"""
    return _accumulated(model, optimizer, micro_batches, weight=lambda n, total, pieces: n / total / pieces)


@ACCUMULATE_EPOCH.mistake
def mean_of_means_in_the_log(model, optimizer, micro_batches):
    """The step is that of the full batch. Is the number that is returned its loss?"""
    with torch.no_grad():
        losses = [squared_error(model, x, target).item() for x, target in micro_batches]
    accumulate_epoch(model, optimizer, micro_batches)
    return float(np.mean(losses))


@ACCUMULATE_EPOCH.right
def accumulated_by_weights(model, optimizer, micro_batches):
    total = sum(len(x) for x, _ in micro_batches)
    optimizer.zero_grad()
    value = 0.0
    for x, target in micro_batches:
        loss = F.mse_loss(model(x), target) * (len(x) / total)
        loss.backward()
        value += loss.item()
    optimizer.step()
    return value


@ACCUMULATE_EPOCH.right
def accumulated_as_one_batch(model, optimizer, micro_batches):
    optimizer.zero_grad()
    difference = [model(x) - target for x, target in micro_batches]
    loss = (torch.cat(difference) ** 2).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


@ACCUMULATE_EPOCH.right
def accumulated_and_divided_afterwards(model, optimizer, micro_batches):
    optimizer.zero_grad()
    total, entries = 0.0, 0
    for x, target in micro_batches:
        loss = F.mse_loss(model(x), target, reduction="sum")
        loss.backward()
        total, entries = total + loss.item(), entries + target.numel()
    for parameter in model.parameters():
        if parameter.grad is not None:
            parameter.grad /= entries
    optimizer.step()
    return total / entries
