"""Cells that a person graded: they stay closed, whatever is graded again, until there is a reason to look once more.

A reason is that the answer itself is another one, or that the cell is worth less now than the score that it got. To
know that, a recording keeps of every answer a digest and of every cell what it was worth.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.grading.marks import Mark
from autograder.grading.release import Release

DIGITS = 16
"""Hexadecimal digits of a digest: nobody gains by two answers of one digest but the one who wrote both."""


def answer_digests(notebook: Mapping[str, Any], sources: Mapping[str, str], release: Release) -> dict[str, str]:
    """A digest of each answer of the restored ``notebook``, by exercise and by essay.

    ``sources`` are the answers to exercises. An essay's cell that was left as released has its answer elsewhere, if
    there is one: then every cell of the student's own counts.
    """
    released = {cell.id: cell.source for cell in release.cells}
    texts: dict[str, Any] = {}
    own: list[Any] = []
    for cell in notebook.get("cells", ()):
        said = [_text(cell["source"]), cell.get("attachments") or {}]
        if cell.get("id") in release.essays:
            texts[cell["id"]] = said
        elif cell.get("id") not in released:
            own.append(said)
    digests = {name: _digest(sources.get(name, "")) for name in release.exercises}
    for name in release.essays:
        said = texts.get(name, ["", {}])
        digests[name] = _digest([said, own] if said[0].strip() == released[name].strip() else said)
    return digests


@dataclass(frozen=True)
class Remembered:
    """What a recording keeps for the next one, by grade cell.

    ``answers`` has the digest of the answer and what the cell was worth, ``closed`` the score that a person gave.
    ``file`` is the digest of the whole notebook: where it is the same so is every answer. ``unread`` says that the file
    was none that could be read: then ``answers`` are those of before, and ``closed`` has what waits only for that.
    """

    file: str = ""
    answers: Mapping[str, tuple[str, float]] | None = None
    closed: Mapping[str, float] | None = None
    unread: bool = False

    def was_closed(self, mark: Mark) -> bool:
        """Whether a person has graded the cell and nothing opened it since.

        A recording by nbgrader's own `autograde` opens every cell with a manual score, and did not mean to.
        """
        if mark.manual is None:
            return False
        return not mark.needs_human or (self.closed or {}).get(mark.cell) == mark.manual

    def reason(self, mark: Mark, now: Remembered) -> str:
        """Why a person must look again at a cell that was closed; empty if nothing says so."""
        assert mark.manual is not None
        before, after = (side.answers or {} for side in (self, now))
        was, is_now = before.get(mark.cell), after.get(mark.cell)
        if mark.points and mark.manual > mark.points and (was is None or was[1] > mark.points):
            return f"its score {mark.manual:g} is above the {mark.points:g} points that it is worth now"
        waits = self.unread and mark.needs_human and (now is self or not now.answers)
        if not waits and now.file and now.file == self.file:
            return ""
        if waits or is_now is None:
            return "what was handed in now could not be read"
        if was is None:
            return "another notebook was handed in, and which answer was graded by hand is not known"
        return "" if was[0] == is_now[0] else "another answer was handed in"


def _text(source: Any) -> str:
    return source if isinstance(source, str) else "".join(source)


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:DIGITS]
