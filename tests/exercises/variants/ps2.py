"""Right answers of ps2, written in different ways: loops, einsum, library calls, lists, other algebra.

One file with no imports but NumPy and the standard library, so that it can stand in a notebook's cell as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce

import numpy as np

# Helpers as a student might write them: three ways of undoing broadcasting


def axis_by_axis(grad, shape):
    """Sum leading axes away one at a time, then the stretched ones."""
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


def by_counting(grad, shape):
    """Number the entries of the input, broadcast the numbers, and add up by number."""
    size = int(np.prod(shape))
    numbers = np.broadcast_to(np.arange(size).reshape(shape), grad.shape)
    return np.bincount(numbers.ravel(), weights=grad.ravel(), minlength=size).reshape(shape)


def by_reshape(grad, shape):
    """Put ones in front, sum with keepdims, reshape."""
    padded = (1,) * (grad.ndim - len(shape)) + tuple(shape)
    axes = tuple(k for k in range(grad.ndim) if padded[k] == 1 and grad.shape[k] != 1)
    return np.sum(grad, axis=axes, keepdims=True).reshape(shape)


def full_axes(x, axis):
    """``axis`` as a tuple of non-negative numbers."""
    if axis is None:
        return tuple(range(x.ndim))
    return tuple(k % x.ndim for k in ((axis,) if isinstance(axis, int) else axis))


def put_back(reduced, x, axis):
    """A reduced array with size 1 where axes were reduced, whether they were kept or not."""
    axes = full_axes(x, axis)
    return np.reshape(reduced, [1 if k in axes else n for k, n in enumerate(x.shape)])


# Finite differences, products with a Jacobian, chains, and undoing broadcasting


def jacobian_by_columns(f, x, eps=1e-6):
    n, m = len(x), len(f(x))
    J = np.empty((m, n))
    for j in range(n):
        right, left = x.copy(), x.copy()
        right[j] += eps
        left[j] -= eps
        J[:, j] = (f(right) - f(left)) / (2.0 * eps)
    return J


def jacobian_entry_by_entry(f, x, eps=1e-6):
    rows = []
    for i in range(f(x).shape[0]):
        row = []
        for j in range(x.shape[0]):
            nudge = eps * (np.arange(x.size) == j)
            row.append(float(f(x + nudge)[i] - f(x - nudge)[i]) / eps / 2)
        rows.append(row)
    return rows


def jacobian_by_identity(f, x, eps=1e-6):
    above = np.array([f(row) for row in x + eps * np.eye(x.size)])
    below = np.array([f(row) for row in x - eps * np.eye(x.size)])
    return ((above - below) / (2 * eps)).T


def jacobian_in_place_on_a_copy(f, x, eps=1e-6):
    x = x.copy()
    columns = []
    for j in range(x.size):
        saved = x[j]
        x[j] = saved + eps
        above = np.array(f(x))
        x[j] = saved - eps
        columns.append((above - np.array(f(x))) / (2 * eps))
        x[j] = saved
    return np.column_stack(columns)


def vjp_by_loop(J, grad_output):
    m, n = J.shape
    return [sum(J[i, j] * grad_output[i] for i in range(m)) for j in range(n)]


def numerical_vjp_flat(f, x, grad_output, eps=1e-6):
    flat = []
    for k in range(x.size):
        nudge = np.zeros(x.size)
        nudge[k] = eps
        nudge = nudge.reshape(x.shape)
        flat.append(np.vdot(grad_output, f(x + nudge) - f(x - nudge)) / (2 * eps))
    return np.reshape(flat, x.shape)


def numerical_vjp_of_the_weighted_sum(f, x, grad_output, eps=1e-6):
    def loss(z):
        return (grad_output * f(z)).sum()

    grad = np.empty(x.shape)
    for index in np.ndindex(*x.shape):
        up, down = np.array(x), np.array(x)
        up[index] += eps
        down[index] -= eps
        grad[index] = (loss(up) - loss(down)) / eps / 2
    return grad


def numerical_vjp_by_iterator(f, x, grad_output, eps=1e-6):
    moved, grad = np.array(x), np.zeros(x.shape)
    walk = np.nditer(x, flags=["multi_index"])
    for value in walk:
        at = walk.multi_index
        moved[at] = value + eps
        above = np.array(f(moved))
        moved[at] = value - eps
        below = np.array(f(moved))
        moved[at] = value
        grad[at] = np.sum(grad_output * (above - below) / (2 * eps))
    return (grad,)


def chain_by_recursion(vjps, grad_output):
    if not vjps:
        return grad_output
    return chain_by_recursion(vjps[:-1], vjps[-1](grad_output))


def chain_by_index(vjps, grad_output):
    grad = grad_output.copy()
    for i in range(len(vjps) - 1, -1, -1):
        grad = vjps[i](grad)
    return grad


def chain_by_stack(vjps, grad_output):
    waiting = list(vjps)
    while waiting:
        grad_output = waiting.pop()(grad_output)
    return grad_output.tolist()


# Arithmetic, functions, powers and choices, entry by entry


def looped(slope):
    """A rule that walks over all entries with a scalar ``slope(x, y, **params)``."""

    def rule(grad_output, output, x, **params):
        grad = np.zeros(x.shape)
        for index in np.ndindex(x.shape):
            grad[index] = grad_output[index] * slope(float(x[index]), float(output[index]), **params)
        return grad

    return rule


def looped_pair(slopes):
    """A rule that adds up the paths of every output entry, with scalar ``slopes(a, b)``."""

    def rule(grad_output, output, a, b):
        places_a = np.broadcast_to(np.arange(a.size).reshape(a.shape), output.shape).ravel()
        places_b = np.broadcast_to(np.arange(b.size).reshape(b.shape), output.shape).ravel()
        values_a, values_b = a.ravel().tolist(), b.ravel().tolist()
        da, db = [0.0] * a.size, [0.0] * b.size
        for g, i, j in zip(grad_output.ravel().tolist(), places_a.tolist(), places_b.tolist(), strict=True):
            slope_a, slope_b = slopes(values_a[i], values_b[j])
            da[i] += g * slope_a
            db[j] += g * slope_b
        return np.array(da).reshape(a.shape), np.array(db).reshape(b.shape)

    return rule


def pair(gradients, undo):
    """A rule from unsummed gradients and a way of undoing broadcasting; a list comes back."""
    return lambda g, y, a, b: [
        undo(np.asarray(full), x.shape) for full, x in zip(gradients(g, y, a, b), (a, b), strict=True)
    ]


def larger(a, b):
    return (1.0, 0.0) if a > b else (0.0, 1.0) if b > a else (0.5, 0.5)


def smaller(a, b):
    return larger(-a, -b)


def power_slopes(a, b):
    return b * math.pow(a, b - 1) if b else 0.0, math.pow(a, b) * math.log(a) if a > 0 else 0.0


def power_by_masks(g, y, a, b):
    a_full, b_full = np.broadcast_arrays(a, b)
    slope_a, log_a = np.zeros(y.shape), np.zeros(y.shape)
    moving = b_full != 0
    slope_a[moving] = (b_full * a_full ** (b_full - 1))[moving]
    np.log(a_full, out=log_a, where=a_full > 0)
    return by_reshape(np.asarray(g * slope_a), a.shape), by_reshape(np.asarray(g * y * log_a), b.shape)


def abs_by_masks(g, y, x):
    grad = np.zeros_like(x)
    grad[x > 0] = g[x > 0]
    grad[x < 0] = -g[x < 0]
    return grad


def pow_by_cases(g, y, x, n=2.0):
    if n in (0, 1):
        return g * float(n)
    return g * (n * np.power(x, n - 1))


def pow_without_zero(g, y, x, n=2.0):
    grad = np.zeros(x.shape)
    if n != 0:
        np.multiply(g, n * x ** (n - 1), out=grad)
    return grad


def where_by_masks(g, y, condition, a, b):
    mask = np.broadcast_to(condition, g.shape).astype(float)
    return axis_by_axis(mask * g, a.shape), axis_by_axis((1 - mask) * g, b.shape)


def where_by_assignment(g, y, condition, a, b):
    mask = np.broadcast_to(condition, g.shape)
    da, db = g.copy(), g.copy()
    da[~mask] = 0
    db[mask] = 0
    return by_counting(da, a.shape), by_counting(db, b.shape)


def clip_by_assignment(g, y, x, lo=-1.0, hi=1.0):
    grad = np.array(g)
    grad[np.asarray((x < lo) | (x > hi))] = 0.0
    return grad


# Reductions over axes, and the running sum


def reduction(weights):
    """A rule that spreads grad_output with weights of x's shape: ``weights(y kept, x, axes, ddof)``."""

    def rule(grad_output, output, x, axis=None, keepdims=False, ddof=0):
        axes = full_axes(x, axis)
        spread = np.zeros(x.shape) + put_back(grad_output, x, axis)
        return spread * weights(put_back(output, x, axis), x, axes, ddof)

    return rule


