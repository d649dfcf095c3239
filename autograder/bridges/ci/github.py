"""GitHub Actions: annotations at the notebook's cells and the job's summary.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands

A runner takes every printed line that begins with `::`, or has `##[` in it, for a command. Nothing of a student's is
printed but in the data of our own commands, where what could end it is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from autograder.bridges.ci import markdown
from autograder.bridges.ci.results import Item, Result
from autograder.judging.verdict import Status

Level: TypeAlias = Literal["error", "warning", "notice"]

MOST = 10
"""Annotations of one level that GitHub keeps of a step."""

SUMMARY_BYTES = 1024 * 1024
"""What GitHub takes as the summary of one step; it refuses a larger one whole."""

LONGEST = 1_000

LEVELS: dict[Status, Level] = {
    Status.FAILED: "error",
    Status.CRASHED: "error",
    Status.INTERNAL: "error",
    Status.PARTIAL: "warning",
    Status.NOT_ATTEMPTED: "notice",
}


def annotation_lines(results: Sequence[Result]) -> list[str]:
    """The lines to print: our own failures first, at most ten of a level, of which the last says how many are left."""
    found: dict[Level, list[str]] = {"error": [], "warning": [], "notice": []}
    for result in sorted(results, key=lambda result: result.decided):
        for level, line in _of(result):
            found[level].append(line)
    lines = []
    for level, commands in found.items():
        if len(commands) > MOST:
            left = len(commands) - MOST + 1
            commands[MOST - 1 :] = [command(level, f"and {left} more: see the summary of this job", title="more")]
        lines += commands
    return lines


def summary(results: Sequence[Result], *, already: int = 0) -> str:
    """What to append to the job's summary, of which ``already`` bytes are there."""
    return markdown.report(results, limit=max(0, SUMMARY_BYTES - already))


def command(level: Level, message: str, *, title: str, file: str = "", line: int | None = None) -> str:
    """One workflow command. Neither ``message`` nor a property can end it or begin another."""
    properties = {"file": file, "line": "" if line is None or not file else str(line), "title": title}
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{level} {told}::{_data(message[:LONGEST])}"


def harmless(line: str) -> str:
    """A line that a runner only prints."""
    shown = "".join(char if char.isprintable() else " " for char in line).replace("##[", "# #[")
    return f"| {shown}" if shown.lstrip().startswith("::") else shown


def _of(result: Result) -> Iterator[tuple[Level, str]]:
    if result.state != "graded":
        what = "could not be read" if result.state == "rejected" else "could not be graded"
        line = 1 if result.file else None
        yield "error", command("error", result.reason, title=f"{result.title}: {what}", file=result.file, line=line)
    for item in result.items:
        level = LEVELS.get(item.status)
        if level is None or (level == "notice" and (item.bonus or not item.points)):
            continue
        title = f"{item.exercise}: {item.word}"
        yield level, command(level, _message(item), title=title, file=result.file, line=item.line or 1)


def _message(item: Item) -> str:
    words = [*item.said, *(f"{quote.title}: {quote.text}" for quote in item.quotes if quote.title == "The code raised")]
    return "\n".join(words) or item.word


def _data(text: str) -> str:
    text = text.replace("##[", "# #[")
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
