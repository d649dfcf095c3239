"""Several results of one answer: exchanged, copied from one another, some right and some not."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from .observed import Observation, Pair, Structural


def swapped(pairs: Sequence[Pair]) -> Structural | None:
    """Two results stand in each other's place, in every failing case."""
    cases = list({id(pair.of): pair.of for pair in pairs}.values())
    count = len(cases[0].pairs or ())
    for a in range(count):
        for b in range(a + 1, count):
            if all(_stand_for_each_other(one, a, b) for one in cases):
                names = [pair.name for pair in cases[0].pairs or ()]
                text = f"The {names[a]} and the {names[b]} are exchanged. In which order are the inputs listed?"
                return Structural("swapped", text)
    return None


def _stand_for_each_other(one: Observation, a: int, b: int) -> bool:
    pairs = one.pairs or ()
    if len(pairs) <= b or any(pair.wrong for place, pair in enumerate(pairs) if place not in (a, b)):
        return False
    first, second = pairs[a], pairs[b]
    return (
        first.wrong
        and second.wrong
        and first.want.size + second.want.size >= 2
        and first.same(first.got, second.want)
        and second.same(second.got, first.want)
    )


def copied(pairs: Sequence[Pair]) -> Structural | None:
    """Two results that should differ came back the same, one of them right."""
    by_case: dict[int, list[Pair]] = {}
    for pair in pairs:
        by_case.setdefault(id(pair.of), []).append(pair)
    for a, b in itertools.combinations(range(min(map(len, by_case.values()))), 2):
        both = [(case[a], case[b]) for case in by_case.values()]
        if (
            all(x.wrong != y.wrong and x.same(x.got, y.got) for x, y in both)
            and sum(x.telling + y.telling for x, y in both) >= 2
        ):
            text = (
                f"The {both[0][0].name} and the {both[0][1].name} come back equal, and only one of them is right. "
                "What distinguishes the two inputs in the forward?"
            )
            return Structural("copied", text)
    return None


def some_right(pairs: Sequence[Pair]) -> Structural | None:
    """Of several results, the same ones are right in every failing case."""
    names = {pair.which: pair.name for pair in pairs}
    wrong = sorted({pair.which for pair in pairs if pair.wrong})
    right = sorted(set(names) - set(wrong))
    if not right or not wrong or sum(pair.want.size for pair in pairs if pair.which in right) < 2:
        return None
    good, bad = called([names[which] for which in right]), called([names[which] for which in wrong])
    verb = "is" if len(right) == 1 else "are"
    asks = (
        "How does that input enter the forward?" if len(wrong) == 1 else "What do those have in common in the forward?"
    )
    text = f"The {good} {verb} right wherever an answer came back; look at the {bad} alone. {asks}"
    return Structural("some-right", text, wrong[0] if len(wrong) == 1 else None)


def called(names: Sequence[str]) -> str:
    """Several results in words: ``gradients of a and b``."""
    inputs = [name.removeprefix("gradient of ") for name in names]
    if len(names) > 1 and all(name.startswith("gradient of ") for name in names):
        return f"gradients of {joined(inputs)}"
    return joined(names)


def joined(words: Sequence[str]) -> str:
    """``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
