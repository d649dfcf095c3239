"""Attack folders as submissions: what each hands in, and what it says must hold.

    expect.toml    title, from (the paragraph of the list of attacks), and for each student what must hold:
                   earns = {exercise = share}     what is not named earns everything
                   status = {exercise = "..."}    where it must be this one and no other
                   rejected = "..."               words of the reason; then nothing is earned
                   problems = ["...", ...]        words of what was noticed
                   never = ["...", ...]           what must not be in anything that is written about the student
                   in_fresh_boxes = true          tried in fresh boxes too each time; what is about the box always is
                   [beside]                       further files beside the notebook, by name
    cells.py       the student's cells; `# %% name` above each. A released cell's name: its source. Anything else: a
                   cell of the student's own behind the one before, or `after` another; `[markdown]` at the end says
                   its type. Answers that are not there are right.
    make.py        make(place) writes what cannot be said so; before(place) an earlier submission
    first.py, second.py   instead of cells.py: two students, who are graded one after the other

`@COURSE@` in cells is the course's folder, `@TROPHY@` a folder in which no file may appear.
"""

from __future__ import annotations

import importlib.util
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.grading.course import Course
from tests.grading.notebooks import Json, cell
from tests.hostile.course import ASSIGNMENTS, Assignment

HERE = Path(__file__).resolve().parent
WAITS = "# waits"
"""A comment in a submission that sleeps until its deadline: it is graded with a short one."""

ABOUT_THE_BOX = (
    "Taking others down",
    "Losing one's own right answers unjustly",
    "Against siblings in a warm parent",
)
PAIR = ("first", "second")


@dataclass(frozen=True)
class Expectation:
    """What must hold for one student of a folder."""

    earns: Mapping[str, float]
    status: Mapping[str, str]
    rejected: str = ""
    problems: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    unlisted: bool = False
    """The student's name is none: nothing is written, the problems are the run's."""


@dataclass(frozen=True)
class Student:
    """One student of a folder, with the files that the student hands in."""

    name: str
    folder: Folder
    role: str

    @property
    def expects(self) -> Expectation:
        """What must hold for this student."""
        declared = {**self.folder.declared, **self.folder.declared.get(self.role, {})}
        exercises = self.folder.assignment.answers
        earns = dict.fromkeys(exercises, 0.0 if "rejected" in declared else 1.0) | declared.get("earns", {})
        assert earns.keys() == exercises.keys(), f"{self.folder.name}: no such exercise"
        texts = {name: tuple(declared.get(name, ())) for name in ("problems", "never")}
        unlisted = declared.get("unlisted", False)
        return Expectation(earns, declared.get("status", {}), declared.get("rejected", ""), unlisted=unlisted, **texts)


@dataclass(frozen=True)
class Place:
    """Where a recipe writes: the student's folder, and the notebook that cells.py makes."""

    submitted: Path
    student: str
    file: str
    notebook: Json
    course: Course
    trophy: Path

    @property
    def folder(self) -> Path:
        """``submitted/<student>/<assignment>``, made."""
        made = self.submitted / self.student / self._assignment
        made.mkdir(parents=True, exist_ok=True)
        return made

    _assignment: str = field(kw_only=True)

    @property
    def path(self) -> Path:
        """Where the notebook should be."""
        return self.folder / self.file

    def cell(self, name: str) -> Json:
        """The notebook's cell of this id."""
        (found,) = (one for one in self.notebook["cells"] if one["id"] == name)
        return found  # type: ignore[no-any-return]

    def write(self, data: Json | bytes | str | None = None) -> None:
        """Hand in the notebook, or these bytes in its place."""
        made = self.notebook if data is None else data
        if isinstance(made, dict):
            made = json.dumps(made, indent=1)
        self.path.write_bytes(made.encode() if isinstance(made, str) else made)


@dataclass(frozen=True)
class Folder:
    """One attack."""

    path: Path

    @property
    def name(self) -> str:
        """The attack's name, which is also its student's."""
        return self.path.name

    @cached_property
    def declared(self) -> dict[str, Any]:
        """expect.toml."""
        return tomllib.loads((self.path / "expect.toml").read_text(encoding="utf-8"))

    @property
    def assignment(self) -> Assignment:
        """What is attacked."""
        return ASSIGNMENTS[self.declared.get("assignment", "rules")]

    @property
    def is_about_the_box(self) -> bool:
        """Whether it depends on the box what becomes of it, and not on who reads a file or shows a text."""
        return self.declared["from"] in ABOUT_THE_BOX or bool(self.declared.get("in_fresh_boxes"))

    @property
    def students(self) -> tuple[Student, ...]:
        """One, or two who are graded one after the other."""
        if (self.path / "first.py").exists():
            return tuple(Student(f"{self.name}.{number}", self, role) for number, role in enumerate(PAIR, start=1))
        return (Student(self.declared.get("student", self.name), self, "cells"),)

    def hand_in(self, submitted: Path, course: Course, trophy: Path, *, again: bool = False) -> None:
        """Write what this folder's students hand in first, or what they hand in again later."""
        recipe = self._recipe()
        resubmits = recipe is not None and hasattr(recipe, "before")
        if again and not resubmits:
            return
        for student in self.students:
            place = self._place(student, submitted, course, trophy)
            if recipe is None:
                place.write()
            elif resubmits and not again:
                recipe.before(place)
            else:
                recipe.make(place)
            for name, content in self.declared.get("beside", {}).items():
                beside = place.folder / name
                beside.parent.mkdir(parents=True, exist_ok=True)
                beside.write_text(_filled(content, course, trophy), encoding="utf-8")

    def _place(self, student: Student, submitted: Path, course: Course, trophy: Path) -> Place:
        cells = self.path / f"{student.role}.py"
        text = _filled(cells.read_text(encoding="utf-8"), course, trophy) if cells.exists() else ""
        one = self.assignment
        return Place(submitted, student.name, one.file, notebook(one, text), course, trophy, _assignment=one.name)

    def _recipe(self) -> ModuleType | None:
        path = self.path / "make.py"
        if not path.exists():
            return None
        spec = importlib.util.spec_from_file_location(f"recipe_{self.name.replace('-', '_')}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


FOLDERS: tuple[Folder, ...] = tuple(Folder(path.parent) for path in sorted(HERE.glob("*/expect.toml")))


def notebook(assignment: Assignment, text: str) -> Json:
    """The student's notebook for the cells in ``text``."""
    parts = list(_parts(text))
    answers = {name: source for name, source in parts if name in assignment.answers}
    made = assignment.answered(answers)
    behind = "given-imports"
    for number, (name, source) in enumerate(parts):
        if name in assignment.answers:
            behind = name
            continue
        kind, own = ("markdown", f"own-text-{number}") if name.endswith("[markdown]") else ("code", f"mine-{number}")
        if name.startswith("after "):
            behind = name.split()[1]
        position = next(at for at, one in enumerate(made["cells"]) if one["id"] == behind)
        made["cells"].insert(position + 1, cell(kind, own, source))
        behind = own
    return made


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """(name, source) of each cell; what stands above the first one is about the attack."""
    for part in f"\n{text}".split("\n# %%")[1:]:
        name, _, source = part.partition("\n")
        yield name.strip(), source.strip("\n")


def _filled(text: str, course: Course, trophy: Path) -> str:
    return text.replace("@COURSE@", str(course.root)).replace("@TROPHY@", str(trophy))
