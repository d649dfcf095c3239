"""ps3, the private half of the losses of probabilities: grad_output is one number, and it is not 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.course.declare import Exercise, mistake
from autograder.course.mistakes import rescaled, sign_flipped, upstream_ignored
from autograder.engine import ops
from autograder.engine.ops.activations import stable_sigmoid, stable_softmax
from kit.declare import case
from kit.draws import every_second, exactly, integers, normal, positive, reversed_view, tied

from ..public import classification as public
from ..public._shared import log_probabilities, probabilities
from .squashing import sigmoid_by_tanh

BCE_WITH_LOGITS = Exercise(
    public.BCE_WITH_LOGITS,
    op=ops.bce_with_logits,
    cases=(
        case("vector", logits=normal(5), target=tied(5, levels=2)),
        case("matrix", logits=normal(2, 3), target=tied(2, 3, levels=2)),
        case("soft targets", check="edges", logits=normal(4), target=positive(4, low=0.1, high=0.9)),
        case("a single number", check="edges", logits=normal(), target=exactly(1.0)),
        case("column", check="edges", logits=normal(3, 1), target=tied(3, 1, levels=2)),
        case("strided", check="edges", logits=every_second(normal(2, 3)), target=reversed_view(tied(2, 3, levels=2))),
        case(
            "far out",
            check="stability",
            logits=exactly([1000.0, 1000.0, -1000.0, -1000.0, 40.0]),
            target=exactly([0.0, 1.0, 0.0, 1.0, 0.5]),
        ),
    ),
    mistakes=(
        upstream_ignored(ops.bce_with_logits),
        rescaled(
            "mean-forgotten",
            ops.bce_with_logits,
            lambda logits, target: logits.size,
            "The forward takes a mean. How much does one entry weigh in it?",
        ),
        rescaled(
            "divided-by-rows",
            ops.bce_with_logits,
            lambda logits, target: logits.size / logits.shape[0],
            "Over how many numbers does the mean go when the logits are a matrix?",
        ),
        sign_flipped(
            ops.bce_with_logits,
            "Where the target is 1, raising the logit lowers the loss. What sign has your gradient there?",
        ),
        mistake(
            "sigmoid-skipped",
            lambda g, y, logits, target: g * (logits - target) / logits.size,
            "You compare the target with a logit. Can a logit of 7 be compared with a label of 1?",
        ),
        mistake(
            "stops-at-the-probability",
            lambda g, y, logits, target: (
                g
                * (stable_sigmoid(logits) - target)
                / (stable_sigmoid(logits) * (1.0 - stable_sigmoid(logits)))
                / logits.size
            ),
            "That is the gradient of the probability. Which function lies between it and the logit?",
        ),
        mistake(
            "sigmoid-slope-twice",
            lambda g, y, logits, target: (
                g
                * (stable_sigmoid(logits) - target)
                * (stable_sigmoid(logits) * (1.0 - stable_sigmoid(logits)))
                / logits.size
            ),
            "A certain and wrong model hardly learns from your gradient. Has a factor that should cancel stayed?",
        ),
        mistake(
            "overflow",
            lambda g, y, logits, target: g * (np.exp(logits) / (1.0 + np.exp(logits)) - target) / logits.size,
            "What is exp(1000) in float64, and what is that divided by itself?",
        ),
    ),
    right_answers=(
        lambda grad_output, output, logits, target: grad_output * (1 / (1 + np.exp(-logits)) - target) / logits.size,
    ),
)


@BCE_WITH_LOGITS.mistake
def unfused(g, y, logits, target):
    """On paper two factors cancel. What do they do at a logit of 1000, where one of them is 0?"""
    p = stable_sigmoid(logits)
    return g * (p - target) / (p * (1.0 - p)) * (p * (1.0 - p)) / logits.size


@BCE_WITH_LOGITS.right
def bce_by_both_classes(grad_output, output, logits, target):
    p, q = sigmoid_by_tanh(logits), sigmoid_by_tanh(-logits)
    return grad_output * ((1 - target) * p - target * q) / np.size(logits)


@BCE_WITH_LOGITS.right
def bce_by_loop(grad_output, output, logits, target):
    gradient = np.zeros(logits.shape)
    p = sigmoid_by_tanh(logits)
    for place in np.ndindex(logits.shape):
        gradient[place] = (p[place] - target[place]) * grad_output / logits.size
    return gradient


def one_hot(target: Any, shape: tuple[int, ...]) -> Any:
    """1 at each row's target, else 0."""
    return (np.arange(shape[1]) == np.asarray(target)[:, None]).astype(np.float64)


