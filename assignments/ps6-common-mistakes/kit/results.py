"""What a check found: one row a case, the smallest failing case, a hint. Plain data, for ``show`` to render."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .ladder import Finding


@dataclass(frozen=True)
class Row:
    """One line of the table. ``passed`` is None where the case could not be run; ``note`` says what was found."""

    name: str
    about: str
    passed: bool | None
    note: str = ""


@dataclass(frozen=True)
class Failing:
    """The failing case to show: its arguments by name and the rung on which it failed."""

    name: str
    arguments: tuple[tuple[str, Any], ...]
    finding: Finding
    heading: str = "smallest failing case"


@dataclass(frozen=True)
class Report:
    """The outcome of one check.

    ``unfilled`` means that the skeleton is untouched; ``hint`` is a structural finding or a location, in a sentence;
    ``notes`` go below the table.
    """

    exercise: str
    signature: str
    rows: tuple[Row, ...]
    failing: Failing | None = None
    hint: str = ""
    notes: tuple[str, ...] = ()
    unfilled: bool = False

    @property
    def passed(self) -> bool:
        """Whether nothing failed and something was run."""
        return not self.unfilled and self._count(False) == 0 and self._count(True) > 0

    @property
    def summary(self) -> str:
        """One line: how many checks pass or fail, and the finding on the case that is shown."""
        if self.unfilled:
            return f"{self.exercise}: not filled in yet"
        failed, ran = self._count(False), self._count(False) + self._count(True)
        if not ran:
            return f"{self.exercise}: no check could be run, {self.rows[0].note}" if self.rows else self.exercise
        if not failed:
            return f"{self.exercise}: all {ran} checks pass" if ran > 1 else f"{self.exercise}: the check passes"
        line = f"{self.exercise}: {failed} of {ran} checks {'fails' if failed == 1 else 'fail'}"
        if self.failing is None:
            first = next(row for row in self.rows if row.passed is False)
            return f"{line}; {first.name}: {first.note}"
        return f"{line}; {self.failing.finding.message} (case '{self.failing.name}')"

    def _count(self, passed: bool) -> int:
        return sum(row.passed is passed for row in self.rows)


def unchanged(touched: Sequence[tuple[str, str]]) -> Row:
    """The row that says whether arguments were left alone. ``touched`` holds (case, argument) pairs."""
    if not touched:
        return Row("inputs unchanged", "every case", True)
    case, name = touched[0]
    note = f"{name} was changed in place (case '{case}'): is there a +=, a *= or an out= on it, or on a view of it?"
    return Row("inputs unchanged", "every case", False, note)
