"""argmax and its relatives, the hidden half: hard choices on the way to a loss, and what may stand in their place."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.course.declare import EDGES, mistake
from kit.declare import case
from kit.draws import exactly, normal

from ..public import choices as public
from ..public._shared import classes
from ._shared import F, nn, repair, torch, written


def classification_loss(logits, target):
    return F.cross_entropy(logits, target)


CLASSIFICATION_LOSS = repair(
    public.CLASSIFICATION_LOSS,
    classification_loss,
    (
        case("three classes", **classes(2, 3)),
        case("five classes", **classes(4, 5)),
        case("square", **classes(3, 3)),
        case("one sample", check=EDGES, **classes(1, 4)),
    ),
    mistake(
        "distance-of-indices",
        lambda logits, target: ((logits.argmax(dim=-1).float() - target.float()) ** 2).mean(),
        "Indices are names, not sizes, and argmax has no slope. What says how sure the model is?",
    ),
    mistake(
        "expected-error",
        lambda logits, target: 1.0 - logits.softmax(dim=-1).gather(1, target[:, None]).mean(),
        "This can be differentiated, but it is another loss. How much should a confident error cost?",
    ),
    mistake(
        "margins",
        lambda logits, target: F.multi_margin_loss(logits, target),
        "This loss is zero as soon as a margin is reached. Is the cross-entropy ever zero?",
    ),
    mistake(
        "softmax-twice",
        lambda logits, target: F.cross_entropy(logits.softmax(dim=-1), target),
        "Which of the two does cross_entropy expect, logits or probabilities?",
    ),
    mistake(
        "sum-instead-of-mean",
        lambda logits, target: F.cross_entropy(logits, target, reduction="sum"),
        "Should the loss double when the batch is doubled?",
    ),
    mistake(
        "detached",
        lambda logits, target: F.cross_entropy(logits.detach(), target),
        "The number is right. Why does nothing arrive at the logits?",
    ),
    right_answers=(lambda logits, target: nn.CrossEntropyLoss()(logits, target),),
)


@CLASSIFICATION_LOSS.mistake(source=written(without="requires_grad"))
def error_rate(logits, target):
    """By how much does the number of errors change when a logit moves a little?"""
    return (logits.argmax(dim=-1) != target).float().mean()


@CLASSIFICATION_LOSS.mistake(source=written("requires_grad"))
def error_rate_silenced(logits, target):
    """requires_grad_() made the error rate a leaf. Do the logits occur in a graph that begins at the loss?"""
    return (logits.argmax(dim=-1) != target).float().mean().requires_grad_()


@CLASSIFICATION_LOSS.mistake
def squared_probabilities(logits, target):
    """A squared error of probabilities has gradients, but which loss was asked for?"""
    one_hot = F.one_hot(target, logits.shape[-1]).float()
    return ((logits.softmax(dim=-1) - one_hot) ** 2).mean()


@CLASSIFICATION_LOSS.right
def classification_by_log_softmax(logits, target):
    return F.nll_loss(F.log_softmax(logits, dim=-1), target)


@CLASSIFICATION_LOSS.right
def classification_by_gather(logits, target):
    picked = logits.gather(1, target.unsqueeze(1)).squeeze(1)
    return (logits.logsumexp(dim=1) - picked).mean()


@CLASSIFICATION_LOSS.right
def classification_by_one_hot(logits, target):
    shifted = logits - logits.max(dim=1, keepdim=True).values.detach()
    log_probabilities = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    return -(F.one_hot(target, logits.shape[1]) * log_probabilities).sum() / len(target)


def soft_argmax(logits, temperature=1.0):
    places = torch.arange(logits.shape[-1], dtype=logits.dtype)
    return (torch.softmax(logits / temperature, dim=-1) * places).sum(dim=-1)


def _soft(logits: Any, temperature: Any, *, start: int = 0, dim: int = -1) -> Any:
    places = torch.arange(start, start + logits.shape[-1], dtype=logits.dtype)
    return (torch.softmax(logits / temperature, dim=dim) * places).sum(dim=-1)


SOFT_ARGMAX = repair(
    public.SOFT_ARGMAX,
    soft_argmax,
    (
        case("rows", grad_output=normal(2), logits=normal(2, 4)),
        case("low temperature", grad_output=normal(3), logits=normal(3, 3), temperature=0.3),
        case("three axes", grad_output=normal(2, 2), logits=normal(2, 2, 3), temperature=1.5),
        case("one row", check=EDGES, grad_output=normal(), logits=normal(4), temperature=2.0),
    ),
    mistake(
        "temperature-ignored", lambda logits, temperature=1.0: _soft(logits, 1.0), "Where does the temperature enter?"
    ),
    mistake(
        "multiplied-by-temperature",
        lambda logits, temperature=1.0: _soft(logits, 1.0 / temperature),
        "Near temperature 0, should the result come closer to the hard argmax or to the middle?",
    ),
    mistake(
        "counted-from-one",
        lambda logits, temperature=1.0: _soft(logits, temperature, start=1),
        "What is the index of the first entry?",
    ),
    mistake(
        "softmax-along-the-first-axis",
        lambda logits, temperature=1.0: _soft(logits, temperature, dim=0),
        "Along which axis do the probabilities of one row sum to 1?",
    ),
    mistake(
        "weights-detached",
        lambda logits, temperature=1.0: _soft(logits.detach(), temperature),
        "The expected index is right. What is missing behind it?",
    ),
    mistake(
        "largest-probability",
        lambda logits, temperature=1.0: torch.softmax(logits / temperature, dim=-1).amax(dim=-1),
        "Is what came back the size of the largest entry, or its place?",
    ),
)


@SOFT_ARGMAX.mistake(source=written("argmax|max", without="requires_grad"))
def hard_index(logits, temperature=1.0):
    """argmax jumps from index to index. What is its slope between two jumps?"""
    return logits.argmax(dim=-1)


@SOFT_ARGMAX.mistake(source=written("requires_grad"))
def hard_index_silenced(logits, temperature=1.0):
    """The index is now a leaf that requires a gradient. Do the logits get anything of it?"""
    return logits.argmax(dim=-1).float().requires_grad_()


@SOFT_ARGMAX.mistake
def hard_forward(logits, temperature=1.0):
    """The gradient is that of the expected index. Is the value?"""
    soft = soft_argmax(logits, temperature)
    return soft + (logits.argmax(dim=-1) - soft).detach()


@SOFT_ARGMAX.right
def soft_argmax_by_matmul(logits, temperature=1.0):
    weights = F.softmax(logits / temperature, dim=-1)
    return weights @ torch.arange(logits.shape[-1], dtype=weights.dtype)


@SOFT_ARGMAX.right
def soft_argmax_by_loop(logits, temperature=1.0):
    weights = (logits / temperature).softmax(-1)
    total = torch.zeros(logits.shape[:-1])
    for k in range(logits.shape[-1]):
        total = total + k * weights[..., k]
    return total


@SOFT_ARGMAX.right
def soft_argmax_by_exponentials(logits, temperature=1.0):
    scaled = logits / temperature
    e = torch.exp(scaled - scaled.amax(dim=-1, keepdim=True).detach())
    return (e * torch.arange(float(logits.shape[-1]))).sum(-1) / e.sum(-1)


def straight_through_one_hot(logits):
    soft = torch.softmax(logits, dim=-1)
    hard = F.one_hot(logits.argmax(dim=-1), logits.shape[-1]).to(soft.dtype)
    return hard + soft - soft.detach()


def _one_hot(logits: Any, dim: int = -1) -> Any:
    return torch.zeros_like(logits).scatter(dim, logits.argmax(dim=dim, keepdim=True), 1.0)


STRAIGHT_THROUGH_ONE_HOT = repair(
    public.STRAIGHT_THROUGH_ONE_HOT,
    straight_through_one_hot,
    (
        case("rows", grad_output=normal(2, 3), logits=normal(2, 3)),
        case("square", grad_output=normal(3, 3), logits=normal(3, 3)),
        case("three axes", grad_output=normal(2, 2, 3), logits=normal(2, 2, 3)),
        case("one row", check=EDGES, grad_output=normal(4), logits=normal(4)),
    ),
    mistake(
        "no-gradient",
        _one_hot,
        "The one-hot vectors are right, and no gradient passes. What would you like backward to pretend?",
        source=written(without="requires_grad"),
    ),
    mistake(
        "softmax-itself",
        lambda logits: torch.softmax(logits, dim=-1),
        "The gradient is that of softmax, as asked. And the values, are they 0 and 1?",
    ),
    mistake(
        "identity-backward",
        lambda logits: logits + (_one_hot(logits) - logits).detach(),
        "The upstream gradient passes unchanged. Whose gradient was asked for?",
    ),
    mistake(
        "masked-softmax", lambda logits: torch.softmax(logits, dim=-1) * _one_hot(logits), "Is the largest entry 1?"
    ),
)


@STRAIGHT_THROUGH_ONE_HOT.mistake(source=written("requires_grad"))
def no_gradient_and_silenced(logits):
    """requires_grad_() gives the one-hot vectors a gradient of their own. Who hands it on to the logits?"""
    return _one_hot(logits).detach().requires_grad_()


@STRAIGHT_THROUGH_ONE_HOT.mistake
def nothing_detached(logits):
    """Two terms cancel, in the forward and in the backward. Which of them should have no gradient?"""
    soft = torch.softmax(logits, dim=-1)
    return _one_hot(logits) + soft - soft


@STRAIGHT_THROUGH_ONE_HOT.mistake
def wrong_term_detached(logits):
    """The gradient has the wrong sign. Which of the two copies of softmax must be without a graph?"""
    soft = torch.softmax(logits, dim=-1)
    return soft.detach() + (_one_hot(logits) - soft)


@STRAIGHT_THROUGH_ONE_HOT.mistake
def along_the_first_axis(logits):
    """Does every row hold one 1?"""
    soft = torch.softmax(logits, dim=0)
    return _one_hot(logits, 0) + soft - soft.detach()


@STRAIGHT_THROUGH_ONE_HOT.right
def one_hot_by_function(logits):
    class OneHotFunction(torch.autograd.Function):
        @staticmethod
        def forward(ctx, logits):
            soft = logits.softmax(dim=-1)
            ctx.save_for_backward(soft)
            return F.one_hot(logits.argmax(dim=-1), logits.shape[-1]).to(logits.dtype)

        @staticmethod
        def backward(ctx, grad_output):
            (soft,) = ctx.saved_tensors
            return soft * (grad_output - (grad_output * soft).sum(dim=-1, keepdim=True))

    return OneHotFunction.apply(logits)


@STRAIGHT_THROUGH_ONE_HOT.right
def one_hot_by_detach_trick(logits):
    soft = logits.softmax(dim=-1)
    hard = torch.zeros_like(soft).scatter(-1, soft.argmax(dim=-1, keepdim=True), 1.0)
    return soft + (hard - soft).detach()


@STRAIGHT_THROUGH_ONE_HOT.right
def one_hot_by_comparison(logits):
    soft = logits.softmax(dim=-1)
    hard = (torch.arange(logits.shape[-1]) == logits.argmax(dim=-1, keepdim=True)).float()
    return (hard - soft).detach() + soft


@STRAIGHT_THROUGH_ONE_HOT.right
def one_hot_by_identity_matrix(logits):
    soft = F.softmax(logits, dim=-1)
    with torch.no_grad():
        correction = torch.eye(logits.shape[-1])[logits.argmax(dim=-1)] - soft
    return soft + correction


def predict(logits):
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
    mistake(
        "probabilities", lambda logits: torch.softmax(logits, dim=-1), "How many numbers should there be for each row?"
    ),
    mistake("along-the-first-axis", lambda logits: logits.argmax(dim=0), "Along which axis are the classes?"),
    mistake("over-everything", lambda logits: logits.argmax(), "How many samples are there, and how many answers?"),
    mistake("values-instead-of-places", lambda logits: logits.amax(dim=-1), "Is this the largest logit, or its index?"),
    mistake(
        "floats",
        lambda logits: logits.argmax(dim=-1).float(),
        "The indices are right. Can one index an array with floats?",
    ),
    mistake(
        "soft-index", lambda logits: _soft(logits, 1.0), "Here nobody needs a gradient. Must the prediction be soft?"
    ),
    mistake(
        "axis-kept", lambda logits: logits.argmax(dim=-1, keepdim=True), "Which shape does one index for each row have?"
    ),
    right_answers=(
        lambda logits: logits.max(dim=-1).indices,
        lambda logits: torch.topk(logits.detach(), 1, dim=-1).indices.squeeze(-1),
        lambda logits: torch.tensor(np.argmax(logits.detach().numpy(), axis=-1)),
    ),
)


@PREDICT.right
def predict_by_softmax(logits):
    with torch.no_grad():
        return logits.softmax(dim=-1).argmax(dim=-1)


def quantized_forward(x):
    return x + (torch.round(x) - x).detach()


QUANTIZED_FORWARD = repair(
    public.QUANTIZED_FORWARD,
    quantized_forward,
    (
        case("matrix", grad_output=normal(2, 3), x=normal(2, 3, scale=3.0)),
        case("vector", grad_output=normal(5), x=normal(5, scale=10.0)),
        case("halves", check=EDGES, grad_output=normal(4), x=exactly([0.5, 1.5, -0.5, -2.5])),
        case("one number", check=EDGES, grad_output=normal(), x=normal(scale=4.0), intermediate=True),
    ),
    mistake(
        "round-alone",
        lambda x: torch.round(x),
        "The gradient arrives and is zero everywhere. What is the slope of a staircase between its steps?",
        source=written(without=" - "),
    ),
    mistake(
        "nothing-detached",
        lambda x: x + (torch.round(x) - x),
        "Two terms cancel, in the forward and in the backward. Which of them must not carry a gradient?",
        source=written(" - "),
    ),
    mistake("not-rounded", lambda x: x * 1.0, "The gradient passes. Are the values whole numbers?"),
    mistake(
        "halves-up",
        lambda x: x + (torch.floor(x + 0.5) - x).detach(),
        "To which neighbour does torch.round take a half?",
    ),
    mistake(
        "gradient-halved",
        lambda x: 0.5 * x + (torch.round(x) - 0.5 * x).detach(),
        "How much of the upstream gradient is to pass?",
    ),
    right_answers=(lambda x: x + (x.round() - x).detach(),),
)


@QUANTIZED_FORWARD.mistake(source=written(without="requires_grad"))
def rounded_and_detached(x):
    """Now no gradient arrives at all. Which part of the result should x's gradient pass through?"""
    return torch.round(x).detach()


