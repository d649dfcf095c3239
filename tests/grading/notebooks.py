"""Small released notebooks and what a student makes of them, as plain JSON: for every test that needs a file.

release_json()             given-imports, text, add_backward with its check, cost with its check, an essay, a demo
answered(**sources)        the same with other sources: answered(add_backward="def add_backward(...): ...")
write(path, notebook)      as a file
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.grading.course import Course
from autograder.grading.release import Release, load_release
from tests.this_course import write_manifest

Json = dict[str, Any]

ASSIGNMENT, NOTEBOOK = "ps2-vector-jacobian-products", "vector-jacobian-products"
STUB = 'raise NotImplementedError("your answer here")'
SKELETON = f'def add_backward(grad_output, output, a, b):\n    """Return (da, db)."""\n    {STUB}'
ANSWER = "def add_backward(grad_output, output, a, b):\n    return grad_output, grad_output"
COST_SKELETON = "jacobian_entries = ...\nvjp_entries = ..."
GIVEN = "import math\nimport numpy as np\nfrom kit import check"
ESSAY = "Why are gradients added?"


def cell(kind: str, name: str | None, source: str, **metadata: Any) -> Json:
    """One cell of nbformat 4.5; without a name it has no id."""
    made: Json = {"cell_type": kind, "metadata": metadata, "source": source}
    if name is not None:
        made["id"] = name
    if kind == "code":
        made |= {"execution_count": None, "outputs": []}
    return made


def graded(kind: str, name: str, source: str, *, grade: bool, solution: bool, locked: bool, points: float = 0) -> Json:
    """One cell with nbgrader metadata, its checksum included."""
    flags: Json = {
        "schema_version": 3, "grade_id": name, "grade": grade, "solution": solution, "locked": locked, "task": False,
    }  # fmt: skip
    if grade:
        flags["points"] = points
    return cell(kind, name, source, nbgrader=flags)


def given(name: str, source: str) -> Json:
    """A locked code cell."""
    return graded("code", name, source, grade=False, solution=False, locked=True)


def exercise(name: str, skeleton: str, check: str | None = None, points: float = 4) -> list[Json]:
    """A solution cell and its check cell."""
    return [
        graded("code", name, skeleton, grade=False, solution=True, locked=False),
        graded("code", f"{name}-check", check or f"check({name})", grade=True, solution=False, locked=True,
               points=points),
    ]  # fmt: skip


def essay(name: str, source: str, points: float = 5) -> Json:
    """A Markdown cell for a human to grade."""
    return graded("markdown", name, source, grade=True, solution=True, locked=False, points=points)


def notebook(*cells: Json) -> Json:
    """A notebook of nbformat 4.5."""
    kernel = {"name": "python3", "display_name": "Python 3"}
    return {"cells": list(cells), "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def release_json() -> Json:
    """A released notebook with one cell of each role, and two exercises."""
    return notebook(
        given("given-imports", GIVEN),
        cell("markdown", "text-add", "Addition"),
        *exercise("add_backward", SKELETON),
        *exercise("cost", COST_SKELETON,
                  'check("cost", jacobian_entries=jacobian_entries, vjp_entries=vjp_entries)', points=2),
        essay("essay-sums", ESSAY),
        cell("code", "demo-torch", "import torch"),
    )  # fmt: skip


def answered(**sources: str) -> Json:
    """The released notebook as a student would save it, with other sources in the cells named ('_' for '-')."""
    return with_sources(release_json(), sources)


def with_sources(made: Json, sources: Mapping[str, str]) -> Json:
    """``made`` itself, with other sources in the cells named ('_' for '-')."""
    by_name = {entry["id"].replace("-", "_"): entry for entry in made["cells"]}
    for name, source in sources.items():
        by_name[name]["source"] = source
    return made


def find(made: Json, name: str) -> Json:
    """The cell with this id."""
    (found,) = (entry for entry in made["cells"] if entry.get("id") == name)
    return found  # type: ignore[no-any-return]


def without(made: Json, *names: str) -> Json:
    """The notebook without the cells with these ids."""
    return {**made, "cells": [entry for entry in made["cells"] if entry.get("id") not in names]}


def inserted(made: Json, before: str, *cells: Json) -> Json:
    """The notebook with more cells before the one with this id ("" is the end)."""
    entries = list(made["cells"])
    position = next((at for at, entry in enumerate(entries) if entry.get("id") == before), len(entries))
    return {**made, "cells": [*entries[:position], *copy.deepcopy(cells), *entries[position:]]}


def half_released(root: Path, released: str, other: str) -> Course:
    """A course of two assignments, of which ``released`` was released and ``other`` forgotten."""
    write_manifest(root, released, other)
    made = Course.at(root)
    for folder, name in ((made.solutions, released), (made.solutions, other), (made.assignments, released)):
        write(folder / name / "rules.ipynb", release_json())
    return made


def write(path: Path, made: Json | bytes | str) -> Path:
    """A notebook (or anything that claims to be one) as a file; its folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(made, dict):
        made = json.dumps(made)
    path.write_bytes(made.encode() if isinstance(made, str) else made)
    return path


def released(folder: Path, made: Json | None = None, assignment: str = ASSIGNMENT, name: str = NOTEBOOK) -> Release:
    """The release, written below ``folder`` and loaded."""
    return load_release(write(folder / "assignments" / assignment / f"{name}.ipynb", made or release_json()))
