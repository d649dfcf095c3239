"""The documents as data: fenced blocks, command lines, code in sentences, links.

A block marked `sh` is run by the tests, one line after the other, in the order of the page. `python` is executed too.
`text`, `csv` or nothing is output or a file's content: no command may stand there.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.cohort.make import ROOT

PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
OURS = ("make", "autograder", "nbgrader", "pytest")
"""Programs whose command lines must stand in a block that is run."""

_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_COMMENT = re.compile(r"(^|\s+)#\s.*$")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block: where it begins, what it is marked as, what is in it."""

    page: str
    line: int
    language: str
    text: str


@dataclass(frozen=True)
class Command:
    """One command line of a block that is run, with continuation lines joined and without its comment."""

    page: str
    line: int
    text: str

    @property
    def words(self) -> list[str]:
        """The command's words. Variables that the page sets are not filled in."""
        return shlex.split(self.text)

    @property
    def is_assignment(self) -> bool:
        """Whether the line only gives a variable its value."""
        return re.fullmatch(r"[A-Z]+=[\w./-]+", self.text) is not None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.text}"


def name_of(page: Path) -> str:
    """A page as the tests name it."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 2
        yield Block(name_of(page), line, found["language"], found["text"])


def commands(page: Path) -> Iterator[Command]:
    """The command lines of the blocks that are run, in order."""
    for block in blocks(page):
        if block.language == "sh":
            joined = block.text.replace("\\\n", " ")
            for number, line in enumerate(joined.splitlines()):
                command = _COMMENT.sub("", line).strip()
                if command:
                    yield Command(block.page, block.line + number, command)


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def code_in_sentences(page: Path) -> Iterator[str]:
    """What stands between single backquotes."""
    yield from _CODE.findall(prose(page))


def links(page: Path) -> Iterator[str]:
    """Where the page's links lead."""
    yield from _LINK.findall(prose(page))


def is_ours(line: str) -> bool:
    """Whether a line is a command line of a program that the tests know."""
    first = line.strip().removeprefix(".venv/bin/").split(maxsplit=1)
    return len(first) == 2 and first[0] in OURS and not re.match(r"[=:]", first[1])


def without_dots(code: str) -> list[str]:
    """A command in a sentence as words; dots that stand for the rest are left out."""
    return [word for word in shlex.split(code) if word not in ("...", "…")]
