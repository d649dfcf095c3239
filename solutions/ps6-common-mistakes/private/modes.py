"""Training and evaluation mode, the hidden half: switched for a moment, and left as they were found."""

from __future__ import annotations

from typing import Any

from autograder.course.declare import EDGES, Misconception
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


def evaluate(model: Any, x: Any) -> Any:
    with torch.no_grad():
        return predict_with_dropout_off(model, x)


def predict_with_dropout_off(model: Any, x: Any) -> Any:
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    try:
        return model(x)
    finally:
        for part, training in modes:
            part.training = training


def _no_eval(model: Any, x: Any) -> Any:
    with torch.no_grad():
        return model(x)


def _left_in_eval(model: Any, x: Any) -> Any:
    model.eval()
    with torch.no_grad():
        return model(x)


def _always_back_to_training(model: Any, x: Any) -> Any:
    model.eval()
    try:
        with torch.no_grad():
            return model(x)
    finally:
        model.train()


def _root_restored(model: Any, x: Any) -> Any:
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            return model(x)
    finally:
        model.train(training)


def _not_restored_on_error(model: Any, x: Any) -> Any:
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    with torch.no_grad():
        output = model(x)
    for part, training in modes:
        part.training = training
    return output


def _recording_left_off(model: Any, x: Any) -> Any:
    torch.set_grad_enabled(False)
    return predict_with_dropout_off(model, x)


def _recording_switched_on(model: Any, x: Any) -> Any:
    torch.set_grad_enabled(False)
    try:
        return predict_with_dropout_off(model, x)
    finally:
        torch.set_grad_enabled(True)


def _with_graph_left_in_eval(model: Any, x: Any) -> Any:
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
    Misconception(
        name="never-evaluating",
        seen_in="model in training",
        wrong=_no_eval,
        hint="Two calls give two answers. Does no_grad switch dropout off?",
    ),
    Misconception(
        name="builds-a-graph",
        seen_in="model in training",
        wrong=predict_with_dropout_off,
        hint="The output still holds a graph. Does eval mode keep one from being recorded?",
    ),
    Misconception(
        name="left-in-eval-mode",
        seen_in="model in training",
        wrong=_left_in_eval,
        hint="In which mode does the next training step find the model?",
    ),
    Misconception(
        name="graph-and-eval-mode-left",
        seen_in="model in training",
        wrong=_with_graph_left_in_eval,
        hint="Two things are missing: what about the graph, and what about the mode afterwards?",
    ),
    Misconception(
        name="always-back-to-training",
        seen_in="model in eval mode",
        wrong=_always_back_to_training,
        hint="Was the model in training mode when the call came?",
    ),
    Misconception(
        name="one-mode-for-all",
        seen_in="batch norm in eval mode",
        wrong=_root_restored,
        hint="The model's own flag is as before. Are those of its parts?",
    ),
    Misconception(
        name="not-restored-after-an-error",
        seen_in="model that raises",
        wrong=_not_restored_on_error,
        hint="What is left of the lines after model(x) when it raises?",
    ),
    Misconception(
        name="recording-left-off",
        seen_in="model in training",
        wrong=_recording_left_off,
        hint="After the call no gradients are recorded anywhere. Which switch was not set back?",
    ),
    Misconception(
        name="recording-switched-on",
        seen_in="gradients not recorded around it",
        wrong=_recording_switched_on,
        hint="The caller had switched recording off. Who switched it on?",
    ),
)


def _dropout_alone_off(model: Any, x: Any) -> Any:
    drops = [(part, part.training) for part in model.modules() if isinstance(part, nn.Dropout)]
    for part, _ in drops:
        part.eval()
    output = model(x)
    for part, training in drops:
        part.training = training
    return output


def _mean_of_samples(model: Any, x: Any) -> Any:
    return torch.stack([model(x) for _ in range(20)]).mean(dim=0)


def _plainly_back_to_training(model: Any, x: Any) -> Any:
    model.eval()
    output = model(x)
    model.train()
    return output


def _plain_root_restored(model: Any, x: Any) -> Any:
    training = model.training
    model.eval()
    output = model(x)
    model.train(training)
    return output


