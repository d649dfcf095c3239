"""Right answers of ps4, written in different ways."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def swap(x):
    return np.swapaxes(x, -1, -2)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def relu_slope(x):
    return np.heaviside(x, 0.0)


def pair(size):
    return size if isinstance(size, tuple) else (size, size)


# --- dropout ----------------------------------------------------------------------------------------------------------


def dropout_where(grad_output, output, x, mask, p=0.5):
    return np.where(mask, grad_output / (1 - p), 0.0)


def dropout_loop(grad_output, output, x, mask, p=0.5):
    dx = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        if mask[place]:
            dx[place] = grad_output[place] * (1.0 / (1.0 - p))
    return dx


def dropout_einsum(grad_output, output, x, mask, p=0.5):
    keep = 1 - p
    return np.einsum("...,...->...", grad_output, np.asarray(mask, dtype=float) / keep)


def dropout_one_tuple(grad_output, output, x, mask, p=0.5):
    return (mask * grad_output / (1.0 - p),)


# --- embedding --------------------------------------------------------------------------------------------------------


def embedding_one_hot(grad_output, output, index, weight, padding_idx=None):
    tokens = index.reshape(-1)
    one_hot = (tokens[:, None] == np.arange(len(weight))).astype(np.float64)
    if padding_idx is not None:
        one_hot[:, padding_idx] = 0
    return one_hot.T @ grad_output.reshape(-1, weight.shape[1])


def embedding_loop(grad_output, output, index, weight, padding_idx=None):
    rows = [[0.0] * weight.shape[1] for _ in weight]
    for token, g in zip(index.ravel().tolist(), grad_output.reshape(-1, weight.shape[1]).tolist(), strict=True):
        if padding_idx is not None and token == padding_idx:
            continue
        rows[token] = [old + new for old, new in zip(rows[token], g, strict=True)]
    return rows


def embedding_add_at(grad_output, output, index, weight, padding_idx=None):
    keep = np.ones(index.shape, dtype=bool) if padding_idx is None else index != padding_idx
    result = np.zeros_like(weight)
    np.add.at(result, index[keep], grad_output[keep])
    return result


def embedding_bincount(grad_output, output, index, weight, padding_idx=None):
    flat, g = index.ravel(), grad_output.reshape(-1, weight.shape[1])
    columns = [np.bincount(flat, weights=g[:, j], minlength=len(weight)) for j in range(weight.shape[1])]
    result = np.stack(columns, axis=1)
    if padding_idx is not None:
        result[padding_idx, :] = 0.0
    return result


# --- residual block and gated linear unit -----------------------------------------------------------------------------


def residual_einsum(grad_output, output, x, W):
    d = grad_output * relu_slope(np.einsum("...i,ji->...j", x, W))
    dx = grad_output + np.einsum("...j,ji->...i", d, W)
    rows = x.reshape(-1, x.shape[-1])
    return [dx, np.einsum("bj,bi->ji", d.reshape(rows.shape), rows)]


def residual_loop(grad_output, output, x, W):
    dx, dW = np.array(grad_output, dtype=float), np.zeros_like(W)
    for place in np.ndindex(x.shape[:-1]):
        for j, row in enumerate(W):
            if row @ x[place] > 0:
                dx[place] += grad_output[place][j] * row
                dW[j] += grad_output[place][j] * x[place]
    return dx, dW


def residual_where(grad_output, output, x, W):
    n = len(W)
    branch = x @ W.T
    d = np.where(branch > 0, grad_output, 0.0)
    dW = d.reshape(-1, n).T @ x.reshape(-1, n)
    return d @ W + grad_output, dW


def glu_split(grad_output, output, x):
    a, b = np.array_split(x, 2, axis=-1)
    gate = sigmoid(b)
    return np.concatenate((grad_output * gate, grad_output * a * gate * (1 - gate)), axis=-1)


def glu_from_output(grad_output, output, x):
    half = x.shape[-1] // 2
    dx = np.empty_like(x)
    gate = 0.5 * (1 + np.tanh(x[..., half:] / 2))
    dx[..., :half] = grad_output * gate
    dx[..., half:] = grad_output * output * (1 - gate)
    return dx


def glu_loop(grad_output, output, x):
    half = x.shape[-1] // 2
    dx = np.zeros(x.shape)
    for place in np.ndindex(grad_output.shape):
        *front, j = place
        here, there = (*front, j), (*front, j + half)
        b = float(x[there])
        gate = 1 / (1 + math.exp(-b)) if b >= 0 else math.exp(b) / (1 + math.exp(b))
        dx[here] = grad_output[place] * gate
        dx[there] = grad_output[place] * x[here] * gate * (1 - gate)
    return dx


# --- norms ------------------------------------------------------------------------------------------------------------


def norm_short(grad_output, x, gamma, axis, eps):
    mean, std = x.mean(axis, keepdims=True), np.sqrt(x.var(axis, keepdims=True) + eps)
    normalized = (x - mean) / std
    h = grad_output * gamma
    correction = h.mean(axis, keepdims=True) + normalized * (h * normalized).mean(axis, keepdims=True)
    return (h - correction) / std, grad_output * normalized


def norm_long(grad_output, x, gamma, axis, eps):
    """Every step of the graph on its own: centred, variance, inverse root, and back."""
    n = x.shape[axis]
    mean = x.sum(axis, keepdims=True) / n
    centred = x - mean
    variance = (centred**2).sum(axis, keepdims=True) / n
    inverse = (variance + eps) ** -0.5
    normalized = centred * inverse
    d_normalized = grad_output * gamma
    d_inverse = (d_normalized * centred).sum(axis, keepdims=True)
    d_variance = d_inverse * -0.5 * (variance + eps) ** -1.5
    d_centred = d_normalized * inverse + 2 * centred * d_variance / n
    d_mean = -d_centred.sum(axis, keepdims=True)
    return d_centred + np.ones_like(x) * d_mean / n, grad_output * normalized


def norm_scaled_by_n(grad_output, x, gamma, axis, eps):
    """The form with 1/n in front, as many derivations end."""
    n = x.shape[axis]
    inverse = 1 / np.sqrt(np.var(x, axis=axis, keepdims=True) + eps)
    normalized = (x - np.mean(x, axis=axis, keepdims=True)) * inverse
    h = grad_output * gamma
    total = np.sum(h, axis=axis, keepdims=True)
    dx = inverse / n * (n * h - total - normalized * np.sum(h * normalized, axis=axis, keepdims=True))
    return dx, grad_output * normalized


def layer_norm_with(rule):
    def answer(grad_output, output, x, gamma, beta, eps=1e-5):
        dx, for_gamma = rule(grad_output, x, gamma, -1, eps)
        leading = tuple(range(x.ndim - 1))
        return dx, for_gamma.sum(axis=leading), grad_output.sum(axis=leading)

    return answer


def layer_norm_rows(grad_output, output, x, gamma, beta, eps=1e-5):
    width = len(gamma)
    rows, upstream = x.reshape(-1, width), grad_output.reshape(-1, width)
    dx, dgamma, dbeta = np.zeros(rows.shape), np.zeros(width), np.zeros(width)
    for r, (row, g) in enumerate(zip(rows, upstream, strict=True)):
        spread = math.sqrt(((row - row.mean()) ** 2).mean() + eps)
        normalized = (row - row.mean()) / spread
        h = g * gamma
        dx[r] = (h - h.mean() - normalized * (h @ normalized) / width) / spread
        dgamma += g * normalized
        dbeta += g
    return [dx.reshape(x.shape), dgamma, dbeta]


def batch_norm_with(rule):
    def answer(grad_output, output, x, gamma, beta, eps=1e-5):
        dx, for_gamma = rule(grad_output, x, gamma, 0, eps)
        return dx, for_gamma.sum(axis=0), np.ones(len(x)) @ grad_output

    return answer


def batch_norm_columns(grad_output, output, x, gamma, beta, eps=1e-5):
    columns = [norm_short(g, column, s, 0, eps) for g, column, s in zip(grad_output.T, x.T, gamma, strict=True)]
    dx = np.stack([dx for dx, _ in columns], axis=1)
    return dx, np.array([for_gamma.sum() for _, for_gamma in columns]), grad_output.sum(0)


def rms_norm_short(grad_output, output, x, gamma, eps=1e-6):
    r = np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + eps)
    h = grad_output * gamma
    dgamma = np.einsum("bd->d", (grad_output * x / r).reshape(-1, len(gamma)))
    return h / r - x * np.mean(h * x, axis=-1, keepdims=True) / r**3, dgamma


def rms_norm_long(grad_output, output, x, gamma, eps=1e-6):
    n = x.shape[-1]
    squares = (x * x).sum(axis=-1, keepdims=True) / n + eps
    inverse = squares**-0.5
    d_inverse = (grad_output * gamma * x).sum(axis=-1, keepdims=True)
    d_squares = -0.5 * d_inverse * squares**-1.5
    dx = grad_output * gamma * inverse + d_squares * 2 * x / n
    return dx, (grad_output * x * inverse).reshape(-1, n).sum(axis=0)


def rms_norm_loop(grad_output, output, x, gamma, eps=1e-6):
    width = x.shape[-1]
    dx, dgamma = np.zeros(x.shape), np.zeros(width)
    for place in np.ndindex(x.shape[:-1]):
        row, g = x[place], grad_output[place]
        r = math.sqrt(row @ row / width + eps)
        unit = row / r
        dx[place] = (g * gamma - unit * ((g * gamma) @ unit) / width) / r
        dgamma += g * unit
    return [dx, dgamma]


def group_norm_with(rule):
    def answer(grad_output, output, x, gamma, beta, groups=2, eps=1e-5):
        n = len(x)
        h = (grad_output * gamma[None, :, None, None]).reshape(n * groups, -1)
        dx, for_gamma = rule(h, x.reshape(n * groups, -1), 1.0, -1, eps)
        dgamma = (for_gamma.reshape(x.shape) / gamma[:, None, None]).sum(axis=(0, 2, 3))
        return dx.reshape(x.shape), dgamma, grad_output.sum(axis=(0, 2, 3))

    return answer


def group_norm_loop(grad_output, output, x, gamma, beta, groups=2, eps=1e-5):
    size = x.shape[1] // groups
    dx, dgamma, dbeta = np.zeros(x.shape), np.zeros(len(gamma)), np.zeros(len(gamma))
    for image in range(len(x)):
        for group in range(groups):
            channels = slice(group * size, (group + 1) * size)
            values, g = x[image, channels], grad_output[image, channels]
            spread = np.sqrt(values.var() + eps)
            normalized = (values - values.mean()) / spread
            h = g * gamma[channels].reshape(-1, 1, 1)
            dx[image, channels] = (h - h.mean() - normalized * (h * normalized).mean()) / spread
            dgamma[channels] += (g * normalized).sum(axis=(1, 2))
            dbeta[channels] += g.sum(axis=(1, 2))
    return dx, dgamma, dbeta


def group_norm_einsum(grad_output, output, x, gamma, beta, groups=2, eps=1e-5):
    shape = (len(x), groups, -1)
    flat, h = x.reshape(shape), np.einsum("nchw,c->nchw", grad_output, gamma).reshape(shape)
    inverse = 1 / np.sqrt(flat.var(axis=2, keepdims=True) + eps)
    normalized = (flat - flat.mean(axis=2, keepdims=True)) * inverse
    slope = np.einsum("ngk,ngk->ng", h, normalized)[..., None] / flat.shape[2]
    dx = inverse * (h - h.mean(axis=2, keepdims=True) - slope * normalized)
    dgamma = np.einsum("nchw,nchw->c", grad_output, normalized.reshape(x.shape))
    return [dx.reshape(x.shape), dgamma, np.einsum("nchw->c", grad_output)]


# --- attention --------------------------------------------------------------------------------------------------------


def attention_weights(q, k, causal):
    scores = q @ swap(k) * q.shape[-1] ** -0.5
    if causal:
        queries, keys = scores.shape[-2:]
        scores = scores + np.where(np.arange(keys) > np.arange(queries)[:, None], -np.inf, 0.0)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def attention_library(grad_output, output, q, k, v, causal=False):
    weights = attention_weights(q, k, causal)
    d_weights = grad_output @ swap(v)
    d_scores = weights * (d_weights - (weights * d_weights).sum(axis=-1, keepdims=True))
    d_scores /= np.sqrt(q.shape[-1])
    return d_scores @ k, swap(d_scores) @ q, swap(weights) @ grad_output


def attention_from_output(grad_output, output, q, k, v, causal=False):
    """As flash attention does: the correction of a row is its upstream gradient times its output."""
    weights = attention_weights(q, k, causal)
    correction = (grad_output * output).sum(axis=-1, keepdims=True)
    d_scores = weights * (np.einsum("...le,...se->...ls", grad_output, v) - correction)
    scale = 1 / math.sqrt(k.shape[-1])
    dq = scale * np.einsum("...ls,...sd->...ld", d_scores, k)
    dk = scale * np.einsum("...ls,...ld->...sd", d_scores, q)
    return [dq, dk, np.einsum("...ls,...le->...se", weights, grad_output)]


def attention_jacobians(grad_output, output, q, k, v, causal=False):
    """Row by row, with the small Jacobian of the softmax."""
    dq, dk, dv = np.zeros(q.shape), np.zeros(k.shape), np.zeros(v.shape)
    for place in np.ndindex(q.shape[:-2]):
        for row, query in enumerate(q[place]):
            seen = slice(0, row + 1) if causal else slice(None)
            keys, values = k[place][seen], v[place][seen]
            weights = np.exp((keys @ query - (keys @ query).max()) / math.sqrt(len(query)))
            weights = weights / weights.sum()
            g = grad_output[place][row]
            jacobian = np.diag(weights) - np.outer(weights, weights)
            d_scores = jacobian @ (values @ g) / math.sqrt(len(query))
            dq[place][row] += d_scores @ keys
            dk[place][seen] += np.outer(d_scores, query)
            dv[place][seen] += np.outer(weights, g)
    return dq, dk, dv


# --- pooling ----------------------------------------------------------------------------------------------------------


def windows_of(x, kernel_size, stride):
    return sliding_window_view(x, pair(kernel_size), axis=(2, 3))[:, :, ::stride, ::stride]


def avg_pool_loop(grad_output, output, x, kernel_size=2, stride=2):
    height, width = pair(kernel_size)
    dx = np.zeros(x.shape)
    for r, c in np.ndindex(grad_output.shape[2:]):
        top, left = r * stride, c * stride
        dx[:, :, top : top + height, left : left + width] += grad_output[:, :, r, c][:, :, None, None] / (
            height * width
        )
    return dx


def avg_pool_offsets(grad_output, output, x, kernel_size=2, stride=2):
    kernel, dx = pair(kernel_size), np.zeros_like(x)
    rows, columns = (np.arange(n) * stride for n in grad_output.shape[2:])
    for i, j in np.ndindex(kernel):
        dx[:, :, rows[:, None] + i, columns + j] += grad_output / math.prod(kernel)
    return dx


def avg_pool_view(grad_output, output, x, kernel_size=2, stride=2):
    places = windows_of(np.arange(x.size).reshape(x.shape), kernel_size, stride)
    shares = np.broadcast_to(grad_output[..., None, None] / np.prod(places.shape[4:]), places.shape)
    return np.bincount(places.ravel(), weights=shares.ravel(), minlength=x.size).reshape(x.shape)


def max_pool_loop(grad_output, output, x, kernel_size=2, stride=2):
    kernel, dx = pair(kernel_size), np.zeros(x.shape)
    for n, c, r, s in np.ndindex(grad_output.shape):
        window = x[n, c, r * stride : r * stride + kernel[0], s * stride : s * stride + kernel[1]]
        i, j = np.unravel_index(np.argmax(window), window.shape)
        dx[n, c, r * stride + i, s * stride + j] += grad_output[n, c, r, s]
    return dx


def max_pool_scatter(grad_output, output, x, kernel_size=2, stride=2):
    windows = windows_of(x, kernel_size, stride)
    places = windows_of(np.arange(x.size).reshape(x.shape), kernel_size, stride)
    flat = places.reshape(*grad_output.shape, -1)
    winners = np.take_along_axis(flat, windows.reshape(flat.shape).argmax(-1)[..., None], axis=-1)
    dx = np.zeros(x.size)
    np.add.at(dx, winners.ravel(), grad_output.ravel())
    return dx.reshape(x.shape)


def max_pool_first_seen(grad_output, output, x, kernel_size=2, stride=2):
    """Offsets in row-major order; a window that has found its largest entry takes no other."""
    dx, open_windows = np.zeros(x.shape), np.ones(output.shape, dtype=bool)
    rows, columns = output.shape[2:]
    for i, j in np.ndindex(pair(kernel_size)):
        place = np.s_[:, :, i : i + stride * rows : stride, j : j + stride * columns : stride]
        wins = open_windows & (x[place][:, :, :rows, :columns] == output)
        dx[place] += np.where(wins, grad_output, 0.0)
        open_windows &= ~wins
    return dx


# --- convolution ------------------------------------------------------------------------------------------------------


def padded(x, padding):
    return np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])


def conv_windows(grad_output, output, x, weight, bias, stride=1, padding=0):
    height, width = weight.shape[2:]
    wide = padded(x, padding)
    dwide, dweight = np.zeros_like(wide), np.zeros_like(weight)
    for r, s in np.ndindex(grad_output.shape[2:]):
        place = (..., slice(r * stride, r * stride + height), slice(s * stride, s * stride + width))
        g = grad_output[:, :, r, s]
        dwide[place] += np.einsum("no,ocij->ncij", g, weight)
        dweight += np.einsum("no,ncij->ocij", g, wide[place])
    stop_row, stop_column = wide.shape[2] - padding, wide.shape[3] - padding
    return dwide[:, :, padding:stop_row, padding:stop_column], dweight, grad_output.sum((0, 2, 3))


def conv_columns(grad_output, output, x, weight, bias, stride=1, padding=0):
    """im2col: windows as rows of a matrix, two matrix products, and a scatter with repeated places."""
    wide = padded(x, padding)
    places = windows_of(np.arange(wide.size).reshape(wide.shape), weight.shape[2:], stride)
    places = places.transpose(0, 2, 3, 1, 4, 5).reshape(-1, weight[0].size)
    g = grad_output.transpose(0, 2, 3, 1).reshape(-1, len(weight))
    dweight = (g.T @ wide.ravel()[places]).reshape(weight.shape)
    dwide = np.bincount(places.ravel(), (g @ weight.reshape(len(weight), -1)).ravel(), wide.size).reshape(wide.shape)
    if padding:
        dwide = dwide[:, :, padding:-padding, padding:-padding]
    return [dwide, dweight, g.sum(axis=0)]


def conv_full(grad_output, output, x, weight, bias, stride=1, padding=0):
    """Full convolution: spread grad_output over the stride, pad it, slide the flipped kernel over it."""
    height, width = weight.shape[2:]
    wide = padded(x, padding)
    spread = np.zeros((*grad_output.shape[:2], wide.shape[2] - height + 1, wide.shape[3] - width + 1))
    spread[:, :, ::stride, ::stride][:, :, : grad_output.shape[2], : grad_output.shape[3]] = grad_output
    dweight = np.einsum("nopq,ncpqij->ocij", spread, sliding_window_view(wide, (height, width), axis=(2, 3)))
    around = np.pad(spread, [(0, 0), (0, 0), (height - 1, height - 1), (width - 1, width - 1)])
    seen = sliding_window_view(around, (height, width), axis=(2, 3))
    dwide = np.einsum("noyxij,ocij->ncyx", seen, weight[:, :, ::-1, ::-1], optimize=True)
    rows, columns = x.shape[2:]
    return (
        dwide[:, :, padding : padding + rows, padding : padding + columns],
        dweight,
        np.einsum("nopq->o", grad_output),
    )


# --- LSTM cell --------------------------------------------------------------------------------------------------------


def lstm_library(grad_h, grad_c, x, h, c, W, U, b):
    size = h.shape[1]
    pre = x @ W.T + h @ U.T + b
    i, f, o = (sigmoid(pre[:, k * size : (k + 1) * size]) for k in (0, 1, 3))
    g = np.tanh(pre[:, 2 * size : 3 * size])
    t = np.tanh(f * c + i * g)
    dc = grad_c + grad_h * o * (1 - t**2)
    d_pre = np.hstack([dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g**2), grad_h * t * o * (1 - o)])
    return d_pre @ W, d_pre @ U, dc * f, d_pre.T @ x, d_pre.T @ h, d_pre.sum(0)


def lstm_gates_apart(grad_h, grad_c, x, h, c, W, U, b):
    parts = [
        (w, u, x @ w.T + h @ u.T + s) for w, u, s in zip(np.split(W, 4), np.split(U, 4), np.split(b, 4), strict=True)
    ]
    i, f, g, o = (act(pre) for act, (_, _, pre) in zip((sigmoid, sigmoid, np.tanh, sigmoid), parts, strict=True))
    state = f * c + i * g
    d_state = grad_c + grad_h * o / np.cosh(np.clip(state, -300, 300)) ** 2
    d_gates = [
        d_state * g * i * (1 - i),
        d_state * c * f * (1 - f),
        d_state * i * (1 - g) * (1 + g),
        grad_h * np.tanh(state) * o * (1 - o),
    ]
    dx = sum(d @ w for d, (w, _, _) in zip(d_gates, parts, strict=True))
    dh = sum(d @ u for d, (_, u, _) in zip(d_gates, parts, strict=True))
    dW = np.concatenate([np.einsum("nk,ni->ki", d, x) for d in d_gates])
    dU = np.concatenate([np.einsum("nk,ni->ki", d, h) for d in d_gates])
    return [dx, dh, d_state * f, dW, dU, np.concatenate([d.sum(axis=0) for d in d_gates])]


def lstm_example_by_example(grad_h, grad_c, x, h, c, W, U, b):
    size = h.shape[1]
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h), np.zeros_like(c)
    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
    for n in range(len(x)):
        pre = (W @ x[n] + U @ h[n] + b).reshape(4, size)
        i, f, o = sigmoid(pre[[0, 1, 3]])
        g = np.tanh(pre[2])
        t = np.tanh(f * c[n] + i * g)
        e = grad_c[n] + grad_h[n] * o * (1 - t * t)
        d = np.array([e * g * i * (1 - i), e * c[n] * f * (1 - f), e * i * (1 - g * g), grad_h[n] * t * o * (1 - o)])
        d = d.reshape(-1)
        dx[n], dh[n], dc[n] = d @ W, d @ U, e * f
        dW += np.outer(d, x[n])
        dU += np.outer(d, h[n])
        db += d
    return dx, dh, dc, dW, dU, db


VARIANTS: dict[str, tuple[Callable, ...]] = {
    "dropout_backward": (dropout_where, dropout_loop, dropout_einsum, dropout_one_tuple),
    "embedding_backward": (embedding_one_hot, embedding_loop, embedding_add_at, embedding_bincount),
    "residual_relu_backward": (residual_einsum, residual_loop, residual_where),
    "glu_backward": (glu_split, glu_from_output, glu_loop),
    "rms_norm_backward": (rms_norm_short, rms_norm_long, rms_norm_loop),
    "layer_norm_backward": (layer_norm_with(norm_short), layer_norm_with(norm_long), layer_norm_with(norm_scaled_by_n), layer_norm_rows),
    "batch_norm_backward": (batch_norm_with(norm_short), batch_norm_with(norm_long), batch_norm_with(norm_scaled_by_n), batch_norm_columns),
    "group_norm_backward": (group_norm_with(norm_short), group_norm_with(norm_long), group_norm_loop, group_norm_einsum),
    "attention_backward": (attention_library, attention_from_output, attention_jacobians),
    "avg_pool2d_backward": (avg_pool_loop, avg_pool_offsets, avg_pool_view),
    "max_pool2d_backward": (max_pool_loop, max_pool_scatter, max_pool_first_seen),
    "conv2d_backward": (conv_windows, conv_columns, conv_full),
    "lstm_cell_backward": (lstm_library, lstm_gates_apart, lstm_example_by_example),
}
