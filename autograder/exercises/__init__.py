"""The private halves of the exercises, one file per assignment, and the catalogue of them all."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

from autograder.exercises.declare import Exercise, Expected, ExpectedCase, Misconception

MODULES: Mapping[str, str] = {
    "ps1-chain-rule": "ps1",
    "ps2-vector-jacobian-products": "ps2",
    "ps3-activations-and-losses": "ps3",
    "ps4-layers": "ps4",
    "ps5-training-step": "ps5",
    "ps6-common-mistakes": "ps6",
}
"""Assignment name to the module of its exercises, here and in ``kit.public``."""


class _Catalogue(Mapping[str, tuple[Exercise, ...]]):
    """Imports what is looked up: who grades one assignment needs one."""

    def __getitem__(self, assignment: str) -> tuple[Exercise, ...]:
        exercises: tuple[Exercise, ...] = importlib.import_module(f"{__name__}.{MODULES[assignment]}").EXERCISES
        return exercises

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)

    def __contains__(self, assignment: object) -> bool:
        return assignment in MODULES


CATALOGUE: Mapping[str, tuple[Exercise, ...]] = _Catalogue()
"""Assignment name to its exercises, in the notebook's order."""

__all__ = ["CATALOGUE", "MODULES", "Exercise", "Expected", "ExpectedCase", "Misconception"]
