"""Structural tests: the simplest relation between what was expected and what came back. They need no bank."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .cases import case_class
from .observed import Observation, Pair, Structural
from .places import entry_class, pattern
from .relations import holds, relations
from .several import copied, joined, some_right, swapped

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
    pairs = _failing_pairs(seen)
    if pairs is None:
        return None
    sentences = []
    for which in sorted({pair.which for pair in pairs if pair.wrong}):
        wrong = [pair for pair in pairs if pair.wrong and pair.which == which]
        if any(pair.want.ndim for pair in wrong):
            sentences.append(f"The {wrong[0].name} differs {pattern(wrong)}.")
    bad = list(dict.fromkeys(one.case for one in seen if not one.right))
    good = [one.case for one in seen if one.right and one.case not in bad]
    if good:
        cases = joined([f"'{case}'" for case in bad])
        sentences.append(
            f"Only the {'case' if len(bad) == 1 else 'cases'} {cases} {'fails' if len(bad) == 1 else 'fail'}."
        )
    return " ".join(sentences) or None


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
    subject = f"The {wrong[0].name}" if len(names) == 1 else "What you return, wherever it differs,"
    return Structural(relation.name, f"{subject} {relation.text}", wrong[0].which if len(names) == 1 else None)
