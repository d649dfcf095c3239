"""The exercises of a course, found in its folder: the only file that imports content.

    solutions/<assignment>/public/<topic>.py     ships to students; imports `kit` alone
    solutions/<assignment>/private/<topic>.py    never does: hidden cases, references, known mistakes

Both folders of an assignment become packages whose `__path__` is the folder; nothing is put on `sys.path`. An exercise
is every `Exercise` among the variables of a private module, with the mistakes and right answers that are marked in any
of them. The order is that of the notebook.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import json
import re
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType

from autograder.boundary import aliases
from autograder.course import owners
from autograder.course.declare import MARKS, Declared, Exercise, Mark, Reused
from autograder.course.manifest import FILE, Manifest, read_manifest
from autograder.errors import UsageError

SOLUTIONS, PUBLIC, PRIVATE, DATA = "solutions", "public", "private", "data"
MOUNT = "course_content"
"""The package in which courses are mounted, each below a digest of its folder's path."""


class Content(Mapping[str, tuple[Exercise, ...]]):
    """Assignment name to its exercises, in the notebook's order; loaded when it is looked up.

    Looking up raises KeyError for a name that the course does not have, and UsageError for content that can't be used.
    """

    def __init__(self, root: Path, manifest: Manifest) -> None:
        self.root = root
        self.manifest = manifest
        self._loaded: dict[str, tuple[Exercise, ...]] = {}
        self._reused: dict[str, frozenset[str]] = {}
        self._loading: list[str] = []

    def __getitem__(self, assignment: str) -> tuple[Exercise, ...]:
        if assignment not in self._loaded:
            self.manifest[assignment]
            self._loaded[assignment] = self._load(assignment)
        return self._loaded[assignment]

    def __iter__(self) -> Iterator[str]:
        return iter(self.manifest.names)

    def __len__(self) -> int:
        return len(self.manifest.names)

    def __contains__(self, assignment: object) -> bool:
        return assignment in self.manifest.names

    def folder(self, assignment: str) -> Path:
        """Where the content of an assignment lies."""
        return self.root / SOLUTIONS / assignment

    def reused(self, assignment: str) -> frozenset[str]:
        """The assignments whose exercises this one asks again, directly or by way of another."""
        self[assignment]
        direct = self._reused[assignment]
        return direct.union(*(self.reused(name) for name in direct))

    def files(self, assignment: str) -> tuple[Path, ...]:
        """The files of content that decide what ``assignment`` asks, sorted: its own, and those of what it reuses."""
        names = (assignment, *sorted(self.reused(assignment)))
        found = (files_below(self.folder(name) / half) for name in names for half in (PUBLIC, PRIVATE))
        return tuple(path for paths in found for path in paths)

    def modules(self, assignment: str, half: str) -> Mapping[str, ModuleType]:
        """The modules of one half of an assignment, `public` or `private`, by name."""
        self[assignment]
        prefix = f"{self._package(assignment)}.{half}."
        folder = self.folder(assignment) / half
        return {
            path.stem: sys.modules[prefix + path.stem]
            for path in sorted(folder.glob("*.py"))
            if prefix + path.stem in sys.modules
        }

    def _package(self, assignment: str) -> str:
        mark = hashlib.sha256(str(self.root).encode()).hexdigest()[:12]
        return f"{MOUNT}.c{mark}.{re.sub(r'[^0-9A-Za-z]', '_', assignment)}"

    def _load(self, assignment: str) -> tuple[Exercise, ...]:
        if assignment in self._loading:
            circle = " -> ".join((*self._loading, assignment))
            raise UsageError(f"The assignments reuse each other's exercises in a circle: {circle}")
        folder = self.folder(assignment)
        halves = (path for half in (PUBLIC, PRIVATE) for path in owners.tree(folder / half))
        owners.check(self.root, [self.root / FILE, self.root / SOLUTIONS, folder, *halves])
        self._loading.append(assignment)
        try:
            found = self._found(assignment)
        finally:
            self._loading.pop()
        order = [*self._cells(assignment), *(one.name for one in found)]
        return tuple(sorted(found, key=lambda one: order.index(one.name)))

    def _found(self, assignment: str) -> tuple[Exercise, ...]:
        aliases.install()
        self._mount(assignment)
        places: dict[str, Path] = {}
        found: dict[str, Exercise] = {}
        declared: dict[str, Declared] = {}
        marks: list[Mark] = []
        reused = set()
        for path in sorted((self.folder(assignment) / PRIVATE).glob("*.py")):
            if path.stem == "__init__":
                continue
            module = self._import(f"{self._package(assignment)}.{PRIVATE}.{path.stem}", path)
            marks += vars(module).get(MARKS, ())
            for value in vars(module).values():
                if not isinstance(value, (Exercise, Reused)) or value is declared.get(value.name):
                    continue
                if value.name in found:
                    raise UsageError(
                        f"{self._below(path)}: {value.name} is declared there and in {self._below(places[value.name])}",
                        next_step="Give one of the two another name",
                    )
                if isinstance(value, Reused):
                    reused.add(value.assignment)
                found[value.name] = self._again(value, path) if isinstance(value, Reused) else value
                declared[value.name], places[value.name] = value, path
        self._reused[assignment] = frozenset(reused)
        return tuple(
            exercise.finished(mark for mark in marks if mark.of is declared[name]) for name, exercise in found.items()
        )

    def _again(self, reused: Reused, path: Path) -> Exercise:
        """The exercise that is asked again."""
        try:
            earlier = {one.name: one for one in self[reused.assignment]}
        except KeyError:
            raise UsageError(
                f"{self._below(path)}: there is no assignment {reused.assignment!r} to reuse an exercise of",
                expected=f"one of {', '.join(self)}",
            ) from None
        if reused.name not in earlier:
            raise UsageError(
                f"{self._below(path)}: {reused.assignment} has no exercise {reused.name!r} to reuse",
                expected=f"one of {', '.join(earlier)}",
            )
        return reused.exercise(earlier[reused.name])

    def _mount(self, assignment: str) -> None:
        """Make the packages that hold the modules of one assignment."""
        top = self._package(assignment)
        course = top.rpartition(".")[0]
        for name in [name for name in sys.modules if name == top or name.startswith(f"{top}.")]:
            del sys.modules[name]  # another course was here at this path, or this one before it was changed
        places: dict[str, list[str]] = {MOUNT: [], course: [], top: []}
        places |= {f"{top}.{half}": [str(self.folder(assignment) / half)] for half in (PUBLIC, PRIVATE)}
        for name, path in places.items():
            if name not in sys.modules:
                module = ModuleType(name)
                module.__path__ = path
                sys.modules[name] = module
                parent, _, short = name.rpartition(".")
                if parent:
                    setattr(sys.modules[parent], short, module)

    def _import(self, name: str, path: Path) -> ModuleType:
        try:
            return importlib.import_module(name)
        except UsageError:
            raise
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            ours = [frame for frame in frames if Path(frame.filename).is_relative_to(self.root)]
            file, line = (Path(ours[-1].filename), ours[-1].lineno) if ours else (path, None)
            if isinstance(error, SyntaxError) and error.filename:
                file, line = Path(error.filename), error.lineno
            where = f"{self._below(file)}, line {line}" if line else str(self._below(file))
            raise UsageError(f"{where}: {type(error).__name__}: {error}", next_step="Mend that line") from error

    def _below(self, path: Path) -> Path:
        return path.relative_to(self.root) if path.is_relative_to(self.root) else path

    def _cells(self, assignment: str) -> list[str]:
        """The cells of the source; of the release where only that is there."""
        return notebook_cells(self.folder(assignment)) or notebook_cells(self.root / "assignments" / assignment)


