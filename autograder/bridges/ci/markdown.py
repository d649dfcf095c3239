"""A report in plain Markdown, for a job summary or a comment.

A student's text stands in fences that are longer than any run of backticks in it. Our own words are escaped, and no
name in them becomes a mention or a reference: GitHub writes to people for those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from autograder.bridges.ci.results import Item, Quote, Result
from autograder.reports.values import points

CUT = "\n*The rest did not fit here.*\n"

_ACTIVE = re.compile(r"[\\`*_\[\]|<>~$&^]|:(?=//)|(?<=www)\.|^([-+=#]|\d+[.)])")
_REFERENCE = re.compile(r"([@#])(?=\w)")
_BREAK = "\u200b"
"""A space without width: `@name` with it in between is no mention."""


def report(results: Sequence[Result], *, limit: int | None = None) -> str:
    """All results: a table of totals where there are several, then each. At most ``limit`` bytes of UTF-8.

    What does not fit is left out from the end, block by block, and the report says so.
    """
    blocks = list(_blocks(results))
    if limit is None:
        return "".join(blocks)
    kept: list[str] = []
    room = limit - len(CUT.encode())
    for block in blocks:
        room -= len(block.encode())
        if room < 0:
            return "".join(kept) + (CUT if limit >= len(CUT.encode()) else "")
        kept.append(block)
    return "".join(kept)


def text(words: str) -> str:
    """``words`` on one line as Markdown that shows them literally."""
    plain = _REFERENCE.sub(rf"\1{_BREAK}", " ".join(words.split()))
    return _ACTIVE.sub(lambda found: _escaped(found[0]), plain)


def _escaped(active: str) -> str:
    """What HTML would take for its own as entities, of which no Markdown dialect makes anything else."""
    entity = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}.get(active)
    return entity or f"{active[:-1]}\\{active[-1]}"


def fenced(quote: str) -> str:
    """``quote`` as a code block that nothing in it can end."""
    longest = max((len(run) for run in re.findall(r"`+", quote)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{quote}\n{fence}\n"


def _blocks(results: Sequence[Result]) -> Iterator[str]:
    if len(results) > 1:
        yield "# Results\n\n| submission | points | right | |\n| --- | ---: | ---: | --- |\n"
        for result in results:
            right = f"{result.right} of {len(result.items)}" if result.items else ""
            yield f"| {text(result.title)} | {_points(result)} | {right} | {_remark(result)} |\n"
        yield "\n"
    for result in results:
        yield from _one(result)


def _one(result: Result) -> Iterator[str]:
    yield f"## {text(result.title)}\n\n"
    for notice in result.notices:
        yield f"**{text(notice)}**\n\n"
    if result.state == "rejected":
        yield f"**Not graded, no points.** {text(result.reason)} A person will look at it.\n\n"
    elif not result.decided:
        yield f"**No score.** {text(result.reason or 'The grader could not decide every exercise.')}\n\n"
    else:
        yield (
            f"**{_points(result)} points** from the automatic checks; "
            f"{result.right} of {len(result.items)} exercises are right.\n\n"
        )
    for problem in result.problems:
        yield f"* {text(problem)}\n"
    if result.items:
        yield "\n| exercise | result | points |\n| --- | --- | ---: |\n"
    for item in result.items:
        yield f"| `{item.exercise}` | {item.word} | {_item_points(item)} |\n"
    for essay in result.essays:
        state = "waits for a reader" if essay.written else "not attempted"
        yield f"| `{essay.name}` | {state} | of {points(essay.points)} |\n"
    yield "\n"
    for item in result.items:
        if item.told:
            yield _details(item)


def _details(item: Item) -> str:
    lines = [f"### `{item.exercise}`: {item.word}\n"]
    lines += [f"{text(words)}\n" for words in item.said]
    lines += [_quoted(quote) for quote in item.quotes]
    return "\n".join(lines) + "\n"


def _quoted(quote: Quote) -> str:
    return f"{text(quote.title)}:\n\n{fenced(quote.text)}"


def _points(result: Result) -> str:
    return f"{points(result.earned)} of {points(result.points)}" if result.decided else "none"


def _item_points(item: Item) -> str:
    if not item.points:
        return "practice"
    earned = "?" if item.earned is None else points(item.earned)
    return f"{earned} extra" if item.bonus else f"{earned} of {points(item.points)}"


def _remark(result: Result) -> str:
    if result.state == "rejected":
        return "not graded: the file"
    if not result.decided:
        return "could not be graded"
    return "a person reads an essay" if result.needs_human else ""