@QUANTIZED_FORWARD.mistake(source=written("requires_grad"))
def rounded_and_silenced(x):
    """A detached result that requires a gradient is a leaf. Does x hear of it?"""
    return torch.round(x).detach().requires_grad_()


@QUANTIZED_FORWARD.right
def quantized_by_function(x):
    class RoundFunction(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return torch.round(x)

        @staticmethod
        def backward(ctx, grad_output):
            return grad_output

    return RoundFunction.apply(x)


@QUANTIZED_FORWARD.right
def quantized_by_no_grad(x):
    with torch.no_grad():
        correction = torch.round(x) - x
    return correction + x


@QUANTIZED_FORWARD.right
def quantized_by_two_detached_terms(x):
    rounded = torch.round(x.detach())
    return rounded + x - x.detach()


def soft_lookup(weights, table):
    return weights @ table


SOFT_LOOKUP = repair(
    public.SOFT_LOOKUP,
    soft_lookup,
    (
        case("small", grad_output=normal(2, 4), weights=normal(2, 3), table=normal(3, 4)),
        case("square", grad_output=normal(3, 3), weights=normal(3, 3), table=normal(3, 3)),
        case("one row", check=EDGES, grad_output=normal(1, 2), weights=normal(1, 4), table=normal(4, 2)),
    ),
    mistake(
        "whole-weights",
        lambda weights, table: weights.long().float() @ table,
        "Integers have no gradient. What is lost of a weight of 0.7 when it becomes a whole number?",
    ),
    mistake(
        "rounded-weights",
        lambda weights, table: torch.round(weights) @ table,
        "The weights get a gradient that is zero. Which operation in front of the product is flat?",
    ),
    mistake(
        "hard-lookup",
        lambda weights, table: table[weights.argmax(dim=-1)],
        "One row is picked for each sample. Where does the choice leave a gradient for the weights?",
    ),
    mistake(
        "weights-detached", lambda weights, table: weights.detach() @ table, "The table learns. Why do the weights not?"
    ),
    mistake(
        "table-detached", lambda weights, table: weights @ table.detach(), "The weights learn. Why does the table not?"
    ),
    mistake(
        "softmax-of-weights",
        lambda weights, table: torch.softmax(weights, dim=-1) @ table,
        "The weights are given. Is anything to be done to them before the rows are mixed?",
    ),
    mistake(
        "transposed-weights",
        lambda weights, table: weights.T @ table if len(weights) == weights.shape[1] else weights @ table,
        "Which axis of the weights meets the rows of the table?",
    ),
    right_answers=(
        lambda weights, table: torch.matmul(weights, table),
        lambda weights, table: torch.einsum("nk,kd->nd", weights, table),
        lambda weights, table: (weights[:, :, None] * table[None]).sum(dim=1),
    ),
)


@SOFT_LOOKUP.right
def lookup_by_loop(weights, table):
    return torch.stack([sum(w * row for w, row in zip(line, table, strict=True)) for line in weights])
