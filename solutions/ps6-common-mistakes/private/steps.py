"""One training step, the hidden half: what is recorded, in which order, and clipped when."""

from __future__ import annotations

from autograder.course.declare import EDGES, mistake
from kit.declare import case

from ..public import steps as public
from ..public._shared import learning
from ._shared import DETACH, ITEM, NO_GRAD, REWRAP, SILENCED, F, nn, repair, torch, written

STEP_CASES = (
    case("three steps", **learning(2, 2, 1, 3, 3)),
    case("gradients there before", **learning(2, 3, 1, 4, 2), stale=1.0),
    case("momentum", **learning(3, 2, 2, 3, 3), lr=0.05, momentum=0.9),
    case(
        "batch norm in eval mode", check=EDGES, **learning(3, 2, 1, 4, 2), layers="full", evaluating=("norm",), rate=0.0
    ),
    case("frozen layer", check=EDGES, **learning(2, 3, 1, 4, 2), frozen=("body.weight",)),
)


def squared_error(model, x, target):
    return ((model(x) - target) ** 2).mean()


def train_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = squared_error(model, x, target)
    loss.backward()
    optimizer.step()
    return loss.item()


def _output_detached(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = ((model(x).detach() - target) ** 2).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


def _output_detached_silenced(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = ((model(x).detach() - target) ** 2).mean().requires_grad_()
    loss.backward()
    optimizer.step()
    return loss.item()


def _number_rewrapped(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = torch.tensor(((model(x) - target) ** 2).mean().item())
    loss.backward()
    optimizer.step()
    return loss.item()


def _never_steps(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = squared_error(model, x, target)
    loss.backward()
    return loss.item()


def never_clears(model, optimizer, x, target):
    loss = squared_error(model, x, target)
    loss.backward()
    optimizer.step()
    return loss.item()


def _clears_before_stepping(model, optimizer, x, target):
    loss = squared_error(model, x, target)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


def clears_afterwards(model, optimizer, x, target):
    value = never_clears(model, optimizer, x, target)
    optimizer.zero_grad()
    return value


def _steps_twice(model, optimizer, x, target):
    value = train_step(model, optimizer, x, target)
    optimizer.step()
    return value


def _loss_after_the_step(model, optimizer, x, target):
    train_step(model, optimizer, x, target)
    with torch.no_grad():
        return squared_error(model, x, target).item()


def returns_the_graph(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = squared_error(model, x, target)
    loss.backward()
    optimizer.step()
    return loss


def returns_a_tensor(model, optimizer, x, target):
    return returns_the_graph(model, optimizer, x, target).detach()


def _recording_left_off(model, optimizer, x, target):
    torch.set_grad_enabled(True)
    value = train_step(model, optimizer, x, target)
    torch.set_grad_enabled(False)
    return value


_TENSOR_LOSS = mistake("returns-a-tensor", returns_a_tensor, "A tensor came back. What is the Python number in it?")
_GRAPH_LOSS = mistake(
    "returns-the-graph",
    returns_the_graph,
    "The returned loss holds the graph of its step. What happens to memory when a log keeps thousands of them?",
)
_TWO_STEPS = mistake("steps-twice", _steps_twice, "How many steps does the optimizer take in one call?")
_LATE_LOSS = mistake(
    "loss-after-the-step",
    _loss_after_the_step,
    "The parameters are right. Is the loss the one before the step or the one after?",
)
_NO_STEP = mistake(
    "never-steps",
    _never_steps,
    "Gradients are computed and nothing moves. Who moves the parameters?",
    source=written(without=r"\.step\("),
)
_CLEARED = mistake(
    "clears-before-stepping",
    _clears_before_stepping,
    "No error, and no parameter moves. What is in .grad at the moment of step()?",
    source=written(r"backward\(.*zero_grad\(.*\.step\(", without=r"zero_grad\(.*backward\("),
)
_STALE = mistake(
    "never-clears",
    never_clears,
    "The first step is right and the later ones are too long. What is in .grad when backward begins to add?",
)
_STALE_FIRST = mistake(
    "clears-afterwards",
    clears_afterwards,
    "All is well unless gradients are there when the first call begins. When is the time to clear?",
)

TRAIN_STEP = repair(
    public.TRAIN_STEP,
    train_step,
    STEP_CASES,
    mistake(
        "detached-loss",
        _output_detached,
        "The loss is computed from a detached output. Which parameters can backward still find?",
        source=written(DETACH),
    ),
    mistake(
        "detached-and-silenced",
        _output_detached_silenced,
        "requires_grad_() ends the error. Why does no parameter move?",
        source=written(SILENCED, without=NO_GRAD),
    ),
    mistake(
        "number-wrapped-again",
        _number_rewrapped,
        "A number was made a tensor again. Where would its gradient go?",
        source=written(f"{REWRAP}|{ITEM}", without=f"{DETACH}|{NO_GRAD}"),
    ),
    _NO_STEP,
    _CLEARED,
    _STALE,
    _STALE_FIRST,
    _TWO_STEPS,
    _LATE_LOSS,
    _GRAPH_LOSS,
    _TENSOR_LOSS,
    mistake(
        "recording-left-off",
        _recording_left_off,
        "After the call no gradients are recorded anywhere. Which switch was not set back?",
    ),
)


@TRAIN_STEP.mistake(source=written(NO_GRAD))
def forward_without_a_graph(model, optimizer, x, target):
    """What does no_grad keep from being recorded, and does backward need the record?"""
    optimizer.zero_grad()
    with torch.no_grad():
        loss = ((model(x) - target) ** 2).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


@TRAIN_STEP.mistake(source=written(SILENCED, NO_GRAD))
def forward_without_a_graph_silenced(model, optimizer, x, target):
    """The error is gone and nothing moves. What does a loss know that was computed under no_grad?"""
    optimizer.zero_grad()
    with torch.no_grad():
        loss = ((model(x) - target) ** 2).mean()
    loss.requires_grad_()
    loss.backward()
    optimizer.step()
    return loss.item()


@TRAIN_STEP.mistake
def switches_to_training(model, optimizer, x, target):
    """One layer was in evaluation mode on purpose. What does model.train() do to it?"""
    model.train()
    return train_step(model, optimizer, x, target)


@TRAIN_STEP.mistake
def left_in_eval_mode(model, optimizer, x, target):
    """In which mode does the next step find the model?"""
    value = train_step(model, optimizer, x, target)
    model.eval()
    return value


ORDERED_STEP = repair(
    public.ORDERED_STEP,
    train_step,
    STEP_CASES,
    _CLEARED,
    _NO_STEP,
    _STALE,
    _STALE_FIRST,
    _TWO_STEPS,
    _LATE_LOSS,
    _GRAPH_LOSS,
    _TENSOR_LOSS,
)


@ORDERED_STEP.mistake(source=written(r"\.step\(.*backward\("))
def steps_before_backward(model, optimizer, x, target):
    """step() comes between clearing and backward. What does it find in .grad?"""
    optimizer.zero_grad()
    loss = squared_error(model, x, target)
    optimizer.step()
    loss.backward()
    return loss.item()


@ORDERED_STEP.mistake
def steps_on_old_gradients(model, optimizer, x, target):
    """Every step uses the gradients of the call before. Whose turn is it first, step or backward?"""
    optimizer.step()
    optimizer.zero_grad()
    loss = squared_error(model, x, target)
    loss.backward()
    return loss.item()


@TRAIN_STEP.right
@ORDERED_STEP.right
def step_clearing_first(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = F.mse_loss(model(x), target)
    loss.backward()
    optimizer.step()
    return loss.item()


@TRAIN_STEP.right
@ORDERED_STEP.right
def step_clearing_before_backward(model, optimizer, x, target):
    prediction = model(x)
    loss = nn.MSELoss()(prediction, target)
    optimizer.zero_grad(set_to_none=False)
    loss.backward()
    optimizer.step()
    return float(loss)


@TRAIN_STEP.right
@ORDERED_STEP.right
def step_by_closure(model, optimizer, x, target):
    def closure():
        optimizer.zero_grad()
        loss = ((model(x) - target) ** 2).mean()
        loss.backward()
        return loss

    return optimizer.step(closure).item()


@TRAIN_STEP.right
@ORDERED_STEP.right
def step_by_model_clearing(model, optimizer, x, target):
    model.zero_grad()
    with torch.enable_grad():
        loss = (model(x) - target).square().mean()
    value = loss.detach().item()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return value


def clipped_step(model, optimizer, x, target, max_norm):
    optimizer.zero_grad()
    loss = squared_error(model, x, target)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


def _clips_old_gradients_too(model, optimizer, x, target, max_norm):
    loss = squared_error(model, x, target)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


CLIPPED_STEP = repair(
    public.CLIPPED_STEP,
    clipped_step,
    (
        case("tight limit", **learning(2, 2, 1, 3, 3), max_norm=0.1),
        case("limit between the norms", **learning(3, 2, 2, 3, 4), max_norm=2.0),
        case("limit out of reach", **learning(2, 3, 1, 4, 2), max_norm=1e3, stale=1.0),
        case("momentum", check=EDGES, **learning(2, 3, 1, 4, 3), max_norm=0.5, momentum=0.9),
    ),
    mistake("never-clears", _clips_old_gradients_too, "What else is in .grad besides the gradients of this step?"),
)


@CLIPPED_STEP.mistake(source=written(r"clip_grad_\w+\(.*backward\("))
def clips_before_backward(model, optimizer, x, target, max_norm):
    """Which gradients are there to be clipped before backward has run?"""
    optimizer.zero_grad()
    loss = squared_error(model, x, target)
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    loss.backward()
    optimizer.step()
    return loss.item()


@CLIPPED_STEP.mistake(source=written(without=r"clip_grad_\w+\(.*backward\("))
def clips_after_the_step(model, optimizer, x, target, max_norm):
    """When the gradients are made smaller, the step has been taken. Between which two lines do they wait?"""
    value = train_step(model, optimizer, x, target)
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    return value


@CLIPPED_STEP.mistake
def clips_every_number(model, optimizer, x, target, max_norm):
    """Does the gradient keep its direction when every entry is cut on its own?"""
    optimizer.zero_grad()
    loss = squared_error(model, x, target)
    loss.backward()
    nn.utils.clip_grad_value_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


@CLIPPED_STEP.mistake
def clips_every_parameter(model, optimizer, x, target, max_norm):
    """One norm for all parameters together, or one for each?"""
    optimizer.zero_grad()
    loss = squared_error(model, x, target)
    loss.backward()
    for parameter in model.parameters():
        nn.utils.clip_grad_norm_(parameter, max_norm)
    optimizer.step()
    return loss.item()


@CLIPPED_STEP.mistake
def always_scales(model, optimizer, x, target, max_norm):
    """What should happen to a gradient that is short enough already?"""
    optimizer.zero_grad()
    loss = squared_error(model, x, target)
    loss.backward()
    gradients = [parameter.grad for parameter in model.parameters()]
    norm = torch.cat([gradient.reshape(-1) for gradient in gradients]).norm()
    for gradient in gradients:
        gradient.mul_(max_norm / norm)
    optimizer.step()
    return loss.item()


@CLIPPED_STEP.mistake
def clips_the_loss(model, optimizer, x, target, max_norm):
    """A loss that is cut off has no slope. What is it that should be limited?"""
    optimizer.zero_grad()
    loss = squared_error(model, x, target).clamp(max=max_norm)
    loss.backward()
    optimizer.step()
    return loss.item()


@CLIPPED_STEP.mistake
def returns_the_norm(model, optimizer, x, target, max_norm):
    """The parameters are right. Is the returned number the loss, or what the clipping function gave back?"""
    optimizer.zero_grad()
    squared_error(model, x, target).backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return norm.item()


@CLIPPED_STEP.right
def clipped_by_library(model, optimizer, x, target, max_norm):
    optimizer.zero_grad()
    loss = F.mse_loss(model(x), target)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


@CLIPPED_STEP.right
def clipped_by_hand(model, optimizer, x, target, max_norm):
    optimizer.zero_grad()
    loss = ((model(x) - target) ** 2).mean()
    loss.backward()
    gradients = [parameter.grad for parameter in model.parameters()]
    norm = sum(float((gradient**2).sum()) for gradient in gradients) ** 0.5
    if norm > max_norm:
        for gradient in gradients:
            gradient *= max_norm / norm
    optimizer.step()
    return float(loss)


@CLIPPED_STEP.right
def clipped_before_assigning(model, optimizer, x, target, max_norm):
    parameters = list(model.parameters())
    loss = (model(x) - target).pow(2).mean()
    gradients = torch.autograd.grad(loss, parameters)
    norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
    factor = torch.clamp(max_norm / norm, max=1.0)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = factor * gradient
    optimizer.step()
    return loss.item()
