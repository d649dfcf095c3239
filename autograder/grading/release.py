"""What was handed out: one released notebook, each cell with its role, and the points.

A cell's role follows from its nbgrader flags and is confirmed by its id (a mismatch is the author's error):

    role      id                  nbgrader                     in the box
    given     given-<slug>        locked code                  run, as released
    solution  <exercise>          solution                     run, the student's
    check     <exercise>-check    grade, with points           not run
                                  (or 0 points and a bonus, `metadata.autograder.bonus`)
    essay     essay-<slug>        grade and solution, points   markdown, for a human
    demo      demo-<slug>         none                         run only if the student changed it
    text      text-<slug>         none, or locked markdown     markdown

The last two may have any other id too (Jupyter gives new cells random ones), only not one of another role.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias

from autograder.errors import AutograderError, NotOneNotebookError, ReleaseError
from autograder.grading._files import sha256
from autograder.grading.course import Course
from autograder.grading.released_cells import RECORD, ReleasedCells, of_cells, read_record
from autograder.grading.units import unit_of

Role: TypeAlias = Literal["given", "demo", "solution", "check", "essay", "text"]

LONGEST = 128
"""Characters of a unit's name: what the gradebook's tables have room for."""

OWN = "own-"
"""The ids of students' own cells begin with this; no released cell's may."""

CHECK = "-check"
"""A grade cell is named after its exercise, with this at the end."""

_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ID_OF: Mapping[Role, re.Pattern[str]] = {
    "given": re.compile(r"given-[\w-]+"),
    "solution": re.compile(r"[A-Za-z_]\w*"),
    "check": re.compile(rf"[A-Za-z_]\w*{CHECK}"),
    "essay": re.compile(r"essay-[\w-]+"),
    "demo": re.compile(r"(?!given-|essay-)(?!.*-check$).+"),
    "text": re.compile(r"(?!given-|essay-)(?!.*-check$).+"),
}
_SHAPE_OF: Mapping[Role, str] = {
    "given": "'given-<slug>'",
    "solution": "the name of the exercise, a Python identifier",
    "check": "'<exercise>-check'",
    "essay": "'essay-<slug>'",
    "demo": "'demo-<slug>'",
    "text": "'text-<slug>'",
}


@dataclass(frozen=True)
class ReleaseCell:
    """One released cell. ``points`` are those of a check or an essay, ``exercise`` that of a solution or a check.

    ``bonus`` is the extra credit that a check of 0 points gives.
    """

    id: str
    cell_type: str
    source: str
    role: Role
    points: float = 0.0
    exercise: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    bonus: float = 0.0

    @property
    def locked(self) -> bool:
        """Whether the release's source counts, whatever the student's says."""
        return self.role in ("given", "check") or (self.role == "text" and "nbgrader" in self.metadata)

    @property
    def required(self) -> bool:
        """Whether the cell is put back where a submission lost it: every cell that nbgrader knows."""
        return "nbgrader" in self.metadata


@dataclass(frozen=True)
class Release:
    """A released notebook. ``exercises`` and ``essays`` map ids to points, in notebook order."""

    assignment: str
    notebook: str
    cells: tuple[ReleaseCell, ...]
    exercises: Mapping[str, float]
    essays: Mapping[str, float]
    answers: Mapping[str, frozenset[str]]
    """For each exercise the names that its check cell reads: its function, or its answer variables."""
    metadata: Mapping[str, Any]
    """The notebook's own metadata: the kernel and the language."""
    digest: str
    """sha256 of the file's bytes, in hex."""
    bonuses: Mapping[str, float] = field(default_factory=dict)
    """For each exercise of 0 points that gives extra credit, how much: on top of what the notebook is worth."""
    ever: ReleasedCells = field(default_factory=ReleasedCells, repr=False)
    """The cells of this release and of all before it."""
    siblings: tuple[str, ...] = ()
    """The names of the other notebooks of the assignment."""

    @property
    def several(self) -> bool:
        """Whether the assignment has other notebooks besides."""
        return bool(self.siblings)

    @property
    def unit(self) -> str:
        """What plans, records and completions of this notebook go by: its assignment's name where it is alone."""
        return unit_of(self.assignment, self.part)

    @property
    def units(self) -> tuple[str, ...]:
        """This unit and those of the other notebooks, in their order."""
        if not self.siblings:
            return (self.unit,)
        return tuple(unit_of(self.assignment, name) for name in sorted((self.notebook, *self.siblings)))

    @property
    def part(self) -> str:
        """The notebook's name, empty where the assignment has one alone."""
        return self.notebook if self.several else ""

    @property
    def filename(self) -> str:
        """The name under which the notebook is handed in."""
        return f"{self.notebook}.ipynb"

    @property
    def points(self) -> float:
        """What the whole notebook is worth, essays included."""
        return sum(self.exercises.values()) + sum(self.essays.values())

    @cached_property
    def work(self) -> frozenset[str]:
        """The ids by which a submission of this notebook is recognised: solutions, checks and essays."""
        return frozenset(cell.id for cell in self.cells if cell.role in ("solution", "check", "essay"))

    @cached_property
    def offers(self) -> Mapping[str, tuple[str, ...]]:
        """For each demonstration, by id, the names that it binds for the cells of the notebook."""
        return {cell.id: names_bound(cell.source) for cell in self.cells if cell.role == "demo"}


