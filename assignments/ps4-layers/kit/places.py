"""Where answers differ: which entries, which results, which cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import lgamma, log

import numpy as np

from .ladder import Array
from .observed import CHANCE, Observation, Pair, Structural

LARGE = 20.0
ASKS = {
    "negative": "Which branch of the function is that?",
    "positive": "Which branch of the function is that?",
    "kink": "Which derivative does the notebook agree on at such a point?",
    "bound": "What is agreed on right at such a bound?",
    "tie": "How do equal entries share the gradient?",
    "repeated": "What becomes of the contributions of the same entry?",
    "large": "Does something overflow or cancel on the way?",
    "other": "What changes in the formula there?",
}


def entry_class(seen: Sequence[Observation], which: int) -> Structural | None:
    """A property of the input that exactly the wrong entries of one result have; None if no property is that clear."""
    pairs = [pair for one in seen for pair in (one.pairs or ()) if pair.which == which]
    if not pairs or any(pair.differs is None for pair in pairs) or any(one.pairs is None for one in seen):
        return None
    wrong = sum(int(_mask(pair).sum()) for pair in pairs)
    total = sum(pair.want.size for pair in pairs)
    classes = [dict(entry_classes(pair)) for pair in pairs]
    names = dict.fromkeys(name for one in classes for name in one)
    fitting = []
    for name in names:
        masks = [one.get(name, np.zeros(pair.want.shape, dtype=bool)) for one, pair in zip(classes, pairs, strict=True)]
        size = sum(int(mask.sum()) for mask in masks)
        inside = sum(int((mask & _mask(pair)).sum()) for mask, pair in zip(masks, pairs, strict=True))
        if inside != wrong or 2 * wrong < size or size == total:
            continue
        clear = wrong >= 2 and _log_choose(size, wrong) <= log(CHANCE) + _log_choose(total, wrong)
        if clear or (wrong == size == 1 and total >= 20):
            fitting.append((size, name))
    if not fitting:
        return None
    kind, words = min(fitting, key=lambda pair: pair[0])[1]
    text = f"{_subject(pairs[0])} differs only {words}; everywhere else it is right. {ASKS[kind]}"
    return Structural(f"only-{kind}", text, which)


def _log_choose(n: int, k: int) -> float:
    """The logarithm of how many ways there are to pick k out of n."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _mask(pair: Pair) -> Array:
    if pair.differs is None or pair.of.right:
        return np.zeros(pair.want.shape, dtype=bool)
    return pair.differs


def _subject(pair: Pair) -> str:
    return f"The {pair.name}"


def entry_classes(pair: Pair) -> Iterator[tuple[tuple[str, str], Array]]:
    """((kind, words), mask) for every property of entries that this result's own input defines."""
    yield from _repeats(pair)
    own = pair.own_input
    if own is None:
        return
    name, x = own
    numbers = [v for v in pair.of.named.values() if isinstance(v, (int, float)) and not isinstance(v, bool) and v != 0]
    yield ("kink", f"where {name} is exactly 0"), x == 0
    yield ("bound", f"where {name} equals a bound or another parameter exactly"), np.isin(x, [*numbers, -1.0, 1.0])
    for other, value in pair.of.inputs.items():
        if other == name:
            continue
        ties = _ties(x, value)
        if ties is not None:
            yield ("tie", f"where {name} and {other} are equal"), ties
        if value.shape == x.shape:
            yield ("kink", f"where {other} is exactly 0"), value == 0
            yield ("other", f"where {other} is negative"), value < 0
    if x.size:
        _, place, counts = np.unique(x, return_inverse=True, return_counts=True)
        yield ("tie", f"where several entries of {name} are equal"), (counts > 1)[place].reshape(x.shape)
    yield ("large", f"where {name} is large (beyond {LARGE:g})"), np.abs(x) >= LARGE
    yield ("negative", f"where {name} is negative"), x < 0
    yield ("positive", f"where {name} is positive"), x > 0
    yield ("negative", f"where {name} is negative or zero"), x <= 0
    yield ("positive", f"where {name} is positive or zero"), x >= 0


def _ties(x: Array, other: Array) -> Array | None:
    """The entries of ``x`` that equal one of those that broadcasting puts beside them."""
    try:
        equal = x == np.asarray(other)
    except ValueError:
        return None
    if not isinstance(equal, np.ndarray) or equal.ndim != x.ndim or x.ndim == 0:
        return None
    mask = np.zeros(x.shape, dtype=bool)
    mask[tuple((np.argwhere(equal) % np.maximum(x.shape, 1)).T)] = True
    return mask


def _repeats(pair: Pair) -> Iterator[tuple[tuple[str, str], Array]]:
    """Entries of the result that an index array names more than once."""
    for name, index in pair.of.arguments:
        if not (isinstance(index, np.ndarray) and index.dtype.kind in "iu" and index.ndim and pair.want.ndim):
            continue
        counts = np.zeros(pair.want.shape, dtype=np.int64)
        axis = int(pair.of.named.get("axis", 0) or 0)
        try:
            if index.ndim == pair.want.ndim > 1:
                spots = np.indices(index.shape)
                spots[axis] = index
                np.add.at(counts, tuple(spots), 1)
            else:
                np.add.at(counts, index, 1)
        except (IndexError, ValueError):
            continue
        yield ("repeated", f"where {name} names the same entry more than once"), counts > 1


PATTERNS: tuple[tuple[str, Callable[[Array], bool]], ...] = (
    ("in every entry", lambda m: bool(m.all())),
    ("exactly on the diagonal", lambda m: _square(m) and np.array_equal(m, _diagonal(m))),
    ("everywhere but on the diagonal", lambda m: _square(m) and np.array_equal(m, ~_diagonal(m))),
    ("in the first entry only", lambda m: m.ndim == 1 and _only(m, 0, -1)),
    ("in the last entry only", lambda m: m.ndim == 1 and _only(m, -1, -1)),
    ("in one entry", lambda m: m.size > 1 and int(m.sum()) == 1),
    ("in the first row only", lambda m: m.ndim >= 2 and _only(m, 0, -2)),
    ("in the last row only", lambda m: m.ndim >= 2 and _only(m, -1, -2)),
    ("in the first column only", lambda m: m.ndim >= 2 and _only(m, 0, -1)),
    ("in the last column only", lambda m: m.ndim >= 2 and _only(m, -1, -1)),
    ("in a single row", lambda m: m.ndim >= 2 and m.shape[-2] > 1 and int(m.any(axis=-1).sum()) == 1),
    ("in a single column", lambda m: m.ndim >= 2 and m.shape[-1] > 1 and int(m.any(axis=-2).sum()) == 1),
    ("", lambda m: True),
)


def pattern(pairs: Sequence[Pair]) -> str:
    """Which entries of one result differ, as far as the same can be said of all cases; empty if nothing can."""
    masks = [pair.differs for pair in pairs]
    if any(mask is None for mask in masks):
        return "in its shape"
    return next(words for words, has in PATTERNS if all(mask is not None and has(mask) for mask in masks))


def _square(mask: Array) -> bool:
    return mask.ndim >= 2 and mask.shape[-1] == mask.shape[-2] > 1


def _diagonal(mask: Array) -> Array:
    return np.broadcast_to(np.eye(mask.shape[-1], dtype=bool), mask.shape)


def _only(mask: Array, index: int, axis: int) -> bool:
    inside = np.take(mask, index, axis=axis)
    return mask.shape[axis] > 1 and bool(inside.any()) and int(mask.sum()) == int(inside.sum())
