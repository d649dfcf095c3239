"""One thing that is wrong with a course, and where: a file of content with its line, or a cell of a notebook."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.content import PRIVATE, PUBLIC, Content
from autograder.course.declare import Exercise, Reused


@dataclass(frozen=True)
class Problem:
    """What is wrong at ``where`` (``solutions/ps2/private/products.py, line 12``), and what to do about it."""

    where: str
    wrong: str
    next_step: str = ""

    def __str__(self) -> str:
        return " ".join(f"{part.rstrip('.')}." for part in (f"{self.where}: {self.wrong}", self.next_step) if part)


class Places:
    """Where the parts of one assignment are declared."""

    def __init__(self, content: Content, assignment: str) -> None:
        self.content = content
        self.assignment = assignment

    def exercise(self, name: str) -> str:
        """Where the private half of an exercise is declared, or else where its name is written."""
        path, line = self._declared(name)
        return self.at(path, line)

    def file(self, name: str) -> Path | None:
        """The private file of an exercise."""
        path, line = self._declared(name)
        return path if line else None

    def shown(self, where: str) -> str:
        """A place that begins with a whole path, as one below the course."""
        return where.removeprefix(f"{self.content.root}/")

    def case(self, name: str, case: str) -> str:
        """Where a case of an exercise is declared."""
        path, start = self._declared(name)
        word = re.escape(case)
        for file, first in ((path, start), (self.content.folder(self.assignment) / PUBLIC / path.name, 1)):
            if line := _line(file, rf"""["']{word}["']""", first):
                return self.at(file, line)
        return self.at(path, start)

    def function(self, function: Any, otherwise: str) -> str:
        """Where a function of the content is written; ``otherwise`` for one that is written elsewhere."""
        code = getattr(function, "__code__", None)
        if code is None or not Path(code.co_filename).is_relative_to(self.content.root):
            return otherwise
        return self.at(Path(code.co_filename), code.co_firstlineno)

    def at(self, path: Path, line: int | None = None) -> str:
        """A file below the course, with a line."""
        shown = path.relative_to(self.content.root) if path.is_relative_to(self.content.root) else path
        return f"{shown.as_posix()}, line {line}" if line else shown.as_posix()

    def _declared(self, name: str) -> tuple[Path, int]:
        folder = self.content.folder(self.assignment)
        for module, found in self.content.modules(self.assignment, PRIVATE).items():
            path = folder / PRIVATE / f"{module}.py"
            for variable, value in vars(found).items():
                if not isinstance(value, (Exercise, Reused)) or value.name != name:
                    continue
                if line := _line(path, rf"{re.escape(variable)}\b[^=]*=", 1, whole=True):
                    return path, line
        for path in sorted(folder.glob("p*/*.py")):
            if line := _line(path, rf"""["']{re.escape(name)}["']""", 1):
                return path, line
        return folder, 0


def _line(path: Path, pattern: str, start: int, *, whole: bool = False) -> int | None:
    """The first line from ``start`` on with ``pattern`` in it (at its beginning if ``whole``)."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return None
    look: Callable[[str, str], Any] = re.match if whole else re.search
    return next((number for number, line in enumerate(lines, 1) if number >= start and look(pattern, line)), None)


@contextmanager
def found_in(problems: list[Problem], places: Places, otherwise: str, doing: str) -> Iterator[None]:
    """Turn what is raised inside into a problem, at the last line of the content that it went through."""
    try:
        yield
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if Path(frame.filename).is_relative_to(places.content.root / "solutions")]
        where = places.at(Path(ours[-1].filename), ours[-1].lineno) if ours else otherwise
        said = " ".join(str(error).split())
        problems.append(Problem(where, f"{doing} raised {type(error).__name__}: {said}", "Mend that line"))


def listed(names: Iterable[str]) -> str:
    """Names with commas, or "none"."""
    return ", ".join(names) or "none"
