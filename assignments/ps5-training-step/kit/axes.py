"""Relations by shape: axes exchanged, kept, lost, not summed, or summed where they should not be."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from .ladder import Array
from .observed import Pair, Relation, alignments


def not_summed(pair: Pair) -> bool:
    """The returned array gives the expected one when summed over stretched axes: told by products with directions."""
    try:
        fits = np.broadcast_shapes(pair.want.shape, pair.got.shape) == pair.got.shape
    except ValueError:
        return False
    if not fits or pair.got.shape == pair.want.shape:
        return False
    rng = np.random.default_rng(0)
    for _ in range(3):
        direction = rng.standard_normal(pair.want.shape)
        terms = direction * pair.got
        if not abs(terms.sum() - (direction * pair.want).sum()) <= 1e-9 * np.abs(terms).sum():
            return False
    return True


def same_but_for_ones(pair: Pair) -> bool:
    """Equal numbers, and shapes that differ only in axes of length 1."""
    squeezed = pair.got.squeeze().shape == pair.want.squeeze().shape
    return squeezed and pair.got.shape != pair.want.shape and pair.same(pair.got.ravel(), pair.want.ravel())


def transposed(pair: Pair) -> bool:
    """The last two axes are exchanged."""
    return pair.want.ndim >= 2 and pair.same(pair.got, np.swapaxes(pair.want, -1, -2))


def permuted() -> Iterator[Relation]:
    """The axes are in another order, the same one in every case."""
    for ndim in (3, 4):
        for order in itertools.permutations(range(ndim)):
            if order == tuple(range(ndim)):
                continue

            def fits(pair: Pair, order: tuple[int, ...] = order) -> bool:
                return pair.want.ndim == len(order) and pair.same(pair.got, pair.want.transpose(order))

            yield Relation(
                "permuted",
                fits,
                f"has its axes in the order {order} of the expected one. Which permutation undoes the forward's?",
            )


def reversed_axis() -> Iterator[Relation]:
    """The entries run backwards along one axis."""
    for axis, where in ((-1, "the last axis"), (0, "the first axis"), (-2, "the axis before the last")):

        def fits(pair: Pair, axis: int = axis) -> bool:
            return -pair.want.ndim <= axis < pair.want.ndim and pair.same(pair.got, np.flip(pair.want, axis))

        yield Relation("reversed", fits, f"runs backwards along {where}. In which direction do gradients run there?")


def reshaped(pair: Pair) -> bool:
    """The same numbers in reading order, in another shape."""
    return pair.got.shape != pair.want.shape and pair.same(pair.got.ravel(), pair.want.ravel())


def wrong_axis(pair: Pair) -> bool:
    """Expected and returned array are the same thing summed, or spread, along different axes."""
    upstream = pair.of.upstream
    if upstream is None or upstream.ndim == 0:
        return False
    if upstream.ndim > pair.want.ndim or upstream.size > pair.want.size:
        return any(summed_elsewhere(pair, whole) for whole in elementwise(pair, upstream))
    return pair.differs is not None and spread_elsewhere(pair, upstream)


def elementwise(pair: Pair, upstream: Array) -> Iterator[Array]:
    """``grad_output``, and its product with each input that broadcasts to it."""
    yield upstream
    for value in pair.of.inputs.values():
        try:
            product = upstream * value
        except ValueError:
            continue
        if product.shape == upstream.shape:
            yield product


def summed_elsewhere(pair: Pair, whole: Array) -> bool:
    """``whole`` summed over some axes is the expected array, over other ones the returned array."""
    if whole.ndim > 4:
        return False
    wanted, gotten = set(), set()
    for count in range(1, whole.ndim + 1):
        for axes in itertools.combinations(range(whole.ndim), count):
            total = whole.sum(axis=axes).ravel()
            if pair.same(total, pair.want.ravel()):
                wanted.add(axes)
            if pair.same(total, pair.got.ravel()):
                gotten.add(axes)
    return bool(wanted and gotten and not wanted & gotten)


def spread_elsewhere(pair: Pair, upstream: Array) -> bool:
    """The expected array is a multiple of ``grad_output`` spread along some axes, the returned one along others."""
    views = [np.broadcast_to(view, pair.want.shape) for view in alignments(upstream, pair.want.shape)]
    for right, wrong in itertools.permutations(views, 2):
        largest = np.unravel_index(np.argmax(np.abs(right)), right.shape)
        factor = pair.want[largest] / right[largest]
        if pair.same(pair.want, factor * right) and pair.same(pair.got, factor * wrong):
            return True
    return False


def summed_too_much(pair: Pair) -> bool | None:
    """The returned array is the expected one summed over some of its axes; silent where there is nothing to sum."""
    if not pair.want.size:
        return None
    if pair.got.size >= pair.want.size or pair.want.ndim > 4:
        return False
    return any(
        pair.same(pair.got.ravel(), pair.want.sum(axis=axes).ravel())
        for count in range(1, pair.want.ndim + 1)
        for axes in itertools.combinations(range(pair.want.ndim), count)
    )
