"""An assignment's source notebook, as an author wrote it: read here, and given new cells, never run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import UsageError
from autograder.grading.course import Course


@dataclass(frozen=True)
class Source:
    """The notebook in ``path`` as JSON."""

    path: Path
    notebook: dict[str, Any]

    @property
    def cells(self) -> list[dict[str, Any]]:
        """All cells, in order."""
        cells = self.notebook["cells"]
        assert isinstance(cells, list)
        return cells

    def place(self, cell: str) -> int | None:
        """Where the cell with this id stands; None if there is none."""
        return next((place for place, one in enumerate(self.cells) if one.get("id") == cell), None)

    def text_before(self, exercise: str) -> str:
        """The text cell that introduces an exercise: the nearest one above its solution cell."""
        place = self.place(exercise)
        for one in reversed(self.cells[:place] if place is not None else []):
            if one["cell_type"] == "markdown":
                return written(one)
        return ""

    def points(self, exercise: str) -> float | None:
        """What the exercise is worth; None if it is not in the notebook."""
        place = self.place(f"{exercise}-check")
        if place is None:
            return None
        about: Mapping[str, Any] = self.cells[place].get("metadata", {}).get("nbgrader", {})
        return float(about.get("points", 0))

    def bonus(self, exercise: str) -> float:
        """The extra credit that the exercise gives."""
        place = self.place(f"{exercise}-check")
        about = {} if place is None else self.cells[place].get("metadata", {}).get("autograder", {})
        return float(about.get("bonus", 0))

    def text(self) -> str:
        """The file as nbformat writes it."""
        return json.dumps(self.notebook, indent=1, ensure_ascii=False, sort_keys=False) + "\n"


def written(cell: Mapping[str, Any]) -> str:
    """What is written in a cell: nbformat allows one text or a list of lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def lines(text: str) -> list[str]:
    """A text as nbformat keeps it."""
    return text.splitlines(keepends=True)


def read_sources(course: Course, assignment: str) -> tuple[Source, ...]:
    """The notebooks in solutions/<assignment>/. Raises UsageError where there is none, or one can't be read."""
    return tuple(_read(path) for path in course.sources(assignment))


def source_of(course: Course, assignment: str, exercise: str) -> Source:
    """The notebook that asks an exercise; the first one if none does."""
    sources = read_sources(course, assignment)
    return next((source for source in sources if source.place(exercise) is not None), sources[0])


def _read(path: Path) -> Source:
    try:
        notebook = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} can't be read as a notebook", got=str(error)) from error
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise UsageError(f"{path} is no notebook: it has no list of cells")
    return Source(path, notebook)
