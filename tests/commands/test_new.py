"""``autograder new rule`` writes a complete exercise, once, and nothing where anything is in the way."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.commands import new
from autograder.commands._edits import with_entry, with_import
from autograder.commands.new import run_new_rule
from autograder.errors import UsageError
from autograder.grading._files import write_atomically
from autograder.grading.course import Course
from tests.cohort.make import ROOT

PS2, PS4 = "ps2-vector-jacobian-products", "ps4-layers"


@pytest.fixture
def course(tmp_path) -> Course:
    """A copy of the repository's sources."""
    for folder in ("autograder", "solutions", "tests/engine", "tests/exercises"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return Course.at(tmp_path)


def contents(course: Course) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(course.root.rglob("*")) if path.is_file()}


JUDGED = """
import sys
sys.path.insert(0, {root!r})
from tests.this_course import CATALOGUE
from autograder.course.declare import answer_with
from autograder.judging import judge
exercise = CATALOGUE[{assignment!r}][-1]
expected = exercise.expect(seed=0)
for mistake in exercise.mistakes:
    assert judge(exercise, expected, mistake.answer(expected)).hint.name == mistake.name, mistake.name
right = lambda grad_output, output, x: 2 * grad_output * x
print(exercise.name, judge(exercise, expected, [answer_with(right, case) for case in expected.cases]).fraction)
"""


@pytest.mark.parametrize("assignment", [PS2, PS4])
def test_the_new_rule_is_declared_last_and_names_its_mistakes(course, assignment):
    run_new_rule(course, "cube", assignment, worth=0)

    script = JUDGED.format(root=str(course.root), assignment=assignment)
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], cwd=course.root, capture_output=True, text=True, check=False
    )
    assert done.stdout == "cube_backward 1.0\n", done.stderr


def test_the_notebook_gets_text_solution_and_check_below_its_last_exercise(course):
    run_new_rule(course, "cube", PS2, worth=0)

    cells = json.loads(course.source(PS2).read_bytes())["cells"]
    ids = [cell["id"] for cell in cells]
    start = ids.index("text-cube-backward")
    assert ids[start : start + 3] == ["text-cube-backward", "cube_backward", "cube_backward-check"]
    assert ids[start - 1].endswith("-check")
    assert not any(name.endswith("-check") for name in ids[start + 3 :])


def test_everything_that_is_written_is_python(course):
    before = contents(course)

    run_new_rule(course, "cube", PS2, worth=3)

    changed = [path for path, data in contents(course).items() if before.get(path) != data]
    assert len(changed) == 8
    for path in changed:
        if path.suffix == ".py":
            ast.parse(path.read_text())


@pytest.mark.parametrize("name", ["exp", "matmul_backward", "Cube", "two words", "lambda", "_cube", ""])
def test_a_name_that_is_taken_or_none_writes_nothing(course, name):
    before = contents(course)

    with pytest.raises(UsageError):
        run_new_rule(course, name, PS2, worth=0)

    assert contents(course) == before


@pytest.mark.parametrize("assignment", [PS2, PS4])
def test_a_name_that_means_something_where_it_is_written_writes_nothing(course, assignment):
    before = contents(course)

    for name in ("ops", "public", "exercises", "np", "kit", "case", "primitive", "activations", "tensor", "x"):
        with pytest.raises(UsageError, match=f"'{name}' is taken"):
            run_new_rule(course, name, assignment, worth=0)

    assert contents(course) == before


def test_a_file_that_cannot_be_written_leaves_all_as_they_were(course, monkeypatch):
    before = contents(course)
    refused = "variants"

    def write(path, data, mode):
        if path.parent.name == refused:
            raise PermissionError(13, "Permission denied")
        write_atomically(path, data, mode)

    monkeypatch.setattr(new, "write_atomically", write)

    with pytest.raises(UsageError, match=r"ps2\.py can't be written.*Permission denied.*nothing was changed"):
        run_new_rule(course, "cube", PS2, worth=0)

    assert contents(course) == before


def test_a_second_rule_of_the_same_name_writes_nothing(course):
    run_new_rule(course, "cube", PS2, worth=0)
    before = contents(course)

    with pytest.raises(UsageError, match="taken"):
        run_new_rule(course, "cube", PS2, worth=0)

    assert contents(course) == before


def test_a_list_that_is_computed_is_not_extended_and_nothing_is_written(course):
    path = course.root / "tests" / "exercises" / "variants" / "ps2.py"
    path.write_text("VARIANTS = dict()\n")
    before = contents(course)

    with pytest.raises(UsageError, match="VARIANTS"):
        run_new_rule(course, "cube", PS2, worth=0)

    assert contents(course) == before


@pytest.mark.parametrize(
    "text, done",
    [
        ("A = ()\n", "A = (x,)\n"),
        ("A = (a,)\n", "A = (a, x)\n"),
        ("A = []\n", "A = [x]\n"),
        ("A: list[str] = [a, b]\n", "A: list[str] = [a, b, x]\n"),
        ("A = (\n    a,\n)\nB = ()\n", "A = (\n    a,\n    x,\n)\nB = ()\n"),
    ],
)
def test_an_entry_is_added_last(text, done):
    found = with_entry(text, "A", "x", "file")

    assert found == done


@pytest.mark.parametrize(
    "text, done",
    [
        ("from a import b\n", "from a import b, x\n"),
        ("from a import b, x\n", "from a import b, x\n"),
        ("from __future__ import annotations\n", "from __future__ import annotations\n\nfrom a import x\n"),
        ("from a import (\n    b,\n    c,\n)\n", "from a import b, c, x\n"),
    ],
)
def test_an_import_is_merged_where_there_is_one(text, done):
    found = with_import(text, "a", 0, "x")

    assert found == done
