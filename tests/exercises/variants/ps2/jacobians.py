"""Finite differences, products with a Jacobian, chains, and undoing broadcasting."""

from __future__ import annotations

from functools import reduce

import numpy as np

from tests.exercises.variants.ps2._helpers import axis_by_axis, by_counting, by_reshape


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


VARIANTS = {
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
}
