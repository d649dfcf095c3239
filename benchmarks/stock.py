"""A plain nbgrader course of one assignment: the same student cells, and hidden tests as instructors write them.

Two forms. "torch": backward rules are compared with PyTorch's autograd in the hidden test cell. "numpy": with the
instructor's own rule, without PyTorch. Functions are compared with the instructor's solution in both; programs that
need PyTorch themselves (ps6) with the solution run beside them ("torch") or with stored answers ("numpy").

Each exercise has the calls that decide in ours: every hidden case once, its inputs from the same recipe. What is left
out favours stock nbgrader: demonstration cells are not run, and `kit` is installed beside the course, not copied along.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from textwrap import indent
from types import FunctionType
from typing import Any, Literal

import numpy as np

import autograder.kit
from autograder.course.declare import Exercise
from autograder.kit.declare import Function, Predict, Rule
from benchmarks.cohort import Student
from benchmarks.this_course import CATALOGUE, COURSE
from benchmarks.written import inputs, lambda_text, literal
from tests.cohort.make import ROOT, Material

Form = Literal["torch", "numpy"]
FORMS: tuple[Form, ...] = ("torch", "numpy")
HELPERS = "hidden-helpers"
BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
LONGEST_CASE = 4000
"""Characters: a case that would take more to write down is not one that instructors write."""

FORWARDS: Mapping[str, str] = {
    "silu_backward": "lambda x: x / (1.0 + np.exp(-x))",
    "log_softmax_backward": "lambda x, axis=-1: x - np.logaddexp.reduce(x, axis=axis, keepdims=True)",
    "bce_with_logits_backward": "lambda logits, target: np.mean(np.logaddexp(0.0, logits) - logits * target)",
    "cross_entropy_backward": "lambda logits, target: np.mean(np.logaddexp.reduce(logits, axis=1) "
    "- logits[np.arange(len(target)), target])",
}
"""Forwards that kit does not ship because they are half the answer, and that are no exercise either."""

Cell = dict[str, Any]


@dataclass(frozen=True)
class StockCourse:
    """One such course in the folder ``root``. ``form`` is that of its hidden tests."""

    root: Path
    given: Material
    form: Form

    @property
    def environment(self) -> Mapping[str, str]:
        """What its commands need besides the usual: the folder in which ``kit`` is installed."""
        return {"PYTHONPATH": str(self.root / "lib")}

    def write(self) -> None:
        """Write the source notebook and the library. `nbgrader generate_assignment` comes next."""
        folder = self.root / "source" / self.given.assignment
        folder.mkdir(parents=True)
        (folder / self.given.name).write_text(json.dumps(self.source, indent=1), encoding="utf-8")
        here = Path(autograder.kit.__file__).parent
        shutil.copytree(here, self.root / "lib" / "kit", ignore=shutil.ignore_patterns("__pycache__"))

    def hand_in(self, students: list[Student]) -> None:
        """Fill the released notebook with every student's answers."""
        place = Path(self.given.assignment) / self.given.name
        released = json.loads((self.root / "release" / place).read_bytes())
        for student in students:
            path = self.root / "submitted" / student.name / place
            path.parent.mkdir(parents=True)
            cells = [
                {**cell, "source": student.answers.get(_grade_id(cell), cell["source"])} for cell in released["cells"]
            ]
            path.write_text(json.dumps({**released, "cells": cells}, indent=1), encoding="utf-8")

    def full_marks(self) -> dict[str, bool]:
        """Student to whether every automatic test passed, read from the gradebook."""
        with sqlite3.connect(self.root / "gradebook.db") as database:
            rows = database.execute(
                "SELECT submitted_assignment.student_id, min(grade.auto_score >= grade_cells.max_score) "
                "FROM grade JOIN grade_cells ON grade.cell_id = grade_cells.id "
                "JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id "
                "JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id "
                "WHERE grade_cells.cell_type = 'code' GROUP BY submitted_assignment.student_id"
            ).fetchall()
        database.close()
        return {student: bool(full) for student, full in rows}

    @property
    def source(self) -> dict[str, Any]:
        """The instructor's notebook: our source notebook with hidden tests in the place of `check(...)`."""
        path = ROOT / "solutions" / self.given.assignment / self.given.name
        notebook: dict[str, Any] = json.loads(path.read_bytes())
        cells: list[Cell] = []
        for cell in notebook["cells"]:
            name = _grade_id(cell).removesuffix("-check")
            if cell["id"].startswith("demo-"):
                continue
            if _grade_id(cell).endswith("-check") and name in self._exercises:
                about = cell["metadata"]["nbgrader"]
                about["points"] = max(about["points"], 1)  # practice too, so that what is wrong shows in the gradebook
                cell["source"] = hidden(self.test(self._exercises[name]))
            cells.append(cell)
            if cell["id"] == "given-imports":
                cells.append(_helper_cell(hidden(self.helpers)))
        return {**notebook, "cells": cells}

    @cached_property
    def _exercises(self) -> dict[str, Exercise]:
        return {exercise.name: exercise for exercise in CATALOGUE[self.given.assignment]}

    @property
    def _stored(self) -> bool:
        return self.form == "numpy" and COURSE.needs_torch([self.given.assignment])

    @property
    def helpers(self) -> str:
        """What the hidden tests share: the comparing functions, and the instructor's solutions."""
        kind = "torch_oracle" if self.form == "torch" else "numpy_reference"
        texts = [] if self._stored else [self._solutions]
        return "\n\n".join([_pasted("common"), _pasted(kind), *texts])

    @property
    def _solutions(self) -> str:
        functions = [text for name, text in self.given.answers.items() if name not in self._predictions]
        body = indent("\n".join(functions), "    ")
        return f"def solutions():\n{body}\n    return locals()\n\n\nreference = solutions()"

    @property
    def _predictions(self) -> set[str]:
        return {name for name, exercise in self._exercises.items() if isinstance(exercise.public, Predict)}

    def test(self, exercise: Exercise) -> str:
        """The hidden test of one exercise."""
        public = exercise.public
        if isinstance(public, Predict):
            found = ", ".join(f"{name}={name}" for name in exercise.answers)
            return f"check_values(dict({found}), {literal(dict(exercise.answers))})"
        if isinstance(public, Rule):
            return self._rule(exercise, public)
        return self._function(exercise, public)

    def _rule(self, exercise: Exercise, rule: Rule) -> str:
        positional = literal(list(rule.inputs))
        if self.form == "torch":
            text, imports = expression(rule.oracle)
            words = [rule.name, text, positional, literal(list(rule.differentiable)), cases(exercise)]
        else:
            forward = (
                f"reference[{rule.name.removesuffix('_backward')!r}]"  # an exercise of its own, where kit has none
            )
            text, imports = expression(rule.forward) if rule.forward else (FORWARDS.get(rule.name, forward), "")
            count = str(len(rule.differentiable))
            words = [rule.name, f"reference[{rule.name!r}]", text, positional, count, cases(exercise)]
        return f"{imports}check_rule({', '.join(words)})"

    def _function(self, exercise: Exercise, public: Function) -> str:
        wanted = self._answers(exercise, public) if self._stored else f"reference[{public.name!r}]"
        words = [public.name, wanted, literal(list(public.arguments)), cases(exercise), f"adapter={public.adapter!r}"]
        words += [f"count={len(public.results)}", f"rtol={max(exercise.rtol, 1e-6)!r}"]
        return f"check_function({', '.join(words)})"

    def _answers(self, exercise: Exercise, public: Function) -> str:
        """The right answers to all cases, written down."""
        names: dict[str, Any] = {}
        exec("import math, numpy as np, torch\nimport torch.nn.functional as F\nfrom torch import nn", names)
        exec(_pasted("common").replace("from kit.", "from autograder.kit."), names)
        exec(self._solutions, names)
        drawn = eval(cases(exercise), names)
        given = names["answers"](names["reference"][public.name], public.arguments, public.adapter, drawn)
        several = len(public.results) > 1
        plain = [[_array(part) for part in answer] if several else _array(answer) for answer in given]
        return literal(plain)


