"""Reshape, transpose, concatenate, stack, and reading by index."""

from __future__ import annotations

import numpy as np


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


VARIANTS = {
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
}
