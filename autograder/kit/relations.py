"""Relations between what came back and what was expected, from the simplest on. Arrays only: no rule is in here."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from .factors import factors
from .ladder import Array
from .observed import Pair, Relation, alignments


def holds(relation: Relation, pairs: Sequence[Pair]) -> bool:
    """Whether a relation holds on all pairs, and on enough numbers not to do so by chance."""
    verdicts = []
    for pair in pairs:
        verdict = relation.fits(pair)
        if verdict is False:
            return False
        verdicts.append(verdict)
    evidence = sum(pair.telling for pair, verdict in zip(pairs, verdicts, strict=True) if verdict)
    return evidence >= (4 if None in verdicts else 2)


def relations(pairs: Sequence[Pair]) -> Iterator[Relation]:
    """Every relation worth trying on these pairs, the simplest first."""
    yield Relation("zeros", lambda p: not p.got.any(), "is zero everywhere. Is the result of the computation returned?")
    yield Relation(
        "not-finite",
        not_finite,
        "is NaN or infinite wherever it differs. Which value on the way overflows, or is divided by zero?",
    )
    yield Relation(
        "not-summed",
        not_summed,
        "has the right total, but is spread over more entries than the input has. "
        "An entry that broadcasting used several times: what becomes of its several gradients?",
    )
    yield from returned_argument(pairs)
    yield Relation(
        "kept-axes",
        lambda p: same_but_for_ones(p) and p.got.ndim > p.want.ndim,
        "holds the right numbers with an axis of length 1 too many. Which shape does the expected array have?",
    )
    yield Relation(
        "lost-axes",
        lambda p: same_but_for_ones(p) and p.got.ndim < p.want.ndim,
        "holds the right numbers, but an axis of length 1 is missing. Which shape does the expected array have?",
    )
    yield Relation(
        "transposed", transposed, "is transposed: its last two axes are exchanged. Which index should come first?"
    )
    yield from permuted()
    yield from reversed_axis()
    yield Relation(
        "reshaped", reshaped, "holds the right numbers in reading order, in another shape. Which shape must it have?"
    )
    yield Relation(
        "upstream-ignored",
        upstream_ignored,
        "is right once it is multiplied by grad_output. Where does dL/dy enter the chain rule?",
    )
    yield Relation(
        "upstream-twice",
        upstream_twice,
        "is right once it is divided by grad_output. How often should dL/dy enter the chain rule?",
    )
    yield from factors(pairs)
    yield Relation(
        "upstream-not-added",
        lambda p: added_upstream(p, -1.0),
        "lacks exactly grad_output as a summand. Which path from the output to this input is left out?",
    )
    yield Relation(
        "upstream-added",
        lambda p: added_upstream(p, 1.0),
        "is too large by exactly grad_output. Which path is counted that does not exist?",
    )
    yield Relation(
        "last-write",
        last_write,
        "holds, where an index occurs more than once, only its last contribution. "
        "What happens to the earlier ones when an entry is assigned again?",
    )
    yield Relation(
        "wrong-axis",
        wrong_axis,
        "is right but for the axis: it is summed, or spread, along another one. "
        "Which axis of the output belongs to which axis of the input?",
    )
    yield Relation(
        "summed-too-much",
        summed_too_much,
        "is the expected array summed over an axis that should have stayed. Which axes did broadcasting stretch?",
    )
    yield Relation(
        "rearranged",
        rearranged,
        "holds the right numbers in the wrong places. In which order does the forward read its input?",
    )


def not_finite(pair: Pair) -> bool:
    """Every entry that differs is NaN or infinite."""
    return pair.differs is not None and not np.isfinite(pair.got[pair.differs]).any()


def not_summed(pair: Pair) -> bool:
    """The returned array gives the expected one when summed over stretched axes: told by products with directions."""
    try:
        fits = np.broadcast_shapes(pair.want.shape, pair.got.shape) == pair.got.shape
    except ValueError:
        return False
    if not fits or pair.got.size <= pair.want.size:
        return False
    rng = np.random.default_rng(0)
    for _ in range(3):
        direction = rng.standard_normal(pair.want.shape)
        terms = direction * pair.got
        if not abs(terms.sum() - (direction * pair.want).sum()) <= 1e-9 * np.abs(terms).sum():
            return False
    return True


RETURNED = {
    "grad_output": ("upstream-returned", "is grad_output itself. What does the operation do to it on the way back?"),
    "output": ("forward-returned", "is the output of the forward. What is asked for: the value, or how it changes?"),
}


def returned_argument(pairs: Sequence[Pair]) -> Iterator[Relation]:
    """One of the arguments came back as it was."""
    for name in dict.fromkeys(name for pair in pairs for name, _ in pair.of.arguments):

        def fits(pair: Pair, name: str = name) -> bool:
            value = pair.of.named.get(name)
            return isinstance(value, np.ndarray) and value.dtype.kind == "f" and pair.same(pair.got, value)

        label, text = RETURNED.get(
            name, ("input-returned", f"is the argument {name}, unchanged. What should be computed from it?")
        )
        yield Relation(label, fits, text)


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


def upstream_ignored(pair: Pair) -> bool | None:
    """The expected array is the returned one times ``grad_output``; silent where several of its entries meet in one."""
    return by_upstream(pair, lambda upstream: pair.same(pair.got * upstream, pair.want))


def upstream_twice(pair: Pair) -> bool | None:
    """The returned array is the expected one times ``grad_output``; silent where several of its entries meet in one."""
    return by_upstream(pair, lambda upstream: pair.same(pair.got, pair.want * upstream))


def by_upstream(pair: Pair, fits: Callable[[Array], bool]) -> bool | None:
    """Whether ``fits`` holds for ``grad_output`` laid along the axes of the expected array in some way."""
    upstream = pair.of.upstream
    if upstream is None:
        return False
    if upstream.size > pair.want.size:
        return None
    return pair.differs is not None and any(fits(view) for view in alignments(upstream, pair.want.shape))


def added_upstream(pair: Pair, sign: float) -> bool:
    """The returned array is the expected one plus (or minus) ``grad_output``."""
    upstream = pair.of.upstream
    if upstream is None or pair.differs is None or upstream.shape != pair.want.shape:
        return False
    return pair.same(pair.got, pair.want + sign * upstream)


def last_write(pair: Pair) -> bool:
    """Plain assignment through an index array that names an entry more than once."""
    upstream = pair.of.upstream
    if upstream is None or pair.differs is None:
        return False
    for _, index in pair.of.arguments:
        if not (isinstance(index, np.ndarray) and index.dtype.kind in "iu" and index.ndim):
            continue
        written = np.zeros_like(pair.want)
        if upstream.shape == index.shape + pair.want.shape[1:]:
            written[index] = upstream
        elif index.ndim == pair.want.ndim and upstream.shape == index.shape:
            np.put_along_axis(written, index, upstream, int(pair.of.named.get("axis", 0)))
        else:
            continue
        skipped = pair.of.named.get("padding_idx")
        if skipped is not None:
            written[skipped] = 0.0
        if pair.same(pair.got, written):
            return True
    return False


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


def summed_too_much(pair: Pair) -> bool:
    """The returned array is the expected one summed over some of its axes."""
    if pair.got.size >= pair.want.size or pair.want.ndim > 4:
        return False
    return any(
        pair.same(pair.got.ravel(), pair.want.sum(axis=axes).ravel())
        for count in range(1, pair.want.ndim + 1)
        for axes in itertools.combinations(range(pair.want.ndim), count)
    )


def rearranged(pair: Pair) -> bool:
    """The same numbers, at least three different ones, in other places."""
    if pair.got.shape != pair.want.shape or np.unique(pair.want).size < 3:
        return False
    return pair.same(np.sort(pair.got.ravel()), np.sort(pair.want.ravel()))
