"""item, the hidden half: a loss for the log and a loss for backward."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.course.declare import EDGES, mistake
from kit.declare import case
from kit.draws import normal

from ..public import item as public
from ..public._shared import supervised
from ._shared import DETACH, ITEM, NO_GRAD, REWRAP, SILENCED, F, nn, repair, torch, written


def _loss(model, x, target):
    return ((model(x) - target) ** 2).mean()


def backward_from_loss(model, x, target):
    loss = _loss(model, x, target)
    loss.backward()
    return loss.item()


def _returns_the_graph(model, x, target):
    loss = _loss(model, x, target)
    loss.backward()
    return loss


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
    mistake(
        "returns-the-graph",
        _returns_the_graph,
        "What is returned still holds the whole graph. How long will that memory be kept by a list of losses?",
    ),
    mistake(
        "returns-a-tensor",
        lambda model, x, target: _returns_the_graph(model, x, target).detach(),
        "A detached tensor came back. How does one get the Python number out of it?",
    ),
)


@BACKWARD_FROM_LOSS.mistake(source=written(ITEM))
def backward_of_the_number(model, x, target):
    """item() gives a plain Python number. Which object still knows how it was computed, and can run backward?"""
    loss = ((model(x) - target) ** 2).mean()
    value = loss.item()
    value.backward()
    return value


@BACKWARD_FROM_LOSS.mistake(source=written(REWRAP))
def number_wrapped_again(model, x, target):
    """A tensor made from a number is the start of a new graph. Which parameters does that graph contain?"""
    value = ((model(x) - target) ** 2).mean().item()
    torch.tensor(value, requires_grad=True).backward()
    return value


@BACKWARD_FROM_LOSS.mistake(source=written(REWRAP))
def number_wrapped_without_a_graph(model, x, target):
    """The number was made a tensor again, and has no graph. What had one, before item()?"""
    value = ((model(x) - target) ** 2).mean().item()
    torch.tensor(value).backward()
    return value


@BACKWARD_FROM_LOSS.mistake(source=written(DETACH))
def detached_loss(model, x, target):
    """The loss is detached before backward. What is left to go back through?"""
    loss = ((model(x) - target) ** 2).mean().detach()
    loss.backward()
    return loss.item()


@BACKWARD_FROM_LOSS.mistake(source=written(SILENCED, without=f"{REWRAP}|{NO_GRAD}"))
def silenced_with_requires_grad(model, x, target):
    """requires_grad_() ends the error. Does it also bring back the graph that was cut off?"""
    loss = ((model(x) - target) ** 2).mean().detach().requires_grad_()
    loss.backward()
    return loss.item()


@BACKWARD_FROM_LOSS.mistake(source=written(NO_GRAD))
def no_graph_recorded(model, x, target):
    """What does no_grad switch off while the loss is computed, and who needs it afterwards?"""
    with torch.no_grad():
        loss = ((model(x) - target) ** 2).mean()
    loss.backward()
    return loss.item()


@BACKWARD_FROM_LOSS.mistake(source=written(SILENCED, NO_GRAD, without=REWRAP))
def no_graph_and_silenced(model, x, target):
    """The loss was computed without a graph and then declared a leaf. What can backward reach from there?"""
    with torch.no_grad():
        loss = ((model(x) - target) ** 2).mean()
    loss.requires_grad_().backward()
    return loss.item()


@BACKWARD_FROM_LOSS.mistake(source=written(without=r"backward\(|autograd\.grad\("))
def never_backward(model, x, target):
    """The number for the log is right. Who puts the gradients into the parameters?"""
    return ((model(x) - target) ** 2).mean().item()


@BACKWARD_FROM_LOSS.mistake
def also_steps(model, x, target):
    """The parameters have moved. Was a step asked for, or only the gradients?"""
    value = backward_from_loss(model, x, target)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter -= 0.01 * parameter.grad
    return value


@BACKWARD_FROM_LOSS.mistake
def clears_the_gradients(model, x, target):
    """What was in .grad before is gone. Whose decision is it to clear, in a function that only runs backward?"""
    model.zero_grad()
    return backward_from_loss(model, x, target)


@BACKWARD_FROM_LOSS.mistake
def sum_instead_of_mean(model, x, target):
    """By which factor do loss and gradients grow when the batch is doubled? Should they?"""
    loss = ((model(x) - target) ** 2).sum()
    loss.backward()
    return loss.item()


@BACKWARD_FROM_LOSS.mistake
def left_in_eval_mode(model, x, target):
    """In which mode does the caller find the model after the call, and in which was it before?"""
    model.eval()
    return backward_from_loss(model, x, target)


@BACKWARD_FROM_LOSS.mistake
def switched_to_training(model, x, target):
    """Some modules may be in evaluation mode on purpose. What does model.train() do to all of them?"""
    model.train()
    return backward_from_loss(model, x, target)


@BACKWARD_FROM_LOSS.right
def backward_by_functional_loss(model, x, target):
    loss = F.mse_loss(model(x), target)
    loss.backward()
    return float(loss)


@BACKWARD_FROM_LOSS.right
def backward_by_autograd(model, x, target):
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    loss = (model(x) - target).pow(2).mean()
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
    return loss.detach().item()


@BACKWARD_FROM_LOSS.right
def backward_by_module(model, x, target):
    criterion = nn.MSELoss()
    output = model(x)
    loss = criterion(output, target)
    value = loss.tolist()
    torch.autograd.backward(loss)
    return value


def loss_for_log(loss):
    return loss.item()


def _leaves(loss):
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
    mistake(
        "logs-the-graph",
        lambda loss: loss,
        "What is returned is the loss with all of its graph. What does a list of a thousand such keep alive?",
    ),
    mistake(
        "logs-a-tensor",
        lambda loss: loss.detach(),
        "The graph is gone from what you return, but it is still a tensor. What gives the Python number in it?",
    ),
    mistake(
        "rounded",
        lambda loss: float(round(loss.item(), 1)),
        "How many digits does the log need once the loss is small?",
    ),
    right_answers=(lambda loss: loss.item(), lambda loss: float(loss), lambda loss: float(loss.detach().numpy())),
)


@LOSS_FOR_LOG.mistake
def runs_backward(loss):
    """Logging has put something into .grad. Is backward needed to read a number?"""
    if loss.requires_grad:
        loss.backward()
    return loss.item()


@LOSS_FOR_LOG.mistake(source=written(r"detach_\("))
def destroys_the_loss(loss):
    """After the call the loss itself has no graph any more. What does the trailing underscore of detach_ say?"""
    return loss.detach_().item()


@LOSS_FOR_LOG.mistake(source=written(r"autograd\.grad"))
def uses_up_the_graph(loss):
    """A gradient was computed and the graph freed with it. Does a log entry need a gradient?"""
    if loss.requires_grad:
        leaf = next(function.variable for function in _leaves(loss))
        torch.autograd.grad(loss, leaf)
    return loss.item()


@LOSS_FOR_LOG.right
def log_by_list(loss):
    with torch.no_grad():
        return (loss * 1.0).tolist()


def running_loss(losses):
    return float(sum(loss.item() for loss in losses))


RUNNING_LOSS = repair(
    public.RUNNING_LOSS,
    running_loss,
    (
        case("three losses", w=normal(2), x=normal(3, 2)),
        case("one loss", w=normal(3), x=normal(1, 3)),
        case("no loss", check=EDGES, w=normal(2), x=np.zeros((0, 2))),
    ),
    mistake(
        "keeps-every-graph",
        lambda losses: sum(losses),
        "The sum is a tensor too. How many graphs does it hold on to after a thousand steps?",
    ),
    mistake(
        "mean-instead-of-sum",
        lambda losses: sum(loss.item() for loss in losses) / max(len(losses), 1) + 0.0,
        "Should the result grow when one more loss joins the list?",
    ),
    mistake(
        "last-loss-only",
        lambda losses: [0.0, *(loss.item() for loss in losses)][-1],
        "What has become of the losses before the last one?",
    ),
    right_answers=(lambda losses: float(sum(loss.item() for loss in losses)),),
)


@RUNNING_LOSS.mistake
def detaches_at_the_end(losses):
    """What came back has no graph but is a tensor. What is asked for, and when is the graph let go?"""
    total: Any = sum(losses)
    return total.detach() if losses else 0.0


@RUNNING_LOSS.mistake
def adds_into_the_first_loss(losses):
    """total += loss changes the tensor that total stands for. Which one is that?"""
    if not losses:
        return 0.0
    total = losses[0]
    for loss in losses[1:]:
        total += loss
    return total.item()


@RUNNING_LOSS.mistake
def runs_backward(losses):
    """The gradients have changed and the graphs are used up. Does adding numbers need backward?"""
    total: Any = sum(losses)
    if losses:
        total.backward()
        return total.item()
    return 0.0


@RUNNING_LOSS.right
def running_by_loop(losses):
    total = 0.0
    for loss in losses:
        total += float(loss)
    return total


@RUNNING_LOSS.right
def running_by_detached_stack(losses):
    if not losses:
        return 0.0
    return torch.stack([loss.detach() for loss in losses]).sum().item()


@RUNNING_LOSS.right
def running_by_no_grad(losses):
    with torch.no_grad():
        return float(sum(losses))
