"""Rendering a report: HTML for notebooks, plain text for terminals, both in one display bundle."""

from __future__ import annotations

import html
import sys
from typing import Any

import numpy as np

from .ladder import Finding
from .printing import DIGITS, Block, blocks, brief, digits_for, first_differences
from .results import Failing, Report, Row

WORDS = {True: "right", False: "wrong", None: "not run"}
UNFILLED = "Not filled in yet: write your answer in the cell above, run that cell, then this one."
PLAINER = str.maketrans(
    {"…": "...", "→": "->", "−": "-", "×": "x", "–": "-", "—": "-", "’": "'", "·": "*", "≤": "<=", "≥": ">="}
)

# Colours only support what a word, a star or a line says already; text keeps the theme's own colour.
LINE = "1px solid rgba(128,128,128,.45)"
BOX = "margin:.4em 0;line-height:1.45;max-width:60em;color:inherit"
TABLE = f"border-collapse:collapse;margin:.3em 0;border:{LINE};background:transparent"
CELL = f"border:{LINE};padding:.15em .6em;text-align:left;background:transparent;color:inherit;vertical-align:top"
ENTRY = "padding:.1em .5em;text-align:right;background:transparent;color:inherit;font-family:monospace;border:0"
MARKED = ENTRY.replace("border:0", "border:2px solid rgba(213,94,0,.9);font-weight:bold")
EDGES = {True: "rgba(0,158,115,.9)", False: "rgba(213,94,0,.9)", None: "rgba(128,128,128,.9)"}


class View:
    """A report that notebooks show as HTML and terminals as text."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def _repr_html_(self) -> str:
        return as_html(self.report)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": as_html(self.report), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return fitting(as_text(self.report), getattr(sys.stdout, "encoding", None))


def display(report: Report) -> None:
    """Show a report: through IPython where that runs, else on standard output."""
    view = View(report)
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        from IPython.display import display as show

        show(view)
    else:
        print(view)


def fitting(text: str, encoding: str | None) -> str:
    """``text`` in what the terminal can print: plainer signs, then escapes, where its code page lacks a character."""
    try:
        text.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return text.translate(PLAINER).encode("ascii", "backslashreplace").decode("ascii")
    return text


# Plain text


def as_text(report: Report) -> str:
    """The whole report for a terminal."""
    if report.unfilled:
        return f"{report.summary}\n  {report.signature}\n  {UNFILLED}"
    lines = [_headline(report), *_text_table(report.rows)]
    if report.failing is not None:
        lines += ["", *_text_failing(report.failing)]
    if report.hint:
        lines += ["", f"  Hint: {report.hint}"]
    lines += [f"  {note}" for note in report.notes]
    return "\n".join(_printable(line) for line in lines)


def _headline(report: Report) -> str:
    ran = [row for row in report.rows if row.passed is not None]
    right = sum(row.passed is True for row in ran)
    return f"{report.exercise}: {right} of {len(ran)} checks pass" if ran else report.summary


def _text_table(rows: tuple[Row, ...]) -> list[str]:
    names = max((len(row.name) for row in rows), default=0)
    abouts = min(48, max((len(row.about) for row in rows), default=0))
    return [
        f"  {WORDS[row.passed]:<7}  {row.name:<{names}}  {row.about:<{abouts}}  {row.note}".rstrip() for row in rows
    ]


def _text_failing(failing: Failing) -> list[str]:
    lines = [f"  {failing.heading}: {failing.name}"]
    for name, value in failing.arguments:
        lines += _text_value(name, value)
    lines.append(f"  {failing.finding.message}")
    return lines + _text_comparison(failing.finding)


def _text_value(name: str, value: Any) -> list[str]:
    found = _blocks_of(value)
    lines = [f"    {name} = {brief(value)}" if not found else f"    {name}, {brief(value)}:"]
    for block in found:
        lines += _text_block(block)
    return lines


def _text_comparison(finding: Finding) -> list[str]:
    lines: list[str] = []
    for label, found in _comparison(finding):
        lines.append(f"    {label}:")
        for block in found:
            lines += _text_block(block)
    lines += [f"      {line}" for line in _large_differences(finding)]
    if any(any(any(row) for row in block.marked) for _, found in _comparison(finding) for block in found):
        lines.append("    (* differs)")
    return lines


def _text_block(block: Block) -> list[str]:
    cells = [
        [f"{cell}{'*' if mark else ' '}" for cell, mark in zip(row, marks, strict=True)]
        for row, marks in zip(block.cells, block.marked, strict=True)
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [" ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)) for row in cells]
    return [f"      {line.rstrip()}" for line in ([block.caption] if block.caption else []) + lines]


def _printable(line: str) -> str:
    """Control characters in names and messages are shown, not obeyed."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in line)


