"""What a verdict writes into nbgrader: the score and the words below each check cell, and the comment on each answer.

Pure functions on notebook JSON, shared by the fast path and by nbgrader's own `autograde`, so that both say the same.
The score output comes with every automatic grade cell, because nbgrader gives full marks to a cell without one.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any, Protocol

from autograder.boundary.job import CellReport
from autograder.grading.release import CHECK
from autograder.judging.verdict import Status, Verdict
from autograder.reports.values import as_lines, bonus, compared, named_values

NO_RESPONSE = "No response."
"""nbgrader's own comment on an answer that was left as it was handed out."""

LONGEST_TEXT = 2_000
"""Characters of a student's own output that are shown with a verdict."""

Json = dict[str, Any]


class Judged(Protocol):
    """What is needed of `autograder.grading.pipeline.Graded`."""

    @property
    def verdicts(self) -> Mapping[str, Verdict]:
        """The verdict on each exercise."""

    @property
    def load(self) -> tuple[CellReport, ...]:
        """How each cell loaded."""


def exercise_of(cell: Json) -> str | None:
    """The exercise that ``cell`` grades automatically, or None: essays and tasks are graded by a human."""
    about = cell.get("metadata", {}).get("nbgrader", {})
    if cell.get("cell_type") != "code" or not about.get("grade") or about.get("solution"):
        return None
    return str(about["grade_id"]).removesuffix(CHECK)


def score(verdict: Verdict | None, points: float) -> float | None:
    """The automatic score out of ``points``, or None where a human must decide.

    A missing verdict is our fault, like INTERNAL. Raises ValueError for a fraction outside 0 to 1 (NaN included).
    """
    if verdict is None or verdict.status in (Status.INTERNAL, Status.MANUAL):
        return None
    if not 0.0 <= verdict.fraction <= 1.0:
        raise ValueError(f"{verdict.exercise}: fraction {verdict.fraction}, expected 0 to 1")
    return verdict.fraction * points


def comment(verdict: Verdict | None) -> str | None:
    """The automatic comment on an answer: our own words only, None if there is nothing to say."""
    if verdict is None or verdict.status is Status.INTERNAL:
        return "The grader could not decide this one. Someone will look at it."
    if verdict.status is Status.NOT_ATTEMPTED:
        return NO_RESPONSE
    words = [] if verdict.status is Status.PASSED else [verdict.message, *_failed_checks(verdict)]
    if verdict.hint is not None or verdict.where:
        words.append(verdict.hint.text if verdict.hint else verdict.where)
    words += verdict.notes
    said = list(dict.fromkeys(word.strip() for word in words if word.strip()))
    return "\n\n".join(said) or None


def not_graded(reason: str) -> str:
    """The comment on every answer of a submission that was rejected, for ``reason``."""
    return f"Not graded: {reason}"


def annotated(notebook: Json, judged: Judged) -> Json:
    """A copy of the sanitised ``notebook`` with the verdict and the score below each automatic grade cell.

    Below a cell that raised an error or printed something when it was loaded stands what that was. The copy shares
    what is not changed, the cells' metadata.
    """
    result = _without_outputs(notebook)
    loaded: dict[str, list[str]] = {}
    for report in judged.load:  # one for each part of a cell
        if lines := _loading_lines(report):
            loaded.setdefault(report.cell, []).extend(lines)
    for cell in result["cells"]:
        said = loaded.get(cell.get("id", "")) if cell["cell_type"] == "code" else None
        if said:
            cell["outputs"] = [_readable(said)]
        exercise = exercise_of(cell)
        if exercise is not None:
            points = float(cell["metadata"]["nbgrader"]["points"])
            extra = float(cell["metadata"].get("autograder", {}).get("bonus", 0.0))  # from the release, like the points
            cell["outputs"] = outputs(exercise, judged.verdicts.get(exercise), points, extra)
    return result


def refused(release: Json, reason: str) -> Json:
    """The released notebook with ``reason`` on top and a zero in each automatic grade cell.

    It stands in for a submission that could not be read, so that a human can open it in the formgrader.
    """
    result = _without_outputs(release)
    for cell in result["cells"]:
        if exercise_of(cell) is not None:
            cell["outputs"] = [_readable([not_graded(reason)]), _decisive(0.0)]
    notice = f"**This submission was not graded.** {_markdown_text(reason)}\n\nBelow is the assignment as handed out."
    about = {"cell_type": "markdown", "id": "refused", "metadata": {}, "source": notice}
    result["cells"].insert(0, about)
    return result


