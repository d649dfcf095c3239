"""What the local rules share: positive inputs, and misconceptions that nearly any case exposes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder.course.declare import Misconception
from kit.draws import Draw


def above_zero(low: float = 1.3, high: float = 3.0) -> Draw:
    """A positive Python float."""
    return Draw("above zero", lambda rng: float(rng.uniform(low, high)))


def mistake(name: str, wrong: Callable[..., Any], hint: str, seen_in: str = "one point") -> Misconception:
    """A misconception; nearly all of these are seen anywhere."""
    return Misconception(name, seen_in, wrong, hint)
