"""argmax and its relatives, the hidden half: hard choices on the way to a loss, and what may stand in their place."""

from __future__ import annotations

from typing import Any

from autograder.course.declare import EDGES, Misconception
from kit.declare import case
from kit.draws import exactly, normal

from ..public import choices as public
from ..public._shared import classes
from ._shared import F, repair, torch, written


def classification_loss(logits: Any, target: Any) -> Any:
    return F.cross_entropy(logits, target)


def _error_rate(logits: Any, target: Any) -> Any:
    return (logits.argmax(dim=-1) != target).float().mean()


def _error_rate_silenced(logits: Any, target: Any) -> Any:
    return (logits.argmax(dim=-1) != target).float().mean().requires_grad_()


def _squared_index(logits: Any, target: Any) -> Any:
    return ((logits.argmax(dim=-1).float() - target.float()) ** 2).mean()


def _one_minus_probability(logits: Any, target: Any) -> Any:
    return 1.0 - logits.softmax(dim=-1).gather(1, target[:, None]).mean()


def _squared_probabilities(logits: Any, target: Any) -> Any:
    one_hot = F.one_hot(target, logits.shape[-1]).float()
    return ((logits.softmax(dim=-1) - one_hot) ** 2).mean()


def _hinge(logits: Any, target: Any) -> Any:
    return F.multi_margin_loss(logits, target)


CLASSIFICATION_LOSS = repair(
    public.CLASSIFICATION_LOSS,
    classification_loss,
    (
        case("three classes", **classes(2, 3)),
        case("five classes", **classes(4, 5)),
        case("square", **classes(3, 3)),
        case("one sample", check=EDGES, **classes(1, 4)),
    ),
    Misconception(
        name="error-rate",
        seen_in="three classes",
        wrong=_error_rate,
        hint="By how much does the number of errors change when a logit moves a little?",
        source=written(without="requires_grad"),
    ),
    Misconception(
        name="error-rate-silenced",
        seen_in="three classes",
        wrong=_error_rate_silenced,
        hint="requires_grad_() made the error rate a leaf. Do the logits occur in a graph that begins at the loss?",
        source=written("requires_grad"),
    ),
    Misconception(
        name="distance-of-indices",
        seen_in="five classes",
        wrong=_squared_index,
        hint="Indices are names, not sizes, and argmax has no slope. What says how sure the model is?",
    ),
    Misconception(
        name="expected-error",
        seen_in="three classes",
        wrong=_one_minus_probability,
        hint="This can be differentiated, but it is another loss. How much should a confident error cost?",
    ),
    Misconception(
        name="squared-probabilities",
        seen_in="three classes",
        wrong=_squared_probabilities,
        hint="A squared error of probabilities has gradients, but which loss was asked for?",
    ),
    Misconception(
        name="margins",
        seen_in="three classes",
        wrong=_hinge,
        hint="This loss is zero as soon as a margin is reached. Is the cross-entropy ever zero?",
    ),
    Misconception(
        name="softmax-twice",
        seen_in="three classes",
        wrong=lambda logits, target: F.cross_entropy(logits.softmax(dim=-1), target),
        hint="Which of the two does cross_entropy expect, logits or probabilities?",
    ),
    Misconception(
        name="sum-instead-of-mean",
        seen_in="three classes",
        wrong=lambda logits, target: F.cross_entropy(logits, target, reduction="sum"),
        hint="Should the loss double when the batch is doubled?",
    ),
    Misconception(
        name="detached",
        seen_in="three classes",
        wrong=lambda logits, target: F.cross_entropy(logits.detach(), target),
        hint="The number is right. Why does nothing arrive at the logits?",
    ),
)


def soft_argmax(logits: Any, temperature: Any = 1.0) -> Any:
    places = torch.arange(logits.shape[-1], dtype=logits.dtype)
    return (torch.softmax(logits / temperature, dim=-1) * places).sum(dim=-1)


def _soft(logits: Any, temperature: Any, *, start: int = 0, dim: int = -1) -> Any:
    places = torch.arange(start, start + logits.shape[-1], dtype=logits.dtype)
    return (torch.softmax(logits / temperature, dim=dim) * places).sum(dim=-1)


def _hard_silenced(logits: Any, temperature: Any = 1.0) -> Any:
    return logits.argmax(dim=-1).float().requires_grad_()