def reduction_by_loop(weight):
    """A rule that walks over the entries of x; ``weight(x, y, index, group, ddof)`` of one entry."""

    def rule(grad_output, output, x, axis=None, keepdims=False, ddof=0):
        axes = full_axes(x, axis)
        g, y = put_back(grad_output, x, axis), put_back(output, x, axis)
        grad = np.zeros(x.shape)
        for index in np.ndindex(x.shape):
            group = tuple(slice(None) if k in axes else index[k] for k in range(x.ndim))
            place = tuple(0 if k in axes else index[k] for k in range(x.ndim))
            grad[index] = g[place] * weight(x[index], y[place], x[group], ddof)
        return grad

    return rule


def reduction_moved(inner):
    """A rule that moves the reduced axes to the end and flattens them: ``inner(g, y, rows, ddof)`` works on rows."""

    def rule(grad_output, output, x, axis=None, keepdims=False, ddof=0):
        axes = full_axes(x, axis)
        moved = np.moveaxis(x, axes, range(-len(axes), 0)) if axes else x
        kept = moved.shape[: x.ndim - len(axes)]
        rows = moved.reshape(math.prod(kept), math.prod(moved.shape[len(kept) :]))
        grad = inner(grad_output.reshape(-1, 1), output.reshape(-1, 1), rows, ddof).reshape(moved.shape)
        return np.moveaxis(grad, range(-len(axes), 0), axes) if axes else grad

    return rule


