"""ps4, the public half: normalization, dropout, embedding, attention, convolution, pooling and gates."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..declare import Function, Property, Public, Rule, Stored, case
from ..draws import Array, Draw, away_from_zero, booleans, exactly, integers, normal, shuffled, tied


def far_from_zero(*shape: int, offset: float) -> Draw:
    """Entries around ``offset``, on a grid so fine that a mean of four is exact and a square is not.

    A variance from centred entries is then right to the last digit, and one from a difference of squares is not.
    """
    grid = 2.0**-16
    return Draw(f"far_from_zero{shape}", lambda rng: np.round(rng.standard_normal(shape) / grid) * grid + offset)


def _sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), stable for large inputs of both signs."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -x)))


def _standardize(x: Array, axis: int | tuple[int, ...], eps: float) -> Array:
    """Mean 0 and (nearly) variance 1 over ``axis``; the variance is the biased one, eps is inside the root."""
    variance = x.var(axis=axis, keepdims=True)
    return np.asarray((x - x.mean(axis=axis, keepdims=True)) / np.sqrt(variance + eps))


def _group_norm(x: Array, gamma: Array, beta: Array, groups: int = 2, eps: float = 1e-5) -> Array:
    n, channels, height, width = x.shape
    grouped = x.reshape(n, groups, channels // groups, height, width)
    normalized = _standardize(grouped, (2, 3, 4), eps).reshape(x.shape)
    return np.asarray(gamma[:, None, None] * normalized + beta[:, None, None])


def _attention(q: Array, k: Array, v: Array, causal: bool = False) -> Array:
    scores = q @ np.swapaxes(k, -1, -2) / math.sqrt(q.shape[-1])
    if causal:
        scores = np.where(np.tri(*scores.shape[-2:]), scores, -np.inf)
    return np.asarray(np.exp(scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True)) @ v)


def _glu(x: Array) -> Array:
    value, gate = np.split(x, 2, axis=-1)
    return np.asarray(value * _sigmoid(gate))


def _windows(x: Array, kernel: tuple[int, int], stride: int) -> Array:
    """The windows of an image, (N, C, Y, X, KH, KW): window (y, x) starts at row y * stride, column x * stride."""
    return np.asarray(sliding_window_view(x, kernel, axis=(2, 3))[:, :, ::stride, ::stride])


def _pair(size: int | tuple[int, int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else size


def _conv2d(x: Array, weight: Array, bias: Array, stride: int = 1, padding: int = 0) -> Array:
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = _windows(padded, (weight.shape[2], weight.shape[3]), stride)
    return np.asarray(np.einsum("ncyxij,ocij->noyx", windows, weight, optimize=True) + bias[:, None, None])


DROPOUT = Rule(
    name="dropout_backward",
    statement="y = x * mask / (1 - p): inverted dropout with the mask given; mask gets no gradient.",
    forward=lambda x, mask, p=0.5: x * mask / (1 - p),
    oracle=lambda torch, x, mask, p=0.5: x * mask / (1 - p),
    cases=(
        case("half dropped", x=normal(2, 3), mask=booleans(2, 3)),
        case("p = 0.2", x=normal(3, 2), mask=booleans(3, 2, p=0.8), p=0.2),
        case("mask of 0.0 and 1.0", check="edges", x=normal(5), mask=shuffled([0, 1, 1, 0, 1]), p=0.4),
    ),
    differentiable=("x",),
)

EMBEDDING = Rule(
    name="embedding_backward",
    statement="y = weight[index]: one row of the table for every entry of index; index gets no gradient.",
    forward=lambda index, weight, padding_idx=None: weight[index],
    oracle=lambda torch, index, weight, padding_idx=None: torch.nn.functional.embedding(
        index, weight, padding_idx=padding_idx
    ),
    cases=(
        case("a token twice", index=shuffled([1, 3, 1], dtype=np.int64), weight=normal(4, 2)),
        case("two sentences", index=integers(0, 4, 2, 3), weight=normal(4, 2)),
        case(
            "padding",
            check="edges",
            index=shuffled([0, 2, 2, 1], dtype=np.int64),
            weight=normal(3, 2),
            padding_idx=2,
            by_convention=True,
        ),
        case(
            "padding is row 0",
            check="edges",
            index=shuffled([0, 2, 0], dtype=np.int64),
            weight=normal(3, 2),
            padding_idx=0,
            by_convention=True,
        ),
    ),
    differentiable=("weight",),
)

RESIDUAL_RELU = Rule(
    name="residual_relu_backward",
    statement="y = x + relu(x W^T), W square.",
    forward=lambda x, W: x + np.maximum(x @ W.T, 0.0),
    oracle=lambda torch, x, W: x + torch.relu(x @ W.T),
    cases=(
        case("batch", x=normal(2, 3), W=normal(3, 3)),
        case("one vector", check="edges", x=normal(3), W=normal(3, 3)),
        case("sequences", check="edges", x=normal(2, 3, 2), W=normal(2, 2)),
        case("exactly at the kink", check="edges", x=exactly([[1.0, -1.0]]), W=exactly([[2.0, 2.0], [1.0, -1.0]])),
    ),
)

GLU = Rule(
    name="glu_backward",
    statement="y = a * sigmoid(b), a and b the halves of x's last axis.",
    forward=_glu,
    oracle=lambda torch, x: torch.nn.functional.glu(x, dim=-1),
    cases=(
        case("rows", x=normal(2, 4)),
        case("one vector", check="edges", x=normal(2)),
        case("large", check="stability", x=exactly([[2.0, -1.0, 1000.0, -1000.0]])),
    ),
)

RMS_NORM = Rule(
    name="rms_norm_backward",
    statement="y = gamma * x / r, r = sqrt(mean(x^2) + eps) over the last axis.",
    forward=lambda x, gamma, eps=1e-6: gamma * x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + eps),
    oracle=lambda torch, x, gamma, eps=1e-6: torch.nn.functional.rms_norm(x, gamma.shape, gamma, eps),
    cases=(
        case("rows", x=normal(2, 3), gamma=normal(3)),
        case("eps = 0.01", x=normal(3, 2), gamma=normal(2), eps=0.01),
        case("sequences", check="edges", x=normal(2, 2, 3), gamma=normal(3)),
        case("one vector", check="edges", x=normal(3), gamma=normal(3)),
    ),
)

LAYER_NORM = Rule(
    name="layer_norm_backward",
    statement="y = gamma * (x - mean) / sqrt(var + eps) + beta, mean and biased variance over the last axis.",
    forward=lambda x, gamma, beta, eps=1e-5: gamma * _standardize(x, -1, eps) + beta,
    oracle=lambda torch, x, gamma, beta, eps=1e-5: torch.nn.functional.layer_norm(x, gamma.shape, gamma, beta, eps),
    cases=(
        case("rows", x=normal(2, 3), gamma=normal(3), beta=normal(3)),
        case("eps = 0.01", x=normal(3, 4), gamma=normal(4), beta=normal(4), eps=0.01),
        case("sequences", check="edges", x=normal(2, 2, 3), gamma=normal(3), beta=normal(3)),
        case("one vector", check="edges", x=normal(3), gamma=normal(3), beta=normal(3)),
        case("far from zero", check="stability", x=far_from_zero(2, 4, offset=1e3), gamma=normal(4), beta=normal(4)),
    ),
)

BATCH_NORM = Rule(
    name="batch_norm_backward",
    statement="y = gamma * (x - mean) / sqrt(var + eps) + beta, mean, biased variance over axis 0, the batch.",
    forward=lambda x, gamma, beta, eps=1e-5: gamma * _standardize(x, 0, eps) + beta,
    oracle=lambda torch, x, gamma, beta, eps=1e-5: torch.nn.functional.batch_norm(
        x, None, None, gamma, beta, training=True, eps=eps
    ),
    cases=(
        case("batch of 4", x=normal(4, 3), gamma=normal(3), beta=normal(3)),
        case("eps = 0.01", x=normal(3, 2), gamma=normal(2), beta=normal(2), eps=0.01),
        case("batch of 2", check="edges", x=normal(2, 3), gamma=normal(3), beta=normal(3)),
        case("far from zero", check="stability", x=far_from_zero(4, 2, offset=1e3), gamma=normal(2), beta=normal(2)),
    ),
)

GROUP_NORM = Rule(
    name="group_norm_backward",
    statement="As layer norm, for each image over (C / groups, H, W); gamma and beta scale and shift each channel.",
    forward=_group_norm,
    oracle=lambda torch, x, gamma, beta, groups=2, eps=1e-5: torch.nn.functional.group_norm(
        x, groups, gamma, beta, eps
    ),
    cases=(
        case("two groups", x=normal(2, 4, 2, 3), gamma=normal(4), beta=normal(4)),
        case("three groups", x=normal(2, 6, 1, 2), gamma=normal(6), beta=normal(6), groups=3, eps=0.01),
        case("one group", check="edges", x=normal(2, 3, 2, 1), gamma=normal(3), beta=normal(3), groups=1),
    ),
)

ATTENTION = Rule(
    name="attention_backward",
    statement="y = softmax(q k^T / sqrt(d)) v; with causal=True query l sees keys 0 to l.",
    forward=_attention,
    oracle=lambda torch, q, k, v, causal=False: torch.nn.functional.scaled_dot_product_attention(
        q, k, v, is_causal=causal
    ),
    cases=(
        case("3 queries, 2 keys", q=normal(3, 2), k=normal(2, 2), v=normal(2, 4)),
        case("causal", q=normal(3, 2), k=normal(3, 2), v=normal(3, 1), causal=True),
        case("causal, more keys", check="edges", q=normal(2, 2), k=normal(3, 2), v=normal(3, 1), causal=True),
        case("batch", check="edges", q=normal(2, 2, 3), k=normal(2, 4, 3), v=normal(2, 4, 2)),
        case(
            "batch and heads",
            check="edges",
            q=normal(2, 1, 3, 2),
            k=normal(2, 1, 3, 2),
            v=normal(2, 1, 3, 2),
            causal=True,
        ),
        case("large scores", check="stability", q=normal(2, 3, scale=40.0), k=normal(3, 3, scale=40.0), v=normal(3, 2)),
    ),
)

AVG_POOL2D = Rule(
    name="avg_pool2d_backward",
    statement="y: the mean of each window. kernel_size is an int or a pair (height, width), stride an int.",
    forward=lambda x, kernel_size=2, stride=2: _windows(x, _pair(kernel_size), stride).mean(axis=(4, 5)),
    oracle=lambda torch, x, kernel_size=2, stride=2: torch.nn.functional.avg_pool2d(x, kernel_size, stride),
    cases=(
        case("2 by 2", x=normal(2, 1, 4, 2)),
        case("overlapping", check="edges", x=normal(1, 1, 4, 3), stride=1),
        case("does not divide", check="edges", x=normal(1, 2, 3, 5)),
        case("non-square kernel", check="edges", x=normal(1, 1, 4, 6), kernel_size=(2, 3)),
    ),
)

MAX_POOL2D = Rule(
    name="max_pool2d_backward",
    statement="y: the largest entry of each window, the first in row-major order where several are equal.",
    forward=lambda x, kernel_size=2, stride=2: _windows(x, _pair(kernel_size), stride).max(axis=(4, 5)),
    oracle=lambda torch, x, kernel_size=2, stride=2: torch.nn.functional.max_pool2d(x, kernel_size, stride),
    cases=(
        case("2 by 2", x=normal(2, 1, 4, 2)),
        case("overlapping", check="edges", x=normal(1, 1, 4, 3), stride=1),
        case("ties", check="edges", x=tied(1, 2, 4, 4, levels=2)),
        case("does not divide", check="edges", x=normal(1, 2, 3, 5)),
        case("non-square kernel", check="edges", x=normal(1, 1, 4, 6), kernel_size=(2, 3)),
    ),
)

CONV2D = Rule(
    name="conv2d_backward",
    statement="y[n,o,p,q] = sum x[n,c,p*stride+i,q*stride+j] weight[o,c,i,j] + bias[o], x padded with zeros.",
    forward=_conv2d,
    oracle=lambda torch, x, weight, bias, stride=1, padding=0: torch.nn.functional.conv2d(
        x, weight, bias, stride=stride, padding=padding
    ),
    cases=(
        case("plain", x=normal(2, 2, 4, 3), weight=normal(3, 2, 2, 2), bias=normal(3)),
        case("padding", x=normal(1, 1, 3, 4), weight=normal(2, 1, 3, 3), bias=normal(2), padding=1),
        case("stride 2", x=normal(1, 2, 5, 3), weight=normal(1, 2, 3, 3), bias=normal(1), stride=2),
        case(
            "does not divide", check="edges", x=normal(1, 1, 4, 6), weight=normal(1, 1, 3, 3), bias=normal(1), stride=2
        ),
        case("non-square kernel", check="edges", x=normal(1, 1, 4, 5), weight=normal(2, 1, 2, 3), bias=normal(2)),
    ),
)


def _lstm_cell(x: Array, h: Array, c: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    """One step: h' and c'. Gates i, f, g, o in this order."""
    i, f, g, o = np.split(x @ W.T + h @ U.T + b, 4, axis=-1)
    new_c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
    return np.asarray(_sigmoid(o) * np.tanh(new_c)), np.asarray(new_c)


def _follows_the_slopes(returned: Any, grad_h: Array, grad_c: Array, **inputs: Array) -> bool:
    """Whether a small step along a fixed direction, in each input alone, changes the loss as the gradients say."""

    def loss(moved: dict[str, Array]) -> float:
        new_h, new_c = _lstm_cell(**moved)
        return float((grad_h * new_h).sum() + (grad_c * new_c).sum())

    if not isinstance(returned, (tuple, list)) or len(returned) != len(inputs):
        return False
    step = 1e-5
    for gradient, (name, value) in zip(returned, inputs.items(), strict=True):
        if np.shape(gradient) != value.shape:
            return False
        direction = np.cos(1.0 + np.arange(value.size)).reshape(value.shape)
        right, left = ({**inputs, name: value + sign * step * direction} for sign in (1.0, -1.0))
        slope = (loss(right) - loss(left)) / (2 * step)
        if not abs(slope - float((np.asarray(gradient) * direction).sum())) < 1e-6 * (1.0 + abs(slope)):
            return False
    return True


LSTM_CELL = Function(
    name="lstm_cell_backward",
    signature="lstm_cell_backward(grad_h, grad_c, x, h, c, W, U, b)",
    statement="c' = f c + i g, h' = o tanh(c'), gates i, f, g, o from x W^T + h U^T + b; two upstream gradients.",
    results=tuple(f"gradient of {name}" for name in ("x", "h", "c", "W", "U", "b")),
    stored=(
        Stored(
            "one unit (values from torch.nn.LSTMCell)",
            {
                "grad_h": [[1.5], [-0.5]],
                "grad_c": [[0.5], [2.0]],
                "x": [[1.0, -2.0], [0.5, 1.0]],
                "h": [[0.5], [-1.0]],
                "c": [[2.0], [-0.5]],
                "W": [[0.5, -0.25], [1.0, 0.5], [-0.5, 0.75], [0.25, 1.0]],
                "U": [[0.5], [-0.25], [1.0], [-1.0]],
                "b": [0.1, 0.2, -0.1, 0.3],
            },
            (
                [[0.256277244111, 0.301206657371], [-0.472490650413, 0.370032755366]],
                [[-0.102531438834], [0.383174118784]],
                [[0.347773181937], [1.361083920341]],
                [
                    [-0.209429176367, -0.014780224922],
                    [0.270085778293, -0.798779632928],
                    [0.320065431503, 0.319569372307],
                    [0.058773778188, -0.076362828373],
                ],
                [[0.166309522851], [0.296672936861], [-0.439779931319], [0.003646434092]],
                [-0.317838820781, 0.205433759207, 0.559990490331, 0.069069960189],
            ),
        ),
    ),
    properties=(
        Property(
            "follows the slopes",
            {
                "grad_h": away_from_zero(3, 2),
                "grad_c": away_from_zero(3, 2),
                "x": normal(3, 4),
                "h": normal(3, 2),
                "c": normal(3, 2),
                "W": normal(8, 4),
                "U": normal(8, 2),
                "b": normal(8),
            },
            holds=_follows_the_slopes,
            says="moving one input a little must change sum(grad_h * h') + sum(grad_c * c') as its gradient says",
        ),
    ),
)

PUBLIC: tuple[Public, ...] = (
    DROPOUT,
    EMBEDDING,
    RESIDUAL_RELU,
    GLU,
    RMS_NORM,
    LAYER_NORM,
    BATCH_NORM,
    GROUP_NORM,
    ATTENTION,
    AVG_POOL2D,
    MAX_POOL2D,
    CONV2D,
    LSTM_CELL,
)
