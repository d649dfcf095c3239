"""Training and evaluation mode, the hidden half: switched for a moment, and left as they were found."""

from __future__ import annotations

import contextlib
from typing import Any

from autograder.course.declare import EDGES, mistake
from kit.declare import case
from kit.draws import normal

from ..public import modes as public
from ..public._shared import net
from ._shared import nn, repair, torch

EVALUATION_CASES = (
    case("model in training", **net(2, 2, 1), x=normal(3, 2)),
    case("more outputs", **net(3, 4, 2), x=normal(5, 3), rate=0.25),
    case("model in eval mode", **net(2, 3, 1), x=normal(4, 2), evaluating=("all",)),
    case("batch norm in eval mode", check=EDGES, **net(2, 3, 1), x=normal(3, 2), evaluating=("norm",)),
    case("dropout in eval mode", check=EDGES, **net(2, 3, 1), x=normal(4, 2), evaluating=("drop",)),
    case("one sample", check=EDGES, **net(2, 3, 1), x=normal(1, 2)),
)


def evaluate(model, x):
    with torch.no_grad():
        return predict_with_dropout_off(model, x)


def predict_with_dropout_off(model, x):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    try:
        return model(x)
    finally:
        for part, training in modes:
            part.training = training


def _recording_left_off(model, x):
    torch.set_grad_enabled(False)
    return predict_with_dropout_off(model, x)


def _with_graph_left_in_eval(model, x):
    model.eval()
    return model(x)


EVALUATE = repair(
    public.EVALUATE,
    evaluate,
    (
        *EVALUATION_CASES,
        case("model that raises", check=EDGES, **net(2, 3, 1), x=normal(3, 2), breaks=True),
        case("gradients not recorded around it", check=EDGES, **net(2, 3, 1), x=normal(3, 2), recording=False),
    ),
    mistake(
        "builds-a-graph",
        predict_with_dropout_off,
        "The output still holds a graph. Does eval mode keep one from being recorded?",
    ),
    mistake(
        "graph-and-eval-mode-left",
        _with_graph_left_in_eval,
        "Two things are missing: what about the graph, and what about the mode afterwards?",
    ),
    mistake(
        "recording-left-off",
        _recording_left_off,
        "After the call no gradients are recorded anywhere. Which switch was not set back?",
    ),
)


@EVALUATE.mistake
def never_evaluating(model, x):
    """Two calls give two answers. Does no_grad switch dropout off?"""
    with torch.no_grad():
        return model(x)


@EVALUATE.mistake
def left_in_eval_mode(model, x):
    """In which mode does the next training step find the model?"""
    model.eval()
    with torch.no_grad():
        return model(x)


@EVALUATE.mistake
def always_back_to_training(model, x):
    """Was the model in training mode when the call came?"""
    model.eval()
    try:
        with torch.no_grad():
            return model(x)
    finally:
        model.train()


@EVALUATE.mistake
def one_mode_for_all(model, x):
    """The model's own flag is as before. Are those of its parts?"""
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            return model(x)
    finally:
        model.train(training)


@EVALUATE.mistake
def not_restored_after_an_error(model, x):
    """What is left of the lines after model(x) when it raises?"""
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    with torch.no_grad():
        output = model(x)
    for part, training in modes:
        part.training = training
    return output


@EVALUATE.mistake
def recording_switched_on(model, x):
    """The caller had switched recording off. Who switched it on?"""
    torch.set_grad_enabled(False)
    try:
        return predict_with_dropout_off(model, x)
    finally:
        torch.set_grad_enabled(True)


@contextlib.contextmanager
def in_eval_mode(model):
    modes = {part: part.training for part in model.modules()}
    model.eval()
    try:
        yield model
    finally:
        for part, training in modes.items():
            part.training = training


@EVALUATE.right
def evaluate_by_context(model, x):
    with in_eval_mode(model), torch.no_grad():
        return model(x)


@EVALUATE.right
def evaluate_by_inference_mode(model, x):
    modes = [part.training for part in model.modules()]
    model.eval()
    try:
        with torch.inference_mode():
            output = model(x)
    finally:
        for part, training in zip(model.modules(), modes, strict=True):
            part.training = training
    return output


@EVALUATE.right
def evaluate_by_detach(model, x):
    training = {name for name, part in model.named_modules() if part.training}
    try:
        return model.eval()(x).detach()
    finally:
        for name, part in model.named_modules():
            part.training = name in training


PREDICT_WITH_DROPOUT_OFF = repair(
    public.PREDICT_WITH_DROPOUT_OFF,
    predict_with_dropout_off,
    EVALUATION_CASES,
    mistake(
        "dropout-still-on",
        lambda model, x: model(x),
        "Two calls with the same x give two answers. What is random in between?",
    ),
    mistake("left-in-eval-mode", _with_graph_left_in_eval, "In which mode does the next training step find the model?"),
    mistake(
        "mean-of-random-outputs",
        lambda model, x: torch.stack([model(x) for _ in range(20)]).mean(dim=0),
        "A mean of random outputs is random too. Which mode makes the model deterministic?",
    ),
)


@PREDICT_WITH_DROPOUT_OFF.mistake
def always_back_to_training(model, x):
    """Was the model in training mode when the call came?"""
    model.eval()
    output = model(x)
    model.train()
    return output


