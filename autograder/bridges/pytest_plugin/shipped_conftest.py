"""`pytest <notebook>.ipynb` in this folder: the notebook's public checks, one item for each exercise and check.

The notebook's code is run from top to bottom in pytest's own process, as Jupyter would run it: it is your own code.
What you have not touched is skipped. pytest is all that is needed besides what the notebook needs.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import linecache
import os
import re
import sys
import traceback
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import pytest

DEMONSTRATIONS: frozenset[str] = frozenset()
"""What the released demonstrations were, as SHA-256. Unchanged ones are not run, as in grading."""

HERE = Path(__file__).resolve().parent
STUB = "raise NotImplementedError("
CELLS, FORM, VALUES, PROPERTIES, UNCHANGED = "cells", "form", "values", "properties", "inputs unchanged"
MAGIC = re.compile(r"^[ \t]*[%!?].*$", re.MULTILINE)

_kit_modules: dict[str, ModuleType] = {}
"""This folder's kit, once it has been imported: another assignment in the same run has another."""


@dataclass(frozen=True)
class Cell:
    """A code cell of the notebook."""

    name: str
    source: str
    is_check: bool

    @classmethod
    def of(cls, raw: Any, number: int) -> Cell:
        """The cell from its JSON, named as its exercise is; some editors lose the ids."""
        about = raw.get("metadata", {}).get("nbgrader", {})
        name = about.get("grade_id") or raw.get("id") or f"number {number}"
        return cls(str(name), "".join(raw["source"]), bool(about.get("grade")))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The notebooks beside this file."""
    if file_path.suffix != ".ipynb" or file_path.resolve().parent != HERE:
        return None
    return Notebook.from_parent(parent, path=file_path)


class Notebook(pytest.File):
    """One notebook. Its code is run when the first of its items is."""

    def collect(self) -> Iterable[pytest.Item]:
        """An item that says whether the cells run, and one for each exercise and check of the kit."""
        yield self._item(Cells, CELLS)
        for name, exercise in self.exercises.items():
            for check in checks_of(exercise):
                yield self._item(Check, f"{name}::{check}", exercise=name, check=check)

    def _item(self, kind: type[pytest.Item], name: str, **more: Any) -> pytest.Item:
        return kind.from_parent(self, name=name, nodeid=f"{self.nodeid}::{name}", **more)

    @cached_property
    def exercises(self) -> Mapping[str, Any]:
        """The public halves of the exercises, in the notebook's order."""
        with own_kit():
            found: Mapping[str, Any] = importlib.import_module("kit.checking").exercises()
        return found

    @cached_property
    def cells(self) -> tuple[Cell, ...] | None:
        """The code cells, check cells and untouched demonstrations left out; None if the file is no notebook."""
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))["cells"]
            code = [Cell.of(one, number) for number, one in enumerate(found, 1) if one["cell_type"] == "code"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return tuple(cell for cell in code if not cell.is_check and digest(cell.source) not in DEMONSTRATIONS)

    @cached_property
    def loaded(self) -> tuple[dict[str, Any], Mapping[str, Exception | SystemExit]]:
        """The notebook's variables after its cells have run, and what the cells raised that did not get through."""
        os.environ.setdefault("MPLBACKEND", "Agg")
        variables: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
        raised: dict[str, Exception | SystemExit] = {}
        with self.running():
            settings: Any = importlib.import_module("kit._settings")
            settings.quiet = True  # checks and pictures do nothing while cells run
            try:
                for cell in self.cells or ():
                    problem = run_cell(cell, variables)
                    if problem is not None:
                        raised[cell.name] = problem
            finally:
                settings.quiet = False
        return variables, raised

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Where the notebook's code runs: in this folder, with this folder's kit, and where warnings cost nothing."""
        with own_kit(), contextlib.chdir(HERE), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield

    def report(self, name: str) -> Any:
        """The kit's report on one exercise, made once."""
        if self.cells is None:
            pytest.skip(f"the notebook can't be read: {CELLS} says more")
        if name not in self._reports:
            self._reports[name] = self._check(name)
        return self._reports[name]

    @cached_property
    def _reports(self) -> dict[str, Any]:
        return {}

    def _check(self, name: str) -> Any:
        exercise, (variables, _) = self.exercises[name], self.loaded
        if exercise.kind == "predict":
            answers = {answer: variables.get(answer) for answer in exercise.answers}
            missing = not any(answer in variables for answer in exercise.answers)
            target = None
        else:
            answers, target = {}, variables.get(name)
            missing = not callable(target)
        if missing:
            self._explain(name)
        with self.running():
            return importlib.import_module("kit.checking").report_on(exercise, target, answers)

    def _explain(self, name: str) -> None:
        """Say why there is no answer: skip what was not attempted, fail for a cell that raised or another name."""
        cells, (_, raised) = self.cells or (), self.loaded
        own = next((cell for cell in cells if cell.name == name), None)
        culprits = [cell for cell in cells if cell.name in raised and mentions(cell, name)]
        if own is not None and STUB in own.source:
            pytest.skip("not attempted yet")
        for cell in culprits:
            fails(f"{name}: {told(cell.name, raised[cell.name])}")
        if own is None:
            pytest.skip("not attempted: its cell is not in the notebook")
        fails(f"{name} is not defined when the notebook has run from top to bottom")


class Cells(pytest.Item):
    """Whether every cell runs, one after the other. An answer that is still to be written is no error."""

    parent: Notebook

    def runtest(self) -> None:
        """Name each cell that raised, and what."""
        if self.parent.cells is None:
            fails(f"{self.parent.path.name} can't be read as a notebook: is it one that Jupyter saved?")
        _, raised = self.parent.loaded
        lines = [told(name, error) for name, error in raised.items() if not isinstance(error, NotImplementedError)]
        if lines:
            fails("\n".join(lines))

    def reportinfo(self) -> tuple[Path, int, str]:
        """The notebook."""
        return self.path, 0, self.name


class Check(pytest.Item):
    """One check of one exercise."""

    parent: Notebook

    def __init__(self, *, exercise: str, check: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.exercise = exercise
        self.check = check

    def runtest(self) -> None:
        """Fail with what `check` shows; skip what was not attempted or could not be run."""
        report = self.parent.report(self.exercise)
        if report.unfilled:
            pytest.skip("not attempted yet")
        exercise = self.parent.exercises[self.exercise]
        mine = [row for row in report.rows if check_of(exercise, row.name) in (self.check, None)]
        if any(row.passed is False for row in mine):
            fails(self._text(report, [row for row in mine if row.passed is False]))
        if not any(row.passed for row in mine):
            pytest.skip(mine[0].note if mine else "nothing came back that could be looked at")

    def _text(self, report: Any, wrong: list[Any]) -> str:
        """The whole report under the check of the case that it shows, else this check's lines of it."""
        told_under = check_of(self.parent.exercises[self.exercise], report.failing.name) if report.failing else None
        if told_under in (self.check, None):
            with own_kit():
                shown: str = importlib.import_module("kit.show").as_text(report)
            return shown
        lines = [f"{row.name}: {row.note}" for row in wrong]
        return "\n".join([f"{self.exercise}::{self.check}", *lines, f"{self.exercise}::{told_under} says more"])

    reportinfo = Cells.reportinfo


def fails(text: str) -> NoReturn:
    """What `check` in the notebook would show; a traceback would be one of this file."""
    pytest.fail(text, pytrace=False)


def checks_of(exercise: Any) -> list[str]:
    """The checks of an exercise that the public half tells apart, in order."""
    if exercise.kind == "predict":
        return [FORM]
    if exercise.kind == "rule":
        return [*dict.fromkeys(case.check for case in exercise.cases), UNCHANGED]
    kinds = {VALUES: exercise.stored, PROPERTIES: exercise.properties}
    return [*(name for name, cases in kinds.items() if cases), UNCHANGED]


def check_of(exercise: Any, row: str) -> str | None:
    """The check to which a row of the report belongs; None for one that is about all of them."""
    if exercise.kind == "predict":
        return FORM
    if row == UNCHANGED:
        return UNCHANGED
    if exercise.kind == "rule":
        return next((case.check for case in exercise.cases if case.name == row), None)
    return VALUES if any(case.name == row for case in exercise.stored) else PROPERTIES


def run_cell(cell: Cell, variables: dict[str, Any]) -> Exception | SystemExit | None:
    """Run one cell; what it raised, if anything."""
    file = f"<cell {cell.name}>"
    linecache.cache[file] = (len(cell.source), None, cell.source.splitlines(keepends=True), file)
    try:
        exec(compiled(cell.source, file), variables)
    except (Exception, SystemExit) as error:
        return error
    return None


def compiled(source: str, file: str) -> Any:
    """A cell as code. Where it is not plain Python, its magics and shell commands are left out."""
    try:
        return compile(source, file, "exec", dont_inherit=True)
    except SyntaxError:
        plain = "" if source.lstrip().startswith("%%") else MAGIC.sub("pass", source)
        return compile(plain, file, "exec", dont_inherit=True)


def told(name: str, error: BaseException) -> str:
    """What a cell raised, with the line of the notebook that it came from."""
    said = str(error).strip().split("\n")[0]
    words = f"the cell {name} raised {type(error).__name__}{f': {said}' if said else ''}"
    if isinstance(error, SyntaxError):
        return words
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith("<cell ")]
    if not frames:
        return words
    where = "" if frames[-1].filename == f"<cell {name}>" else f" of {frames[-1].filename[1:-1]}"
    return f"{words} (line {frames[-1].lineno}{where}: {(frames[-1].line or '').strip()})"


def mentions(cell: Cell, name: str) -> bool:
    """Whether a cell may be the one that should have made ``name``."""
    return cell.name == name or re.search(rf"\b{re.escape(name)}\b", cell.source) is not None


def digest(source: str) -> str:
    """A cell's source in few characters."""
    return hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()[:16]


@contextlib.contextmanager
def own_kit() -> Iterator[None]:
    """`import kit` means what lies beside this file, also where several assignments are tested in one run."""
    others = _taken_out()
    sys.modules.update(_kit_modules)
    places = [str(HERE), str(HERE / "kit.zip")]  # a folder `kit` goes before the archive, as in the notebook
    before = list(sys.path)
    sys.path[:0] = places
    try:
        yield
    finally:
        sys.path[:] = [place for place in sys.path if place not in places or place in before]
        _kit_modules.update(_taken_out())
        sys.modules.update(others)


def _taken_out() -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name == "kit" or name.startswith("kit.")]
    return {name: sys.modules.pop(name) for name in names}
