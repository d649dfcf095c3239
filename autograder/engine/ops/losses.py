"""Losses: one number for a batch. g = dL/dy is a scalar, and not always 1.

Targets have no derivative here, whatever their type. Nothing broadcasts.
"""

from __future__ import annotations

import numpy as np

from autograder.engine.broadcasting import Array, IntArray, total
from autograder.engine.ops.activations import log_softmax, stable_sigmoid, stable_softmax
from autograder.engine.primitive import NO_GRAD, defvjp, primitive

__all__ = [
    "bce_with_logits", "cross_entropy", "huber", "kl_div", "l1", "l2_penalty", "mse", "nll",
]  # fmt: skip


def _same_shape(name: str, prediction: Array, target: Array) -> None:
    """Refuse what broadcasting would turn into a wrong loss, (N,1) against (N,)."""
    if prediction.shape != target.shape:
        raise ValueError(f"{name}: target has shape {target.shape}, expected {prediction.shape} as the input")


@primitive(shapes="(*s),(*s)->()", source="chapter: Chain Rule Through Loss Functions")
def mse(prediction: Array, target: Array) -> Array:
    """Mean squared error over all n entries, y = Σ (p - t)² / n.

    Given g = dL/dy:  dL/dp = g 2 (p - t) / n.
    """
    _same_shape("mse", prediction, target)
    difference = prediction - target
    return total(difference * difference) / difference.size


defvjp(
    mse,
    prediction=lambda g, y, prediction, target: (g * (2 / prediction.size)) * (prediction - target),
    target=NO_GRAD,
)


@primitive(shapes="(*s),(*s)->()", source="PyTorch derivatives.yaml: l1_loss")
def l1(prediction: Array, target: Array) -> Array:
    """Mean absolute error over all n entries, y = Σ |p - t| / n.

    Given g = dL/dy:  dL/dp = g sign(p - t) / n.
    """
    _same_shape("l1", prediction, target)
    return total(np.abs(prediction - target)) / prediction.size


defvjp(
    l1,
    # Subgradient: 0 where p = t.
    prediction=lambda g, y, prediction, target: g * np.sign(prediction - target) / prediction.size,
    target=NO_GRAD,
)


@primitive(shapes="(*s),(*s)->()", source="Huber 1964; PyTorch derivatives.yaml: huber_loss")
def huber(prediction: Array, target: Array, delta: float = 1.0) -> Array:
    """Mean Huber loss, d = p - t: d²/2 for |d| <= delta, else delta (|d| - delta/2).

    Given g = dL/dy:  dL/dp = g d / n for |d| <= delta, else g delta sign(d) / n.
    """
    _same_shape("huber", prediction, target)
    d = np.abs(prediction - target)
    return total(np.where(d <= delta, 0.5 * d * d, delta * (d - 0.5 * delta))) / d.size


defvjp(
    huber,
    prediction=lambda g, y, prediction, target, delta: (
        g * np.clip(prediction - target, -delta, delta) / prediction.size
    ),
    target=NO_GRAD,
)


@primitive(
    shapes="(*s),(*s)->()",
    source="PyTorch derivatives.yaml: binary_cross_entropy_with_logits",
)
def bce_with_logits(logits: Array, target: Array) -> Array:
    """Mean binary cross-entropy of σ(x), fused: y = Σ (max(x,0) - x t + log(1 + e^-|x|)) / n.

    Given g = dL/dy:  dL/dx = g (σ(x) - t) / n.
    """
    _same_shape("bce_with_logits", logits, target)
    log_term = np.log1p(np.exp(-np.abs(logits)))
    return total(np.maximum(logits, 0) - logits * target + log_term) / logits.size


defvjp(
    bce_with_logits,
    logits=lambda g, y, logits, target: g * (stable_sigmoid(logits) - target) / logits.size,
    target=NO_GRAD,
)


def _one_hot(target: IntArray, shape: tuple[int, ...]) -> Array:
    """(N, C): 1 at each row's target, else 0."""
    hot = np.zeros(shape)
    hot[np.arange(len(target)), target] = 1
    return hot


@primitive(shapes="(n,c),(n)->()", source="PyTorch derivatives.yaml: nll_loss_forward")
def nll(log_probs: Array, target: IntArray) -> Array:
    """Mean negative log-likelihood of the target classes over the n rows, y = -Σ ℓ[i, tᵢ] / n.

    Given g = dL/dy:  dL/dℓ[i, c] = -g / n for c = tᵢ, else 0.
    """
    return -total(log_probs[np.arange(len(target)), target]) / len(target)


defvjp(
    nll,
    log_probs=lambda g, y, log_probs, target: -g * _one_hot(target, log_probs.shape) / len(target),
    target=NO_GRAD,
)


@primitive(shapes="(n,c),(n)->()", source="PyTorch nn.CrossEntropyLoss (log_softmax, then nll)")
def cross_entropy(logits: Array, target: IntArray) -> Array:
    """Mean cross-entropy of softmax with the target classes over the n rows, fused.

    Given g = dL/dy:  dL/dx = g (softmax(x) - onehot(t)) / n.
    """
    return nll.forward(log_softmax.forward(logits), target)


defvjp(
    cross_entropy,
    logits=lambda g, y, logits, target: g * (stable_softmax(logits) - _one_hot(target, logits.shape)) / len(target),
    target=NO_GRAD,
)


@primitive(shapes="(n,*s),(n,*s)->()", source="PyTorch derivatives.yaml: kl_div")
def kl_div(log_probs: Array, target: Array) -> Array:
    """KL divergence of ``target`` (probabilities) from ``log_probs``: y = Σ t (log t - ℓ) / n rows.

    Given g = dL/dy:  dL/dℓ = -g t / n.
    """
    _same_shape("kl_div", log_probs, target)
    # 0 log 0 = 0: the entry contributes nothing.
    entropy = target * np.log(np.where(target > 0, target, 1))
    return total(entropy - target * log_probs) / len(target)


defvjp(
    kl_div,
    log_probs=lambda g, y, log_probs, target: -g * target / len(target),
    target=NO_GRAD,
)


@primitive(shapes="(*s)->()", source="chapter: introduction (regularization terms)")
def l2_penalty(w: Array, strength: float = 0.01) -> Array:
    """Weight decay y = strength / 2 Σ w².

    Given g = dL/dy:  dL/dw = g strength w.
    """
    return 0.5 * strength * total(w * w)


defvjp(l2_penalty, w=lambda g, y, w, strength: g * strength * w)