NLL = Exercise(
    public.NLL,
    op=ops.nll,
    cases=(
        case("rows", log_probs=log_probabilities(3, 4), target=integers(0, 4, 3)),
        case("a class twice", log_probs=log_probabilities(4, 3), target=exactly([2, 0, 2, 1], dtype=np.int64)),
        case("square", log_probs=log_probabilities(3, 3), target=exactly([1, 2, 1], dtype=np.int64)),
        case("one row", check="edges", log_probs=log_probabilities(1, 4), target=integers(1, 4, 1)),
        case("one class", check="edges", log_probs=normal(3, 1), target=exactly([0, 0, 0], dtype=np.int64)),
        case(
            "strided",
            check="edges",
            log_probs=every_second(log_probabilities(3, 4)),
            target=reversed_view(integers(0, 4, 3)),
        ),
        case(
            "far out",
            check="stability",
            log_probs=exactly([[-1000.0, 0.0, -2000.0], [0.0, -1000.0, -1001.0]]),
            target=exactly([0, 2], dtype=np.int64),
        ),
    ),
    mistakes=(
        upstream_ignored(ops.nll),
        rescaled(
            "mean-forgotten",
            ops.nll,
            lambda log_probs, target: len(target),
            "Compare a batch with the same batch given twice. Should each row's gradient stay the same?",
        ),
        rescaled(
            "divided-by-all-entries",
            ops.nll,
            lambda log_probs, target: len(target) / log_probs.size,
            "The loss averages. How many terms does it average over: one per entry, or one per row?",
        ),
        sign_flipped(
            ops.nll, "A larger log-probability of the right class lowers the loss. Does it, by your gradient?"
        ),
        mistake(
            "label-as-a-number",
            lambda g, y, log_probs, target: np.broadcast_to(-g * target[:, None] / len(target), log_probs.shape),
            "You calculate with the class's number. What does it do in the forward: count, or point?",
        ),
        mistake(
            "logarithm-taken-again",
            lambda g, y, log_probs, target: -g * one_hot(target, log_probs.shape) / log_probs / len(target),
            "You differentiate a logarithm. Is there one in this forward, or has it been taken before?",
        ),
        mistake(
            "cross-entropy-rule",
            lambda g, y, log_probs, target: g * (np.exp(log_probs) - one_hot(target, log_probs.shape)) / len(target),
            "That goes on through the softmax to the logits. With respect to what is the gradient asked here?",
        ),
        mistake(
            "value-not-slope",
            lambda g, y, log_probs, target: -g * one_hot(target, log_probs.shape) * log_probs / len(target),
            "These are the shares of the loss itself. How do they change when a log-probability moves?",
        ),
    ),
)


@NLL.right
def nll_with_eye(grad_output, output, log_probs, target):
    return -np.eye(log_probs.shape[1])[target] * grad_output / log_probs.shape[0]


@NLL.right
def nll_by_loop(grad_output, output, log_probs, target):
    gradient = [[0.0] * log_probs.shape[1] for _ in target]
    for row, label in enumerate(target):
        gradient[row][label] -= float(grad_output) / len(target)
    return gradient


@NLL.right
def nll_with_add_at(grad_output, output, log_probs, target):
    gradient = np.zeros(log_probs.shape)
    np.subtract.at(gradient, (np.arange(target.size), target), grad_output / target.size)
    return gradient


@NLL.right
def nll_by_comparison(grad_output, output, log_probs, target):
    picked = np.arange(log_probs.shape[1])[None, :] == target[:, None]
    return np.where(picked, -grad_output / len(target), 0.0)


CROSS_ENTROPY = Exercise(
    public.CROSS_ENTROPY,
    op=ops.cross_entropy,
    cases=(
        case("rows", logits=normal(3, 4), target=integers(0, 4, 3)),
        case("more rows than classes", logits=normal(5, 3), target=exactly([2, 0, 2, 1, 2], dtype=np.int64)),
        case("square", logits=normal(3, 3), target=exactly([1, 2, 1], dtype=np.int64)),
        case("one row", check="edges", logits=normal(1, 4), target=integers(1, 4, 1)),
        case("one class", check="edges", logits=normal(3, 1), target=exactly([0, 0, 0], dtype=np.int64)),
        case("strided", check="edges", logits=every_second(normal(3, 4)), target=reversed_view(integers(0, 4, 3))),
        case(
            "far out",
            check="stability",
            logits=exactly([[1000.0, 0.0, -1000.0], [998.5, 1000.0, 999.0]]),
            target=exactly([2, 0], dtype=np.int64),
        ),
        case(
            "confident and right",
            check="stability",
            logits=exactly([[-1000.0, 1000.0], [40.0, -40.0], [-1000.0, -1001.5]]),
            target=exactly([1, 0, 1], dtype=np.int64),
        ),
    ),
    mistakes=(
        upstream_ignored(ops.cross_entropy),
        rescaled(
            "mean-forgotten",
            ops.cross_entropy,
            lambda logits, target: len(target),
            "Compare a batch with the same batch given twice. Should each row's gradient stay the same?",
        ),
        rescaled(
            "divided-by-all-entries",
            ops.cross_entropy,
            lambda logits, target: len(target) / logits.size,
            "The loss averages. How many terms does it average over: one per entry, or one per row?",
        ),
        sign_flipped(
            ops.cross_entropy, "Raising the logit of the true class should lower the loss. Does it, by your gradient?"
        ),
        mistake(
            "stops-at-the-probabilities",
            lambda g, y, logits, target: -g * one_hot(target, logits.shape) / stable_softmax(logits) / len(target),
            "That is the gradient of the probabilities. Which function lies between them and the logits?",
        ),
        mistake(
            "label-as-a-number",
            lambda g, y, logits, target: g * (stable_softmax(logits) - target[:, None]) / len(target),
            "You calculate with the class's number. Is class 3 three times class 1?",
        ),
        mistake(
            "softmax-over-the-batch",
            lambda g, y, logits, target: g * (stable_softmax(logits, 0) - one_hot(target, logits.shape)) / len(target),
            "Which entries are the alternatives of one example: those of its row or those of its column?",
        ),
        mistake(
            "target-forgotten",
            lambda g, y, logits, target: g * stable_softmax(logits) / len(target),
            "Your gradient is the same for every target. How does the right class enter?",
        ),
    ),
)