def _hard(logits: Any, temperature: Any = 1.0) -> Any:
    return logits.argmax(dim=-1)


def _straight_through_index(logits: Any, temperature: Any = 1.0) -> Any:
    soft = soft_argmax(logits, temperature)
    return soft + (logits.argmax(dim=-1) - soft).detach()


SOFT_ARGMAX = repair(
    public.SOFT_ARGMAX,
    soft_argmax,
    (
        case("rows", grad_output=normal(2), logits=normal(2, 4)),
        case("low temperature", grad_output=normal(3), logits=normal(3, 3), temperature=0.3),
        case("three axes", grad_output=normal(2, 2), logits=normal(2, 2, 3), temperature=1.5),
        case("one row", check=EDGES, grad_output=normal(), logits=normal(4), temperature=2.0),
    ),
    Misconception(
        name="hard-index",
        seen_in="rows",
        wrong=_hard,
        hint="argmax jumps from index to index. What is its slope between two jumps?",
        source=written("argmax|max", without="requires_grad"),
    ),
    Misconception(
        name="hard-index-silenced",
        seen_in="rows",
        wrong=_hard_silenced,
        hint="The index is now a leaf that requires a gradient. Do the logits get anything of it?",
        source=written("requires_grad"),
    ),
    Misconception(
        name="hard-forward",
        seen_in="rows",
        wrong=_straight_through_index,
        hint="The gradient is that of the expected index. Is the value?",
    ),
    Misconception(
        name="temperature-ignored",
        seen_in="low temperature",
        wrong=lambda logits, temperature=1.0: _soft(logits, 1.0),
        hint="Where does the temperature enter?",
    ),
    Misconception(
        name="multiplied-by-temperature",
        seen_in="low temperature",
        wrong=lambda logits, temperature=1.0: _soft(logits, 1.0 / temperature),
        hint="Near temperature 0, should the result come closer to the hard argmax or to the middle?",
    ),
    Misconception(
        name="counted-from-one",
        seen_in="rows",
        wrong=lambda logits, temperature=1.0: _soft(logits, temperature, start=1),
        hint="What is the index of the first entry?",
    ),
    Misconception(
        name="softmax-along-the-first-axis",
        seen_in="rows",
        wrong=lambda logits, temperature=1.0: _soft(logits, temperature, dim=0),
        hint="Along which axis do the probabilities of one row sum to 1?",
    ),
    Misconception(
        name="weights-detached",
        seen_in="rows",
        wrong=lambda logits, temperature=1.0: _soft(logits.detach(), temperature),
        hint="The expected index is right. What is missing behind it?",
    ),
    Misconception(
        name="largest-probability",
        seen_in="rows",
        wrong=lambda logits, temperature=1.0: torch.softmax(logits / temperature, dim=-1).amax(dim=-1),
        hint="Is what came back the size of the largest entry, or its place?",
    ),
)


def straight_through_one_hot(logits: Any) -> Any:
    soft = torch.softmax(logits, dim=-1)
    hard = F.one_hot(logits.argmax(dim=-1), logits.shape[-1]).to(soft.dtype)
    return hard + soft - soft.detach()


def _one_hot(logits: Any, dim: int = -1) -> Any:
    return torch.zeros_like(logits).scatter(dim, logits.argmax(dim=dim, keepdim=True), 1.0)


def _one_hot_silenced(logits: Any) -> Any:
    return _one_hot(logits).detach().requires_grad_()


def _nothing_detached(logits: Any) -> Any:
    soft = torch.softmax(logits, dim=-1)
    return _one_hot(logits) + soft - soft


def _identity_backward(logits: Any) -> Any:
    return logits + (_one_hot(logits) - logits).detach()


def _masked(logits: Any) -> Any:
    return torch.softmax(logits, dim=-1) * _one_hot(logits)


def _cancelled_after_cutting(logits: Any) -> Any:
    soft = torch.softmax(logits, dim=-1)
    return soft.detach() + (_one_hot(logits) - soft)


def _along_the_first_axis(logits: Any) -> Any:
    soft = torch.softmax(logits, dim=0)
    return _one_hot(logits, 0) + soft - soft.detach()


