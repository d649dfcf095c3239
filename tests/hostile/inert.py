"""What a text could do to whoever shows it: control a terminal, run in a browser, command a workflow."""

from __future__ import annotations

import json
import re
import unicodedata

from tests.reports.html_parts import Parts

HIDDEN_DIGITS = 10

COMMAND = re.compile(r"^\s*(::\w|##\[|##vso)", re.MULTILINE)


def acting_characters(text: str) -> set[str]:
    """Control and format characters, halves of characters and separators of lines: the names of those in the text."""
    kinds = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    return {repr(char) for char in set(text) if unicodedata.category(char) in kinds and char not in "\n\t"}


def active_parts(page: str) -> list[object]:
    """Whatever runs, loads or leads away in HTML."""
    return Parts(page).active


def commands(text: str) -> list[str]:
    """Lines that a runner of workflows would obey."""
    return COMMAND.findall(text)


def numbers(text: str) -> set[str]:
    """The first digits of every number in the text that has many of them."""
    return {one[:HIDDEN_DIGITS] for one in re.findall(r"\d\.\d{9,}", text)}


def in_words(record: str) -> str:
    """JSON with its characters as they are, not as escapes."""
    return json.dumps(json.loads(record), ensure_ascii=False)
