"""The trust line is a folder: which room may import which, read from the source."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import autograder
from autograder.authoring.imports import check_imports
from tests.this_course import CATALOGUE, COURSE

PACKAGE = Path(autograder.__file__).parent
ROOMS = (
    "authoring", "boundary", "bridges", "commands", "course", "engine", "grading", "judging", "kit", "reports",
    "untrusted",
)  # fmt: skip

OWN = {
    "authoring": {"authoring", "boundary", "course", "engine", "errors", "grading", "judging", "kit"},
    "boundary": {"boundary"},
    "bridges": {"boundary", "bridges", "errors", "course", "grading", "judging", "kit", "reports"},
    "engine": {"engine"},
    "course": {"boundary", "course", "engine", "errors", "kit"},
    "grading": {"boundary", "errors", "course", "grading", "judging", "kit", "reports"},
    "judging": {"boundary", "course", "judging", "kit"},
    "kit": set(),  # relative imports only: it ships as a folder of its own
    "reports": {"boundary", "judging", "kit", "reports"},
    "untrusted": {"boundary", "kit", "untrusted"},
}
"""Rooms of this package that a room may import. The command line (cli.py, commands/) may import all of them."""

OTHERS = {
    "boundary": {"numpy"},
    "engine": {"numpy"},
    "course": {"msgspec", "numpy"},
    "judging": {"numpy"},
    "kit": {"numpy"},
    "untrusted": {"numpy", "IPython"},
}
"""Packages besides the standard library; rooms that are not named may import what the project depends on."""

LAZY = {"kit": {"torch", "IPython", "matplotlib"}, "untrusted": {"torch", "matplotlib"}}
"""Packages that may be imported inside a function only."""


def imports(path: Path) -> list[tuple[str, bool]]:
    """Every absolute import of a file as (dotted name, at the top level); relative ones as ``.name``."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for node in ast.walk(function)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, id(node) not in inside) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            names = [module] if module != "autograder" else [f"autograder.{alias.name}" for alias in node.names]
            found += [(name, id(node) not in inside) for name in names]
    return found


def files(room: str) -> list[Path]:
    return sorted((PACKAGE / room).rglob("*.py"))


@pytest.mark.parametrize("room", sorted(OWN))
def test_a_room_imports_only_the_rooms_it_may(room):
    wrong = [
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in files(room)
        for name, _ in imports(path)
        if name.startswith("autograder.")
        and name != "autograder.__version__"
        and ([*name.split("."), ""])[1] not in OWN[room]
    ]

    assert files(room)
    assert not wrong


@pytest.mark.parametrize("room", sorted(OTHERS))
def test_a_room_imports_only_the_packages_it_may(room):
    wrong = []
    for path in files(room):
        for name, at_top in imports(path):
            package = name.split(".")[0]
            if not package or package == "autograder" or package in sys.stdlib_module_names:
                continue
            if package not in OTHERS[room] and (at_top or package not in LAZY.get(room, ())):
                wrong.append(f"{path.relative_to(PACKAGE)}: {name}")

    assert not wrong


def test_only_the_command_line_imports_bridges():
    importers = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        for name, _ in imports(path)
        if name.startswith("autograder.bridges")
    }

    assert importers <= {"bridges", "cli.py", "commands"}


def test_the_kit_imports_nothing_by_its_full_name():
    wrong = [
        f"{path.name}: {name}"
        for path in files("kit")
        for name, _ in imports(path)
        if name.startswith(("autograder", "kit"))
    ]

    assert not wrong


@pytest.mark.parametrize("name, more", [("shipped_conftest.py", set()), ("entry.py", {"autograder"})])
def test_what_other_peoples_pytest_loads_needs_nothing_but_pytest(name, more):
    found = imports(PACKAGE / "bridges" / "pytest_plugin" / name)

    at_top = {module.split(".")[0] for module, top in found if top} - set(sys.stdlib_module_names)
    later = {module.split(".")[0] for module, top in found if not top} - set(sys.stdlib_module_names)
    assert at_top == {"pytest"}
    assert later == more


def test_every_room_is_known():
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir() and (path / "__init__.py").exists()}

    assert rooms == set(ROOMS)


def test_rooms_that_judge_do_no_input_or_output():
    forbidden = {"io", "os", "pathlib", "socket", "subprocess", "random", "secrets", "tempfile", "shutil"}

    wrong = [
        f"{path.name}: {name}"
        for path in files("judging")
        for name, _ in imports(path)
        if name.split(".")[0] in forbidden
    ]

    assert not wrong


APIS = {("boundary/optimizers.py", "zero_grad"), ("engine/__init__.py", "numerical_vjp")}
"""Words of PyTorch's and of the engine's own, after which an exercise is called."""


def test_the_grader_knows_no_course():
    names = {*CATALOGUE} | {one.name for several in CATALOGUE.values() for one in several if "_" in one.name}

    known = [
        f"{path.relative_to(PACKAGE)}, line {node.lineno}: {node.value}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in names
        if (path.relative_to(PACKAGE).as_posix(), node.value) not in APIS
    ]

    assert len(names) > 100
    assert known == []


def test_one_file_imports_content():
    importers = [
        str(path.relative_to(PACKAGE))
        for path in sorted(PACKAGE.rglob("*.py"))
        if any(name.split(".")[0] == "course_content" for name, _ in imports(path))
        or ('"course_content' in path.read_text(encoding="utf-8"))
    ]

    assert importers == ["course/content.py"]


@pytest.mark.parametrize("assignment", list(CATALOGUE))
def test_content_stays_within_its_half(assignment):
    assert list(map(str, check_imports(COURSE.root, assignment))) == []


@pytest.mark.parametrize(
    "half, line",
    [
        ("public", "from autograder.engine import ops"),
        ("public", "import torch"),
        ("public", "def f():\n    import torch"),
        ("public", "from ..private import products"),
        ("public", "from ...other.public import products"),
        ("private", "from ...other.private import products"),
        ("private", "import torch"),
        ("private", "from autograder import grading"),
        ("private", "import autograder.judging"),
    ],
)
def test_an_import_across_a_line_is_told_with_its_line(tmp_path, half, line):
    folder = tmp_path / "solutions" / "one" / half
    folder.mkdir(parents=True)
    (folder / "topic.py").write_text(f"import math\n{line}\n")

    (problem,) = check_imports(tmp_path, "one")

    assert problem.where.startswith(f"solutions/one/{half}/topic.py, line {2 + line.count(chr(10))}")
    assert problem.next_step
