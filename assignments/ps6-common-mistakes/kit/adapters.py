"""Adapters: how an answer that works on objects is put to use with plain data in and plain data out.

An adapter takes the student's function or class and returns a function of numbers, arrays and tuples. One table serves
the notebook's check, the box and the judge, so all three exercise an answer in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .graphs import on_backward, on_order
from .optimizing import interleaved_steps, steps
from .repairs import (
    accumulated_epochs,
    backward_once,
    chunked,
    coded,
    epochs,
    evaluated,
    fresh_leaf,
    indices,
    logged,
    loss_of_model,
    made_weight,
    manual,
    plotted,
    pulled,
    pulled_first,
    running,
    sampled,
    stacked,
    stepped,
    target_network,
    vector_product,
    without_dropout,
)
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
    # PyTorch programs (ps6)
    "backward_once": backward_once,  # backward_from_loss(model, x, target)
    "logged": logged,  # loss_for_log(loss)
    "running": running,  # running_loss(losses)
    "coded": coded,  # encoder_decoder_step and frozen_encoder_step(encoder, decoder, loss_fn, x, target)
    "pulled": pulled,  # functions of tensors, all of which want a gradient
    "pulled_first": pulled_first,  # functions of tensors, the first of which wants a gradient
    "indices": indices,  # predict(logits)
    "loss_of_model": loss_of_model,  # feature_loss and scaled_loss(model, x, target, ...)
    "plotted": plotted,  # to_numpy_for_plot(tensor)
    "fresh_leaf": fresh_leaf,  # new_leaf(tensor)
    "made_weight": made_weight,  # make_weight(shape, scale, generator)
    "stepped": stepped,  # train_step, ordered_step and clipped_step(model, optimizer, x, target, ...)
    "epochs": epochs,  # train_epoch(model, optimizer, batches)
    "accumulated_epochs": accumulated_epochs,  # accumulate_epoch(model, optimizer, micro_batches)
    "manual": manual,  # manual_sgd(parameters, lr)
    "stacked": stacked,  # class Stack
    "chunked": chunked,  # train_chunks(cell, head, chunks, targets, optimizer)
    "vector_product": vector_product,  # vector_jacobian_product(f, x, v)
    "evaluated": evaluated,  # evaluate(model, x)
    "without_dropout": without_dropout,  # predict_with_dropout_off(model, x)
    "sampled": sampled,  # mc_dropout(model, x, samples)
    "target_network": target_network,  # td_loss(online, target_net, x, reward, next_x, gamma)
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
