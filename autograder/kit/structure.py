"""Structural tests: the simplest relation between what was expected and what came back. They need no bank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Observation:
    """One answered case.

    ``arguments`` are (name, value) pairs in calling order, ``names`` what each expected array is called, ``returned``
    what came back as it came back, ``right`` whether it passed. ``scale`` is the case's own size, for tolerances.
    ``rule`` says that the arguments begin with ``grad_output`` and ``output``.
    """

    case: str
    check: str
    arguments: tuple[tuple[str, Any], ...]
    names: tuple[str, ...]
    expected: tuple[Any, ...]
    returned: Any
    right: bool
    scale: float = 1.0
    rule: bool = True


@dataclass(frozen=True)
class Structural:
    """A structural finding: a short name, a sentence that ends in a question, and the returned array it concerns."""

    name: str
    text: str
    which: int | None = None


def explain(observations: Sequence[Observation]) -> Structural | None:
    """The simplest relation that holds on every failing case and on no other reading; None if nothing fits."""
    return None
