"""Whether a cell may hold the answer to an essay that was left as it was: a plain text search, wide on purpose.

Too much costs a person a look; too little costs a student the essay.
"""

from __future__ import annotations

import re

FEW, MANY = 5, 8
"""New words that may be an essay: in all comments and texts of a cell of the student's own; in a text, in a block of
comments or in prose of a cell that was there already, where ordinary comments and docstrings are shorter."""

TOGETHER = 20
"""The same over all of them."""

SHOWN = 8
"""Words of one output of a cell that may be an essay."""

_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]{{2}}|[^\W\d_{_UNSPACED}]{{2,}}")
"""Of a language that is written without spaces, two characters are a word."""

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
_LOOKED_AT = 100_000
_MANY_WORDS = "words of an output that were left out of a large file by us"
_PROSE = 4
"""Words in a line that can't be Python, from which on it is prose."""


def may_be_an_answer(cell_type: str, source: str, released: str = "") -> bool:
    """Whether somebody should read ``source``, of which ``released`` was there already (empty for an own cell)."""
    if cell_type != "code":
        return bool(source.strip()) and (not released or bool(_tokens(source) - _tokens(released)))
    blocks, code = _said(source)
    known = set(_WORD.findall(released))
    new = [set(_WORD.findall(block)) - known for block in blocks]
    together = len(set().union(*new))
    if not code.strip():
        return together > 0
    if not released:
        return together >= FEW
    return together >= TOGETHER or any(len(words) >= MANY for words in new)


def shows_an_answer(outputs: object, source: str = "") -> bool:
    """Whether what a cell showed when its student ran it, as Jupyter saves that, holds a picture or an essay's words.

    What a check says are our own words: the texts of a cell that calls one are none.
    """
    for output in outputs if isinstance(outputs, list) else []:
        if not isinstance(output, dict):
            continue
        data = output.get("data")
        kinds = data if isinstance(data, dict) else {}
        if any(str(kind).startswith("image/") for kind in kinds):
            return True
        texts = [text for kind, text in kinds.items() if str(kind).startswith("text/")]
        if output.get("output_type") == "stream" and output.get("name") != "stderr":
            texts.append(output.get("text"))
        if "check(" not in source and any(len(set(_WORD.findall(_joined(text)))) >= SHOWN for text in texts):
            return True
    return False


def outputs_in_short(outputs: object) -> list[dict[str, object]]:
    """Of a cell's outputs as much as `shows_an_answer` has to see: a few bytes."""
    if any(shows_an_answer([output], "check(") for output in (outputs if isinstance(outputs, list) else ())):
        return [{"data": {"image/png": ""}}]
    return [{"output_type": "stream", "text": _MANY_WORDS}] if shows_an_answer(outputs) else []


def _joined(text: object) -> str:
    lines = text if isinstance(text, list) else [text]
    return "".join(line for line in lines if isinstance(line, str))[:_LOOKED_AT]


def _tokens(source: str) -> set[str]:
    return set(source.split())


def _said(source: str) -> tuple[list[str], str]:
    """The texts, the blocks of comment lines and the prose of a code cell, each as one; and what is left of it."""
    said: list[str] = []
    end = -1

    def out(found: re.Match[str]) -> str:
        nonlocal end
        text = next(text for text in found.groups() if text is not None)
        follows = found["e"] is not None and end >= 0 and not source[end : found.start()].strip()
        if follows:
            said[-1] += f"\n{text}"
        else:
            said.append(text)
        end = found.end() if found["e"] is not None else -1
        return " "

    rest = _TEXT.sub(out, source)
    code: list[str] = []
    prose: list[str] = []
    for line in rest.split("\n"):
        (prose if _is_prose(line) else code).append(line)
    return [*said, "\n".join(prose)], "\n".join(code)


def _is_prose(line: str) -> bool:
    return len(_WORD.findall(line)) >= _PROSE and not _PYTHON.search(line)
