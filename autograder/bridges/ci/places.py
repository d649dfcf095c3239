"""Where cells are in a notebook's file: the cell and line of a verdict as a line that CI can point at.

Read from the text, as Jupyter writes it: sorted keys, one line of source in each line of the file. What is written
differently has no places, and nothing depends on them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_CELL = re.compile(r'\s*"cell_type": ')
_NAME = re.compile(r'\s*"(?:id|grade_id)": "([A-Za-z0-9_-]{1,64})",?\s*')
_SOURCE = re.compile(r'\s*"source": (\[\s*)?')
_LAST = re.compile(r"\s*\],?\s*")


def cell_lines(data: bytes) -> Mapping[str, tuple[int, int]]:
    """Cell id (and nbgrader's grade_id) to the number of its first source line in the file, from 1, and how many."""
    lines = data.decode("utf-8", "replace").split("\n")
    places: dict[str, tuple[int, int]] = {}
    names: list[str] = []
    first = 0  # of the source that is being read; 0 outside of one
    for number, line in enumerate(lines, start=1):
        if first:
            if _LAST.fullmatch(line):
                for name in names:
                    places.setdefault(name, (first, number - first))
                names, first = [], 0
        elif _CELL.match(line):
            names = []
        elif found := _NAME.fullmatch(line):
            names.append(found[1])
        elif names and (found := _SOURCE.match(line)):
            if found[1] and found.end() == len(line):
                first = number + 1
            else:
                for name in names:
                    places.setdefault(name, (number, 1))
                names = []
    return places
