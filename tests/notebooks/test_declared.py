"""Notebook and declaration say the same: every exercise once, with its signature; ids, roles and points in order."""

from __future__ import annotations

import ast
import json

import pytest

from autograder.grading.release import load_release
from autograder.kit.declare import Function, Predict, Rule
from tests.cohort.make import ROOT, material
from tests.this_course import CATALOGUE

ASSIGNMENTS = list(CATALOGUE)
HUNDRED = 100


def source(assignment: str) -> dict:
    """The source notebook."""
    return json.loads((ROOT / "solutions" / assignment / material(assignment).name).read_bytes())


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_notebook_holds_every_declared_exercise_once_and_in_order(assignment):
    release = load_release(ROOT / "assignments" / assignment / material(assignment).name)

    assert list(release.exercises) == [exercise.name for exercise in CATALOGUE[assignment]]


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_core_exercises_and_essays_sum_to_a_hundred_points(assignment):
    release = load_release(ROOT / "assignments" / assignment / material(assignment).name)

    assert release.points == HUNDRED


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_bonus_is_announced_with_its_points_above_the_exercise(assignment):
    release = load_release(ROOT / "assignments" / assignment / material(assignment).name)
    order = {cell.id: place for place, cell in enumerate(release.cells)}

    told = {name: release.cells[order[name] - 1].source for name in release.bonuses}

    assert [name for name, text in told.items() if f"{release.bonuses[name]:g} bonus points" not in text] == []


def test_the_two_bonus_exercises_of_the_course_give_extra_credit():
    releases = (load_release(ROOT / "assignments" / name / material(name).name) for name in ASSIGNMENTS)

    assert {exercise for release in releases for exercise in release.bonuses} == {
        "einsum_backward",
        "lstm_cell_backward",
    }


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_skeletons_have_the_declared_signatures(assignment):
    for exercise in CATALOGUE[assignment]:
        answer = material(assignment).answers[exercise.name]
        tree = ast.parse(answer)
        if isinstance(exercise.public, Predict):
            names = {target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets}
            assert set(exercise.public.answers) <= names, exercise.name
            continue
        defined = [n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and n.name == exercise.name]
        assert len(defined) == 1, exercise.name
        if isinstance(defined[0], ast.FunctionDef):
            written = f"{exercise.name}({ast.unparse(defined[0].args)})"
            assert plain(written) == plain(exercise.public.signature), exercise.name


def plain(signature: str) -> str:
    return ast.unparse(ast.parse(f"def {signature}: ..."))


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_public_and_private_halves_are_of_one_order(assignment):
    for exercise in CATALOGUE[assignment]:
        assert exercise.public.statement
        if isinstance(exercise.public, Rule):
            assert exercise.public.cases
        elif isinstance(exercise.public, Function):
            assert exercise.public.stored or exercise.public.properties


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_source_notebooks_are_clean(assignment):
    notebook = source(assignment)

    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    for cell in notebook["cells"]:
        assert not cell.get("outputs"), cell["id"]
        assert cell["cell_type"] != "code" or cell["execution_count"] is None
        about = cell["metadata"].get("nbgrader")
        assert about is None or about["grade_id"] == cell["id"]


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_solution_is_inside_its_markers_and_every_check_names_its_exercise(assignment):
    cells = {cell["id"]: "".join(cell["source"]) for cell in source(assignment)["cells"]}

    for exercise in CATALOGUE[assignment]:
        answer, check = cells[exercise.name], cells[f"{exercise.name}-check"]
        assert answer.count("### BEGIN SOLUTION") == answer.count("### END SOLUTION") >= 1, exercise.name
        assert check.startswith((f"check({exercise.name})", f'check("{exercise.name}"')), check