def content_of(root: Path) -> Content:
    """The content of the course in ``root``. Raises UsageError for a course.toml that can't be used."""
    return _content_of(root, read_manifest(root))


def content_anew(root: Path) -> Content:
    """The same, read again: files of it were changed."""
    _content_of.cache_clear()
    return content_of(root)


@functools.lru_cache(maxsize=64)
def _content_of(root: Path, manifest: Manifest) -> Content:
    return Content(root, manifest)


def content_files(content: Content, assignments: Iterable[str]) -> dict[str, bytes]:
    """course.toml and what lies in solutions/ for these assignments and those that they reuse, by path."""
    paths = {path for name in assignments for path in content.files(name)} | {content.root / FILE}
    return {path.relative_to(content.root).as_posix(): path.read_bytes() for path in sorted(paths)}


def files_below(folder: Path) -> tuple[Path, ...]:
    """The files of content in a folder, sorted: not what editors, systems and interpreters leave there."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return tuple(
        sorted(
            path
            for path in found
            if not any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts)
        )
    )


def notebook_cells(folder: Path) -> list[str]:
    """The ids of the cells of the notebooks in a folder, in order."""
    ids: list[str] = []
    for path in sorted(folder.glob("[!.]*.ipynb")):
        try:
            cells = json.loads(path.read_bytes())["cells"]
            ids += [cell["metadata"]["nbgrader"]["grade_id"] for cell in cells if "nbgrader" in cell["metadata"]]
        except (OSError, ValueError, LookupError, TypeError):
            continue  # who releases or grades it says what is wrong with it
    return ids
