"""Declarations and notebooks say the same: each exercise in one cell, with its signature; each grade cell declared."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.authoring.problems import Places, Problem
from autograder.course.declare import Exercise
from autograder.grading.release import CHECK
from autograder.kit.declare import Predict

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


@dataclass(frozen=True)
class Cell:
    """A cell that nbgrader knows, and where it stands."""

    where: str
    id: str
    flags: Mapping[str, Any]
    kind: str
    source: str

    @property
    def is_solution(self) -> bool:
        """Whether students answer an exercise in it."""
        return self.kind == "code" and bool(self.flags.get("solution"))

    @property
    def is_check(self) -> bool:
        """Whether it is graded automatically."""
        return self.kind == "code" and bool(self.flags.get("grade")) and not self.flags.get("solution")


def check_notebooks(places: Places) -> Iterator[Problem]:
    """Everything in which the notebooks of an assignment and its declarations differ."""
    folder = places.content.folder(places.assignment)
    paths = sorted(path for path in folder.glob("[!.]*.ipynb") if path.is_file())
    if not paths:
        yield Problem(places.at(folder), "there is no notebook", f"Begin it: autograder new assignment {folder.name}")
        return
    cells: list[Cell] = []
    for path in paths:
        try:
            cells += _cells(path, places.at(path))
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            yield Problem(places.at(path), f"this can't be read as a notebook ({error})", "Save it with Jupyter")
            return
    dropped = places.content.manifest[places.assignment].drop
    declared = {exercise.name: exercise for exercise in places.content[places.assignment]}
    for name in sorted({*dropped} - declared.keys()):
        yield Problem("course.toml", f"{places.assignment} drops {name}, which is not declared", "Mend that name")
    exercises = {name: exercise for name, exercise in declared.items() if name not in dropped}
    for exercise in exercises.values():
        yield from _check_exercise(places, exercise, cells)
    for cell in cells:
        name = cell.id.removesuffix(CHECK)
        if (cell.is_solution or cell.is_check) and name not in declared:
            what = "solution" if cell.is_solution else "check"
            yield Problem(
                cell.where, f"the {what} cell {cell.id!r} belongs to no exercise that is declared",
                f"Declare {name!r} in private/ of {places.assignment}, or take the cell out",
            )  # fmt: skip


def _cells(path: Path, shown: str) -> list[Cell]:
    found = []
    for raw in json.loads(path.read_bytes())["cells"]:
        flags = raw["metadata"].get("nbgrader")
        if flags:
            name, source = flags["grade_id"], raw["source"]
            text = source if isinstance(source, str) else "".join(source)
            found.append(Cell(f"{shown}, cell {name!r}", name, flags, raw["cell_type"], text))
    return found


def _check_exercise(places: Places, exercise: Exercise, cells: list[Cell]) -> Iterator[Problem]:
    name = exercise.name
    solutions = [cell for cell in cells if cell.is_solution and cell.id == name]
    checks = [cell for cell in cells if cell.is_check and cell.id == name + CHECK]
    for what, found, id_ in (("solution", solutions, name), ("check", checks, name + CHECK)):
        if len(found) != 1:
            number = "no notebook has" if not found else f"{len(found)} cells are"
            yield Problem(
                places.exercise(name), f"{name} is declared, and {number} a {what} cell with the id {id_!r}",
                "Exactly one is needed: add it in Jupyter with nbgrader's toolbar, or take the others away",
            )  # fmt: skip
    for cell in solutions[:1]:
        yield from _check_solution(exercise, cell)
    for cell in checks[:1]:
        if "points" not in cell.flags:
            yield Problem(cell.where, "this cell has no points", "Give it some in nbgrader's toolbar; 0 is practice")
        if not re.search(rf"""check\(\s*["']?{re.escape(name)}\b""", cell.source):
            yield Problem(cell.where, f"this cell does not check {name}", f"Write check({name}) into it")


def _check_solution(exercise: Exercise, cell: Cell) -> Iterator[Problem]:
    if not cell.source.count(BEGIN) == cell.source.count(END) >= 1:
        yield Problem(
            cell.where, "the answer is not between its marks, so students would get it",
            f"Put it between a line `{BEGIN}` and a line `{END}`",
        )  # fmt: skip
    try:
        tree = ast.parse(cell.source)
    except SyntaxError as error:
        yield Problem(f"{cell.where}, line {error.lineno}", f"this is not Python: {error.msg}", "Mend that line")
        return
    public = exercise.public
    if isinstance(public, Predict):
        targets = (t for node in tree.body if isinstance(node, ast.Assign) for t in node.targets)
        bound = {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}
        for missing in sorted(set(public.answers) - bound):
            yield Problem(cell.where, f"the answer variable {missing} is not set", f"Add `{missing} = ...`")
        return
    kinds = (ast.FunctionDef, ast.ClassDef)
    defined = [node for node in tree.body if isinstance(node, kinds) and node.name == exercise.name]
    if len(defined) != 1:
        yield Problem(cell.where, f"{len(defined)} functions or classes are called {exercise.name}", "Define one")
    elif isinstance(defined[0], ast.FunctionDef):
        is_so = f"{exercise.name}({ast.unparse(defined[0].args)})"
        if _plain(is_so) != _plain(public.signature):
            yield Problem(
                cell.where, f"the function is {is_so}, and it is declared as {public.signature}", "Make them the same"
            )


def _plain(signature: str) -> str:
    try:
        return ast.unparse(ast.parse(f"def {signature}: ..."))
    except SyntaxError:
        return signature
