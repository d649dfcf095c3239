"""The private halves of the exercises, one file per assignment, and the catalogue of them all."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.exercises import ps1, ps2, ps3, ps4, ps5, ps6
from autograder.exercises.declare import Exercise, Expected, ExpectedCase, Misconception

CATALOGUE: Mapping[str, tuple[Exercise, ...]] = {
    "ps1-chain-rule": ps1.EXERCISES,
    "ps2-vector-jacobian-products": ps2.EXERCISES,
    "ps3-activations-and-losses": ps3.EXERCISES,
    "ps4-layers": ps4.EXERCISES,
    "ps5-training-step": ps5.EXERCISES,
    "ps6-common-mistakes": ps6.EXERCISES,
}
"""Assignment name to its exercises, in the notebook's order."""

__all__ = ["CATALOGUE", "Exercise", "Expected", "ExpectedCase", "Misconception"]
