"""``autograder new rule``: a complete exercise in every file that has a part of it, as a worked example to change."""

from __future__ import annotations

import keyword
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from autograder import engine
from autograder.commands import _templates as templates
from autograder.commands._edits import identifiers, with_entry, with_import
from autograder.commands.source import Source, lines, read_source
from autograder.engine import ops
from autograder.errors import UsageError
from autograder.grading._files import write_atomically
from autograder.grading.asked import one_asked
from autograder.grading.course import Course

SUFFIX = "_backward"
NEW_FILE = 0o644
Files = dict[Path, str]


@dataclass(frozen=True)
class Names:
    """What the parts of the new rule are called."""

    op: str
    assignment: str

    @property
    def rule(self) -> str:
        """The exercise's id."""
        return self.op + SUFFIX

    @property
    def ps(self) -> str:
        """The assignment's short name, that of its modules."""
        return self.assignment.split("-")[0]

    def fill(self, template: str, **more: str) -> str:
        """A template with the names put in."""
        words: Mapping[str, str] = {
            "op": self.op,
            "rule": self.rule,
            "constant": self.op.upper(),
            "title": self.op.replace("_", " ").capitalize(),
        }
        for name, value in {**words, **more}.items():
            template = template.replace("{" + name + "}", value)
        return template


def run_new_rule(course: Course, name: str, assignment: str, *, worth: int) -> int:
    """Write the files and say what to do next. Exit code 0; nothing is written where anything is in the way."""
    assignment = one_asked(course.assignment_names(), assignment)
    names = Names(_checked(name), assignment)
    source = read_source(course, assignment)
    _refuse_what_exists(course, names, source)
    files = planned(course, names, source, worth)
    _write(files)
    _tell(course, names, files, worth)
    return 0


def _checked(name: str) -> str:
    op = name.removesuffix(SUFFIX)
    if not (op.isidentifier() and op.isascii() and op == op.lower()) or op.startswith("_") or keyword.iskeyword(op):
        raise UsageError(
            f"{name!r} can't be the name of a rule",
            expected="a Python name in small letters, such as cube",
            next_step="Choose another",
        )
    return op


def _refuse_what_exists(course: Course, names: Names, source: Source) -> None:
    """Raise UsageError if anything of this name is there already, in the course or in the grader that runs."""
    taken = [
        f"the exercise {names.rule} of {assignment}"
        for assignment, exercises in course.content.items()
        if any(one.name == names.rule for one in exercises)
    ]
    if names.op in ops.__all__:
        taken.append(f"the operation {names.op} of the engine")
    elif names.op in dir(engine) or names.op in dir(ops):
        taken.append(f"a name of the engine's own, {names.op}")
    taken += [f"a name in {where}" for where in _uses(course, names)]
    taken += [f"the cell {cell} of {source.path.name}" for cell in _cell_ids(names) if source.place(cell) is not None]
    taken += [str(path.relative_to(course.root)) for path in _new_files(course, names) if path.exists()]
    if taken:
        raise UsageError(
            f"{names.op!r} is taken", got=", ".join(taken), next_step="Choose another name; nothing was written"
        )


def _uses(course: Course, names: Names) -> Iterator[str]:
    """Where the operation's name means something else already: in what is written for it, and where it is put."""
    blank = Names("", names.assignment)
    for template in (templates.OPERATION, templates.PUBLIC_MODULE, templates.PRIVATE_MODULE):
        unnamed = template.replace("{op}", "_").replace("{constant}", "_")
        text = blank.fill(unnamed, declared="", kit="kit", import_kit="")
        if not identifiers(text, "the example").isdisjoint((names.op, names.op.upper())):
            yield "every exercise's files"
            break
    package = course.root / "autograder"
    public = package / "kit" / "public"
    for path in (
        package / "engine" / "ops" / "custom.py",
        package / "exercises" / names.ps / "__init__.py",
        public / names.ps / "__init__.py" if (public / names.ps).is_dir() else public / f"{names.ps}.py",
    ):
        where = str(path.relative_to(course.root))
        if not identifiers(_read(path), where).isdisjoint((names.op, names.op.upper())):
            yield where


def _cell_ids(names: Names) -> tuple[str, str, str]:
    return f"text-{names.rule.replace('_', '-')}", names.rule, f"{names.rule}-check"


def _new_files(course: Course, names: Names) -> Iterator[Path]:
    yield course.root / "autograder" / "exercises" / names.ps / f"{names.op}.py"
    folder = course.root / "autograder" / "kit" / "public" / names.ps
    if folder.is_dir():
        yield folder / f"{names.op}.py"


def planned(course: Course, names: Names, source: Source, worth: int) -> Files:
    """Every file with its new text. Nothing is written. Raises UsageError where a file is not what it should be."""
    package = course.root / "autograder"
    tests = course.root / "tests"
    files: Files = {}
    _plan_operation(files, package / "engine" / "ops" / "custom.py", names)
    _extend(files, tests / "engine" / "cases.py", "OPERATIONS", names.fill(templates.ORACLE_ROW))
    _plan_public(files, package / "kit" / "public", names)
    _plan_private(files, package, names)
    _extend(files, tests / "exercises" / "variants" / f"{names.ps}.py", "VARIANTS", names.fill(templates.VARIANTS))
    files[source.path] = _with_cells(source, names, worth)
    return files