# What both renderings share


def _blocks_of(value: Any) -> list[Block]:
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "biuf":
        return []
    return list(blocks(value))


def _comparison(finding: Finding) -> list[tuple[str, list[Block]]]:
    """(label, blocks) for what came back and what was expected, where both can be printed."""
    got, expected, differs = finding.got, finding.expected, finding.differs
    if got is None:
        return []
    if expected is None:
        found = _blocks_of(np.asarray(got)) if isinstance(got, (np.ndarray, float, int)) else []
        return [("got", found)] if found else []
    digits = DIGITS[0] if differs is None else digits_for(got, expected, differs)
    pairs = [("got", list(blocks(got, differs, digits))), ("expected", list(blocks(expected, differs, digits)))]
    return [pair for pair in pairs if pair[1]]


def _large_differences(finding: Finding) -> list[str]:
    if finding.differs is None or list(blocks(finding.got)):
        return []
    return first_differences(finding.got, finding.expected, finding.differs)


# HTML


def as_html(report: Report) -> str:
    """The whole report for a notebook. Everything that is not ours is escaped."""
    if report.unfilled:
        signature = f"<code>{_esc(report.signature)}</code>"
        return f'<div style="{BOX}"><b>{_esc(report.summary)}</b><br>{signature}<br>{UNFILLED}</div>'
    parts = [f"<b>{_esc(_headline(report))}</b>", _html_table(report.rows)]
    if report.failing is not None:
        parts.append(_html_failing(report.failing))
    if report.hint:
        parts.append(
            f'<p style="border-left:4px solid {EDGES[None]};padding-left:.7em"><b>Hint.</b> {_esc(report.hint)}</p>'
        )
    parts += [f'<div style="opacity:.8">{_esc(note)}</div>' for note in report.notes]
    return f'<div style="{BOX}">{"".join(parts)}</div>'


def _esc(text: str) -> str:
    return html.escape(_printable(text), quote=True)


def _html_table(rows: tuple[Row, ...]) -> str:
    body = "".join(
        f'<tr style="background:transparent"><td style="{CELL};border-left:4px solid {EDGES[row.passed]}">'
        f"{WORDS[row.passed]}</td>"
        + "".join(f'<td style="{CELL}">{_esc(text)}</td>' for text in (row.name, row.about, row.note))
        + "</tr>"
        for row in rows
    )
    heads = "".join(f'<th style="{CELL}" scope="col">{word}</th>' for word in ("result", "check", "input", "finding"))
    head = f'<thead><tr style="background:transparent">{heads}</tr></thead>'
    return f'<table style="{TABLE}">{head}<tbody>{body}</tbody></table>'


def _html_failing(failing: Failing) -> str:
    arguments = "".join(_html_value(name, value) for name, value in failing.arguments)
    finding = failing.finding
    compared = "".join(_html_figure(label, found) for label, found in _comparison(finding))
    large = "".join(f"<li><code>{_esc(line)}</code></li>" for line in _large_differences(finding))
    star = "<div>* differs</div>" if finding.differs is not None and compared else ""
    return (
        f"<p><b>{failing.heading.capitalize()}: {_esc(failing.name)}</b><br>{_esc(finding.message)}</p>"
        f'<div style="display:flex;flex-wrap:wrap;gap:1.5em">{compared}</div>{star}'
        + (f"<ul>{large}</ul>" if large else "")
        + f'<div style="display:flex;flex-wrap:wrap;gap:1.5em">{arguments}</div>'
    )


def _html_value(name: str, value: Any) -> str:
    found = _blocks_of(value)
    if not found:
        return f"<div><code>{_esc(name)}</code> = <code>{_esc(brief(value))}</code></div>"
    return _html_figure(f"{name}, {brief(value)}", found)


def _html_figure(label: str, found: list[Block]) -> str:
    tables = "".join(_html_block(block) for block in found)
    return f"<div><code>{_esc(label)}</code>{tables}</div>"


def _html_block(block: Block) -> str:
    rows = "".join(
        '<tr style="background:transparent">'
        + "".join(
            f'<td style="{MARKED if mark else ENTRY}">{_esc(cell)}{"*" if mark else ""}</td>'
            for cell, mark in zip(row, marks, strict=True)
        )
        + "</tr>"
        for row, marks in zip(block.cells, block.marked, strict=True)
    )
    caption = f"<div><code>{_esc(block.caption)}</code></div>" if block.caption else ""
    return f'{caption}<table style="{TABLE}"><tbody>{rows}</tbody></table>'