def size(x, axes):
    return math.prod(x.shape[k] for k in axes)


def sum_by_einsum(g, y, x, axis=None, keepdims=False):
    return np.einsum("...,...->...", put_back(g, x, axis), np.ones(x.shape))


def amax_rows(g, y, rows, ddof):
    winners = (rows == y).astype(float)
    return g * winners / winners.sum(axis=1, keepdims=True)


def softmax_rows(g, y, rows, ddof):
    shifted = np.exp(rows - rows.max(axis=1, keepdims=True))
    return g * shifted / shifted.sum(axis=1, keepdims=True)


def variance_rows(g, y, rows, ddof):
    n = rows.shape[1]
    centering = np.eye(n) - 1.0 / n
    return g * 2 / (n - ddof) * (rows @ centering)


def cumsum_by_loop(g, y, x, axis=0):
    g = np.moveaxis(g, axis, 0)
    grad, running = np.zeros(g.shape), np.zeros(g.shape[1:])
    for i in range(len(g) - 1, -1, -1):
        running = running + g[i]
        grad[i] = running
    return np.moveaxis(grad, 0, axis)


def cumsum_by_difference(g, y, x, axis=0):
    return g.sum(axis=axis, keepdims=True) - g.cumsum(axis=axis) + g


def cumsum_by_slices(g, y, x, axis=0):
    back = [slice(None)] * x.ndim
    back[axis] = slice(None, None, -1)
    return np.add.accumulate(g[tuple(back)], axis=axis)[tuple(back)]


def with_ties(value, top, group):
    return 1.0 / np.count_nonzero(group == top) if value == top else 0.0


# Reshape, transpose, concatenate, stack, and reading by index


def transpose_by_argsort(g, y, x, axes=None):
    axes = tuple(reversed(range(x.ndim))) if axes is None else axes
    return np.transpose(g, np.argsort(axes))


def transpose_by_inverse(g, y, x, axes=None):
    inverse = [0] * x.ndim
    for place, axis in enumerate(axes or range(x.ndim)[::-1]):
        inverse[axis] = place
    return g.transpose(inverse).copy()


def transpose_by_numbers(g, y, x, axes=None):
    numbers = np.transpose(np.arange(x.size).reshape(x.shape), axes)
    grad = np.empty(x.size)
    grad[numbers.ravel()] = g.ravel()
    return grad.reshape(x.shape)


def transpose_by_einsum(g, y, x, axes=None):
    letters = "abcdef"[: x.ndim]
    moved = "".join(letters[k] for k in (axes or range(x.ndim)[::-1]))
    return np.einsum(f"{moved}->{letters}", g)


