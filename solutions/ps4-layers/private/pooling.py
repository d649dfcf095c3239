"""Pooling: what one window hands back to its entries, and what overlapping windows add up to."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder.course.declare import Array, Exercise, Mistake, mistake
from autograder.engine import ops
from kit.declare import case
from kit.draws import normal, tied, transposed_view

from ..public import pooling as public
from ._right import pair, windows_of

Size = int | tuple[int, int]
Share = Callable[[Array, Array], Array]
"""(windows (N,C,Y,X,KH,KW), upstream (N,C,Y,X,1,1)) -> what each entry of each window gets, shaped as the windows."""


def _pair(size: Size) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else size


def _pool(
    share: Share,
    *,
    kernel: Callable[[tuple[int, int], int], tuple[int, int]] = lambda size, stride: size,
    step: Callable[[tuple[int, int], int], tuple[int, int]] = lambda size, stride: (stride, stride),
    add: bool = True,
) -> Callable[..., Array]:
    """A pooling rule: every window's ``share`` of its upstream, added (or assigned) where the window lies.

    Windows that a wrong ``kernel`` or ``step`` puts over the border read minus infinity there.
    """

    def wrong(g: Array, y: Array, x: Array, kernel_size: Size = 2, stride: int = 2) -> Array:
        height, width = kernel(_pair(kernel_size), stride)
        down, right = step(_pair(kernel_size), stride)
        tall, wide = g.shape[2] * down, g.shape[3] * right
        padded = np.pad(x, ((0, 0), (0, 0), (0, tall + height), (0, wide + width)), constant_values=-np.inf)
        windows = sliding_window_view(padded, (height, width), axis=(2, 3))[:, :, :tall:down, :wide:right]
        shares = share(windows, g[..., None, None])
        dx = np.zeros(padded.shape)
        for i, j in reversed(list(np.ndindex(height, width))):  # so that the last window of an entry assigns last
            place = np.s_[:, :, i : i + tall : down, j : j + wide : right]
            dx[place] = dx[place] + shares[..., i, j] if add else shares[..., i, j]
        return dx[:, :, : x.shape[2], : x.shape[3]]

    return wrong


def _even(windows: Array, upstream: Array) -> Array:
    """Average pooling: every entry of the window an equal part."""
    return np.broadcast_to(upstream / (windows.shape[4] * windows.shape[5]), windows.shape)


def _winner(windows: Array, upstream: Array, *, last: bool = False) -> Array:
    """Max pooling: all to the largest entry, the first (or last) in row-major order where several are equal."""
    flat = windows.reshape(*windows.shape[:4], -1)
    place = flat.shape[4] - 1 - flat[..., ::-1].argmax(axis=-1) if last else flat.argmax(axis=-1)
    one_hot = np.arange(flat.shape[4]) == place[..., None]
    return np.asarray(one_hot.reshape(windows.shape) * upstream)


def _largest(windows: Array) -> Array:
    return np.asarray(windows == windows.max(axis=(4, 5), keepdims=True))


def _shared_among_winners(windows: Array, upstream: Array) -> Array:
    largest = _largest(windows)
    return np.asarray(largest * upstream / largest.sum(axis=(4, 5), keepdims=True))


def _kernel_and_stride_exchanged(share: Share) -> tuple[Mistake, Mistake]:
    """Two mistakes of any pooling: one number is taken for the other."""
    return (
        mistake(
            "steps-of-the-kernel",
            _pool(share, step=lambda size, stride: size),
            "Where does the second window start: one kernel further, or one stride?",
        ),
        mistake(
            "windows-of-the-stride",
            _pool(share, kernel=lambda size, stride: (stride, stride)),
            "How large is a window: does the stride say that, or kernel_size?",
        ),
    )


AVG_POOL2D = Exercise(
    public.AVG_POOL2D,
    op=ops.avg_pool2d,
    cases=(
        case("2 by 2", x=normal(2, 3, 4, 6)),
        case("3 by 3", x=normal(1, 2, 3, 6), kernel_size=3, stride=3),
        case("overlapping", check="edges", x=normal(2, 1, 4, 5), kernel_size=3, stride=1),
        case("overlapping by one", check="edges", x=normal(1, 2, 5, 3), kernel_size=3, stride=2),
        case("does not divide", check="edges", x=normal(1, 2, 5, 3)),
        case("gaps", check="edges", x=normal(1, 1, 4, 7), kernel_size=1, stride=3),
        case("non-square kernel", check="edges", x=normal(1, 2, 4, 6), kernel_size=(2, 3)),
        case("one window", check="edges", x=normal(1, 1, 3, 3), kernel_size=3, stride=1),
        case("one column", check="edges", x=normal(2, 1, 4, 1), kernel_size=(2, 1)),
        case("strided", check="edges", x=transposed_view(normal(4, 2, 2, 1)), upstream=np.asfortranarray),
        case("cost", check="cost", x=normal(1, 1, 180, 180)),
    ),
    mistakes=(
        mistake(
            "not-divided",
            _pool(lambda windows, upstream: np.broadcast_to(upstream, windows.shape)),
            "If one of k entries rises by 1, by how much does their mean rise?",
        ),
        mistake(
            "divided-by-side",
            _pool(lambda windows, upstream: np.broadcast_to(upstream / windows.shape[4], windows.shape)),
            "You divide by the length of the window's side. How many entries does it hold?",
        ),
        mistake(
            "overlaps-overwritten",
            _pool(_even, add=False),
            "An entry of several windows acts on several outputs. Do you keep all contributions, or the last?",
        ),
        *_kernel_and_stride_exchanged(_even),
        mistake("winner-takes-all", _pool(_winner), "In a mean, does only the largest entry act on the output?"),
        mistake(
            "upstream-ignored",
            _pool(lambda windows, upstream: _even(windows, np.ones_like(upstream))),
            "Every window has its own upstream gradient. Where is it in yours?",
        ),
    ),
)


@AVG_POOL2D.right
def avg_pool_loop(grad_output, output, x, kernel_size=2, stride=2):
    height, width = pair(kernel_size)
    dx = np.zeros(x.shape)
    for r, c in np.ndindex(grad_output.shape[2:]):
        top, left = r * stride, c * stride
        dx[:, :, top : top + height, left : left + width] += grad_output[:, :, r, c][:, :, None, None] / (
            height * width
        )
    return dx


@AVG_POOL2D.right
def avg_pool_offsets(grad_output, output, x, kernel_size=2, stride=2):
    kernel, dx = pair(kernel_size), np.zeros_like(x)
    rows, columns = (np.arange(n) * stride for n in grad_output.shape[2:])
    for i, j in np.ndindex(kernel):
        dx[:, :, rows[:, None] + i, columns + j] += grad_output / math.prod(kernel)
    return dx


@AVG_POOL2D.right
def avg_pool_view(grad_output, output, x, kernel_size=2, stride=2):
    places = windows_of(np.arange(x.size).reshape(x.shape), kernel_size, stride)
    shares = np.broadcast_to(grad_output[..., None, None] / np.prod(places.shape[4:]), places.shape)
    return np.bincount(places.ravel(), weights=shares.ravel(), minlength=x.size).reshape(x.shape)


MAX_POOL2D = Exercise(
    public.MAX_POOL2D,
    op=ops.max_pool2d,
    cases=(
        case("2 by 2", x=normal(2, 3, 4, 6)),
        case("3 by 3", x=normal(1, 2, 3, 6), kernel_size=3, stride=3),
        case("overlapping", check="edges", x=normal(2, 1, 5, 6), kernel_size=3, stride=1),
        case("overlapping by one", check="edges", x=normal(2, 2, 7, 5), kernel_size=3, stride=2),
        case("ties", check="edges", x=tied(2, 3, 4, 6, levels=2)),
        case("ties in overlapping windows", check="edges", x=tied(1, 2, 4, 5, levels=2), kernel_size=3, stride=1),
        case("all below zero", check="edges", x=normal(1, 2, 4, 4, scale=0.5, offset=-5.0)),
        case("does not divide", check="edges", x=normal(1, 2, 5, 3)),
        case("gaps", check="edges", x=normal(1, 1, 4, 7), kernel_size=1, stride=3),
        case("non-square kernel", check="edges", x=normal(1, 2, 4, 6), kernel_size=(2, 3)),
        case("one window", check="edges", x=normal(1, 1, 3, 3), kernel_size=3, stride=1),
        case("one column", check="edges", x=normal(2, 1, 4, 1), kernel_size=(2, 1)),
        case("strided", check="edges", x=transposed_view(normal(4, 2, 2, 1)), upstream=np.asfortranarray),
        case("cost", check="cost", x=normal(1, 1, 180, 180)),
    ),
    mistakes=(
        mistake("averaged", _pool(_even), "Move an entry that is not the largest by a little: does the output notice?"),
        mistake(
            "ties-all-get-everything",
            _pool(lambda windows, upstream: np.asarray(_largest(windows) * upstream)),
            "Several entries are the largest. Can one output hand its whole gradient to each of them?",
        ),
        mistake(
            "ties-shared",
            _pool(_shared_among_winners),
            "That is how amax shares a tie. Which convention does max_pool2d have?",
        ),
        mistake(
            "ties-to-the-last",
            _pool(lambda windows, upstream: _winner(windows, upstream, last=True)),
            "Of several largest entries, which one comes first in reading order?",
        ),
        mistake(
            "smallest-entry",
            _pool(lambda windows, upstream: _winner(-windows, upstream)),
            "Which entry of the window does yours pick?",
        ),
        mistake(
            "largest-magnitude",
            _pool(lambda windows, upstream: _winner(np.abs(windows), upstream)),
            "Is -3 larger than 2?",
        ),
        mistake(
            "upstream-ignored",
            _pool(lambda windows, upstream: _winner(windows, np.ones_like(upstream))),
            "A 1 in the winner's place is the local derivative. What does the chain rule multiply it by?",
        ),
        mistake(
            "overlaps-overwritten",
            _pool(_winner, add=False),
            "One entry may win in several windows. Do you keep all contributions, or the last?",
        ),
        *_kernel_and_stride_exchanged(_winner),
    ),
)


@MAX_POOL2D.right
def max_pool_loop(grad_output, output, x, kernel_size=2, stride=2):
    kernel, dx = pair(kernel_size), np.zeros(x.shape)
    for n, c, r, s in np.ndindex(grad_output.shape):
        window = x[n, c, r * stride : r * stride + kernel[0], s * stride : s * stride + kernel[1]]
        i, j = np.unravel_index(np.argmax(window), window.shape)
        dx[n, c, r * stride + i, s * stride + j] += grad_output[n, c, r, s]
    return dx


@MAX_POOL2D.right
def max_pool_scatter(grad_output, output, x, kernel_size=2, stride=2):
    windows = windows_of(x, kernel_size, stride)
    places = windows_of(np.arange(x.size).reshape(x.shape), kernel_size, stride)
    flat = places.reshape(*grad_output.shape, -1)
    winners = np.take_along_axis(flat, windows.reshape(flat.shape).argmax(-1)[..., None], axis=-1)
    dx = np.zeros(x.size)
    np.add.at(dx, winners.ravel(), grad_output.ravel())
    return dx.reshape(x.shape)


@MAX_POOL2D.right
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


__all__ = ["AVG_POOL2D", "MAX_POOL2D"]
