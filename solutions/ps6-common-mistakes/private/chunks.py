"""Truncated backpropagation through time, the hidden half: here detach is the repair."""

from __future__ import annotations

from typing import Any

import numpy as np

from kit.declare import case

from ..public import chunks as public
from ..public._shared import recurrent
from ._shared import NO_GRAD, F, repair, torch, written


def train_chunks(cell, head, chunks, targets, optimizer):
    return _over_chunks(cell, head, chunks, targets, optimizer, carry=lambda h: h.detach())


def _over_chunks(
    cell: Any,
    head: Any,
    chunks: Any,
    targets: Any,
    optimizer: Any,
    *,
    carry: Any,
    within: Any = None,
    before_head: Any = None,
    clears: bool = True,
    retain_graph: bool = False,
    steps: bool = True,
    log: Any = None,
) -> Any:
    """The loop over the chunks; each keyword is a place where it can go wrong."""
    h = torch.zeros(chunks[0].shape[1], cell.hidden_size)
    losses = []
    for chunk, target in zip(chunks, targets, strict=True):
        for x in chunk:
            h = cell(x, within(h) if within else h)
        loss = ((head(before_head(h) if before_head else h) - target) ** 2).mean()
        if clears:
            optimizer.zero_grad()
        loss.backward(retain_graph=retain_graph)
        if steps:
            optimizer.step()
        losses.append(log(loss) if log else loss.item())
        h = carry(h)
    if not steps:
        optimizer.step()
    return losses


TRAIN_CHUNKS = repair(
    public.TRAIN_CHUNKS,
    train_chunks,
    (
        case("two chunks", **recurrent(1, 2, 1, chunks=2, time=2, batch=2)),
        case("three chunks", **recurrent(2, 3, 1, chunks=3, time=2, batch=2)),
        case("gradients there before", **recurrent(2, 2, 1, chunks=2, time=3, batch=2), stale=1.0),
        case("one chunk", **recurrent(1, 2, 2, chunks=1, time=3, batch=3)),
    ),
)


@TRAIN_CHUNKS.mistake(source=written(without="retain_graph"))
def never_cut(cell, head, chunks, targets, optimizer):
    """The second backward walks into the graph of the first chunk. What should the next chunk know of it?"""
    return _over_chunks(cell, head, chunks, targets, optimizer, carry=lambda h: h)


@TRAIN_CHUNKS.mistake(source=written("retain_graph"))
def retained_instead_of_cut(cell, head, chunks, targets, optimizer):
    """The old graphs are kept, and the step changes weights that they need. How far back should backward go?"""
    return _over_chunks(cell, head, chunks, targets, optimizer, carry=lambda h: h, retain_graph=True)


@TRAIN_CHUNKS.mistake
def state_forgotten(cell, head, chunks, targets, optimizer):
    """Every chunk starts from zeros. Does the second one continue the first?"""
    return _over_chunks(cell, head, chunks, targets, optimizer, carry=torch.zeros_like)


@TRAIN_CHUNKS.mistake
def cut_at_every_step(cell, head, chunks, targets, optimizer):
    """The losses begin right. Through how many steps of a chunk should the gradient go back?"""
    return _over_chunks(cell, head, chunks, targets, optimizer, carry=lambda h: h.detach(), within=lambda h: h.detach())


@TRAIN_CHUNKS.mistake(source=written(without=NO_GRAD))
def cell_cut_off(cell, head, chunks, targets, optimizer):
    """The cell never changes. Between which two places is the cut, and where should it be?"""
    return _over_chunks(
        cell, head, chunks, targets, optimizer, carry=lambda h: h.detach(), before_head=lambda h: h.detach()
    )


@TRAIN_CHUNKS.mistake(source=written(NO_GRAD))
def cell_without_a_graph(cell, head, chunks, targets, optimizer):
    """The cell never changes. What is not recorded while it runs under no_grad?"""

    def silent(x, h):
        with torch.no_grad():
            return cell(x, h)

    silent.hidden_size = cell.hidden_size  # type: ignore[attr-defined]
    return train_chunks(silent, head, chunks, targets, optimizer)


@TRAIN_CHUNKS.mistake
def never_clears(cell, head, chunks, targets, optimizer):
    """The first chunk's gradients are still there when the second one's arrive. Who clears them?"""
    return _over_chunks(cell, head, chunks, targets, optimizer, carry=lambda h: h.detach(), clears=False)


@TRAIN_CHUNKS.mistake
def one_step_for_all(cell, head, chunks, targets, optimizer):
    """How many steps does the optimizer take for two chunks?"""
    return _over_chunks(cell, head, chunks, targets, optimizer, carry=lambda h: h.detach(), steps=False)


@TRAIN_CHUNKS.mistake
def keeps_every_graph(cell, head, chunks, targets, optimizer):
    """The list holds losses with their graphs. What is needed for a curve?"""
    return _over_chunks(cell, head, chunks, targets, optimizer, carry=lambda h: h.detach(), log=lambda loss: loss)


@TRAIN_CHUNKS.right
def chunks_by_detach(cell, head, chunks, targets, optimizer):
    h, losses = None, []
    for chunk, target in zip(chunks, targets, strict=True):
        for x in chunk:
            h = cell(x, h)
        loss = F.mse_loss(head(h), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        h = h.detach()
    return losses


@TRAIN_CHUNKS.right
def chunks_by_detach_in_place(cell, head, chunks, targets, optimizer):
    state = torch.zeros(len(targets[0]), cell.hidden_size)
    losses = []
    for k in range(len(chunks)):
        optimizer.zero_grad()
        state = state.detach()
        for t in range(len(chunks[k])):
            state = cell(chunks[k][t], state)
        loss = ((head(state) - targets[k]) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(float(loss))
        state.detach_()
    return losses


@TRAIN_CHUNKS.right
def chunks_by_new_tensor(cell, head, chunks, targets, optimizer):
    def one_chunk(chunk, target, start):
        h = torch.tensor(start)
        for x in chunk:
            h = cell(x, h)
        loss = (head(h) - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item(), h.detach().numpy().copy()

    state = np.zeros((chunks[0].shape[1], cell.hidden_size), dtype=np.float32)
    losses = []
    for chunk, target in zip(chunks, targets, strict=True):
        loss, state = one_chunk(chunk, target, state)
        losses.append(loss)
    return losses