def names_bound(source: str) -> tuple[str, ...]:
    """The names that a cell of ours binds. Only released text is parsed like this, never a submission."""
    try:
        return tuple(sorted(_bound(ast.parse(source).body)))
    except SyntaxError:  # a magic: no name of it is known
        return ()


def _bound(body: Sequence[ast.AST]) -> set[str]:
    """The names that statements bind in the notebook: not those inside functions, classes and comprehensions."""
    bound: set[str] = set()
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif not isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            bound |= _bound(list(ast.iter_child_nodes(node)))
    return bound


def load_releases(course: Course) -> dict[str, Release]:
    """Every notebook of ``course`` that was released and can be loaded, by unit: by assignment, where it is alone.

    An assignment that can't be keeps no other from being graded: whoever asks for it by name hears why. Raises as
    `load_assignment` where none can be.
    """
    found: dict[str, Release] = {}
    broken: list[AutograderError] = []
    for name in course.released_names():
        try:
            found |= {release.unit: release for release in load_assignment(course, name)}
        except AutograderError as error:
            broken.append(error)
    if broken and not found:
        raise broken[0]
    return found


def load_assignment(course: Course, assignment: str) -> tuple[Release, ...]:
    """Every released notebook of one assignment, by name.

    Raises as `load_release` and `Course.releases`, and NotOneNotebookError where two of them have a graded cell in
    common: then one is a copy.
    """
    releases = tuple(load_release(path) for path in course.releases(assignment))
    for release in releases:
        if release.several and len(release.unit) > LONGEST:
            raise ReleaseError(
                "The notebook's name is too long for the gradebook",
                expected=f"{LONGEST} characters at most",
                got=f"{len(release.unit)} in {release.unit}",
                next_step="Give it a shorter one in solutions/ and run `make release`",
                path=course.assignments / assignment / release.filename,
            )
    seen: dict[str, Release] = {}
    for release in releases:
        for cell in release.cells:
            if cell.id in release.work and (other := seen.setdefault(cell.id, release)) is not release:
                raise NotOneNotebookError(
                    f"{course.assignments / assignment} holds {len(releases)} notebooks, and {cell.id} is in two",
                    expected="each exercise and essay in one notebook of its assignment",
                    got=f"{other.filename} and {release.filename}",
                    next_step="Keep one of them there if one is a copy, else give one of the cells another id in "
                    f"solutions/{assignment}/ and run `make release`",
                )
    return releases