def _write(files: Files) -> None:
    """All of them or none: where one can't be written, those before it are put back. Raises UsageError."""
    before: dict[Path, bytes | None] = {}
    try:
        for path, text in files.items():
            before[path] = path.read_bytes() if path.exists() else None
            write_atomically(path, text.encode(), _mode(path))
    except OSError as error:
        left = [str(path) for path, data in before.items() if not _put_back(path, data)]
        raise UsageError(
            f"{path} can't be written",
            got=str(error.strerror),
            next_step=f"Restore {', '.join(left)} by hand" if left else "Make it writable for you; nothing was changed",
        ) from error


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else NEW_FILE


def _put_back(path: Path, data: bytes | None) -> bool:
    """Whether a file is what it was."""
    try:
        if data is None:
            path.unlink(missing_ok=True)
        elif path.read_bytes() != data:
            write_atomically(path, data, _mode(path))
    except OSError:
        return False
    return True


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{path} can't be read",
            got=str(error.strerror),
            expected="a copy of the whole repository: an exercise has a part in the grader and in its tests",
            next_step="Name its folder with --course",
        ) from error


def _extend(files: Files, path: Path, variable: str, entry: str) -> None:
    files[path] = with_entry(files.get(path) or _read(path), variable, entry, str(path))


def _plan_operation(files: Files, path: Path, names: Names) -> None:
    text = with_entry(_read(path), "__all__", f'"{names.op}"', str(path))
    text = with_import(text, "autograder.engine.broadcasting", 0, "Array")
    text = with_import(text, "autograder.engine.primitive", 0, "defvjp", "primitive")
    files[path] = text.rstrip("\n") + "\n" + names.fill(templates.OPERATION)


def _plan_public(files: Files, public: Path, names: Names) -> None:
    """A module of its own where the assignment's public half is a folder; else a rule in its one file."""
    declared = names.fill(templates.PUBLIC_RULE)
    if (public / names.ps).is_dir():
        files[public / names.ps / f"{names.op}.py"] = names.fill(templates.PUBLIC_MODULE, declared=declared)
        path = public / names.ps / "__init__.py"
        text = with_import(_read(path), "", 1, names.op)
        files[path] = with_entry(text, "PUBLIC", f"*{names.op}.PUBLIC", str(path))
        return
    path = public / f"{names.ps}.py"
    text = with_entry(_read(path), "PUBLIC", names.op.upper(), str(path))
    text = with_import(text, "declare", 2, "Public", "Rule", "case")
    text = with_import(text, "draws", 2, "normal")
    place = text.index("\nPUBLIC") + 1
    files[path] = f"{text[:place]}{declared}\n{text[place:]}"


def _plan_private(files: Files, package: Path, names: Names) -> None:
    alone = not (package / "kit" / "public" / names.ps).is_dir()
    module, kit = ("autograder.kit.public", names.ps) if alone else (f"autograder.kit.public.{names.ps}", names.op)
    told = f"from {module} import {kit} as kit"
    folder = package / "exercises" / names.ps
    files[folder / f"{names.op}.py"] = names.fill(templates.PRIVATE_MODULE, kit="kit", import_kit=told)
    path = folder / "__init__.py"
    text = with_import(_read(path), f"autograder.exercises.{names.ps}", 0, names.op)
    files[path] = with_entry(text, "EXERCISES", f"*{names.op}.EXERCISES", str(path))


def _with_cells(source: Source, names: Names, worth: int) -> str:
    """The notebook with text, solution and check below its last check: the order of the declarations."""
    checks = [place for place, cell in enumerate(source.cells) if str(cell.get("id", "")).endswith("-check")]
    place = checks[-1] + 1 if checks else len(source.cells)
    text, solution, check = _cell_ids(names)
    title = names.fill(templates.TEXT, practice="" if worth else " (practice)")
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "id": text, "metadata": {}, "source": lines(title)},
        _code(solution, names.fill(templates.SOLUTION), {"grade": False, "locked": False, "solution": True}),
        _code(check, names.fill(templates.CHECK), {"grade": True, "locked": True, "points": worth, "solution": False}),
    ]
    notebook = {**source.notebook, "cells": [*source.cells[:place], *cells, *source.cells[place:]]}
    return Source(source.path, notebook).text()


def _code(cell: str, text: str, about: Mapping[str, Any]) -> dict[str, Any]:
    """A code cell with nbgrader's metadata, its keys in nbgrader's order."""
    nbgrader = dict(sorted({**about, "grade_id": cell, "schema_version": 3, "task": False}.items()))
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell,
        "metadata": {"nbgrader": nbgrader},
        "outputs": [],
        "source": lines(text),
    }


def _tell(course: Course, names: Names, files: Files, worth: int) -> None:
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"{names.rule}, as a worked example (y = x * x) in:", markup=False)
    for path in files:
        console.print(f"  {path.relative_to(course.root)}", markup=False)
    steps = [
        f"Change the example into your operation, in each of these files: look for {names.op}.",
        f"make release ASSIGNMENT={names.assignment}",
        f"make test ARGS='-k {names.op}'",
        f"autograder explain {names.rule}",
    ]
    if worth:
        steps.insert(1, "Take the points from another exercise: an assignment has 100.")
    console.print("\nNext:")
    for number, step in enumerate(steps, 1):
        console.print(f"  {number}. {step}", markup=False)
