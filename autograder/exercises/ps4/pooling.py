"""Pooling: what one window hands back to its entries, and what overlapping windows add up to."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.engine import ops
from autograder.exercises.declare import Array, Exercise, Misconception
from autograder.kit.declare import case
from autograder.kit.draws import normal, tied, transposed_view
from autograder.kit.public import ps4 as kit

Size = int | tuple[int, int]
Share = Callable[[Array, Array], Array]  # (window, upstream), both (N, C, ...) -> what each entry of the window gets


def _pair(size: Size) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else size


def _pool(
    share: Share,
    *,
    kernel: Callable[[tuple[int, int], int], tuple[int, int]] = lambda size, stride: size,
    step: Callable[[tuple[int, int], int], tuple[int, int]] = lambda size, stride: (stride, stride),
    add: bool = True,
) -> Callable[..., Array]:
    """A pooling rule: every window's ``share`` of its upstream, added (or assigned) where the window lies."""

    def wrong(g: Array, y: Array, x: Array, kernel_size: Size = 2, stride: int = 2) -> Array:
        size = _pair(kernel_size)
        height, width = kernel(size, stride)
        down, right = step(size, stride)
        dx = np.zeros(x.shape)
        for row, column in np.ndindex(g.shape[2], g.shape[3]):
            place = np.s_[:, :, row * down : row * down + height, column * right : column * right + width]
            part = share(x[place], g[:, :, row, column, None, None])
            dx[place] = dx[place] + part if add else part
        return dx

    return wrong


def _even(window: Array, upstream: Array) -> Array:
    """Average pooling: every entry of the window an equal part."""
    return np.asarray(np.broadcast_to(upstream / (window.shape[2] * window.shape[3]), window.shape))


def _winner(window: Array, upstream: Array, *, last: bool = False) -> Array:
    """Max pooling: all to the largest entry, the first (or last) in row-major order where several are equal."""
    flat = window.reshape(*window.shape[:2], -1)
    place = flat.shape[2] - 1 - flat[..., ::-1].argmax(axis=-1) if last else flat.argmax(axis=-1)
    one_hot = np.arange(flat.shape[2]) == place[..., None]
    return np.asarray(one_hot.reshape(window.shape) * upstream)


def _all_winners(window: Array, upstream: Array) -> Array:
    return np.asarray((window == window.max(axis=(2, 3), keepdims=True)) * upstream)


def _shared_among_winners(window: Array, upstream: Array) -> Array:
    largest = window == window.max(axis=(2, 3), keepdims=True)
    return np.asarray(largest * upstream / largest.sum(axis=(2, 3), keepdims=True))


AVG_POOL2D = Exercise(
    public=kit.AVG_POOL2D,
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
    misconceptions=(
        Misconception(
            "not-divided",
            seen_in="2 by 2",
            wrong=_pool(lambda window, upstream: np.asarray(np.broadcast_to(upstream, window.shape))),
            hint="If one of k entries rises by 1, by how much does their mean rise?",
        ),
        Misconception(
            "divided-by-side",
            seen_in="2 by 2",
            wrong=_pool(lambda window, upstream: np.asarray(np.broadcast_to(upstream / window.shape[2], window.shape))),
            hint="You divide by the length of the window's side. How many entries does it hold?",
        ),
        Misconception(
            "overlaps-overwritten",
            seen_in="overlapping",
            wrong=_pool(_even, add=False),
            hint="An entry of several windows acts on several outputs. Do you keep all contributions, or the last?",
        ),
        Misconception(
            "steps-of-the-kernel",
            seen_in="overlapping",
            wrong=_pool(_even, step=lambda size, stride: size),
            hint="Where does the second window start: one kernel further, or one stride?",
        ),
        Misconception(
            "windows-of-the-stride",
            seen_in="overlapping by one",
            wrong=_pool(_even, kernel=lambda size, stride: (stride, stride)),
            hint="How large is a window: does the stride say that, or kernel_size?",
        ),
        Misconception(
            "winner-takes-all",
            seen_in="2 by 2",
            wrong=_pool(_winner),
            hint="In a mean, does only the largest entry act on the output?",
        ),
        Misconception(
            "upstream-ignored",
            seen_in="2 by 2",
            wrong=_pool(lambda window, upstream: _even(window, np.ones_like(upstream))),
            hint="Every window has its own upstream gradient. Where is it in yours?",
        ),
    ),
)

MAX_POOL2D = Exercise(
    public=kit.MAX_POOL2D,
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
    misconceptions=(
        Misconception(
            "averaged",
            seen_in="2 by 2",
            wrong=_pool(_even),
            hint="Move an entry that is not the largest by a little: does the output notice?",
        ),
        Misconception(
            "ties-all-get-everything",
            seen_in="ties",
            wrong=_pool(_all_winners),
            hint="Several entries are the largest. Can one output hand its whole gradient to each of them?",
        ),
        Misconception(
            "ties-shared",
            seen_in="ties",
            wrong=_pool(_shared_among_winners),
            hint="That is how amax shares a tie. Which convention does max_pool2d have?",
        ),
        Misconception(
            "ties-to-the-last",
            seen_in="ties",
            wrong=_pool(lambda window, upstream: _winner(window, upstream, last=True)),
            hint="Of several largest entries, which one comes first in reading order?",
        ),
        Misconception(
            "smallest-entry",
            seen_in="2 by 2",
            wrong=_pool(lambda window, upstream: _winner(-window, upstream)),
            hint="Which entry of the window does yours pick?",
        ),
        Misconception(
            "largest-magnitude",
            seen_in="2 by 2",
            wrong=_pool(lambda window, upstream: _winner(np.abs(window), upstream)),
            hint="Is -3 larger than 2?",
        ),
        Misconception(
            "upstream-ignored",
            seen_in="2 by 2",
            wrong=_pool(lambda window, upstream: _winner(window, np.ones_like(upstream))),
            hint="A 1 in the winner's place is the local derivative. What does the chain rule multiply it by?",
        ),
        Misconception(
            "overlaps-overwritten",
            seen_in="overlapping",
            wrong=_pool(_winner, add=False),
            hint="One entry may win in several windows. Do you keep all contributions, or the last?",
        ),
        Misconception(
            "steps-of-the-kernel",
            seen_in="overlapping by one",
            wrong=_pool(_winner, step=lambda size, stride: size),
            hint="Where does the second window start: one kernel further, or one stride?",
        ),
        Misconception(
            "windows-of-the-stride",
            seen_in="overlapping by one",
            wrong=_pool(_winner, kernel=lambda size, stride: (stride, stride)),
            hint="How large is a window: does the stride say that, or kernel_size?",
        ),
    ),
)

__all__ = ["AVG_POOL2D", "MAX_POOL2D"]
