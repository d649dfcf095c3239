"""Whether a cell may hold the answer to an essay that was left as it was: a plain text search, wide on purpose.

Too much costs a person a look; too little costs a student the essay.
"""

from __future__ import annotations

import re

FEW, MANY = 5, 20
"""New words in the comments and texts of a code cell, of the student's own and of an answer's, that may be an essay."""

_WORD = re.compile(r"[^\W\d_]{2,}")
_TEXT = re.compile(
    r'"""(?P<a>.*?)(?:"""|\Z)'
    r"|'''(?P<b>.*?)(?:'''|\Z)"
    r'|"(?P<c>[^"\n]*)"'
    r"|'(?P<d>[^'\n]*)'"
    r"|#(?P<e>[^\n]*)",
    re.DOTALL,
)
_PYTHON = re.compile(
    r"[=()\[\]{}]|:\s*$|^\s*(?:@|%|!|(?:import|from|return|del|global|pass|raise|assert|print|else|try|async|await)\b)"
)
_PROSE = 4
"""Words in a line that can't be Python, from which on it is prose."""


def may_be_an_answer(cell_type: str, source: str, released: str = "") -> bool:
    """Whether somebody should read ``source``, of which ``released`` was there already (empty for an own cell)."""
    if cell_type != "code":
        return bool(source.strip()) and (not released or bool(_tokens(source) - _tokens(released)))
    said, code = _said(source)
    new = set(_WORD.findall(said)) - set(_WORD.findall(released))
    if not code.strip():
        return bool(new)
    return len(new) >= (MANY if released else FEW)


def _tokens(source: str) -> set[str]:
    return set(source.split())


def _said(source: str) -> tuple[str, str]:
    """The comments, texts and lines of prose of a code cell; and what is left of it."""
    said: list[str] = []

    def out(found: re.Match[str]) -> str:
        said.append(next(text for text in found.groups() if text is not None))
        return " "

    rest = _TEXT.sub(out, source)
    code: list[str] = []
    for line in rest.split("\n"):
        (said if _is_prose(line) else code).append(line)
    return "\n".join(said), "\n".join(code)


def _is_prose(line: str) -> bool:
    return len(_WORD.findall(line)) >= _PROSE and not _PYTHON.search(line)
