"""Adapters: how an answer that works on objects is put to use with plain data in and plain data out.

An adapter takes the student's function or class and returns a function of numbers, arrays and tuples. One table serves
the notebook's check, the box and the judge, so all three exercise an answer in the same way. It names each adapter by
module and function; the module is imported when it is used. So a kit.zip holds only those that its exercises name.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

Answer = Callable[..., Any]
Adapter = Callable[..., Answer]


TABLE: Mapping[str, str] = {
    "graph_order": "graphs:on_order",  # answer(output)
    "graph_backward": "graphs:on_backward",  # answer(output)
    "forward_pass": "training:forward_pass",  # answer(params, X)
    "backward_pass": "training:backward_pass",  # answer(params, cache, grad_prediction)
    "training_step": "training:training_step",  # answer(params, X, target)
    "cleared": "training:cleared",  # answer(grads)
    "accumulated": "training:accumulated",  # answer(total, grads)
    "steps": "optimizing:steps",  # answer(params, grads, lr)
    "interleaved_steps": "optimizing:interleaved_steps",  # answer(params, grads, state, lr)
    "clipped": "training:clipped",  # answer(grads, max_norm)
    "training_run": "training:training_run",  # answer(params, X, target, steps, lr)
    "tape": "tapes:tape",  # a class of tensors
    # PyTorch programs
    "backward_once": "repairs.losses:backward_once",  # answer(model, x, target)
    "logged": "repairs.leaves:logged",  # answer(loss)
    "running": "repairs.leaves:running",  # answer(losses)
    "coded": "repairs.losses:coded",  # answer(encoder, decoder, loss_fn, x, target)
    "pulled": "repairs.pulled:pulled",  # functions of tensors, all of which want a gradient
    "pulled_first": "repairs.pulled:pulled_first",  # functions of tensors, the first of which wants a gradient
    "indices": "repairs.pulled:indices",  # answer(logits)
    "loss_of_model": "repairs.losses:loss_of_model",  # answer(model, x, target, ...)
    "plotted": "repairs.leaves:plotted",  # answer(tensor)
    "fresh_leaf": "repairs.leaves:fresh_leaf",  # answer(tensor)
    "made_weight": "repairs.leaves:made_weight",  # answer(shape, scale, generator)
    "stepped": "repairs.steps:stepped",  # answer(model, optimizer, x, target, ...)
    "epochs": "repairs.steps:epochs",  # answer(model, optimizer, batches)
    "accumulated_epochs": "repairs.steps:accumulated_epochs",  # answer(model, optimizer, micro_batches)
    "manual": "repairs.steps:manual",  # answer(parameters, lr)
    "stacked": "repairs.stacks:stacked",  # a module
    "chunked": "repairs.chunks:chunked",  # answer(cell, head, chunks, targets, optimizer)
    "vector_product": "repairs.pulled:vector_product",  # answer(f, x, v)
    "evaluated": "repairs.modes:evaluated",  # answer(model, x)
    "without_dropout": "repairs.modes:without_dropout",  # answer(model, x)
    "sampled": "repairs.modes:sampled",  # answer(model, x, samples)
    "target_network": "repairs.losses:target_network",  # answer(online, target_net, x, reward, next_x, gamma)
}


def adapter(name: str) -> Adapter:
    """The adapter called ``name``. Raises KeyError for a name that is not in the table."""
    module, _, function = TABLE[name].partition(":")
    found: Adapter = getattr(importlib.import_module(f".{module}", __package__), function)
    return found


def load_all() -> None:
    """Import every adapter now: for a process that others are forked from."""
    for name in TABLE:
        adapter(name)


def adapted(name: str, answer: Answer) -> Answer:
    """``answer`` behind the adapter called ``name``; without a name, ``answer`` itself.

    In ``name:word`` the word is handed to the adapter: the name of another answer that it needs. Raises KeyError for a
    name that is not in the table.
    """
    if not name:
        return answer
    kind, _, word = name.partition(":")
    behind = adapter(kind)(answer, word) if word else adapter(kind)(answer)
    behind.__dict__.setdefault("__wrapped__", answer)  # so that an error can be traced to the student's own line
    return behind
