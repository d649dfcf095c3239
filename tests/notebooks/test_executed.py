"""Notebooks run in a real Jupyter kernel, as a student runs them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.course.opening import opening, with_opening
from tests.cohort.answers import TYPICAL
from tests.cohort.make import ROOT, material
from tests.handed_out import kit
from tests.this_course import CATALOGUE

ASSIGNMENTS = list(CATALOGUE)
MIDDLE = ASSIGNMENTS[1:-1]
SOME = [pytest.param(name, marks=pytest.mark.slow if name in MIDDLE else ()) for name in ASSIGNMENTS]
"""The first and the last are executed each time, which takes a kernel and seconds; the others in `make soak`."""
PROMISED = re.compile(r"^\s*print\(.*\)\s+# (?P<printed>.+)$")
MOST_TRACEBACK_LINES = 3
STRUCTURAL = {"ps2-vector-jacobian-products": "getitem_backward", "ps3-activations-and-losses": "mse_backward"}
"""An exercise whose typical mistake the structural tests explain: the bank is not in the notebook."""


def execute(folder: Path, notebook: dict, assignment: str) -> nbformat.NotebookNode:
    """Run ``notebook`` top to bottom with kit.zip beside it, as a release has it; cells may raise."""
    folder.mkdir()
    (folder / "kit.zip").write_bytes(kit(assignment))
    with_opening(notebook["cells"], opening())
    node = nbformat.reads(json.dumps(notebook), as_version=4)
    client = NotebookClient(node, timeout=300, allow_errors=True, resources={"metadata": {"path": str(folder)}})
    return client.execute()


def printed(cell: nbformat.NotebookNode) -> str:
    return "".join(output.get("text", "") for output in cell.get("outputs", []) if output.output_type == "stream")


def errors(cell: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for output in cell.get("outputs", []) if output.output_type == "error"]


@pytest.mark.parametrize("assignment", SOME)
def test_the_solved_notebook_runs_from_top_to_bottom_and_prints_what_it_says(tmp_path, assignment):
    solved = json.loads((ROOT / "solutions" / assignment / material(assignment).name).read_bytes())

    done = execute(tmp_path / "solved", solved, assignment)

    assert {cell.id: error.evalue for cell in done.cells for error in errors(cell)} == {}
    untrue = [
        (cell.id, promise["printed"])
        for cell in done.cells
        if cell.cell_type == "code"
        for line in cell.source.splitlines()
        if (promise := PROMISED.match(line)) and not promised(promise["printed"], printed(cell))
    ]
    assert untrue == []


def promised(comment: str, output: str) -> bool:
    """Whether some printed line is what the comment begins with (a remark may follow the value)."""
    return any(line.strip() and comment.startswith(line.strip()) for line in output.splitlines())


@pytest.mark.parametrize("assignment", list(TYPICAL))
def test_a_wrong_answer_is_told_briefly_and_helpfully(tmp_path, assignment):
    given = material(assignment)
    answers = {**given.answers, **TYPICAL[assignment]}

    done = execute(tmp_path / "wrong", given.notebook(answers), assignment)

    cells = {cell.id: cell for cell in done.cells}
    name = STRUCTURAL[assignment]
    failed = errors(cells[f"{name}-check"])
    assert [error.ename for error in failed] == ["AssertionError"]
    assert name in failed[0].evalue
    assert len(failed[0].traceback) <= MOST_TRACEBACK_LINES
    shown = [output for output in cells[f"{name}-check"].outputs if output.output_type == "display_data"]
    told = shown[0]["data"]["text/plain"]
    assert "got" in told
    assert "expected" in told
    assert "?" in told
    assert "text/html" in shown[0]["data"]


@pytest.mark.parametrize("assignment", SOME)
def test_the_notebook_as_handed_out_fails_in_answers_and_checks_only(tmp_path, assignment):
    given = material(assignment)

    done = execute(tmp_path / "blank", given.released, assignment)

    exercises = {exercise.name for exercise in CATALOGUE[assignment]}
    failing = {cell.id: {error.ename for error in errors(cell)} for cell in done.cells if errors(cell)}
    others = {name: kinds for name, kinds in failing.items() if name.removesuffix("-check") not in exercises}
    assert set().union(*others.values()) <= {"NotImplementedError"}  # a demonstration that uses the answers
    assert set(failing) >= {f"{name}-check" for name in exercises}