@PREDICT_WITH_DROPOUT_OFF.mistake
def one_mode_for_all(model, x):
    """The model's own flag is as before. Are those of its parts?"""
    training = model.training
    model.eval()
    output = model(x)
    model.train(training)
    return output


@PREDICT_WITH_DROPOUT_OFF.mistake
def batch_norm_still_training(model, x):
    """Dropout is off. Which other layer computes something else in training, and keeps statistics of it?"""
    drops = [(part, part.training) for part in model.modules() if isinstance(part, nn.Dropout)]
    for part, _ in drops:
        part.eval()
    output = model(x)
    for part, training in drops:
        part.training = training
    return output


@PREDICT_WITH_DROPOUT_OFF.right
def prediction_by_context(model, x):
    with in_eval_mode(model):
        return model(x)


@PREDICT_WITH_DROPOUT_OFF.right
def prediction_without_graph(model, x):
    with in_eval_mode(model), torch.no_grad():
        return model(x)


@PREDICT_WITH_DROPOUT_OFF.right
def prediction_by_lists(model, x):
    parts = list(model.modules())
    flags = [part.training for part in parts]
    model.train(False)
    output = model(x)
    for part, flag in zip(parts, flags, strict=True):
        part.training = flag
    return output


def mc_dropout(model, x, samples):
    return _sampling(model, x, samples)


def _sampling(model, x, samples, *, prepare=None, restore=None, combine=None):
    """Several outputs; each keyword is a place where it can go wrong."""
    modes = [(part, part.training) for part in model.modules()]
    (prepare or _dropout_on)(model)
    outputs = [model(x) for _ in range(samples)]
    if restore:
        restore(model)
    else:
        for part, training in modes:
            part.training = training
    return (combine or torch.stack)(outputs)


def _dropout_on(model: Any) -> None:
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.train()


MC_DROPOUT = repair(
    public.MC_DROPOUT,
    mc_dropout,
    (
        case("model in training", x=normal(4, 8), samples=5),
        case("model in eval mode", x=normal(6, 5), samples=4, rate=0.25, evaluating=("all",)),
        case("another rate", x=normal(5, 8), samples=3, rate=0.75),
        case("dropout in eval mode", check=EDGES, x=normal(4, 8), samples=4, evaluating=("drop",)),
        case("one sample", check=EDGES, x=normal(6, 6), samples=1, evaluating=("norm",)),
    ),
    mistake(
        "everything-in-training",
        lambda model, x, samples: _sampling(model, x, samples, prepare=lambda whole: whole.train()),
        "Dropout is on, and something else is too: which layer's statistics have moved?",
    ),
    mistake(
        "everything-in-eval-mode",
        lambda model, x, samples: _sampling(model, x, samples, prepare=lambda whole: whole.eval()),
        "All samples are equal. Which layer should stay random?",
    ),
    mistake(
        "modes-as-found",
        lambda model, x, samples: torch.stack([model(x) for _ in range(samples)]),
        "The samples depend on the mode that the model happens to be in. Which parts need which mode?",
    ),
    mistake(
        "modes-left",
        lambda model, x, samples: _sampling(model, x, samples, restore=lambda whole: None),
        "The samples are right. In which modes is the model left?",
    ),
    mistake(
        "always-back-to-training",
        lambda model, x, samples: _sampling(model, x, samples, restore=lambda whole: whole.train()),
        "Was the model in training mode when the call came?",
    ),
    mistake(
        "left-in-eval-mode",
        lambda model, x, samples: _sampling(model, x, samples, restore=lambda whole: whole.eval()),
        "The samples are right. In which mode does the next training step find the model?",
    ),
    mistake(
        "in-one-row",
        lambda model, x, samples: _sampling(model, x, samples, combine=torch.cat),
        "Which axis tells the samples apart?",
    ),
)


@MC_DROPOUT.mistake
def mean_of_samples(model, x, samples):
    """One output came back. How would the caller see how much the samples differ?"""
    return _sampling(model, x, samples, combine=lambda outputs: torch.stack(outputs).mean(dim=0))


@MC_DROPOUT.mistake
def one_mask_for_all(model, x, samples):
    """Do the samples differ from each other?"""
    return _sampling(model, x, samples, combine=lambda outputs: torch.stack([outputs[0]] * len(outputs)))


@MC_DROPOUT.right
def samples_by_stack(model, x, samples):
    with in_eval_mode(model), torch.no_grad():
        for part in model.modules():
            if isinstance(part, nn.Dropout):
                part.train()
        return torch.stack([model(x) for _ in range(samples)])


@MC_DROPOUT.right
def samples_with_graph(model, x, samples):
    with in_eval_mode(model):
        for part in model.modules():
            if type(part).__name__.startswith("Dropout"):
                part.training = True
        outputs = torch.empty(0)
        for _ in range(samples):
            outputs = torch.cat([outputs, model(x).unsqueeze(0)])
        return outputs


@MC_DROPOUT.right
def samples_in_one_batch(model, x, samples):
    with in_eval_mode(model), torch.no_grad():
        model.apply(lambda part: part.train() if isinstance(part, nn.Dropout) else None)
        output = model(x.repeat(samples, *[1] * (x.ndim - 1)))
    return output.reshape(samples, len(x), *output.shape[1:])
