"""Products of matrices and vectors, the linear layer, einsum."""

from __future__ import annotations

import numpy as np

from tests.exercises.variants.ps2._helpers import axis_by_axis, by_counting, by_reshape


def matvec_by_loop(g, y, W, x):
    m, n = W.shape
    rows, slopes, values = W.tolist(), g.tolist(), x.tolist()
    dW = [[slopes[i] * values[j] for j in range(n)] for i in range(m)]
    dx = [sum(slopes[i] * rows[i][j] for i in range(m)) for j in range(n)]
    return dW, dx


def linear_by_loop(g, y, X, W):
    dX, dW = np.zeros(X.shape), np.zeros(W.shape)
    for index in np.ndindex(X.shape[:-1]):
        dX[index] = W.T @ g[index]
        dW += np.outer(g[index], X[index])
    return dX, dW


def linear_by_tensordot(g, y, X, W):
    axes = list(range(X.ndim - 1))
    return np.tensordot(g, W, axes=1), np.tensordot(g, X, axes=(axes, axes))


def linear_by_einsum(g, y, X, W):
    return np.einsum("...m,mn->...n", g, W), np.einsum("...m,...n->mn", g, X)


def linear_as_matmul(g, y, X, W):
    weights = np.swapaxes(g[..., None] @ X[..., None, :], -1, -2)
    return g @ W, weights.reshape(-1, *W.shape[::-1]).sum(axis=0).T


def with_bias(linear, bias):
    return lambda g, y, X, W, b: (*linear(g, y, X, W), bias(g, b))


def matmul_by_loop(g, y, a, b):
    stack = y.shape[:-2]
    full_a, full_b = np.broadcast_to(a, stack + a.shape[-2:]), np.broadcast_to(b, stack + b.shape[-2:])
    da, db = np.zeros(full_a.shape), np.zeros(full_b.shape)
    for place in np.ndindex(stack):
        for i in range(a.shape[-2]):
            da[(*place, i)] = full_b[place] @ g[(*place, i)]
            db[place] += np.outer(full_a[(*place, i)], g[(*place, i)])
    return by_reshape(da, a.shape), by_reshape(db, b.shape)


def matmul_by_einsum(g, y, a, b):
    da = np.einsum("...np,...kp->...nk", g, b)
    db = np.einsum("...nk,...np->...kp", a, g)
    return axis_by_axis(da, a.shape), axis_by_axis(db, b.shape)


def matmul_by_transposed_products(g, y, a, b):
    g_t = g.swapaxes(-1, -2)
    da = (b @ g_t).swapaxes(-1, -2)
    db = (g_t @ a).swapaxes(-1, -2)
    return [by_counting(da, a.shape), by_counting(db, b.shape)]


def einsum_with_ones(g, y, a, b, subscripts="ij,jk->ik"):
    inputs, result = subscripts.split("->")
    first, second = inputs.split(",")
    da = np.einsum(f"{result},{second},{first}->{first}", g, b, np.ones(a.shape))
    db = np.einsum(f"{result},{first},{second}->{second}", g, a, np.ones(b.shape))
    return da, db


def einsum_by_loop(g, y, a, b, subscripts="ij,jk->ik"):
    inputs, result = subscripts.split("->")
    first, second = inputs.split(",")
    sizes = dict(zip(first + second, a.shape + b.shape, strict=True))
    letters = sorted(sizes)
    da, db = np.zeros(a.shape), np.zeros(b.shape)
    for values in np.ndindex(*(sizes[letter] for letter in letters)):
        at = dict(zip(letters, values, strict=True))
        i, j, k = (tuple(at[letter] for letter in word) for word in (first, second, result))
        da[i] += g[k] * b[j]
        db[j] += g[k] * a[i]
    return da, db


def einsum_by_full_grid(g, y, a, b, subscripts="ij,jk->ik"):
    inputs, result = subscripts.split("->")
    first, second = inputs.split(",")
    extra_a = "".join(letter for letter in first if letter not in second + result)
    extra_b = "".join(letter for letter in second if letter not in first + result)
    ones_a = np.ones([a.shape[first.index(letter)] for letter in extra_a])
    ones_b = np.ones([b.shape[second.index(letter)] for letter in extra_b])
    da = np.einsum(f"{extra_a},{result},{second}->{first}", ones_a, g, b)
    db = np.einsum(f"{extra_b},{result},{first}->{second}", ones_b, g, a)
    return [da, db]


VARIANTS = {
    "matvec_backward": (
        matvec_by_loop,
        lambda g, y, W, x: (g[:, None] * x, g @ W),
        lambda g, y, W, x: [np.einsum("i,j->ij", g, x), np.einsum("ij,i->j", W, g)],
        lambda g, y, W, x: (g[:, None] @ x[None, :], (W * g[:, None]).sum(axis=0)),
    ),
    "linear_backward": (linear_by_loop, linear_by_tensordot, linear_by_einsum, linear_as_matmul),
    "affine_backward": (
        with_bias(linear_by_loop, lambda g, b: g.reshape(-1, b.size).sum(axis=0)),
        with_bias(linear_by_einsum, lambda g, b: np.einsum("...m->m", g)),
        with_bias(linear_by_tensordot, lambda g, b: g.sum(axis=tuple(range(g.ndim - 1)))),
        with_bias(linear_as_matmul, lambda g, b: np.ones(g.size // b.size) @ g.reshape(-1, b.size)),
    ),
    "matmul_backward": (matmul_by_loop, matmul_by_einsum, matmul_by_transposed_products),
    "einsum_backward": (einsum_with_ones, einsum_by_loop, einsum_by_full_grid),
}
