"""The part of a feedback page that comes from a person: scores and comments given by hand, and the score that counts.

It is put into a page that is already there, between two marks that no student's text can hold: what students write is
escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.reports.pages import template

BEGIN, END = "<!-- from a person -->", "<!-- /from a person -->"
"""Where it goes, in feedback.html."""

LONGEST = 10_000  # characters of one comment


@dataclass(frozen=True)
class Remark:
    """What a person gave one exercise or essay. ``earned`` is what counts, None where no score was given."""

    name: str
    points: float
    earned: float | None = None
    extra: float = 0.0
    comment: str = ""

    @property
    def words(self) -> str:
        """The comment, cut where it is endless."""
        return self.comment[:LONGEST]


@dataclass(frozen=True)
class ByHand:
    """What is told: the remarks, and the score with everything in it. ``waiting`` names what nobody has read yet.

    Where the assignment has ``several`` notebooks the score is that of all of them.
    """

    remarks: Sequence[Remark]
    score: float
    points: float
    penalty: float = 0.0
    waiting: Sequence[str] = ()
    several: bool = False


def with_marks(page: str, given: ByHand) -> str:
    """``page`` with what was given in it, in the place of an earlier one; without remarks there is none.

    A page without a place for it stays as it is: one of nbgrader's own, say.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        return page
    told = template("by_hand.html").render(given=given) if given.remarks else ""
    return f"{before}{begin}{told}{end}{after}"