@CROSS_ENTROPY.mistake
def overflow(g, y, logits, target):
    """What is exp(1000) in float64? What may be subtracted from a row without changing its softmax?"""
    weights = np.exp(logits)
    return g * (weights / weights.sum(axis=-1, keepdims=True) - one_hot(target, logits.shape)) / len(target)


@CROSS_ENTROPY.right
def cross_entropy_with_one_hot(grad_output, output, logits, target):
    n, classes = logits.shape
    shifted = logits - logits.max(1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return (np.exp(log_probs) - np.eye(classes)[target]) * (grad_output / n)


@CROSS_ENTROPY.right
def cross_entropy_row_by_row(grad_output, output, logits, target):
    rows = []
    for row, label in zip(logits, target, strict=True):
        p = np.exp(row - max(row))
        p = p / sum(p)
        p[label] -= 1
        rows.append(p / len(logits) * grad_output)
    return rows


@CROSS_ENTROPY.right
def cross_entropy_with_add_at(grad_output, output, logits, target):
    e = np.exp(logits - logits.max(axis=-1)[:, None])
    gradient = e / np.einsum("ij->i", e)[:, None]
    np.add.at(gradient, (np.arange(target.size), target), -1)
    return gradient * grad_output / target.size


KL_DIV = Exercise(
    public.KL_DIV,
    op=ops.kl_div,
    cases=(
        case("rows", log_probs=log_probabilities(2, 3), target=probabilities(2, 3)),
        case("more rows than classes", log_probs=log_probabilities(4, 3), target=probabilities(4, 3)),
        case(
            "impossible classes",
            check="edges",
            log_probs=log_probabilities(2, 3),
            target=exactly([[0.0, 1.0, 0.0], [0.25, 0.0, 0.75]]),
        ),
        case("one row", check="edges", log_probs=log_probabilities(1, 4), target=probabilities(1, 4)),
        case("three axes", check="edges", log_probs=log_probabilities(2, 3, 4), target=probabilities(2, 3, 4)),
        case("not normalised", check="edges", log_probs=normal(2, 3), target=positive(2, 3)),
        case(
            "strided",
            check="edges",
            log_probs=every_second(log_probabilities(3, 2)),
            target=reversed_view(probabilities(3, 2)),
        ),
    ),
    mistakes=(
        upstream_ignored(ops.kl_div),
        rescaled(
            "mean-forgotten",
            ops.kl_div,
            lambda log_probs, target: len(target),
            "Compare a batch with the same batch given twice. Should each row's gradient stay the same?",
        ),
        rescaled(
            "divided-by-all-entries",
            ops.kl_div,
            lambda log_probs, target: len(target) / log_probs.size,
            "By what does the forward divide the sum: the number of entries, or the number of rows?",
        ),
        sign_flipped(
            ops.kl_div,
            "Raising the log-probability of a likely class lowers the divergence. Does it, by your gradient?",
        ),
        mistake(
            "roles-swapped",
            lambda g, y, log_probs, target: -g * np.exp(log_probs) / len(target),
            "The divergence is not symmetric. Which of the two distributions weighs the logarithms?",
        ),
        mistake(
            "logits-rule",
            lambda g, y, log_probs, target: g * (np.exp(log_probs) - target) / len(target),
            "That goes on through the softmax to the logits. With respect to what is the gradient asked here?",
        ),
        mistake(
            "value-not-slope",
            lambda g, y, log_probs, target: g * target * (np.log(target) - log_probs) / len(target),
            "These are the shares of the divergence itself. Which part of each moves with log_probs?",
        ),
        mistake(
            "divided-by-the-input",
            lambda g, y, log_probs, target: -g * target / np.exp(log_probs) / len(target),
            "You differentiate a logarithm. Is there one on this input, or has it been taken before?",
        ),
    ),
)


@KL_DIV.right
def kl_by_loop(grad_output, output, log_probs, target):
    return np.stack([-grad_output * row / len(target) for row in target])


@KL_DIV.right
def kl_by_full(grad_output, output, log_probs, target):
    return target * np.full(log_probs.shape, -grad_output / log_probs.shape[0])


@KL_DIV.right
def kl_in_a_tuple(grad_output, output, log_probs, target):
    return (np.multiply(target, np.negative(grad_output)) / target.shape[0],)
