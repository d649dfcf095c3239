"""The files of something new: planned as a whole, written all of them or none, and nothing that exists overwritten."""

from __future__ import annotations

import builtins
import json
import keyword
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autograder.authoring import examples
from autograder.authoring.examples import EXAMPLES, filled
from autograder.authoring.source import Source, lines, read_sources, written
from autograder.course.content import PRIVATE, PUBLIC
from autograder.course.manifest import FILE, NAME, NAMES
from autograder.errors import UsageError
from autograder.grading._files import write_atomically
from autograder.grading.course import SUBMITTED, Course
from autograder.grading.release import names_bound

SUFFIX = "_backward"
ESSAY = "essay"
NEW_FILE = 0o644
Files = dict[Path, str]


def course_files(folder: Path, name: str, title: str) -> Files:
    """What `autograder init` writes into ``folder``."""
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} can't be the id of a course", expected=NAMES, next_step="Choose another name")
    words = {"name": name, "title": title or _titled(name)}
    texts = {
        FILE: examples.COURSE,
        "nbgrader_config.py": examples.CONFIG,
        ".gitignore": examples.IGNORE,
        "README.md": examples.README,
        "solutions/README.md": examples.SOLUTIONS,
        f"{SUBMITTED}/README.md": examples.SUBMITTED,
    }
    return _new({folder / path: filled(text, words) for path, text in texts.items()})


def assignment_files(course: Course, name: str, title: str, *, torch: bool) -> Files:
    """Its notebook, and course.toml with a paragraph more."""
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} can't be the name of an assignment", expected=NAMES, next_step="Choose another")
    if name in course.manifest.names:
        raise UsageError(f"The course has an assignment {name} already", next_step="Choose another name")
    stem = re.sub(r"^[A-Za-z]+\d+[-_.]", "", name)
    told = title or _titled(stem)
    imports = examples.IMPORTS_TORCH if torch else examples.IMPORTS
    cells = [
        _markdown("text-title", filled(examples.TITLE, {"title": told})),
        _markdown("text-how-it-works", examples.HOW),
        _code("given-imports", imports, {"grade": False, "locked": True, "solution": False}),
    ]
    notebook = {"cells": cells, "metadata": examples.KERNEL, "nbformat": 4, "nbformat_minor": 5}
    source = Source(course.solutions / name / f"{stem}.ipynb", notebook)
    files = _new({source.path: source.text()})
    path = course.root / FILE
    text = path.read_text(encoding="utf-8")
    added = f'[[assignment]]\nname = "{name}"\ntitle = {json.dumps(told, ensure_ascii=False)}\n'
    text = f"{text.rstrip()}\n\n{added}{'torch = true' + chr(10) if torch else ''}"
    if tomllib.loads(text)["assignment"][-1]["name"] != name:
        raise UsageError(f"{path} can't be added to", next_step=f"Write it there by hand: {added!r}")
    return {**files, path: text}


def exercise_files(course: Course, kind: str, name: str, assignment: str, worth: float, notebook: str = "") -> Files:
    """Both halves and the notebook of a new exercise; of an essay the notebook alone.

    ``notebook`` names one of several.
    """
    sources = {source.path.stem: source for source in read_sources(course, assignment)}
    if len(sources) > 1 and notebook not in sources:
        raise UsageError(
            f"{assignment} has {len(sources)} notebooks", expected=f"one of {', '.join(sources)}", got=notebook,
            next_step=f"Name it: --assignment {assignment}/{next(iter(sources))}",
        )  # fmt: skip
    source = sources.get(notebook) or next(iter(sources.values()))
    if kind == "repair" and not course.needs_torch([assignment]):
        raise UsageError(
            f"A repair is a PyTorch program, and the box of {assignment} has no PyTorch",
            next_step=f"Write `torch = true` below its name in {FILE}, and import torch in the notebook's first cell",
        )
    if kind == ESSAY:
        return _essay(source, name, worth)
    topic = name.removesuffix(SUFFIX) if kind == "rule" else name
    name = topic + SUFFIX if kind == "rule" else name
    if not (topic.isidentifier() and topic.isascii() and topic == topic.lower()) or topic[0] == "_":
        raise UsageError(f"{topic!r} can't be the name of a {kind}", expected="a Python name in small letters: cube")
    example = EXAMPLES[kind]
    words = {"name": name, "topic": topic, "title": _titled(topic), "constant": topic.upper()}
    while words["constant"] in re.findall(r"\w+", example.public + example.private):
        words["constant"] += "_"
    words["practice"] = "" if worth else " (practice)"
    folder = course.content.folder(assignment)
    paths = folder / PUBLIC / f"{topic}.py", folder / PRIVATE / f"{topic}.py"
    slug = name.replace("_", "-")
    cells = [_markdown(f"text-{slug}", filled(example.text, words))]
    if example.program:
        cells.append({**_code(f"demo-{slug}", example.program, {}), "metadata": {}})
    about = {"grade": False, "locked": False, "solution": True}
    cells.append(_code(name, filled(example.solution, words), about))
    check = {"grade": True, "locked": True, "points": worth, "solution": False}
    cells.append(_code(f"{name}-check", filled(example.check, words), check))
    taken = [*_meanings(course, source, name, assignment), *(_below(course, path) for path in paths if path.exists())]
    taken += [f"the cell {cell['id']} of {source.path.name}" for cell in cells if source.place(cell["id"]) is not None]
    if taken:
        raise UsageError(
            f"{name!r} is taken", got=", ".join(taken), next_step="Choose another name; nothing was written"
        )
    halves = dict(zip(paths, (filled(text, words) for text in (example.public, example.private)), strict=True))
    return {**halves, source.path: _with_cells(source, cells)}


