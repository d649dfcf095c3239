"""Adapter for a recurrent net that is trained on a long sequence, chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._data import Array, copied, load, series, steady, tensor
from ._models import linear

Answer = Callable[..., Any]


def chunked(answer: Answer) -> Answer:
    """train_chunks(cell, head, chunks, targets, optimizer), once.

    ``chunks`` has the shape (chunks, time, batch, n), ``targets`` (chunks, batch, m). Gives the losses, their kinds,
    and the cell's four parameters and the head's two afterwards.
    """

    def run(
        W_ih: Array,
        W_hh: Array,
        b_ih: Array,
        b_hh: Array,
        W_out: Array,
        b_out: Array,
        chunks: Array,
        targets: Array,
        *,
        lr: float = 0.2,
        stale: float = 0.0,
    ) -> Any:
        torch = load()
        with steady(torch):
            cell = torch.nn.RNNCell(W_ih.shape[1], W_ih.shape[0])
            head = linear(torch, W_out, b_out)
            with torch.no_grad():
                for parameter, array in zip(cell.parameters(), (W_ih, W_hh, b_ih, b_hh), strict=True):
                    parameter.copy_(tensor(torch, array))
            parameters = [*cell.parameters(), *head.parameters()]
            for parameter in parameters if stale else ():
                parameter.grad = torch.full_like(parameter, stale)
            optimizer = torch.optim.SGD(parameters, lr=lr)
            pieces = [tensor(torch, chunk) for chunk in chunks]
            returned = answer(cell, head, pieces, [tensor(torch, one) for one in targets], optimizer)
            return (*series(torch, returned), *copied(torch, parameters))

    return run
