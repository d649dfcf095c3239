"""Adapters: how an answer that works on objects is put to use with plain data in and plain data out.

An adapter takes the student's function or class and returns a function of numbers, arrays and tuples. One table serves
the notebook's check, the box and the judge, so all three exercise an answer in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .graphs import on_backward, on_order
from .optimizing import interleaved_steps, steps
from .tapes import tape
from .training import accumulated, backward_pass, cleared, clipped, forward_pass, training_run, training_step

Answer = Callable[..., Any]
Adapter = Callable[[Answer], Answer]


TABLE: Mapping[str, Adapter] = {
    "graph_order": on_order,  # topological_order(output)
    "graph_backward": on_backward,  # backward(output)
    "forward_pass": forward_pass,  # mlp_forward(params, X)
    "backward_pass": backward_pass,  # mlp_backward(params, cache, grad_prediction)
    "training_step": training_step,  # loss_and_gradients(params, X, target)
    "cleared": cleared,  # zero_grad(grads)
    "accumulated": accumulated,  # accumulate(total, grads)
    "steps": steps,  # sgd_step(params, grads, lr)
    "interleaved_steps": interleaved_steps,  # momentum_step and adam_step(params, grads, state, lr)
    "clipped": clipped,  # clip_grad_norm(grads, max_norm)
    "training_run": training_run,  # train(params, X, target, steps, lr)
    "tape": tape,  # class Tensor
}


def adapted(name: str, answer: Answer) -> Answer:
    """``answer`` behind the adapter called ``name``; without a name, ``answer`` itself.

    Raises KeyError for a name that is not in the table.
    """
    if not name:
        return answer
    behind = TABLE[name](answer)
    behind.__dict__.setdefault("__wrapped__", answer)  # so that an error can be traced to the student's own line
    return behind
