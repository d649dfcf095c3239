"""Whether a built release may go out: whole, by the conventions, and without an answer in it."""

from __future__ import annotations

import ast
import json
import re
import textwrap
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from autograder.course.content import PRIVATE, Content, files_below
from autograder.course.kit_zip import NAME
from autograder.course.opening import IMPORT, INDENTED
from autograder.errors import ReleaseError
from autograder.grading.release import load_release

Run = tuple[str, ...]
"""Statements in a row, each as `ast.unparse` writes it."""

_BEGIN, _END = "### BEGIN SOLUTION", "### END SOLUTION"
_TORCH = re.compile(r"^\s*(import|from) torch\b", re.MULTILINE)
_MARK = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)")


def require_ids(source: Path) -> None:
    """Raise ReleaseError unless the notebook ``source`` can be read and its cells have ids: nbgrader makes some up."""
    try:
        cells = _cells(source)
        without = [number for number, cell in enumerate(cells, start=1) if not cell.get("id")]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ReleaseError(
            "The source can't be read as a notebook", got=str(error), next_step="Restore it from a backup", path=source
        ) from error
    if without:
        raise ReleaseError(
            f"Cells without an id: the first is number {without[0]}",
            expected="a fixed id for each",
            got=f"{len(without)} of {len(cells)} without",
            next_step="Open the notebook in a current Jupyter, save it, and give exercises' cells their names as ids",
            path=source,
        )


def verify(content: Content, source: Path, built: Path, assignment: str, *, kit: Sequence[Path]) -> None:
    """Raise ReleaseError for the first thing wrong with the notebook ``built`` from ``source``, or with its folder.

    ``kit`` are the files that kit.zip must hold.
    """
    released = load_release(built)
    sources = _sources(source)
    if [cell["id"] for cell in _cells(source)] != [cell.id for cell in released.cells]:
        raise ReleaseError("The cells are not those of the source", next_step="Give every cell a fixed id", path=built)
    if _ours(source) != _ours(built):
        raise ReleaseError("A bonus was lost or gained", expected=str(_ours(source)), got=str(_ours(built)), path=built)
    of_assignment = content.manifest[assignment]
    declared = {exercise.name for exercise in content[assignment]} - {*of_assignment.drop}
    elsewhere = {name for path in built.parent.glob("[!.]*.ipynb") for name in load_release(path).exercises}
    missing = sorted(declared - elsewhere)
    if missing:
        raise ReleaseError(
            "Declared exercises are not in the notebook", got=f"none of {', '.join(missing)}",
            next_step=f"Add them to the source, or take them out of solutions/{assignment}/private/", path=built,
        )  # fmt: skip
    importing = [cell.id for cell in released.cells if cell.role == "given" and _TORCH.search(cell.source)]
    if importing and declared and not of_assignment.torch:
        raise ReleaseError(
            "A given cell imports PyTorch, which this assignment's box does not have",
            next_step="Take it out, or write the line `torch = true` into course.toml, below the assignment's name",
            path=built, cell=importing[0],
        )  # fmt: skip
    hidden = [name for name, text in _sources(built).items() if INDENTED.search(text) and not IMPORT.search(text)]
    if hidden:
        raise ReleaseError(
            "The kit is imported within other code, so that the lines that find it can't be put above",
            expected="a line of its own in the first code cell: from kit import check",
            next_step="Write that line instead; a release puts what finds the kit above it", path=built, cell=hidden[0],
        )  # fmt: skip
    if not (built.parent / "conftest.py").is_file():
        raise ReleaseError("The release is not whole", got="no conftest.py", path=built.parent)
    _verify_kit(content, assignment, built.parent / NAME, [path.as_posix() for path in kit])
    answers = {run for text in sources.values() for run in regions(text)}
    taught = [text for name, text in sources.items() if name not in released.work]  # given forwards, worked examples
    stated = {run for run in answers if any(_holds(runs, run) for text in taught for runs in _bodies(text))}
    for path, texts in _released_texts(built.parent):
        for text in texts:
            if _MARK.search(text):
                raise ReleaseError("A mark of the source is in the release", path=path)
            for runs in _bodies(text):
                leaked = next((run for run in answers - stated if _holds(runs, run)), None)
                if leaked:
                    raise ReleaseError(
                        "The release holds a solution", got=f"one that begins with `{leaked[0][:60]}`",
                        next_step="Take it out, or put a stored value in its place", path=path,
                    )  # fmt: skip


