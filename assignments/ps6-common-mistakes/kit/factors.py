"""Relations by one factor: a constant, or a size of the case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from .observed import Pair, Relation


def factors(pairs: Sequence[Pair]) -> Iterator[Relation]:
    """One number too much: a constant, a size of the case, anything that is the same everywhere, or once a case."""
    found = [pair.factor() for pair in pairs]
    known = [factor for factor in found if factor is not None]
    if len(known) != len(found) or not known or any(abs(factor) < 1e-6 or abs(factor - 1) < 1e-6 for factor in known):
        return
    constant = np.ptp(known) <= 1e-7 * max(map(abs, known))

    def is_scaled(pair: Pair) -> bool:
        return pair.factor() is not None

    if constant and abs(known[0] + 1) < 1e-7:
        yield Relation(
            "opposite-sign",
            is_scaled,
            "has exactly the opposite sign. In which direction does the output move when this input grows?",
        )
    elif constant and abs(known[0] - 2) < 1e-7:
        yield Relation("twice", is_scaled, "is exactly twice what is expected. Which term is counted two times?")
    elif constant and abs(known[0] - 0.5) < 1e-7:
        yield Relation("half", is_scaled, "is exactly half of what is expected. Where is a factor of 2 lost?")
    if not constant or min(abs(known[0] - c) for c in (-1, 2, 0.5)) > 1e-7:
        yield from sized(pairs, known)
        if constant:
            yield Relation(
                "factor",
                is_scaled,
                f"is {known[0]:.4g} times what is expected, in every entry. Where does this factor come from?",
            )
        elif all(pair.telling >= 2 for pair in pairs):
            yield Relation(
                "factor-per-case",
                is_scaled,
                "is off by one factor in each case, another one from case to case. "
                "Which number of the case is forgotten, or used where it should not be?",
            )


FORMS: tuple[tuple[str, Callable[[float], float]], ...] = (
    ("n times", lambda n: n),
    ("1/n of", lambda n: 1 / n),
    ("sqrt(n) times", lambda n: n**0.5),
    ("1/sqrt(n) of", lambda n: n**-0.5),
    ("n/(n-1) times", lambda n: n / (n - 1)),
    ("(n-1)/n of", lambda n: (n - 1) / n),
)


def sized(pairs: Sequence[Pair], known: Sequence[float]) -> Iterator[Relation]:
    """The factor is a size of the case. One size alone is evidence only for the plain forms, and only from 3 on."""
    sizes = [sizes_of(pair) for pair in pairs]
    for form, of in FORMS:
        meanings = []
        for meaning in sizes[0]:
            if not all(meaning in one and one[meaning] > 1 for one in sizes):
                continue
            numbers = [one[meaning] for one in sizes]
            several = len(set(numbers)) > 1
            if not several and (min(numbers) < 3 or "sqrt" in form or "-" in form):
                continue
            if all(abs(factor - of(n)) <= 1e-7 * of(n) for factor, n in zip(known, numbers, strict=True)):
                meanings.append(meaning)
        if meanings:
            size = " or ".join(meanings[:2])
            text = f"is exactly {form} what is expected, where n is {size}. Where should this n enter, and where not?"
            yield Relation("size-factor", lambda pair: pair.factor() is not None, text)
            return


def sizes_of(pair: Pair) -> dict[str, float]:
    """The sizes of a case that a formula might divide by, in words."""
    found: dict[str, float] = {}
    upstream = pair.of.upstream
    if upstream is not None and upstream.size:
        if pair.want.size % upstream.size == 0 and pair.want.size > upstream.size:
            found["how many entries are reduced to one"] = pair.want.size / upstream.size
        elif upstream.size % max(pair.want.size, 1) == 0 and upstream.size > pair.want.size > 0:
            found["how often broadcasting used each entry"] = upstream.size / pair.want.size
    for name, value in pair.of.inputs.items():
        for axis, where in ((0, "first"), (-1, "last")):
            if value.ndim:
                found[f"the length of the {where} axis of {name}"] = float(value.shape[axis])
        found[f"the number of entries of {name}"] = float(value.size)
    return found