def _array(value: Any) -> Any:
    """A part of an answer as a plain float64 array, graph or not."""
    return value if value is None else np.array(value.detach() if hasattr(value, "detach") else value, np.float64)


def cases(exercise: Exercise) -> str:
    """All cases as text."""
    return f"[{', '.join(_written(exercise))}]"


def calls(exercise: Exercise) -> int:
    """How many calls the hidden test of an exercise makes."""
    return len(_written(exercise))


def _written(exercise: Exercise) -> list[str]:
    texts = (inputs(exercise, number) for number in range(len(exercise.cases)))
    return [text for text in texts if len(text) <= LONGEST_CASE]


def expression(function: Callable[..., Any]) -> tuple[str, str]:
    """A declared function as an expression, and the imports from kit that it needs."""
    assert isinstance(function, FunctionType)
    home = function.__module__.removeprefix("autograder.")
    found = lambda_text(function)
    if found is None:
        return function.__name__, f"from {home} import {function.__name__}\n"
    text, needed = found
    taken = sorted(needed - {"np", "math", "torch"})
    return text, "".join(f"from {home} import {name}\n" for name in taken)


def hidden(test: str) -> str:
    """A hidden test cell's source."""
    return f"# hidden tests\n{BEGIN}\n{test}\n{END}"


def _pasted(name: str) -> str:
    text = (Path(__file__).parent / "hidden" / f"{name}.py").read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if not line.startswith("from benchmarks."))


def _grade_id(cell: Cell) -> str:
    name: str = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
    return name


def _helper_cell(source: str) -> Cell:
    about = {"grade": True, "grade_id": HELPERS, "locked": True, "points": 0, "schema_version": 3, "solution": False}
    metadata = {"nbgrader": {**about, "task": False}}
    code: Cell = {"cell_type": "code", "execution_count": None, "outputs": []}
    return {**code, "id": HELPERS, "metadata": metadata, "source": source}