STRAIGHT_THROUGH_ONE_HOT = repair(
    public.STRAIGHT_THROUGH_ONE_HOT,
    straight_through_one_hot,
    (
        case("rows", grad_output=normal(2, 3), logits=normal(2, 3)),
        case("square", grad_output=normal(3, 3), logits=normal(3, 3)),
        case("three axes", grad_output=normal(2, 2, 3), logits=normal(2, 2, 3)),
        case("one row", check=EDGES, grad_output=normal(4), logits=normal(4)),
    ),
    Misconception(
        name="no-gradient",
        seen_in="rows",
        wrong=_one_hot,
        hint="The one-hot vectors are right, and no gradient passes. What would you like backward to pretend?",
        source=written(without="requires_grad"),
    ),
    Misconception(
        name="no-gradient-and-silenced",
        seen_in="rows",
        wrong=_one_hot_silenced,
        hint="requires_grad_() gives the one-hot vectors a gradient of their own. Who hands it on to the logits?",
        source=written("requires_grad"),
    ),
    Misconception(
        name="softmax-itself",
        seen_in="rows",
        wrong=lambda logits: torch.softmax(logits, dim=-1),
        hint="The gradient is that of softmax, as asked. And the values, are they 0 and 1?",
    ),
    Misconception(
        name="nothing-detached",
        seen_in="rows",
        wrong=_nothing_detached,
        hint="Two terms cancel, in the forward and in the backward. Which of them should have no gradient?",
    ),
    Misconception(
        name="identity-backward",
        seen_in="rows",
        wrong=_identity_backward,
        hint="The upstream gradient passes unchanged. Whose gradient was asked for?",
    ),
    Misconception(
        name="wrong-term-detached",
        seen_in="rows",
        wrong=_cancelled_after_cutting,
        hint="The gradient has the wrong sign. Which of the two copies of softmax must be without a graph?",
    ),
    Misconception(
        name="masked-softmax",
        seen_in="rows",
        wrong=_masked,
        hint="Is the largest entry 1?",
    ),
    Misconception(
        name="along-the-first-axis",
        seen_in="square",
        wrong=_along_the_first_axis,
        hint="Does every row hold one 1?",
    ),
)


def predict(logits: Any) -> Any:
    return logits.argmax(dim=-1)


PREDICT = repair(
    public.PREDICT,
    predict,
    (
        case("rows", logits=normal(4, 3)),
        case("square", logits=normal(3, 3)),
        case("three axes", logits=normal(2, 2, 3)),
        case("one row", check=EDGES, logits=normal(5)),
    ),
    Misconception(
        name="probabilities",
        seen_in="rows",
        wrong=lambda logits: torch.softmax(logits, dim=-1),
        hint="How many numbers should there be for each row?",
    ),
    Misconception(
        name="along-the-first-axis",
        seen_in="square",
        wrong=lambda logits: logits.argmax(dim=0),
        hint="Along which axis are the classes?",
    ),
    Misconception(
        name="over-everything",
        seen_in="rows",
        wrong=lambda logits: logits.argmax(),
        hint="How many samples are there, and how many answers?",
    ),
    Misconception(
        name="values-instead-of-places",
        seen_in="rows",
        wrong=lambda logits: logits.amax(dim=-1),
        hint="Is this the largest logit, or its index?",
    ),
    Misconception(
        name="floats",
        seen_in="rows",
        wrong=lambda logits: logits.argmax(dim=-1).float(),
        hint="The indices are right. Can one index an array with floats?",
    ),
    Misconception(
        name="soft-index",
        seen_in="rows",
        wrong=lambda logits: _soft(logits, 1.0),
        hint="Here nobody needs a gradient. Must the prediction be soft?",
    ),
    Misconception(
        name="axis-kept",
        seen_in="rows",
        wrong=lambda logits: logits.argmax(dim=-1, keepdim=True),
        hint="Which shape does one index for each row have?",
    ),
)


def quantized_forward(x: Any) -> Any:
    return x + (torch.round(x) - x).detach()


def _rounded_detached(x: Any) -> Any:
    return torch.round(x).detach()


def _rounded_silenced(x: Any) -> Any:
    return torch.round(x).detach().requires_grad_()


def _floored(x: Any) -> Any:
    return x + (torch.floor(x + 0.5) - x).detach()


