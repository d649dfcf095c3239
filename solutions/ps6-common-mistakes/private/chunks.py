"""Truncated backpropagation through time, the hidden half: here detach is the repair."""

from __future__ import annotations

from typing import Any

from autograder.course.declare import Misconception
from kit.declare import case

from ..public import chunks as public
from ..public._shared import recurrent
from ._shared import NO_GRAD, repair, torch, written


def train_chunks(cell: Any, head: Any, chunks: Any, targets: Any, optimizer: Any) -> Any:
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


def _never_cut(cell: Any, head: Any, chunks: Any, targets: Any, optimizer: Any) -> Any:
    return _over_chunks(cell, head, chunks, targets, optimizer, carry=lambda h: h)


def _never_cut_retained(cell: Any, head: Any, chunks: Any, targets: Any, optimizer: Any) -> Any:
    return _over_chunks(cell, head, chunks, targets, optimizer, carry=lambda h: h, retain_graph=True)


def _forgets(cell: Any, head: Any, chunks: Any, targets: Any, optimizer: Any) -> Any:
    return _over_chunks(cell, head, chunks, targets, optimizer, carry=torch.zeros_like)


def _cut_at_each_step(cell: Any, head: Any, chunks: Any, targets: Any, optimizer: Any) -> Any:
    return _over_chunks(cell, head, chunks, targets, optimizer, carry=lambda h: h.detach(), within=lambda h: h.detach())


def _cut_before_the_head(cell: Any, head: Any, chunks: Any, targets: Any, optimizer: Any) -> Any:
    return _over_chunks(
        cell, head, chunks, targets, optimizer, carry=lambda h: h.detach(), before_head=lambda h: h.detach()
    )


def _chunks_never_cleared(cell: Any, head: Any, chunks: Any, targets: Any, optimizer: Any) -> Any:
    return _over_chunks(cell, head, chunks, targets, optimizer, carry=lambda h: h.detach(), clears=False)


def _one_step_for_all(cell: Any, head: Any, chunks: Any, targets: Any, optimizer: Any) -> Any:
    return _over_chunks(cell, head, chunks, targets, optimizer, carry=lambda h: h.detach(), steps=False)


def _chunks_keep_graphs(cell: Any, head: Any, chunks: Any, targets: Any, optimizer: Any) -> Any:
    return _over_chunks(cell, head, chunks, targets, optimizer, carry=lambda h: h.detach(), log=lambda loss: loss)


def _cell_in_no_grad(cell: Any, head: Any, chunks: Any, targets: Any, optimizer: Any) -> Any:
    def silent(x: Any, h: Any) -> Any:
        with torch.no_grad():
            return cell(x, h)

    silent.hidden_size = cell.hidden_size  # type: ignore[attr-defined]
    return train_chunks(silent, head, chunks, targets, optimizer)


TRAIN_CHUNKS = repair(
    public.TRAIN_CHUNKS,
    train_chunks,
    (
        case("two chunks", **recurrent(1, 2, 1, chunks=2, time=2, batch=2)),
        case("three chunks", **recurrent(2, 3, 1, chunks=3, time=2, batch=2)),
        case("gradients there before", **recurrent(2, 2, 1, chunks=2, time=3, batch=2), stale=1.0),
        case("one chunk", **recurrent(1, 2, 2, chunks=1, time=3, batch=3)),
    ),
    Misconception(
        name="never-cut",
        seen_in="two chunks",
        wrong=_never_cut,
        hint="The second backward walks into the graph of the first chunk. What should the next chunk know of it?",
        source=written(without="retain_graph"),
    ),
    Misconception(
        name="retained-instead-of-cut",
        seen_in="two chunks",
        wrong=_never_cut_retained,
        hint="The old graphs are kept, and the step changes weights that they need. How far back should backward go?",
        source=written("retain_graph"),
    ),
    Misconception(
        name="state-forgotten",
        seen_in="two chunks",
        wrong=_forgets,
        hint="Every chunk starts from zeros. Does the second one continue the first?",
    ),
    Misconception(
        name="cut-at-every-step",
        seen_in="two chunks",
        wrong=_cut_at_each_step,
        hint="The losses begin right. Through how many steps of a chunk should the gradient go back?",
    ),
    Misconception(
        name="cell-cut-off",
        seen_in="two chunks",
        wrong=_cut_before_the_head,
        hint="The cell never changes. Between which two places is the cut, and where should it be?",
        source=written(without=NO_GRAD),
    ),
    Misconception(
        name="cell-without-a-graph",
        seen_in="two chunks",
        wrong=_cell_in_no_grad,
        hint="The cell never changes. What is not recorded while it runs under no_grad?",
        source=written(NO_GRAD),
    ),
    Misconception(
        name="never-clears",
        seen_in="two chunks",
        wrong=_chunks_never_cleared,
        hint="The first chunk's gradients are still there when the second one's arrive. Who clears them?",
    ),
    Misconception(
        name="one-step-for-all",
        seen_in="two chunks",
        wrong=_one_step_for_all,
        hint="How many steps does the optimizer take for two chunks?",
    ),
    Misconception(
        name="keeps-every-graph",
        seen_in="two chunks",
        wrong=_chunks_keep_graphs,
        hint="The list holds losses with their graphs. What is needed for a curve?",
    ),
)