def _verify_kit(content: Content, assignment: str, archive: Path, expected: Sequence[str]) -> None:
    """Raise ReleaseError unless kit.zip holds what it should, and nothing of ours that is not for students."""
    try:
        held = _entries(archive)
    except (OSError, zipfile.BadZipFile) as error:
        raise ReleaseError("The kit can't be read", got=str(error), path=archive) from error
    if lost := sorted({*expected} - {*held}):
        raise ReleaseError("The kit is not whole", got=f"no {', '.join(lost)}", path=archive)
    if more := sorted({*held} - {*expected}):
        raise ReleaseError("The kit holds what it should not", got=", ".join(more), path=archive)
    private = {path.read_bytes(): path for path in files_below(content.folder(assignment) / PRIVATE)}
    for name, data in held.items():
        if data.strip() and data in private:
            raise ReleaseError(
                "The kit holds a file of the private half", got=f"{name}, which is {private[data].name}",
                next_step=f"Take it out of solutions/{assignment}/public/", path=archive,
            )  # fmt: skip
        if name.endswith(".py") and (ours := _of_the_grader(data.decode("utf-8", "replace"))):
            raise ReleaseError(
                "A file that students get imports the grader, which they do not have", got=f"{ours} in {name}",
                expected="imports of kit, NumPy and Python's own modules", next_step="Take it out", path=archive,
            )  # fmt: skip


def _of_the_grader(text: str) -> str:
    """The first module of the grader that a piece of code imports; empty if there is none."""
    for node in ast.walk(_tree(text) or ast.Module([], [])):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        if found := [name for name in names if name.partition(".")[0] == "autograder"]:
            return found[0]
    return ""


def _entries(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def regions(text: str) -> Iterator[Run]:
    """The solution regions of a cell that have two statements or more: one alone may well be said elsewhere."""
    inside: list[str] | None = None
    for line in text.splitlines():
        if _BEGIN in line:
            inside = []
        elif _END in line and inside is not None:
            statements = _statements(textwrap.dedent("\n".join(inside)))
            if len(statements) > 1:
                yield statements
            inside = None
        elif inside is not None:
            inside.append(line)


def _statements(text: str) -> Run:
    tree = _tree(text)
    return tuple(ast.unparse(node) for node in tree.body) if tree else ()


def _bodies(text: str) -> Iterator[Run]:
    """Every block of statements in ``text``, docstrings left out."""
    tree = _tree(text)
    for node in ast.walk(tree) if tree else ():
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block:
                yield tuple(ast.unparse(statement) for statement in block)


def _tree(text: str) -> ast.Module | None:
    """None for what is not Python (a cell with a magic, say). Only our own sources come here."""
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


def _holds(block: Run, run: Run) -> bool:
    return any(block[i : i + len(run)] == run for i in range(len(block) - len(run) + 1))


def _released_texts(folder: Path) -> Iterator[tuple[Path, Iterable[str]]]:
    """Everything readable in a release: (file, its texts), a notebook's cells one by one; archives are looked into."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.suffix == ".zip":
            for name, data in _entries(path).items():
                yield path / name, _texts(path / name, data)
        else:
            yield path, _texts(path, path.read_bytes())


def _texts(path: Path, data: bytes) -> Iterable[str]:
    if path.suffix == ".ipynb":
        return ["".join(cell["source"]) for cell in json.loads(data)["cells"]]
    return [data.decode("utf-8", "replace")] if path.suffix in (".py", ".md", ".txt", ".json") else []


def _cells(path: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells


def _ours(path: Path) -> dict[str, Any]:
    """This course's own metadata, by cell: the bonuses."""
    return {cell["id"]: cell["metadata"]["autograder"] for cell in _cells(path) if "autograder" in cell["metadata"]}


def _sources(path: Path) -> dict[str, str]:
    return {cell.get("id", str(n)): "".join(cell["source"]) for n, cell in enumerate(_cells(path))}
