"""Truncated backpropagation through time: here detach is the repair."""

from __future__ import annotations

from kit.declare import Function

from ._shared import KINDS, recurrent, stored

TRAIN_CHUNKS = Function(
    name="train_chunks",
    signature="train_chunks(cell, head, chunks, targets, optimizer)",
    statement="Trains on one chunk after the other, the state carried over without its graph; returns the losses.",
    stored=stored(
        "train_chunks",
        three_chunks=recurrent(2, 3, 1, chunks=3, time=2, batch=2),
        one_chunk=recurrent(1, 2, 2, chunks=1, time=3, batch=3),
    ),
    results=(
        "losses",
        KINDS,
        "cell.weight_ih on return",
        "cell.weight_hh on return",
        "cell.bias_ih on return",
        "cell.bias_hh on return",
        "head.weight on return",
        "head.bias on return",
    ),
    adapter="chunked",
    takes=("W_ih", "W_hh", "b_ih", "b_hh", "W_out", "b_out", "chunks", "targets"),
)
