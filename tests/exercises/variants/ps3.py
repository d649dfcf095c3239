"""Right answers of ps3, written in different ways."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np


def rowwise(rule: Callable, g, y, x, axis=-1):
    """``rule(g, y, x)`` on each vector along ``axis``, one after the other."""
    result = np.zeros_like(x)
    g, y, x, into = (np.moveaxis(a, axis, -1) for a in (g, y, x, result))
    for place in np.ndindex(x.shape[:-1]):
        into[place] = rule(g[place], y[place], x[place])
    return result


def relu_by_loop(grad_output, output, x):
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        if x[place] > 0:
            gradient[place] = grad_output[place]
    return gradient


def relu_from_the_output(grad_output, output, x):
    gradient = grad_output.copy()
    gradient[output == 0] = 0
    return (gradient,)


def relu_by_where(grad_output, output, x):
    return np.where(x > 0, grad_output, 0.0)


def relu_with_heaviside(grad_output, output, x):
    return np.heaviside(x, 0.0) * grad_output


def sigmoid_as_written(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_by_tanh(x):
    return 0.5 * (1 + np.tanh(x / 2))


def sigmoid_by_masks(x):
    y = np.empty_like(x)
    up = x >= 0
    y[up] = 1 / (1 + np.exp(-x[up]))
    y[~up] = np.exp(x[~up]) / (1 + np.exp(x[~up]))
    return y


def sigmoid_by_loop(x):
    def one(v):
        return 1 / (1 + np.exp(-v)) if v >= 0 else np.exp(v) / (1 + np.exp(v))

    return np.array([one(v) for v in x.ravel()]).reshape(x.shape)


def sigmoid_backward_squared(grad_output, output, x):
    return grad_output * (output - output**2)


def sigmoid_backward_by_mirror(grad_output, output, x):
    return grad_output * sigmoid_by_tanh(x) * sigmoid_by_tanh(-x)


def sigmoid_backward_by_cosh(grad_output, output, x):
    return grad_output / (4 * np.cosh(x / 2) ** 2)


def sigmoid_backward_by_loop(grad_output, output, x):
    pairs = zip(grad_output.flat, output.flat, strict=True)
    return np.array([g * y * (1 - y) for g, y in pairs]).reshape(x.shape)


def softmax_backward_by_einsum(grad_output, output, x, axis=-1):
    g, y = np.moveaxis(grad_output, axis, -1), np.moveaxis(output, axis, -1)
    inner = np.einsum("...i,...i->...", g, y)
    return np.moveaxis(y * (g - inner[..., None]), -1, axis)


def softmax_backward_row_by_row(grad_output, output, x, axis=-1):
    return rowwise(lambda g, y, x: y * g - y * np.dot(y, g), grad_output, output, x, axis)


def softmax_backward_expanded(grad_output, output, x, axis=-1):
    weighted = grad_output * output
    return (weighted - output * np.expand_dims(np.sum(weighted, axis=axis), axis),)


def softmax_backward_recomputing(grad_output, output, x, axis=-1):
    y = np.exp(x - np.max(x, axis=axis, keepdims=True))
    y /= np.sum(y, axis=axis, keepdims=True)
    return y * (grad_output - np.sum(grad_output * y, axis=axis, keepdims=True))


def mse_by_loop(grad_output, output, prediction, target):
    gradient = np.zeros(prediction.shape)
    for place in np.ndindex(prediction.shape):
        gradient[place] = 2 * grad_output * (prediction[place] - target[place]) / prediction.size
    return gradient


def mse_by_parts(grad_output, output, prediction, target):
    difference = prediction - target
    grad_mean = np.full(prediction.shape, grad_output / np.prod(prediction.shape))
    return grad_mean * difference + grad_mean * difference


def mse_in_a_tuple(grad_output, output, prediction, target):
    return (-2 / np.size(target) * (target - prediction) * grad_output,)


def cross_entropy_with_one_hot(grad_output, output, logits, target):
    n, classes = logits.shape
    shifted = logits - logits.max(1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return (np.exp(log_probs) - np.eye(classes)[target]) * (grad_output / n)


def cross_entropy_row_by_row(grad_output, output, logits, target):
    rows = []
    for row, label in zip(logits, target, strict=True):
        p = np.exp(row - max(row))
        p = p / sum(p)
        p[label] -= 1
        rows.append(p / len(logits) * grad_output)
    return rows


def cross_entropy_with_add_at(grad_output, output, logits, target):
    e = np.exp(logits - logits.max(axis=-1)[:, None])
    gradient = e / np.einsum("ij->i", e)[:, None]
    np.add.at(gradient, (np.arange(target.size), target), -1)
    return gradient * grad_output / target.size


def leaky_relu_by_loop(grad_output, output, x, negative_slope=0.01):
    gradient = np.array(grad_output)
    for place in np.ndindex(x.shape):
        if not x[place] > 0:
            gradient[place] *= negative_slope
    return gradient


def leaky_relu_by_masks(grad_output, output, x, negative_slope=0.01):
    open_gate = (x > 0).astype(float)
    return grad_output * open_gate + negative_slope * grad_output * (1 - open_gate)


def leaky_relu_from_the_output(grad_output, output, x, negative_slope=0.01):
    return np.where(output > 0, grad_output, grad_output * negative_slope)


def elu_from_the_output(grad_output, output, x, alpha=1.0):
    return np.where(x > 0, grad_output, grad_output * (output + alpha))


def elu_by_where_alone(grad_output, output, x, alpha=1.0):
    return grad_output * np.where(x > 0, 1, alpha * np.exp(x))


def elu_by_indexing(grad_output, output, x, alpha=1.0):
    slope = np.ones_like(x)
    low = x <= 0
    slope[low] = alpha * np.exp(x[low])
    return (slope * grad_output,)


def tanh_factored(grad_output, output, x):
    return grad_output * (1 - output) * (1 + output)


def tanh_by_cosh(grad_output, output, x):
    return grad_output / np.cosh(x) ** 2


def tanh_by_loop(grad_output, output, x):
    return np.array([g * (1 - math.tanh(v) ** 2) for g, v in zip(grad_output.flat, x.flat, strict=True)]).reshape(
        x.shape
    )


def tanh_by_parts(grad_output, output, x):
    return grad_output - grad_output * output * output


def softplus_by_logaddexp(x):
    return np.logaddexp(0, x)


def softplus_by_pieces(x):
    return np.where(x > 30, x, np.log1p(np.exp(np.minimum(x, 30))))


def softplus_by_loop(x):
    def one(v):
        return v + math.log1p(math.exp(-v)) if v > 0 else math.log1p(math.exp(v))

    return np.array([one(v) for v in x.ravel()]).reshape(x.shape)


def softplus_backward_as_written(grad_output, output, x):
    return grad_output / (1 + np.exp(-x))


def softplus_backward_by_tanh(grad_output, output, x):
    return grad_output * (np.tanh(x / 2) + 1) / 2


def softplus_backward_from_the_output(grad_output, output, x):
    return grad_output * -np.expm1(-output)


def softplus_backward_by_difference(grad_output, output, x):
    return (grad_output * np.exp(x - output),)


def silu_from_the_output(grad_output, output, x):
    s = sigmoid_by_tanh(x)
    return grad_output * (output + s * (1 - output))


def silu_factored(grad_output, output, x):
    s = sigmoid_as_written(x)
    return grad_output * s * (1 + x * (1 - s))


def silu_by_two_paths(grad_output, output, x):
    s = sigmoid_by_masks(np.array(x))
    through_x = grad_output * s
    through_sigmoid = sigmoid_backward_squared(grad_output * x, s, x)
    return through_x + through_sigmoid


def gelu_by_erfc(grad_output, output, x):
    slope = [0.5 * math.erfc(-v / math.sqrt(2)) + v * math.exp(-v * v / 2) / math.sqrt(2 * math.pi) for v in x.ravel()]
    return grad_output * np.reshape(slope, x.shape)


def gelu_by_vectorize(grad_output, output, x):
    if x.size == 0:
        return np.zeros(x.shape)
    half = np.vectorize(math.erf)(x / 2**0.5) / 2 + 0.5
    return half * grad_output + grad_output * x * np.exp(-(x**2) / 2) * 0.3989422804014327


def gelu_by_loop(grad_output, output, x):
    gradient = np.empty(x.shape)
    for place in np.ndindex(x.shape):
        v = float(x[place])
        cdf = (1 + math.erf(v / math.sqrt(2))) / 2
        gradient[place] = grad_output[place] * (cdf + v * math.exp(-0.5 * v**2) / math.sqrt(math.tau))
    return gradient


def softmax_by_logsumexp(x, axis=-1):
    return np.exp(x - np.logaddexp.reduce(x, axis=axis, keepdims=True))


def softmax_by_moving_the_axis(x, axis=-1):
    last = np.moveaxis(x, axis, -1)
    e = np.exp(last - last.max(-1)[..., None])
    return np.moveaxis(e / e.sum(-1)[..., None], -1, axis)


def softmax_vector_by_vector(x, axis=-1):
    result = np.zeros_like(x)
    last, into = np.moveaxis(x, axis, -1), np.moveaxis(result, axis, -1)
    for place in np.ndindex(last.shape[:-1]):
        e = [math.exp(v - max(last[place])) for v in last[place]]
        into[place] = np.array(e) / sum(e)
    return result


def softmax_along_axis(x, axis=-1):
    if x.size == 0:
        return x.copy()
    return np.apply_along_axis(lambda row: np.exp(row - row.max()) / np.exp(row - row.max()).sum(), axis, x)


def log_softmax_by_einsum(grad_output, output, x, axis=-1):
    g, y = np.moveaxis(grad_output, axis, -1), np.moveaxis(output, axis, -1)
    return np.moveaxis(g - np.einsum("...i,...j->...j", g, np.exp(y)), -1, axis)


def log_softmax_row_by_row(grad_output, output, x, axis=-1):
    return rowwise(lambda g, y, x: g - np.sum(g) * np.exp(y), grad_output, output, x, axis)


def log_softmax_recomputing(grad_output, output, x, axis=-1):
    return grad_output - softmax_by_logsumexp(x, axis) * np.sum(grad_output, axis=axis, keepdims=True)


def log_softmax_through_softmax(grad_output, output, x, axis=-1):
    p = np.exp(output)
    return grad_output * (1 - p) - p * (np.sum(grad_output, axis, keepdims=True) - grad_output)


def l1_by_comparison(grad_output, output, prediction, target):
    above, below = prediction > target, prediction < target
    return grad_output * (above.astype(float) - below) / prediction.size


def l1_by_loop(grad_output, output, prediction, target):
    def sign(d):
        return 0 if d == 0 else 1 if d > 0 else -1

    signs = [sign(d) for d in (prediction - target).ravel()]
    return grad_output * np.reshape(signs, prediction.shape) / len(signs)


def l1_in_a_tuple(grad_output, output, prediction, target):
    return (np.sign(target - prediction) * -grad_output / np.prod(prediction.shape),)


def huber_by_where(grad_output, output, prediction, target, delta=1.0):
    d = prediction - target
    return grad_output * np.where(np.abs(d) <= delta, d, delta * np.sign(d)) / d.size


def huber_by_loop(grad_output, output, prediction, target, delta=1.0):
    gradient = np.zeros(prediction.shape)
    for place in np.ndindex(prediction.shape):
        d = prediction[place] - target[place]
        slope = d if -delta < d < delta else delta if d > 0 else -delta
        gradient[place] = grad_output * slope / prediction.size
    return gradient


def huber_by_min_and_max(grad_output, output, prediction, target, delta=1.0):
    return grad_output / prediction.size * np.minimum(np.maximum(prediction - target, -delta), delta)


def bce_as_written(grad_output, output, logits, target):
    return grad_output * (1 / (1 + np.exp(-logits)) - target) / logits.size


def bce_by_both_classes(grad_output, output, logits, target):
    p, q = sigmoid_by_tanh(logits), sigmoid_by_tanh(-logits)
    return grad_output * ((1 - target) * p - target * q) / np.size(logits)


def bce_by_loop(grad_output, output, logits, target):
    gradient = np.zeros(logits.shape)
    p = sigmoid_by_tanh(logits)
    for place in np.ndindex(logits.shape):
        gradient[place] = (p[place] - target[place]) * grad_output / logits.size
    return gradient


def nll_with_eye(grad_output, output, log_probs, target):
    return -np.eye(log_probs.shape[1])[target] * grad_output / log_probs.shape[0]


def nll_by_loop(grad_output, output, log_probs, target):
    gradient = [[0.0] * log_probs.shape[1] for _ in target]
    for row, label in enumerate(target):
        gradient[row][label] -= float(grad_output) / len(target)
    return gradient


def nll_with_add_at(grad_output, output, log_probs, target):
    gradient = np.zeros(log_probs.shape)
    np.subtract.at(gradient, (np.arange(target.size), target), grad_output / target.size)
    return gradient


def nll_by_comparison(grad_output, output, log_probs, target):
    picked = np.arange(log_probs.shape[1])[None, :] == target[:, None]
    return np.where(picked, -grad_output / len(target), 0.0)


def kl_by_loop(grad_output, output, log_probs, target):
    return np.stack([-grad_output * row / len(target) for row in target])


def kl_by_full(grad_output, output, log_probs, target):
    return target * np.full(log_probs.shape, -grad_output / log_probs.shape[0])


def kl_in_a_tuple(grad_output, output, log_probs, target):
    return (np.multiply(target, np.negative(grad_output)) / target.shape[0],)


def l2_by_loop(grad_output, output, w, strength=0.01):
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        gradient[place] = grad_output * strength * w[place]
    return gradient


def l2_by_the_product_rule(grad_output, output, w, strength=0.01):
    half = 0.5 * strength * grad_output
    return half * w + half * w


def l2_through_the_square(grad_output, output, w, strength=0.01):
    grad_square = np.full_like(w, 0.5 * strength * grad_output)
    return (grad_square * 2 * w,)


VARIANTS: dict[str, tuple[Callable, ...]] = {
    "relu_backward": (relu_by_loop, relu_from_the_output, relu_by_where, relu_with_heaviside),
    "leaky_relu_backward": (leaky_relu_by_loop, leaky_relu_by_masks, leaky_relu_from_the_output),
    "elu_backward": (elu_from_the_output, elu_by_where_alone, elu_by_indexing),
    "sigmoid": (sigmoid_as_written, sigmoid_by_tanh, sigmoid_by_masks, sigmoid_by_loop),
    "sigmoid_backward": (
        sigmoid_backward_squared,
        sigmoid_backward_by_mirror,
        sigmoid_backward_by_cosh,
        sigmoid_backward_by_loop,
    ),
    "tanh_backward": (tanh_factored, tanh_by_cosh, tanh_by_loop, tanh_by_parts),
    "softplus": (softplus_by_logaddexp, softplus_by_pieces, softplus_by_loop),
    "softplus_backward": (
        softplus_backward_as_written,
        softplus_backward_by_tanh,
        softplus_backward_from_the_output,
        softplus_backward_by_difference,
    ),
    "silu_backward": (silu_from_the_output, silu_factored, silu_by_two_paths),
    "gelu_backward": (gelu_by_erfc, gelu_by_vectorize, gelu_by_loop),
    "softmax": (softmax_by_logsumexp, softmax_by_moving_the_axis, softmax_vector_by_vector, softmax_along_axis),
    "softmax_backward": (
        softmax_backward_by_einsum,
        softmax_backward_row_by_row,
        softmax_backward_expanded,
        softmax_backward_recomputing,
    ),
    "log_softmax_backward": (
        log_softmax_by_einsum,
        log_softmax_row_by_row,
        log_softmax_recomputing,
        log_softmax_through_softmax,
    ),
    "mse_backward": (mse_by_loop, mse_by_parts, mse_in_a_tuple),
    "l1_backward": (l1_by_comparison, l1_by_loop, l1_in_a_tuple),
    "huber_backward": (huber_by_where, huber_by_loop, huber_by_min_and_max),
    "bce_with_logits_backward": (bce_as_written, bce_by_both_classes, bce_by_loop),
    "nll_backward": (nll_with_eye, nll_by_loop, nll_with_add_at, nll_by_comparison),
    "cross_entropy_backward": (cross_entropy_with_one_hot, cross_entropy_row_by_row, cross_entropy_with_add_at),
    "kl_div_backward": (kl_by_loop, kl_by_full, kl_in_a_tuple),
    "l2_penalty_backward": (l2_by_loop, l2_by_the_product_rule, l2_through_the_square),
}