def reshape_by_loop(g, y, x, shape=None):
    grad = np.zeros(x.shape)
    for to, value in zip(np.ndindex(x.shape), g.ravel().tolist(), strict=True):
        grad[to] = value
    return grad


def concatenate_by_slices(g, y, a, b, axis=0):
    cut = a.shape[axis]
    front, back = [slice(None)] * g.ndim, [slice(None)] * g.ndim
    front[axis], back[axis] = slice(cut), slice(cut, None)
    return g[tuple(front)], g[tuple(back)]


def concatenate_by_take(g, y, a, b, axis=0):
    n, whole = a.shape[axis], g.shape[axis]
    return [np.take(g, range(n), axis=axis), np.take(g, range(n, whole), axis=axis)]


def concatenate_moved(g, y, a, b, axis=0):
    moved = np.swapaxes(g, 0, axis)
    return np.swapaxes(moved[: a.shape[axis]], 0, axis), np.swapaxes(moved[a.shape[axis] :], 0, axis)


def stack_by_split(g, y, a, b, axis=0):
    da, db = np.split(g, 2, axis=axis)
    return da.squeeze(axis), db.squeeze(axis)


def stack_by_loop(g, y, a, b, axis=0):
    moved = np.moveaxis(g, axis, 0)
    da, db = np.zeros(a.shape), np.zeros(b.shape)
    for index in np.ndindex(a.shape):
        da[index], db[index] = moved[(0, *index)], moved[(1, *index)]
    return da, db


def getitem_by_loop(g, y, x, index):
    grad = np.zeros(x.shape)
    for place in np.ndindex(index.shape):
        grad[index[place]] += g[place]
    return grad


def getitem_by_one_hot(g, y, x, index):
    one_hot = (index.reshape(-1, 1) % len(x) == np.arange(len(x))).astype(float)
    return (one_hot.T @ g.reshape(index.size, x[0].size)).reshape(x.shape)


def getitem_by_bincount(g, y, x, index):
    rows = np.arange(x.size).reshape(len(x), -1)
    places = rows[index % len(x)].ravel()
    return np.bincount(places, weights=g.ravel(), minlength=x.size).reshape(x.shape)


def gather_by_loop(g, y, x, index, axis=0):
    grad = np.zeros(x.shape)
    for place in np.ndindex(index.shape):
        to = list(place)
        to[axis] = index[place]
        grad[tuple(to)] += g[place]
    return grad


def gather_by_layers(g, y, x, index, axis=0):
    grad = np.zeros(x.shape)
    for k in range(index.shape[axis]):
        picked, upstream = index.take([k], axis=axis), g.take([k], axis=axis)
        sofar = np.take_along_axis(grad, picked, axis)
        np.put_along_axis(grad, picked, sofar + upstream, axis)
    return grad


def gather_by_numbers(g, y, x, index, axis=0):
    numbers = np.take_along_axis(np.arange(x.size).reshape(x.shape), index, axis)
    return np.bincount(numbers.ravel(), weights=g.ravel(), minlength=x.size).reshape(x.shape)


# Products of matrices and vectors, the linear layer, einsum


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
    m, n = W.shape
    return np.einsum("...m,mn->...n", g, W), np.einsum("bm,bn->mn", g.reshape(-1, m), X.reshape(-1, n))


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


