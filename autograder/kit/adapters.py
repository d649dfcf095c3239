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
Adapter = Callable[[Answer], Answer]


TABLE: Mapping[str, str] = {
    "graph_order": "graphs:on_order",  # topological_order(output)
    "graph_backward": "graphs:on_backward",  # backward(output)
    "forward_pass": "training:forward_pass",  # mlp_forward(params, X)
    "backward_pass": "training:backward_pass",  # mlp_backward(params, cache, grad_prediction)
    "training_step": "training:training_step",  # loss_and_gradients(params, X, target)
    "cleared": "training:cleared",  # zero_grad(grads)
    "accumulated": "training:accumulated",  # accumulate(total, grads)
    "steps": "optimizing:steps",  # sgd_step(params, grads, lr)
    "interleaved_steps": "optimizing:interleaved_steps",  # momentum_step and adam_step(params, grads, state, lr)
    "clipped": "training:clipped",  # clip_grad_norm(grads, max_norm)
    "training_run": "training:training_run",  # train(params, X, target, steps, lr)
    "tape": "tapes:tape",  # class Tensor
    # PyTorch programs
    "backward_once": "repairs.losses:backward_once",  # backward_from_loss(model, x, target)
    "logged": "repairs.leaves:logged",  # loss_for_log(loss)
    "running": "repairs.leaves:running",  # running_loss(losses)
    "coded": "repairs.losses:coded",  # encoder_decoder_step(encoder, decoder, loss_fn, x, target)
    "pulled": "repairs.pulled:pulled",  # functions of tensors, all of which want a gradient
    "pulled_first": "repairs.pulled:pulled_first",  # functions of tensors, the first of which wants a gradient
    "indices": "repairs.pulled:indices",  # predict(logits)
    "loss_of_model": "repairs.losses:loss_of_model",  # feature_loss and scaled_loss(model, x, target, ...)
    "plotted": "repairs.leaves:plotted",  # to_numpy_for_plot(tensor)
    "fresh_leaf": "repairs.leaves:fresh_leaf",  # new_leaf(tensor)
    "made_weight": "repairs.leaves:made_weight",  # make_weight(shape, scale, generator)
    "stepped": "repairs.steps:stepped",  # train_step, ordered_step and clipped_step(model, optimizer, x, target, ...)
    "epochs": "repairs.steps:epochs",  # train_epoch(model, optimizer, batches)
    "accumulated_epochs": "repairs.steps:accumulated_epochs",  # accumulate_epoch(model, optimizer, micro_batches)
    "manual": "repairs.steps:manual",  # manual_sgd(parameters, lr)
    "stacked": "repairs.stacks:stacked",  # class Stack
    "chunked": "repairs.chunks:chunked",  # train_chunks(cell, head, chunks, targets, optimizer)
    "vector_product": "repairs.pulled:vector_product",  # vector_jacobian_product(f, x, v)
    "evaluated": "repairs.modes:evaluated",  # evaluate(model, x)
    "without_dropout": "repairs.modes:without_dropout",  # predict_with_dropout_off(model, x)
    "sampled": "repairs.modes:sampled",  # mc_dropout(model, x, samples)
    "target_network": "repairs.losses:target_network",  # td_loss(online, target_net, x, reward, next_x, gamma)
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

    Raises KeyError for a name that is not in the table.
    """
    if not name:
        return answer
    behind = adapter(name)(answer)
    behind.__dict__.setdefault("__wrapped__", answer)  # so that an error can be traced to the student's own line
    return behind