def whole(releases: Sequence[Release]) -> Release:
    """The notebooks of one assignment as one: all cells, exercises, essays and points. Of a single one, itself."""
    first = releases[0]
    if len(releases) == 1:
        return first

    def joined(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        return {name: value for part in parts for name, value in part.items()}

    return replace(
        first,
        cells=tuple(cell for release in releases for cell in release.cells),
        exercises=joined(release.exercises for release in releases),
        essays=joined(release.essays for release in releases),
        answers=joined(release.answers for release in releases),
        bonuses=joined(release.bonuses for release in releases),
    )


def load_release(path: Path) -> Release:
    """Read ``assignments/<assignment>/<notebook>.ipynb``.

    Raises ReleaseError where the notebook is missing or breaks a convention, naming the cell, or where the record of
    released cells beside it can't be read.
    """
    try:
        data = path.read_bytes()
        notebook = json.loads(data)
    except OSError as error:
        raise ReleaseError("The released notebook can't be read", got=str(error.strerror), path=path) from error
    except ValueError as error:
        raise ReleaseError("The released notebook is not JSON", next_step="Run `make release`", path=path) from error
    cells = _cells(notebook, path)
    solutions = {cell.id for cell in cells if cell.role == "solution"}
    checks = {cell.exercise: cell for cell in cells if cell.role == "check" and cell.exercise}
    _pair(solutions, set(checks), path)
    order = [cell.id for cell in cells if cell.role == "solution"]
    return Release(
        assignment=path.parent.name,
        notebook=path.stem,
        cells=cells,
        exercises={name: checks[name].points for name in order},
        essays={cell.id: cell.points for cell in cells if cell.role == "essay"},
        answers={name: _names_read(checks[name], path) or frozenset({name}) for name in order},
        metadata=notebook.get("metadata", {}),
        digest=sha256(data),
        bonuses={name: checks[name].bonus for name in order if checks[name].bonus},
        ever=read_record(path.with_name(RECORD)) | of_cells(notebook["cells"]),
        siblings=tuple(sorted(o.stem for o in path.parent.glob("[!.]*.ipynb") if o.name != path.name and o.is_file())),
    )


def _cells(notebook: Any, path: Path) -> tuple[ReleaseCell, ...]:
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise ReleaseError("The released notebook has no list of cells", path=path)
    version = (notebook.get("nbformat"), notebook.get("nbformat_minor"))
    if version[0] != 4 or not isinstance(version[1], int) or version[1] < 5:
        raise ReleaseError(
            "Released cells need ids",
            expected="nbformat 4.5",
            got=f"{version[0]}.{version[1]}",
            next_step="Save the source notebook with a current Jupyter and run `make release`",
            path=path,
        )
    cells = tuple(_cell(raw, number, path) for number, raw in enumerate(notebook["cells"], start=1))
    seen: set[str] = set()
    for cell in cells:
        if cell.id in seen:
            raise ReleaseError("Two cells have the same id", path=path, cell=cell.id)
        seen.add(cell.id)
    return cells


def _cell(raw: Any, number: int, path: Path) -> ReleaseCell:
    name = raw.get("id") if isinstance(raw, dict) else None
    if not isinstance(name, str) or not _CELL_ID.fullmatch(name) or name.startswith(OWN):
        raise ReleaseError(
            f"Cell {number} has no usable id",
            expected=f"1 to 64 letters, digits, '-' and '_', not beginning with '{OWN}'",
            got=repr(name),
            path=path,
        )
    metadata, kind, source = raw.get("metadata"), raw.get("cell_type"), raw.get("source")
    if isinstance(source, list):
        source = "".join(source)
    if not isinstance(metadata, dict) or not isinstance(kind, str) or not isinstance(source, str):
        raise ReleaseError("The cell is not whole", expected="metadata, cell_type and source", path=path, cell=name)
    flags = metadata.get("nbgrader", {})
    role = _role(flags, kind, name, path)
    if not _ID_OF[role].fullmatch(name) or (flags and flags.get("grade_id") != name):
        raise ReleaseError(
            f"The cell's id does not say that it is a {role} cell",
            expected=f"{_SHAPE_OF[role]}, the same as cell id and as nbgrader's grade_id",
            got=f"cell id '{name}' and grade_id {flags.get('grade_id')!r}",
            next_step="Change it in the source notebook and run `make release`",
            path=path,
            cell=name,
        )
    exercise = {"solution": name, "check": name.removesuffix(CHECK)}.get(role)
    points = _points(flags, name, path) if role in ("check", "essay") else 0.0
    bonus = _bonus(metadata["autograder"], role, points, name, path) if "autograder" in metadata else 0.0
    return ReleaseCell(name, kind, source, role, points, exercise, metadata, bonus)


def _role(flags: Mapping[str, Any], cell_type: str, name: str, path: Path) -> Role:
    """The role that nbgrader's flags give a cell, by (cell type, grade, solution, locked)."""
    if not flags:
        return "demo" if cell_type == "code" else "text"
    if flags.get("schema_version") != 3:
        raise ReleaseError(
            "nbgrader metadata of another schema",
            expected="schema_version 3",
            got=repr(flags.get("schema_version")),
            next_step="Run `nbgrader update` on the source notebook",
            path=path,
            cell=name,
        )
    grade, solution, locked = (bool(flags.get(flag)) for flag in ("grade", "solution", "locked"))
    roles: dict[tuple[str, bool, bool], Role] = {
        ("code", False, True): "solution",
        ("code", True, False): "check",
        ("markdown", True, True): "essay",
    }
    role = roles.get((cell_type, grade, solution))
    if role is None and locked and not (grade or solution):
        role = "given" if cell_type == "code" else "text"
    if role is None or flags.get("task"):
        raise ReleaseError(
            "nbgrader flags that no role of this course has",
            expected="a solution, an automatic check, a written answer, or a read-only cell",
            got=f"a {cell_type} cell with grade={grade}, solution={solution}, locked={locked}",
            path=path,
            cell=name,
        )
    return role


def _points(flags: Mapping[str, Any], name: str, path: Path) -> float:
    points = flags.get("points")
    if isinstance(points, bool) or not isinstance(points, (int, float)) or not math.isfinite(points) or points < 0:
        raise ReleaseError("No points", expected="a number, 0 or more", got=repr(points), path=path, cell=name)
    return float(points)


def _bonus(ours: Any, role: Role, points: float, name: str, path: Path) -> float:
    """The extra credit in ``metadata.autograder``, of which there is nothing else."""
    if role != "check" or points:
        raise ReleaseError(
            "A bonus where none can be",
            expected="one on a check cell with 0 points",
            got=f"one on a {role} cell with {points:g} points",
            next_step="Take the bonus or the points out of the source notebook and run `make release`",
            path=path,
            cell=name,
        )
    bonus = ours.get("bonus") if isinstance(ours, dict) and len(ours) == 1 else None
    if isinstance(bonus, bool) or not isinstance(bonus, (int, float)) or not 0 < bonus < math.inf:
        raise ReleaseError("No bonus", expected='{"bonus": a number above 0}', got=repr(ours), path=path, cell=name)
    return float(bonus)


def _pair(solutions: set[str], checked: set[str], path: Path) -> None:
    """Every solution has its check cell, every check cell its solution."""
    for name in sorted(solutions ^ checked):
        missing = f"{name}{CHECK}" if name in solutions else name
        raise ReleaseError(
            f"Exercise '{name}' is half there",
            expected=f"a solution cell '{name}' and a grade cell '{name}{CHECK}'",
            got=f"no cell '{missing}'",
            path=path,
        )


def _names_read(check: ReleaseCell, path: Path) -> frozenset[str]:
    """The names in the arguments of ``check(...)``. Only the release is parsed like this, never a submission."""
    try:
        calls = [node for node in ast.walk(ast.parse(check.source)) if isinstance(node, ast.Call)]
    except SyntaxError as error:
        raise ReleaseError("The check cell is not Python", path=path, cell=check.id) from error
    arguments: Sequence[ast.expr] = [
        value for call in calls for value in (*call.args, *(keyword.value for keyword in call.keywords))
    ]
    return frozenset(node.id for value in arguments for node in ast.walk(value) if isinstance(node, ast.Name))