def _gradient_halved(x: Any) -> Any:
    return 0.5 * x + (torch.round(x) - 0.5 * x).detach()


QUANTIZED_FORWARD = repair(
    public.QUANTIZED_FORWARD,
    quantized_forward,
    (
        case("matrix", grad_output=normal(2, 3), x=normal(2, 3, scale=3.0)),
        case("vector", grad_output=normal(5), x=normal(5, scale=10.0)),
        case("halves", check=EDGES, grad_output=normal(4), x=exactly([0.5, 1.5, -0.5, -2.5])),
        case("one number", check=EDGES, grad_output=normal(), x=normal(scale=4.0), intermediate=True),
    ),
    Misconception(
        name="round-alone",
        seen_in="matrix",
        wrong=lambda x: torch.round(x),
        hint="The gradient arrives and is zero everywhere. What is the slope of a staircase between its steps?",
        source=written(without=" - "),
    ),
    Misconception(
        name="nothing-detached",
        seen_in="matrix",
        wrong=lambda x: x + (torch.round(x) - x),
        hint="Two terms cancel, in the forward and in the backward. Which of them must not carry a gradient?",
        source=written(" - "),
    ),
    Misconception(
        name="rounded-and-detached",
        seen_in="matrix",
        wrong=_rounded_detached,
        hint="Now no gradient arrives at all. Which part of the result should x's gradient pass through?",
        source=written(without="requires_grad"),
    ),
    Misconception(
        name="rounded-and-silenced",
        seen_in="matrix",
        wrong=_rounded_silenced,
        hint="A detached result that requires a gradient is a leaf. Does x hear of it?",
        source=written("requires_grad"),
    ),
    Misconception(
        name="not-rounded",
        seen_in="matrix",
        wrong=lambda x: x * 1.0,
        hint="The gradient passes. Are the values whole numbers?",
    ),
    Misconception(
        name="halves-up",
        seen_in="halves",
        wrong=_floored,
        hint="To which neighbour does torch.round take a half?",
    ),
    Misconception(
        name="gradient-halved",
        seen_in="matrix",
        wrong=_gradient_halved,
        hint="How much of the upstream gradient is to pass?",
    ),
)


def soft_lookup(weights: Any, table: Any) -> Any:
    return weights @ table


SOFT_LOOKUP = repair(
    public.SOFT_LOOKUP,
    soft_lookup,
    (
        case("small", grad_output=normal(2, 4), weights=normal(2, 3), table=normal(3, 4)),
        case("square", grad_output=normal(3, 3), weights=normal(3, 3), table=normal(3, 3)),
        case("one row", check=EDGES, grad_output=normal(1, 2), weights=normal(1, 4), table=normal(4, 2)),
    ),
    Misconception(
        name="whole-weights",
        seen_in="small",
        wrong=lambda weights, table: weights.long().float() @ table,
        hint="Integers have no gradient. What is lost of a weight of 0.7 when it becomes a whole number?",
    ),
    Misconception(
        name="rounded-weights",
        seen_in="small",
        wrong=lambda weights, table: torch.round(weights) @ table,
        hint="The weights get a gradient that is zero. Which operation in front of the product is flat?",
    ),
    Misconception(
        name="hard-lookup",
        seen_in="small",
        wrong=lambda weights, table: table[weights.argmax(dim=-1)],
        hint="One row is picked for each sample. Where does the choice leave a gradient for the weights?",
    ),
    Misconception(
        name="weights-detached",
        seen_in="small",
        wrong=lambda weights, table: weights.detach() @ table,
        hint="The table learns. Why do the weights not?",
    ),
    Misconception(
        name="table-detached",
        seen_in="small",
        wrong=lambda weights, table: weights @ table.detach(),
        hint="The weights learn. Why does the table not?",
    ),
    Misconception(
        name="softmax-of-weights",
        seen_in="small",
        wrong=lambda weights, table: torch.softmax(weights, dim=-1) @ table,
        hint="The weights are given. Is anything to be done to them before the rows are mixed?",
    ),
    Misconception(
        name="transposed-weights",
        seen_in="square",
        wrong=lambda weights, table: weights.T @ table if len(weights) == weights.shape[1] else weights @ table,
        hint="Which axis of the weights meets the rows of the table?",
    ),
)
