"""Nothing released holds an answer: no solution region, no reference rule, and the kit's own code earns nothing."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import io
import json
import subprocess
import zipfile
from collections.abc import Callable, Iterable, Iterator

import pytest
from matplotlib import pyplot

from autograder.course.declare import Expected, answer_with
from autograder.course.kit_zip import kit_files
from autograder.judging import judge
from autograder.judging._judge import findings_of
from autograder.kit.declare import Function, Predict, Rule
from tests.cohort.make import ROOT, material
from tests.exercises.catalogue import EXERCISES, expect, in_each_assignment
from tests.handed_out import beside
from tests.this_course import CATALOGUE

LEAST_STATEMENTS = 2


class Canonical(ast.NodeTransformer):
    """Renames every local name, so that a copy with other names is still a copy."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.copy_location(ast.Name(self.names.setdefault(node.id, f"n{len(self.names)}"), node.ctx), node)


def statements(source: str) -> Iterator[tuple[str, ...]]:
    """The bodies of a piece of code as tuples of normalised statements."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            kept = [s for s in body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
            yield tuple(
                ast.unparse(s)
                for s in kept
                if not isinstance(s, (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom))
            )


def regions() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every solution of every assignment: assignment, exercise, normalised statements."""
    for assignment in CATALOGUE:
        for exercise, source in material(assignment).answers.items():
            for body in statements(source):
                if len(body) >= LEAST_STATEMENTS:
                    yield assignment, exercise, body


def released_files() -> Iterator[tuple[str, bytes]]:
    """Every file that students get: where, and its bytes. What is in kit.zip is listed file by file."""
    for assignment in CATALOGUE:
        notebook = ROOT / "assignments" / assignment / material(assignment).name
        yield f"{assignment}/{notebook.name}", notebook.read_bytes()
        for name, data in beside(assignment).items():
            yield from inside(f"{assignment}/{name}", data)


