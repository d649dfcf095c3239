"""Where the check of each exercise stands among the cells that are run, and how a cell is named to its student."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autograder.grading._match import same_text
from autograder.grading._restore import Placed, Restored
from autograder.grading.release import OWN, Release

LONGEST = 200_000
"""Characters of a cell in which calls of `check` are looked for."""

_CALL = r"""check(?=\(\s*+["']?(?P<what>\w++)["']?\s*+[,)])"""
_FIRST_CALL = re.compile(_CALL)
_TOKEN = re.compile(
    rf"""
      \"\"\"(?:[^"\\]|\\[\s\S]|"(?!""))*+\"\"\"  |  '''(?:[^'\\]|\\[\s\S]|'(?!''))*+'''
    | (?P<lost>\"\"\"|''')
    | "(?:[^"\\\n]|\\[\s\S])*+"  |  '(?:[^'\\\n]|\\[\s\S])*+'
    | (?P<lost_too>["'])
    | \#[^\n]*+
    | ^(?:!|%\w)[^\n]*+
    | (?P<goes_on>\\\n)
    | ^{_CALL}
    | (?P<opens>[(\[{{])
    | (?P<closes>[)\]}}])
    """,
    re.MULTILINE | re.VERBOSE,
)
_MAGIC = re.compile(r"\s*+%%(?!(?:time|capture)\b)")
_FUTURE = re.compile(r"^from __future__ import annotations\b", re.MULTILINE)


def laid_out(
    restored: Restored, release: Release, runs: Sequence[bool]
) -> tuple[tuple[tuple[Placed, str], ...], dict[str, int]]:
    """The cells that run, each with its source; and after how many of them each exercise's check stands.

    ``runs`` says of each restored cell whether it does. The order is the student's: a check that was moved stands where
    it was moved to, but not above the cell of its answer; one that was lost stands where the release put it back, below
    the cell that it followed there. Where its call stands in code of the student's, the check is there: that cell is
    run in two parts, with the check between them. Lines keep their numbers.
    """
    checks = {cell.exercise: cell.source for cell in release.cells if cell.role == "check" and cell.exercise}
    calls = _calls(restored, checks, runs)
    parts: list[tuple[Placed, str]] = []
    found: dict[str, int] = {}
    in_code: dict[str, int] = {}
    for at, cell in enumerate(restored.cells):
        begin = 0
        for offset, exercise in sorted(calls.get(at, ())):
            if same_text(cell.source[offset:], checks[exercise]):  # nothing stands below it
                in_code[exercise] = len(parts) + 1
                continue
            parts.append((cell, _part(cell.source, begin, offset)))
            begin = offset
            in_code[exercise] = len(parts)
        if runs[at]:
            parts.append((cell, _part(cell.source, begin, len(cell.source))))
        if cell.released is not None and cell.released.exercise is not None:
            found[cell.released.exercise] = len(parts)
    return tuple(parts), found | in_code


def _calls(restored: Restored, checks: Mapping[str, str], runs: Sequence[bool]) -> dict[int, list[tuple[int, str]]]:
    """By number of the cell, where in the student's code the checks stand whose own cells are changed or lost."""
    exercises = {call["what"]: name for name, text in checks.items() if (call := _FIRST_CALL.match(text))}
    own: dict[str, int] = {}
    answers: dict[str, int] = {}
    for at, one in enumerate(restored.cells):
        if one.released is None or one.released.exercise is None:
            continue
        if one.released.role == "solution" and one.changed:
            answers[one.released.exercise] = at
        elif one.released.role == "check" and (one.added or one.rewritten):
            own[one.released.exercise] = at - 1 if one.rewritten else -1
    places: dict[str, tuple[int, int]] = {}
    for at, one in enumerate(restored.cells if own else ()):
        if not (runs[at] and one.changed):
            continue
        for offset, what in _calls_in(one.source):
            exercise = exercises.get(what, "")
            if exercise not in own or (at < answers.get(exercise, 0) and at != own[exercise]):
                continue
            if exercise not in places or places[exercise][0] != own[exercise] or at == own[exercise]:
                places[exercise] = (at, offset)
    found: dict[int, list[tuple[int, str]]] = {}
    for exercise, (at, offset) in places.items():
        found.setdefault(at, []).append((offset, exercise))
    return found


def _calls_in(source: str) -> Iterator[tuple[int, str]]:
    """The statements that begin with ``check(...)`` at the beginning of a line: where, and what is checked.

    A plain text search, which ends where it cannot tell strings, brackets and lines apart.
    """
    if len(source) > LONGEST or "check(" not in source or _MAGIC.match(source):
        return
    depth, joined = 0, -1
    for token in _TOKEN.finditer(source):
        if token["what"]:
            if not depth and joined != token.start():
                yield token.start(), token["what"]
        elif token["opens"]:
            depth += 1
        elif token["closes"]:
            depth -= 1
        elif token["goes_on"]:
            joined = token.end()
        if depth < 0 or token["lost"] or token["lost_too"]:
            return


def _part(source: str, begin: int, end: int) -> str:
    """A part of a cell, below as many empty lines as it has lines above it in the cell."""
    above = source[:begin]
    future = "from __future__ import annotations" if _FUTURE.search(above) else ""
    return future + "\n" * above.count("\n") + source[begin:end]


def named(cell: str, notebook: Mapping[str, Any]) -> str:
    """A cell of a restored notebook in words; a student's own cell, which has no name in their file, by what it is
    below."""
    if not cell.startswith(OWN):
        return f"the cell {cell}"
    above = ""
    for one in notebook.get("cells", ()):
        if one["id"] == cell:
            break
        if not one["id"].startswith(OWN):
            above = one["id"]
    return f"your own cell below {above}" if above else "your own cell at the top"
