"""What is graded one by one: an assignment or, where it has several notebooks, each of them.

A unit is called `<assignment>`, or `<assignment>/<notebook>`; neither name holds a slash. Plans, releases, records and
completion rows go by it, and so an assignment with one notebook is its own unit.
"""

from __future__ import annotations

from collections.abc import Iterable


def unit_of(assignment: str, notebook: str = "") -> str:
    """The unit of a notebook; ``notebook`` is empty where the assignment has one alone."""
    return f"{assignment}/{notebook}" if notebook else assignment


def assignment_of(unit: str) -> str:
    """The assignment that a unit belongs to."""
    return unit.partition("/")[0]


def by_assignment(units: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Each assignment with those of its units that are there, in their order."""
    found: dict[str, tuple[str, ...]] = {}
    for unit in units:
        found[assignment_of(unit)] = (*found.get(assignment_of(unit), ()), unit)
    return found
