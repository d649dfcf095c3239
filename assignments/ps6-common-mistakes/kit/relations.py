"""Relations between what came back and what was expected, from the simplest on. Arrays only: no rule is in here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from .axes import (
    not_summed,
    permuted,
    reshaped,
    reversed_axis,
    same_but_for_ones,
    summed_too_much,
    transposed,
    wrong_axis,
)
from .factors import factors
from .ladder import Array
from .observed import Pair, Relation, alignments


def holds(relation: Relation, pairs: Sequence[Pair]) -> bool:
    """Whether a relation holds on all pairs, and on enough numbers not to do so by chance."""
    verdicts = []
    for pair in pairs:
        if pair.same(pair.got, pair.want):  # so nearly right that every symmetry would fit as well
            return False
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
        "is wrong only where it is NaN or infinite. Which value on the way overflows, or is divided by zero?",
    )
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
        "not-summed",
        not_summed,
        "has the right total, but is spread over more entries than the input has. "
        "An entry that the forward used several times: what becomes of its several gradients?",
    )
    yield from returned_argument(pairs)
    yield Relation(
        "wrong-axis",
        wrong_axis,
        "is right but for the axis: it is summed, or spread, along another one. "
        "Which axis of the output belongs to which axis of the input?",
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


def rearranged(pair: Pair) -> bool:
    """The same numbers, at least three different ones, in other places."""
    if pair.got.shape != pair.want.shape or np.unique(pair.want).size < 3:
        return False
    return pair.same(np.sort(pair.got.ravel()), np.sort(pair.want.ravel()))
