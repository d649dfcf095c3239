"""One assignment that can't be graded keeps no other from being graded, and none is released that could not be."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from autograder.bridges.nbgrader._verify import verify
from autograder.bridges.nbgrader.register import HumanGradesError, register
from autograder.commands.course import run_release
from autograder.commands.grade import run_grade
from autograder.errors import AutograderError, ReleaseError, UsageError
from autograder.grading.course import Course
from tests.bridges.small_course import sql

ROOT = Path(__file__).resolve().parents[2]
PS1, PS3 = "ps1-chain-rule", "ps3-activations-and-losses"


@pytest.fixture
def course(tmp_path):
    """A course with ps1, in which one student handed in the blank notebook."""
    for folder in ("solutions", "assignments"):
        shutil.copytree(ROOT / folder / PS1, tmp_path / folder / PS1)
    shutil.copytree(ROOT / "assignments" / PS1, tmp_path / "submitted" / "ada" / PS1)
    return Course.at(tmp_path)


def grading(course, *names, **more):
    asked = {"submitted": None, "force": False, "workers": 1, "reseed": False, "allow_weak": True, **more}
    return run_grade(course, names, **asked)


def undeclared(course):
    (course.solutions / "hw1").mkdir()
    shutil.copy(next((ROOT / "solutions" / PS1).glob("*.ipynb")), course.solutions / "hw1" / "hw1.ipynb")


def unreadable_release(course):
    (course.assignments / "hw1").mkdir()
    (course.assignments / "hw1" / "hw1.ipynb").write_text("no notebook")


@pytest.mark.parametrize("spoil", [undeclared, unreadable_release])
def test_the_others_are_graded_and_it_is_listed(course, spoil, capsys):
    spoil(course)

    code = grading(course)

    told = capsys.readouterr().out
    assert code == 0
    assert "1 submission in" in told
    assert ("hw1 was not graded: course.toml does not name it" in told) == (spoil is undeclared)


def test_the_exit_code_says_so_where_somebody_handed_in_for_it(course):
    undeclared(course)
    shutil.copytree(course.solutions / "hw1", course.submitted / "ada" / "hw1")

    assert grading(course) == 1


def removed_though_a_person_graded_it(course, other):
    """A second assignment is graded, an essay of it by hand, and then the essay goes from the release."""
    for folder in ("solutions", "assignments"):
        shutil.copytree(ROOT / folder / other, course.root / folder / other)
    shutil.copytree(course.assignments / other, course.submitted / "bo" / other)
    register(course, other)
    assert grading(course, other) == 0
    sql(
        course, "UPDATE grade SET manual_score = 3 WHERE cell_id IN (SELECT id FROM base_cell WHERE name LIKE 'essay%')"
    )
    path = next((course.assignments / other).glob("*.ipynb"))
    notebook = json.loads(path.read_text())
    notebook["cells"] = [cell for cell in notebook["cells"] if not cell["id"].startswith("essay")]
    path.write_text(json.dumps(notebook))


def test_what_a_person_graded_and_the_release_has_no_more_keeps_no_other_assignment_waiting(course, capsys):
    removed_though_a_person_graded_it(course, PS3)

    code = grading(course)

    told = capsys.readouterr().out
    assert (code, "1 submission in" in told) == (1, True)
    assert f"{PS3} was not graded: The release no longer has essay-" in told
    assert sql(course, "SELECT count(*) FROM grade WHERE manual_score = 3") == [(1,)]
    with pytest.raises(HumanGradesError):
        grading(course, PS3)


def test_named_it_is_an_error(course):
    undeclared(course)

    with pytest.raises(UsageError, match="There is no assignment 'hw1'"):
        grading(course, "hw1")


def test_what_nobody_could_grade_is_not_released(course):
    undeclared(course)

    with pytest.raises(UsageError, match="There is no assignment 'hw1'"):
        run_release(course, ["hw1"], check=False)
    with pytest.raises(UsageError, match=r"course\.toml does not name hw1"):
        run_release(course, [], check=True)

    assert not (course.assignments / "hw1").exists()


def test_a_given_cell_that_imports_pytorch_where_there_is_none_is_refused_at_release(course):
    paths = [next((folder / PS1).glob("*.ipynb")) for folder in (course.solutions, course.assignments)]
    for path in paths:
        notebook = json.loads(path.read_text())
        given = next(cell for cell in notebook["cells"] if cell["id"].startswith("given-"))
        given["source"] = ["import torch\n", *given["source"]]
        path.write_text(json.dumps(notebook))

    with pytest.raises(ReleaseError, match=r"imports PyTorch.*torch = true"):
        verify(course.content, *paths, PS1, kit=())


def test_a_given_cell_that_fails_is_our_fault_and_no_zero(course, capsys):
    path = next((course.assignments / PS1).glob("*.ipynb"))
    notebook = json.loads(path.read_text())
    given = next(cell for cell in notebook["cells"] if cell["id"].startswith("given-"))
    given["source"] = ["import a_package_that_is_not_there\n", *given["source"]]
    path.write_text(json.dumps(notebook))
    answer = next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("solution"))
    answer["source"] = [*answer["source"], "\nassert np"]
    (course.submitted / "ada" / PS1 / path.name).write_text(json.dumps(notebook))

    assert grading(course) == 1

    assert "our fault; no score was written" in capsys.readouterr().out


def test_a_whole_course_that_cannot_be_graded_says_why(course):
    shutil.rmtree(course.solutions / PS1)
    undeclared(course)

    with pytest.raises(AutograderError, match=r"course\.toml does not name it"):
        grading(course)