def outputs(exercise: str, verdict: Verdict | None, points: float, extra: float = 0.0) -> list[Json]:
    """The outputs of a check cell: the words, then the number that decides.

    Where a human must decide, the number is 0: should the gradebook not be told, nothing is given away. A bonus
    (``extra``) is no part of the number, which nbgrader compares with ``points``.
    """
    earned = score(verdict, points)
    worth = bonus(score(verdict, extra) or 0.0, extra) if extra else f"{round(earned or 0.0, 2):g} of {points:g}"
    return [_readable(_lines(exercise, verdict, worth)), _decisive(earned or 0.0)]


def _without_outputs(notebook: Json) -> Json:
    """A copy with empty outputs; it shares sources and metadata with the notebook."""
    cells = [
        {**cell, "outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {**cell}
        for cell in notebook["cells"]
    ]
    return {**notebook, "cells": cells}


def _decisive(earned: float) -> Json:
    """nbgrader reads the score from the first such output."""
    data = {"text/plain": repr(float(earned))}
    return {"output_type": "execute_result", "execution_count": None, "metadata": {}, "data": data}


def _readable(lines: list[str]) -> Json:
    text = "\n".join(lines)
    data = {"text/html": f"<pre>{html.escape(text)}</pre>", "text/plain": text}
    return {"output_type": "display_data", "metadata": {}, "data": data}


def _lines(exercise: str, verdict: Verdict | None, earned: str) -> list[str]:
    if verdict is None or score(verdict, 1.0) is None:
        return [f"{exercise}: no score yet. The grader could not decide; someone will look at it."]
    lines = [f"{exercise}: {verdict.status.value}, {earned} points"]
    if verdict.message:
        lines.append(verdict.message)
    for check in verdict.checks:
        state = "passed" if check.passed else "not passed"
        lines.append(f"  {check.name}: {state}" + (f" ({check.message})" if check.message else ""))
    if verdict.hint is not None:
        lines.append(f"Hint: {verdict.hint.text}")
    elif verdict.where:
        lines.append(verdict.where)
    lines += verdict.notes
    if verdict.shown is not None:
        lines.append(f"Smallest failing case, {verdict.shown.case}: {verdict.shown.finding.message}")
        arguments = [one for name, value in verdict.shown.inputs for one in named_values(name, value)]
        lines += [f"  {line}" for one in (*compared(verdict.shown.finding), *arguments) for line in as_lines(one)]
    if verdict.student_text:
        lines += ["Your code said:", *_quoted(verdict.student_text)]
    if verdict.cell is not None and verdict.line is not None:
        lines.append(f"  (line {verdict.line} of the cell {_printable(verdict.cell)})")
    if verdict.printed:
        lines += ["Your code printed on this case:", *_quoted(verdict.printed)]
    return lines


def _loading_lines(report: CellReport) -> list[str]:
    lines = []
    if report.raised is not None:
        where = f" in line {report.raised.line}" if report.raised.line and report.raised.cell == report.cell else ""
        lines += [f"When the notebook was loaded, this cell raised an error{where}:"]
        lines += _quoted(f"{report.raised.type}: {report.raised.message}")
    if report.stdout:
        lines += ["When the notebook was loaded, this cell printed:", *_quoted(report.stdout)]
    return lines


def _quoted(text: str) -> list[str]:
    """A student's text, line by line behind a bar: it cannot be taken for ours."""
    return [f"  | {line}" for line in _printable(text).splitlines()]


def _failed_checks(verdict: Verdict) -> list[str]:
    return [f"{check.name}: {check.message}" for check in verdict.checks if not check.passed and check.message]


def _printable(text: str) -> str:
    """``text`` cut, and without control characters, escape sequences and marks that change the reading direction."""
    kept = (char if char in "\n\t" or char.isprintable() else " " for char in text[:LONGEST_TEXT])
    return "".join(kept) + ("\n[cut]" if len(text) > LONGEST_TEXT else "")


def _markdown_text(text: str) -> str:
    """``text`` as Markdown that shows it literally."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]#|<>~$&" else char for char in text)