PREDICT_WITH_DROPOUT_OFF = repair(
    public.PREDICT_WITH_DROPOUT_OFF,
    predict_with_dropout_off,
    EVALUATION_CASES,
    Misconception(
        name="dropout-still-on",
        seen_in="model in training",
        wrong=lambda model, x: model(x),
        hint="Two calls with the same x give two answers. What is random in between?",
    ),
    Misconception(
        name="left-in-eval-mode",
        seen_in="model in training",
        wrong=_with_graph_left_in_eval,
        hint="In which mode does the next training step find the model?",
    ),
    Misconception(
        name="always-back-to-training",
        seen_in="model in eval mode",
        wrong=_plainly_back_to_training,
        hint="Was the model in training mode when the call came?",
    ),
    Misconception(
        name="one-mode-for-all",
        seen_in="batch norm in eval mode",
        wrong=_plain_root_restored,
        hint="The model's own flag is as before. Are those of its parts?",
    ),
    Misconception(
        name="batch-norm-still-training",
        seen_in="model in training",
        wrong=_dropout_alone_off,
        hint="Dropout is off. Which other layer computes something else in training, and keeps statistics of it?",
    ),
    Misconception(
        name="mean-of-random-outputs",
        seen_in="model in training",
        wrong=_mean_of_samples,
        hint="A mean of random outputs is random too. Which mode makes the model deterministic?",
    ),
)


def mc_dropout(model: Any, x: Any, samples: Any) -> Any:
    return _sampling(model, x, samples)


def _sampling(
    model: Any, x: Any, samples: Any, *, prepare: Any = None, restore: Any = None, combine: Any = None
) -> Any:
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


def _mc_all_training(model: Any, x: Any, samples: Any) -> Any:
    return _sampling(model, x, samples, prepare=lambda whole: whole.train())


def _mc_all_evaluating(model: Any, x: Any, samples: Any) -> Any:
    return _sampling(model, x, samples, prepare=lambda whole: whole.eval())


def _mc_as_found(model: Any, x: Any, samples: Any) -> Any:
    return torch.stack([model(x) for _ in range(samples)])


def _mc_left(model: Any, x: Any, samples: Any) -> Any:
    return _sampling(model, x, samples, restore=lambda whole: None)


def _mc_back_to_training(model: Any, x: Any, samples: Any) -> Any:
    return _sampling(model, x, samples, restore=lambda whole: whole.train())


def _mc_left_in_eval(model: Any, x: Any, samples: Any) -> Any:
    return _sampling(model, x, samples, restore=lambda whole: whole.eval())


def _mc_mean(model: Any, x: Any, samples: Any) -> Any:
    return _sampling(model, x, samples, combine=lambda outputs: torch.stack(outputs).mean(dim=0))


def _mc_one_mask(model: Any, x: Any, samples: Any) -> Any:
    return _sampling(model, x, samples, combine=lambda outputs: torch.stack([outputs[0]] * len(outputs)))


def _mc_in_a_row(model: Any, x: Any, samples: Any) -> Any:
    return _sampling(model, x, samples, combine=torch.cat)


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
    Misconception(
        name="everything-in-training",
        seen_in="model in training",
        wrong=_mc_all_training,
        hint="Dropout is on, and something else is too: which layer's statistics have moved?",
    ),
    Misconception(
        name="everything-in-eval-mode",
        seen_in="model in training",
        wrong=_mc_all_evaluating,
        hint="All samples are equal. Which layer should stay random?",
    ),
    Misconception(
        name="modes-as-found",
        seen_in="model in eval mode",
        wrong=_mc_as_found,
        hint="The samples depend on the mode that the model happens to be in. Which parts need which mode?",
    ),
    Misconception(
        name="modes-left",
        seen_in="model in training",
        wrong=_mc_left,
        hint="The samples are right. In which modes is the model left?",
    ),
    Misconception(
        name="always-back-to-training",
        seen_in="model in eval mode",
        wrong=_mc_back_to_training,
        hint="Was the model in training mode when the call came?",
    ),
    Misconception(
        name="left-in-eval-mode",
        seen_in="model in training",
        wrong=_mc_left_in_eval,
        hint="The samples are right. In which mode does the next training step find the model?",
    ),
    Misconception(
        name="mean-of-samples",
        seen_in="model in training",
        wrong=_mc_mean,
        hint="One output came back. How would the caller see how much the samples differ?",
    ),
    Misconception(
        name="one-mask-for-all",
        seen_in="model in training",
        wrong=_mc_one_mask,
        hint="Do the samples differ from each other?",
    ),
    Misconception(
        name="in-one-row",
        seen_in="model in training",
        wrong=_mc_in_a_row,
        hint="Which axis tells the samples apart?",
    ),
)
