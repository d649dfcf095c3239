"""item, the hidden half: a loss for the log and a loss for backward."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.course.declare import EDGES, Misconception
from kit.declare import case
from kit.draws import normal

from ..public import item as public
from ..public._shared import supervised
from ._shared import DETACH, ITEM, NO_GRAD, REWRAP, SILENCED, repair, torch, written


def _loss(model: Any, x: Any, target: Any) -> Any:
    return ((model(x) - target) ** 2).mean()


def backward_from_loss(model: Any, x: Any, target: Any) -> Any:
    loss = _loss(model, x, target)
    loss.backward()
    return loss.item()


def _backward_of_the_number(model: Any, x: Any, target: Any) -> Any:
    loss = ((model(x) - target) ** 2).mean()
    value = loss.item()
    value.backward()
    return value


def _rewrapped(model: Any, x: Any, target: Any) -> Any:
    value = ((model(x) - target) ** 2).mean().item()
    torch.tensor(value, requires_grad=True).backward()
    return value


def _rewrapped_without_flag(model: Any, x: Any, target: Any) -> Any:
    value = ((model(x) - target) ** 2).mean().item()
    torch.tensor(value).backward()
    return value


def _detached(model: Any, x: Any, target: Any) -> Any:
    loss = ((model(x) - target) ** 2).mean().detach()
    loss.backward()
    return loss.item()


def _silenced(model: Any, x: Any, target: Any) -> Any:
    loss = ((model(x) - target) ** 2).mean().detach().requires_grad_()
    loss.backward()
    return loss.item()


def _without_a_graph(model: Any, x: Any, target: Any) -> Any:
    with torch.no_grad():
        loss = ((model(x) - target) ** 2).mean()
    loss.backward()
    return loss.item()


def _without_a_graph_silenced(model: Any, x: Any, target: Any) -> Any:
    with torch.no_grad():
        loss = ((model(x) - target) ** 2).mean()
    loss.requires_grad_().backward()
    return loss.item()


def _only_the_number(model: Any, x: Any, target: Any) -> Any:
    return ((model(x) - target) ** 2).mean().item()


def _returns_the_graph(model: Any, x: Any, target: Any) -> Any:
    loss = _loss(model, x, target)
    loss.backward()
    return loss


def _returns_a_tensor(model: Any, x: Any, target: Any) -> Any:
    return _returns_the_graph(model, x, target).detach()


def _also_steps(model: Any, x: Any, target: Any) -> Any:
    value = backward_from_loss(model, x, target)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter -= 0.01 * parameter.grad
    return value


def _clears(model: Any, x: Any, target: Any) -> Any:
    model.zero_grad()
    return backward_from_loss(model, x, target)


def _sum(model: Any, x: Any, target: Any) -> Any:
    loss = ((model(x) - target) ** 2).sum()
    loss.backward()
    return loss.item()


def _eval_mode(model: Any, x: Any, target: Any) -> Any:
    model.eval()
    return backward_from_loss(model, x, target)


def _train_mode(model: Any, x: Any, target: Any) -> Any:
    model.train()
    return backward_from_loss(model, x, target)


BACKWARD_FROM_LOSS = repair(
    public.BACKWARD_FROM_LOSS,
    backward_from_loss,
    (
        case("one call", **supervised(2, 2, 1, 3)),
        case("called twice", **supervised(3, 2, 2, 3), times=2),
        case("gradients there before", **supervised(2, 3, 1, 4), stale=0.5),
        case("frozen layer", check=EDGES, **supervised(2, 3, 1, 4), frozen=("body.weight", "body.bias")),
        case("batch norm in eval mode", check=EDGES, **supervised(3, 2, 1, 4), layers="full", evaluating=("norm",)),
    ),
    Misconception(
        name="backward-of-the-number",
        seen_in="one call",
        wrong=_backward_of_the_number,
        hint="item() gives a plain Python number. Which object still knows how it was computed, and can run backward?",
        source=written(ITEM),
    ),
    Misconception(
        name="number-wrapped-again",
        seen_in="one call",
        wrong=_rewrapped,
        hint="A tensor made from a number is the start of a new graph. Which parameters does that graph contain?",
        source=written(REWRAP),
    ),
    Misconception(
        name="number-wrapped-without-a-graph",
        seen_in="one call",
        wrong=_rewrapped_without_flag,
        hint="The number was made a tensor again, and has no graph. What had one, before item()?",
        source=written(REWRAP),
    ),
    Misconception(
        name="detached-loss",
        seen_in="one call",
        wrong=_detached,
        hint="The loss is detached before backward. What is left to go back through?",
        source=written(DETACH),
    ),
    Misconception(
        name="silenced-with-requires-grad",
        seen_in="one call",
        wrong=_silenced,
        hint="requires_grad_() ends the error. Does it also bring back the graph that was cut off?",
        source=written(SILENCED, without=f"{REWRAP}|{NO_GRAD}"),
    ),
    Misconception(
        name="no-graph-recorded",
        seen_in="one call",
        wrong=_without_a_graph,
        hint="What does no_grad switch off while the loss is computed, and who needs it afterwards?",
        source=written(NO_GRAD),
    ),
    Misconception(
        name="no-graph-and-silenced",
        seen_in="one call",
        wrong=_without_a_graph_silenced,
        hint="The loss was computed without a graph and then declared a leaf. What can backward reach from there?",
        source=written(SILENCED, NO_GRAD, without=REWRAP),
    ),
    Misconception(
        name="never-backward",
        seen_in="one call",
        wrong=_only_the_number,
        hint="The number for the log is right. Who puts the gradients into the parameters?",
        source=written(without=r"backward\(|autograd\.grad\("),
    ),
    Misconception(
        name="returns-the-graph",
        seen_in="one call",
        wrong=_returns_the_graph,
        hint="What is returned still holds the whole graph. How long will that memory be kept by a list of losses?",
    ),
    Misconception(
        name="returns-a-tensor",
        seen_in="one call",
        wrong=_returns_a_tensor,
        hint="A detached tensor came back. How does one get the Python number out of it?",
    ),
    Misconception(
        name="also-steps",
        seen_in="one call",
        wrong=_also_steps,
        hint="The parameters have moved. Was a step asked for, or only the gradients?",
    ),
    Misconception(
        name="clears-the-gradients",
        seen_in="gradients there before",
        wrong=_clears,
        hint="What was in .grad before is gone. Whose decision is it to clear, in a function that only runs backward?",
    ),
    Misconception(
        name="sum-instead-of-mean",
        seen_in="one call",
        wrong=_sum,
        hint="By which factor do loss and gradients grow when the batch is doubled? Should they?",
    ),
    Misconception(
        name="left-in-eval-mode",
        seen_in="one call",
        wrong=_eval_mode,
        hint="In which mode does the caller find the model after the call, and in which was it before?",
    ),
    Misconception(
        name="switched-to-training",
        seen_in="batch norm in eval mode",
        wrong=_train_mode,
        hint="Some modules may be in evaluation mode on purpose. What does model.train() do to all of them?",
    ),
)


def loss_for_log(loss: Any) -> Any:
    return loss.item()


def _log_backward(loss: Any) -> Any:
    if loss.requires_grad:
        loss.backward()
    return loss.item()


def _log_detached_in_place(loss: Any) -> Any:
    return loss.detach_().item()


def _log_freed(loss: Any) -> Any:
    if loss.requires_grad:
        leaf = next(function.variable for function in _leaves(loss))
        torch.autograd.grad(loss, leaf)
    return loss.item()


def _leaves(loss: Any) -> Any:
    waiting = [loss.grad_fn]
    while waiting:
        function = waiting.pop()
        if hasattr(function, "variable"):
            yield function
        waiting += [before for before, _ in function.next_functions if before is not None]


LOSS_FOR_LOG = repair(
    public.LOSS_FOR_LOG,
    loss_for_log,
    (
        case("loss with its graph", w=normal(3), x=normal(3)),
        case("larger", w=normal(5, scale=3.0), x=normal(5)),
        case("loss without a graph", w=normal(2), x=normal(2), graph=False),
    ),
    Misconception(
        name="logs-the-graph",
        seen_in="loss with its graph",
        wrong=lambda loss: loss,
        hint="What is returned is the loss with all of its graph. What does a list of a thousand such keep alive?",
    ),
    Misconception(
        name="logs-a-tensor",
        seen_in="loss with its graph",
        wrong=lambda loss: loss.detach(),
        hint="The graph is gone from what you return, but it is still a tensor. What gives the Python number in it?",
    ),
    Misconception(
        name="runs-backward",
        seen_in="loss with its graph",
        wrong=_log_backward,
        hint="Logging has put something into .grad. Is backward needed to read a number?",
    ),
    Misconception(
        name="destroys-the-loss",
        seen_in="loss with its graph",
        wrong=_log_detached_in_place,
        hint="After the call the loss itself has no graph any more. What does the trailing underscore of detach_ say?",
        source=written(r"detach_\("),
    ),
    Misconception(
        name="uses-up-the-graph",
        seen_in="loss with its graph",
        wrong=_log_freed,
        hint="A gradient was computed and the graph freed with it. Does a log entry need a gradient?",
        source=written(r"autograd\.grad"),
    ),
    Misconception(
        name="rounded",
        seen_in="loss with its graph",
        wrong=lambda loss: float(round(loss.item(), 1)),
        hint="How many digits does the log need once the loss is small?",
    ),
)


def running_loss(losses: Any) -> Any:
    return float(sum(loss.item() for loss in losses))


def _running_in_place(losses: Any) -> Any:
    if not losses:
        return 0.0
    total = losses[0]
    for loss in losses[1:]:
        total += loss
    return total.item()


def _running_detached(losses: Any) -> Any:
    total: Any = sum(losses)
    return total.detach() if losses else 0.0


def _running_backward(losses: Any) -> Any:
    total: Any = sum(losses)
    if losses:
        total.backward()
        return total.item()
    return 0.0


RUNNING_LOSS = repair(
    public.RUNNING_LOSS,
    running_loss,
    (
        case("three losses", w=normal(2), x=normal(3, 2)),
        case("one loss", w=normal(3), x=normal(1, 3)),
        case("no loss", check=EDGES, w=normal(2), x=np.zeros((0, 2))),
    ),
    Misconception(
        name="keeps-every-graph",
        seen_in="three losses",
        wrong=lambda losses: sum(losses),
        hint="The sum is a tensor too. How many graphs does it hold on to after a thousand steps?",
    ),
    Misconception(
        name="detaches-at-the-end",
        seen_in="three losses",
        wrong=_running_detached,
        hint="What came back has no graph but is a tensor. What is asked for, and when is the graph let go?",
    ),
    Misconception(
        name="adds-into-the-first-loss",
        seen_in="three losses",
        wrong=_running_in_place,
        hint="total += loss changes the tensor that total stands for. Which one is that?",
    ),
    Misconception(
        name="runs-backward",
        seen_in="three losses",
        wrong=_running_backward,
        hint="The gradients have changed and the graphs are used up. Does adding numbers need backward?",
    ),
    Misconception(
        name="mean-instead-of-sum",
        seen_in="three losses",
        wrong=lambda losses: sum(loss.item() for loss in losses) / max(len(losses), 1) + 0.0,
        hint="Should the result grow when one more loss joins the list?",
    ),
    Misconception(
        name="last-loss-only",
        seen_in="three losses",
        wrong=lambda losses: [0.0, *(loss.item() for loss in losses)][-1],
        hint="What has become of the losses before the last one?",
    ),
)
