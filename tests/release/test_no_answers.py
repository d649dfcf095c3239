"""Nothing released holds an answer: no solution region, no reference rule, and the kit's own code earns nothing."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from matplotlib import pyplot

import autograder.kit
from autograder.course.declare import Expected, answer_with
from autograder.judging import judge
from autograder.judging._judge import findings_of
from autograder.kit.declare import Predict, Rule
from tests.cohort.make import ROOT, material
from tests.exercises.catalogue import EXERCISES, expect, in_each_assignment
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


def released_code() -> Iterator[tuple[str, str]]:
    """Every piece of Python in assignments/: where, and the text."""
    for path in sorted((ROOT / "assignments").rglob("*")):
        if path.suffix == ".py":
            yield str(path.relative_to(ROOT)), path.read_text()
        elif path.suffix == ".ipynb":
            for cell in json.loads(path.read_bytes())["cells"]:
                if cell["cell_type"] == "code":
                    yield f"{path.name}:{cell['id']}", "".join(cell["source"])


def test_no_released_code_contains_a_solution():
    released = [(where, body) for where, source in released_code() for body in statements(source)]

    leaks = [
        f"{where} holds the answer to {exercise} ({assignment})"
        for assignment, exercise, answer in regions()
        for where, body in released
        if any(body[i : i + len(answer)] == answer for i in range(len(body) - len(answer) + 1))
    ]

    assert released
    assert not leaks


def test_no_released_text_holds_the_markers_or_the_trusted_rooms():
    words = ("BEGIN SOLUTION", "autograder.engine", "autograder.exercises", "defvjp", "Mistake")

    leaks = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in (ROOT / "assignments").rglob("*")
        if path.is_file() and path.suffix in (".py", ".ipynb", ".md", ".json")
        for word in words
        if word in path.read_text()
    ]

    assert not leaks


@functools.cache
def kit_functions(assignment: str) -> list[Callable]:
    """Every function that the kit of one assignment holds, those inside the declarations included."""
    elsewhere = tuple(f"autograder.kit.public.{other.split('-')[0]}" for other in CATALOGUE if other != assignment)
    found: dict[int, Callable] = {}
    for info in pkgutil.walk_packages(autograder.kit.__path__, "autograder.kit."):
        if info.name.startswith(elsewhere):
            continue
        module = importlib.import_module(info.name)
        for value in vars(module).values():
            if inspect.isfunction(value) and value.__module__.startswith("autograder.kit"):
                found[id(value)] = value
        for public in getattr(module, "PUBLIC", ()):
            for inside in (getattr(public, "forward", None), getattr(public, "oracle", None)):
                if inside is not None:
                    found[id(inside)] = inside
            for one in getattr(public, "properties", ()):
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


def test_the_released_folders_are_complete():
    for assignment in CATALOGUE:
        folder = ROOT / "assignments" / assignment
        names = {path.name for path in folder.iterdir()}

        assert {material(assignment).name, "kit", "requirements.txt", "README.md", "conftest.py"} <= names
        short = assignment.split("-")[0]
        public = {Path(path).stem for path in (folder / "kit" / "public").iterdir()}
        assert public - {"__init__", "__pycache__"} == {short}