VARIANTS: dict[str, tuple[Callable, ...]] = {
    "numerical_jacobian": (
        jacobian_by_columns,
        jacobian_entry_by_entry,
        jacobian_by_identity,
        jacobian_in_place_on_a_copy,
    ),
    "vjp_from_jacobian": (
        lambda J, grad_output: grad_output @ J,
        lambda J, grad_output: np.einsum("ij,i->j", J, grad_output),
        lambda J, grad_output: (J * grad_output[:, None]).sum(axis=0),
        vjp_by_loop,
    ),
    "numerical_vjp": (numerical_vjp_flat, numerical_vjp_of_the_weighted_sum, numerical_vjp_by_iterator),
    "chain_vjps": (
        chain_by_recursion,
        chain_by_index,
        chain_by_stack,
        lambda vjps, grad_output: reduce(lambda grad, vjp: vjp(grad), vjps[::-1], grad_output),
    ),
    "unbroadcast": (axis_by_axis, by_counting, by_reshape),
    "broadcast_to_backward": (
        lambda g, y, x, shape=None: axis_by_axis(g, x.shape),
        lambda g, y, x, shape=None: by_counting(g, x.shape),
        lambda g, y, x, shape=None: (by_reshape(g, x.shape),),
    ),
    "add_backward": (
        looped_pair(lambda a, b: (1.0, 1.0)),
        pair(lambda g, y, a, b: (g, g), axis_by_axis),
        pair(lambda g, y, a, b: (g * 1.0, g * 1.0), by_reshape),
    ),
    "mul_backward": (
        looped_pair(lambda a, b: (b, a)),
        pair(lambda g, y, a, b: (g * b, g * a), by_counting),
        pair(lambda g, y, a, b: (g * b, g * a), axis_by_axis),
    ),
    "div_backward": (
        looped_pair(lambda a, b: (1 / b, -a / b**2)),
        pair(lambda g, y, a, b: (g * b**-1.0, -(g * a) * b**-2.0), axis_by_axis),
        pair(lambda g, y, a, b: (g / b, -(g / b) * (a / b)), by_reshape),
    ),
    "sub_backward": (
        looped_pair(lambda a, b: (1.0, -1.0)),
        pair(lambda g, y, a, b: (g, -g), axis_by_axis),
        lambda g, y, a, b: (by_reshape(g, a.shape), -by_reshape(g, b.shape)),
    ),
    "neg_backward": (
        looped(lambda x, y: -1.0),
        lambda g, y, x: 0.0 - g,
        lambda g, y, x: (np.negative(g).tolist(),) if x.size else -g,
    ),
    "exp_backward": (
        looped(lambda x, y: math.exp(x)),
        lambda g, y, x: np.exp(x) * g,
        lambda g, y, x: (y * g,),
    ),
    "log_backward": (
        looped(lambda x, y: 1 / x),
        lambda g, y, x: g * x**-1.0,
        lambda g, y, x: g * np.exp(-y),
    ),
    "abs_backward": (
        looped(lambda x, y: (x > 0) - (x < 0)),
        abs_by_masks,
        lambda g, y, x: g * np.where(x == 0, 0.0, x / np.where(y == 0, 1.0, y)),
    ),
    "sin_backward": (
        looped(lambda x, y: math.cos(x)),
        lambda g, y, x: g * np.sin(x + np.pi / 2),
        lambda g, y, x: np.multiply(np.cos(x), g),
    ),
    "sqrt_backward": (
        looped(lambda x, y: 0.5 / math.sqrt(x)),
        lambda g, y, x: 0.5 * g * x**-0.5,
        lambda g, y, x: g * y / (2 * x),
    ),
    "pow_backward": (
        pow_by_cases,
        pow_without_zero,
        looped(lambda x, y, n=2.0: n * x ** (n - 1) if n else 0.0),
        lambda g, y, x, n=2.0: g * n * x ** max(n - 1, 0) if n >= 0 and n == int(n) else g * n * x ** (n - 1),
    ),
    "power_backward": (
        looped_pair(power_slopes),
        power_by_masks,
        pair(
            lambda g, y, a, b: (g * b * a ** (b - 1), g * np.where(a > 0, y * np.log(np.where(a > 0, a, 2.0)), 0.0)),
            by_reshape,
        ),
    ),
    "maximum_backward": (
        looped_pair(larger),
        pair(lambda g, y, a, b: (g * (np.sign(a - b) + 1) / 2, g * (np.sign(b - a) + 1) / 2), axis_by_axis),
        pair(lambda g, y, a, b: (g * np.heaviside(a - b, 0.5), g * np.heaviside(b - a, 0.5)), by_reshape),
        pair(lambda g, y, a, b: tuple(g * (x == y) / ((a == y) * 1 + (b == y)) for x in (a, b)), by_reshape),
    ),
    "minimum_backward": (
        looped_pair(smaller),
        pair(lambda g, y, a, b: (g * (np.sign(b - a) + 1) / 2, g * (np.sign(a - b) + 1) / 2), axis_by_axis),
        pair(lambda g, y, a, b: (g * np.heaviside(b - a, 0.5), g * np.heaviside(a - b, 0.5)), by_reshape),
    ),
    "where_backward": (
        where_by_masks,
        where_by_assignment,
        lambda g, y, condition, a, b: [by_reshape(g * condition, a.shape), by_reshape(g * ~condition, b.shape)],
    ),
    "clip_backward": (
        clip_by_assignment,
        looped(lambda x, y, lo=-1.0, hi=1.0: 1.0 if lo <= x <= hi else 0.0),
        lambda g, y, x, lo=-1.0, hi=1.0: np.where(y == x, g, 0.0),
        lambda g, y, x, lo=-1.0, hi=1.0: np.where(np.logical_or(x < lo, x > hi), 0.0, g),
    ),
    "sum_backward": (
        reduction(lambda y, x, axes, ddof: np.ones(x.shape)),
        reduction_by_loop(lambda value, total, group, ddof: 1.0),
        reduction_moved(lambda g, y, rows, ddof: np.repeat(g, rows.shape[1], axis=1)),
        sum_by_einsum,
    ),
    "mean_backward": (
        reduction(lambda y, x, axes, ddof: 1 / size(x, axes)),
        reduction_by_loop(lambda value, mean, group, ddof: 1 / np.size(group)),
        reduction_moved(lambda g, y, rows, ddof: np.tile(g / rows.shape[1], (1, rows.shape[1]))),
    ),
    "amax_backward": (
        reduction(lambda y, x, axes, ddof: (x == y) / np.sum(x == y, axis=axes, keepdims=True)),
        reduction_by_loop(lambda value, top, group, ddof: with_ties(value, top, group)),
        reduction_moved(amax_rows),
    ),
    "var_backward": (
        reduction(
            lambda y, x, axes, ddof: 2 * (x - x.sum(axis=axes, keepdims=True) / size(x, axes)) / (size(x, axes) - ddof)
        ),
        reduction_by_loop(lambda value, variance, group, ddof: 2 * (value - np.mean(group)) / (np.size(group) - ddof)),
        reduction_moved(variance_rows),
    ),
    "logsumexp_backward": (
        reduction(lambda y, x, axes, ddof: np.exp(x - y)),
        reduction_by_loop(lambda value, y, group, ddof: math.exp(value - y)),
        reduction_moved(softmax_rows),
    ),
    "cumsum_backward": (cumsum_by_loop, cumsum_by_difference, cumsum_by_slices),
    "reshape_backward": (
        reshape_by_loop,
        lambda g, y, x, shape=None: np.reshape(g.copy(), np.shape(x)),
        lambda g, y, x, shape=None: np.array(g.ravel().tolist()).reshape(x.shape),
        lambda g, y, x, shape=None: (g.flatten().reshape(x.shape),),
    ),
    "transpose_backward": (transpose_by_argsort, transpose_by_inverse, transpose_by_numbers, transpose_by_einsum),
    "concatenate_backward": (concatenate_by_slices, concatenate_by_take, concatenate_moved),
    "stack_backward": (
        stack_by_split,
        stack_by_loop,
        lambda g, y, a, b, axis=0: tuple(np.moveaxis(g, axis, 0)),
        lambda g, y, a, b, axis=0: list(np.moveaxis(g, axis, 0)),
    ),
    "getitem_backward": (getitem_by_loop, getitem_by_one_hot, getitem_by_bincount),
    "gather_backward": (gather_by_loop, gather_by_layers, gather_by_numbers),
    "matvec_backward": (
        matvec_by_loop,
        lambda g, y, W, x: (g[:, None] * x, g @ W),
        lambda g, y, W, x: [np.einsum("i,j->ij", g, x), np.einsum("ij,i->j", W, g)],
        lambda g, y, W, x: (g[:, None] @ x[None, :], (W * g[:, None]).sum(axis=0)),
    ),
    "linear_backward": (linear_by_loop, linear_by_tensordot, linear_by_einsum, linear_as_matmul),
    "affine_backward": (
        with_bias(linear_by_loop, lambda g, b: g.reshape(-1, b.size).sum(axis=0)),
        with_bias(linear_by_einsum, lambda g, b: np.einsum("im->m", np.atleast_2d(g).reshape(-1, b.size))),
        with_bias(linear_by_tensordot, lambda g, b: g.sum(axis=tuple(range(g.ndim - 1)))),
        with_bias(linear_as_matmul, lambda g, b: np.ones(g.size // b.size) @ g.reshape(-1, b.size)),
    ),
    "matmul_backward": (matmul_by_loop, matmul_by_einsum, matmul_by_transposed_products),
    "einsum_backward": (einsum_with_ones, einsum_by_loop, einsum_by_full_grid),
}