def _essay(source: Source, name: str, worth: float) -> Files:
    slug = name.removeprefix("essay-").replace("_", "-")
    if not re.fullmatch(r"[A-Za-z0-9][\w-]{0,40}", slug):
        raise UsageError(f"{name!r} can't be the name of an essay", expected="letters, digits and '-'")
    if (place := source.place(f"essay-{slug}")) is not None:
        raise UsageError(
            f"essay-{slug} is taken", got=f"cell {place + 1} of {source.path.name}", next_step="Choose another"
        )
    words = {"title": _titled(slug), "practice": "" if worth else " (practice)"}
    about = {"grade": True, "locked": False, "points": worth, "solution": True}
    answer = {**_markdown(f"essay-{slug}", examples.ESSAY_ANSWER), "metadata": _nbgrader(f"essay-{slug}", about)}
    return {
        source.path: _with_cells(source, [_markdown(f"text-essay-{slug}", filled(examples.ESSAY_TEXT, words)), answer])
    }


def _meanings(course: Course, source: Source, name: str, assignment: str) -> Iterator[str]:
    """What a name means already where an exercise of that name would stand."""
    if keyword.iskeyword(name) or name in dir(builtins):
        yield "a word of Python's own"
    if any(exercise.name == name for exercise in course.content[assignment]):
        yield f"an exercise of {assignment}"
    for cell in source.cells:
        if cell["cell_type"] == "code" and cell.get("id") != name and name in names_bound(written(cell)):
            yield f"a name in the cell {cell.get('id')} of {source.path.name}"


def _with_cells(source: Source, cells: list[dict[str, Any]]) -> str:
    """The notebook with new cells below its last graded one, or at its end."""
    graded = [at for at, cell in enumerate(source.cells) if cell["metadata"].get("nbgrader", {}).get("grade")]
    place = graded[-1] + 1 if graded else len(source.cells)
    notebook = {**source.notebook, "cells": [*source.cells[:place], *cells, *source.cells[place:]]}
    return Source(source.path, notebook).text()


def _markdown(cell: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": cell, "metadata": {}, "source": lines(text)}


def _code(cell: str, text: str, about: Mapping[str, Any]) -> dict[str, Any]:
    """A code cell with nbgrader's metadata."""
    metadata = _nbgrader(cell, about)
    return {"cell_type": "code", "execution_count": None, "id": cell, "metadata": metadata, "outputs": [],
            "source": lines(text)}  # fmt: skip


def _nbgrader(cell: str, about: Mapping[str, Any]) -> dict[str, Any]:
    """nbgrader's metadata, its keys in nbgrader's order."""
    return {"nbgrader": dict(sorted({**about, "grade_id": cell, "schema_version": 3, "task": False}.items()))}


def _titled(name: str) -> str:
    return re.sub(r"[-_.]+", " ", name).strip().capitalize()


def _below(course: Course, path: Path) -> str:
    return path.relative_to(course.root).as_posix()


def _new(files: Files) -> Files:
    """The same files, none of which may be there."""
    if there := [str(path) for path in files if path.exists()]:
        raise UsageError(f"{there[0]} is there already", next_step="Choose another name; nothing was written")
    return files


def write(files: Files) -> None:
    """All of them or none: where one can't be written, those before it are put back. Raises UsageError."""
    before: dict[Path, bytes | None] = {}
    try:
        for path, text in files.items():
            before[path] = path.read_bytes() if path.exists() else None
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, text.encode(), stat.S_IMODE(path.stat().st_mode) if path.exists() else NEW_FILE)
    except OSError as error:
        left = [str(path) for path, data in before.items() if not _put_back(path, data)]
        raise UsageError(
            f"{path} can't be written",
            got=str(error.strerror),
            next_step=f"Restore {', '.join(left)} by hand" if left else "Make it writable for you; nothing was changed",
        ) from error


def _put_back(path: Path, data: bytes | None) -> bool:
    """Whether a file is what it was."""
    try:
        if data is None:
            path.unlink(missing_ok=True)
        elif path.read_bytes() != data:
            write_atomically(path, data, stat.S_IMODE(path.stat().st_mode))
    except OSError:
        return False
    return True