def inside(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """A file, or the files in it if it is an archive, at any depth."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        yield name, data
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.namelist():
            yield from inside(f"{name}/{entry}", archive.read(entry))


def code_in(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """Every piece of Python in a file: where, and the text."""
    if name.endswith(".py"):
        yield name, data.decode()
    elif name.endswith(".ipynb"):
        for cell in json.loads(data)["cells"]:
            if cell["cell_type"] == "code":
                yield f"{name}:{cell['id']}", "".join(cell["source"])


def leaks_in(files: Iterable[tuple[str, bytes]]) -> list[str]:
    """The answers that files hold."""
    code = [piece for file in files for piece in code_in(*file)]
    released = [(where, body) for where, source in code for body in statements(source)]
    assert released
    return [
        f"{where} holds the answer to {exercise} ({assignment})"
        for assignment, exercise, answer in regions()
        for where, body in released
        if any(body[i : i + len(answer)] == answer for i in range(len(body) - len(answer) + 1))
    ]


def test_no_released_code_contains_a_solution():
    assert not leaks_in(released_files())


def test_an_answer_that_is_planted_in_an_archive_is_seen():
    name, answer = next(
        (exercise, source)
        for exercise, source in material("ps4-layers").answers.items()
        if any(len(body) >= LEAST_STATEMENTS for body in statements(source))
    )
    deep, archive = io.BytesIO(), io.BytesIO(beside("ps4-layers")["kit.zip"])
    with zipfile.ZipFile(deep, "w") as opened:
        opened.writestr("kit/public/draft.py", answer)
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr("kit/public/data/more.zip", deep.getvalue())

    found = leaks_in(inside("kit.zip", archive.getvalue()))

    assert found == [f"kit.zip/kit/public/data/more.zip/kit/public/draft.py holds the answer to {name} (ps4-layers)"]


def test_no_released_text_holds_the_markers_or_the_trusted_rooms():
    words = ("BEGIN SOLUTION", "autograder.engine", "autograder.course", "defvjp", "Mistake(")

    leaks = [f"{name}: {word}" for name, data in released_files() for word in words if word.encode() in data]

    assert not leaks


def test_no_file_of_the_private_half_or_of_the_engine_is_released():
    rooms = [ROOT / "autograder" / name for name in ("engine", "judging", "course", "grading")]
    rooms += [ROOT / "solutions" / name / "private" for name in CATALOGUE]
    hidden = {path.read_bytes() for room in rooms for path in room.rglob("*.py") if path.stat().st_size}

    assert [name for name, data in released_files() if data in hidden] == []


@functools.cache
def kit_functions(assignment: str) -> list[Callable]:
    """Every function that the kit of one assignment holds, those inside the declarations included."""
    found: dict[int, Callable] = {}
    shipped = [name for name in kit_files(CATALOGUE, assignment) if name.endswith(".py") and name[:7] != "public/"]
    names = [name.removesuffix(".py").removesuffix("__init__").replace("/", ".").rstrip(".") for name in shipped]
    library = [importlib.import_module(f"autograder.kit.{name}".rstrip(".")) for name in names]
    for module in (*library, *CATALOGUE.modules(assignment, "public").values()):
        for value in vars(module).values():
            if inspect.isfunction(value) and value.__module__.startswith(("autograder.kit", "course_content")):
                found[id(value)] = value
            if isinstance(value, (Function, Predict, Rule)):
                for inside in (getattr(value, "forward", None), getattr(value, "oracle", None)):
                    if inside is not None:
                        found[id(inside)] = inside
                for one in getattr(value, "properties", ()):
                    found[id(one.holds)] = one.holds
    return list(found.values())


@pytest.fixture
def no_figures():
    """Closes the figures that functions of the kit open."""
    yield
    pyplot.close("all")


@pytest.mark.usefixtures("no_figures")
@in_each_assignment("exercise", [p for p in EXERCISES if not isinstance(p.values[0].public, Predict)])
def test_a_function_of_the_kit_pasted_as_an_answer_earns_nothing(exercise, capsys):
    assignment = next(name for name, exercises in CATALOGUE.items() if exercise in exercises)
    expected = expect(exercise, 0)
    gate = {case.label: Expected(exercise, (case,)) for case in expected.cases if case.check == "values"}

    earning = []
    for function in kit_functions(assignment):
        answers = []
        for label, alone in gate.items():
            try:
                answer = answer_with(function, alone.cases[0])
            except BaseException:  # some of the kit's functions raise AssertionError or print: that is no answer
                break
            if findings_of(alone, {label: answer})[label] is not None:
                break  # one wrong answer closes the gate
            answers.append(answer)
        if len(answers) == len(gate) and judge(exercise, expected, answers).checks[0].passed:
            earning.append(f"{function.__module__}.{function.__qualname__}")

    assert not earning


def test_rules_whose_forward_is_asked_ship_without_it():
    asked = {name for exercises in CATALOGUE.values() for e in exercises for name in [e.name]}

    shipped = [
        exercise.name
        for exercises in CATALOGUE.values()
        for exercise in exercises
        if isinstance(exercise.public, Rule)
        and exercise.name.removesuffix("_backward") in asked
        and exercise.public.forward is not None
    ]

    assert not shipped


def test_git_holds_the_notebooks_and_their_records_and_students_get_the_rest_with_them():
    if not (ROOT / ".git").exists():
        pytest.skip("no clone: what git holds can't be seen")
    listed = subprocess.run(["git", "ls-files", "assignments"], cwd=ROOT, capture_output=True, text=True, check=True)
    kept = {name for one in CATALOGUE for name in (f"{one}/{material(one).name}", f"{one}/released-cells.json")}

    assert set(listed.stdout.split()) == {f"assignments/{name}" for name in kept}
    assert all(set(beside(one)) == {"kit.zip", "conftest.py", "requirements.txt", "README.md"} for one in CATALOGUE)
