"""Structural tests: the simplest relation between what was expected and what came back. They need no bank."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .cases import case_class
from .observed import Observation, Pair, Structural
from .places import entry_class, pattern
from .relations import holds, relations
from .several import called, copied, joined, some_right, swapped

FEW = 4  # cases worth listing by name

__all__ = ["Observation", "Structural", "explain", "locate"]


def explain(observations: Sequence[Observation]) -> Structural | None:
    """The simplest relation that holds on every failing case and not by chance; None if nothing fits.

    First relations between arrays (for all results that are wrong, then for one of them), then a property that tells
    the wrong entries or cases from the right ones, then which of several results is right.
    """
    seen = list(observations)
    pairs = _failing_pairs(seen)
    if pairs is None:
        return case_class(seen)
    with np.errstate(all="ignore"):
        wrong = [pair for pair in pairs if pair.wrong]
        places = sorted({pair.which for pair in wrong})
        found = swapped(pairs) or _related(wrong)
        if found is None and len(places) > 1:
            found = next(filter(None, (_related([p for p in wrong if p.which == place]) for place in places)), None)
        found = found or next(filter(None, (entry_class(seen, place) for place in places)), None)
        return found or copied(pairs) or case_class(seen) or some_right(pairs)


def locate(observations: Sequence[Observation]) -> str | None:
    """Where the answers differ, in a sentence or two, for when no relation fits; None if nothing can be said."""
    seen = list(observations)
    pairs = _failing_pairs(seen) or []
    by_place: dict[str, list[str]] = {}
    for which in sorted({pair.which for pair in pairs if pair.wrong}):
        wrong = [pair for pair in pairs if pair.wrong and pair.which == which]
        if any(pair.want.ndim for pair in wrong):
            by_place.setdefault(pattern(wrong) or _spread(wrong), []).append(wrong[0].name)
    sentences = [
        f"The {called(names)} {'differs' if len(names) == 1 else 'differ'} {at}." for at, names in by_place.items()
    ]
    sentences += _which_cases(seen)
    return " ".join(sentences) or None


def _spread(wrong: Sequence[Pair]) -> str:
    """How many entries differ, where they form no pattern."""
    count = sum(int(pair.differs.sum()) for pair in wrong if pair.differs is not None)
    return f"in {count} of the {sum(pair.want.size for pair in wrong)} entries of the cases that fail"


def _which_cases(seen: Sequence[Observation]) -> list[str]:
    """The cases that are wrong, or those that are right, whichever are few; else how many are wrong."""
    bad = list(dict.fromkeys(one.case for one in seen if not one.right))
    good = list(dict.fromkeys(one.case for one in seen if one.case not in bad and not one.vacuous))
    if not bad or len(bad) + len(good) == 1:
        return []
    if not good:
        return [f"None of the answers that came back is right ({len(bad)} cases)."]
    few, word = (bad, "wrong") if len(bad) <= len(good) else (good, "right")
    if len(few) > FEW:
        return [f"Of the {len(bad) + len(good)} cases with an answer {len(bad)} are wrong."]
    cases = joined([f"'{case}'" for case in few])
    return [f"Of the answers that came back only {cases} {'is' if len(few) == 1 else 'are'} {word}."]


def _failing_pairs(seen: Sequence[Observation]) -> list[Pair] | None:
    """All results of the failing cases; None if some failing case has none that is wrong in shape or value."""
    found: list[Pair] = []
    for one in seen:
        if one.right:
            continue
        if one.pairs is None or not any(pair.wrong for pair in one.pairs):
            return None
        found += one.pairs
    return found or None


def _related(wrong: Sequence[Pair]) -> Structural | None:
    """The first relation that holds on all these results."""
    relation = next((relation for relation in relations(wrong) if holds(relation, wrong)), None)
    if relation is None:
        return None
    names = {pair.name for pair in wrong}
    kind = "gradient" if wrong[0].of.rule else "result"
    subject = f"The {wrong[0].name}" if len(names) == 1 else f"Every {kind} that differs"
    if any(relation.fits(pair) is None for pair in wrong):
        subject += ", wherever the arrays can tell,"
    return Structural(relation.name, f"{subject} {relation.text}", wrong[0].which if len(names) == 1 else None)
