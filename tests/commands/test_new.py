"""`autograder init` and `autograder new`: two files and the notebook, and nothing where anything is in the way."""

from __future__ import annotations

import json

import pytest

from autograder.authoring import scaffold
from autograder.authoring.scaffold import assignment_files, course_files, exercise_files, write
from autograder.commands.new import run_init, run_new_assignment, run_new_exercise
from autograder.errors import UsageError
from autograder.grading._files import write_atomically
from autograder.grading.course import Course
from tests.authoring.course import ONE, Begun


def contents(root):
    return {path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file() and path.suffix != ".pyc"}


@pytest.fixture
def begun(tmp_path):
    return Begun.at(tmp_path, "rule")


@pytest.mark.parametrize("kind, files", [("rule", 3), ("function", 3), ("repair", 3), ("predict", 3), ("essay", 1)])
def test_an_exercise_is_two_files_and_the_notebook(tmp_path, kind, files):
    begun = Begun.at(tmp_path, torch=True)
    before = contents(tmp_path)

    run_new_exercise(begun.course, kind, "cube", ONE, 3)

    changed = [path for path, data in contents(tmp_path).items() if before.get(path) != data]
    assert len(changed) == files
    assert all(path.is_relative_to(begun.course.solutions / ONE) for path in changed)


def test_an_assignment_is_a_folder_and_a_paragraph_and_the_rest_of_course_toml_stays(tmp_path):
    begun = Begun.at(tmp_path)
    path = tmp_path / "course.toml"
    path.write_text(path.read_text() + "hours = 2  # a long one")
    before = path.read_text()

    run_new_assignment(begun.course, "ps2-more", 'On "quotes"', torch=True)

    assert (
        path.read_text() == before + '\n\n[[assignment]]\nname = "ps2-more"\ntitle = "On \\"quotes\\""\ntorch = true\n'
    )
    assert begun.course.source("ps2-more").name == "more.ipynb"
    assert begun.course.needs_torch(["ps2-more"])


def test_the_cells_stand_below_the_last_exercise(begun):
    run_new_exercise(begun.course, "rule", "cube", ONE, 0)

    cells = json.loads(begun.course.source(ONE).read_bytes())["cells"]
    assert [cell["id"] for cell in cells][-6:] == [
        "text-my-rule-backward", "my_rule_backward", "my_rule_backward-check",
        "text-cube-backward", "cube_backward", "cube_backward-check",
    ]  # fmt: skip
    assert "(practice)" in "".join(cells[-3]["source"])
    assert cells[-1]["metadata"]["nbgrader"]["points"] == 0


def test_with_several_notebooks_one_is_named(begun):
    more = begun.course.solutions / ONE / "part-2.ipynb"
    more.write_text(begun.course.source(ONE).read_text().replace("my_rule_backward", "other"))

    with pytest.raises(UsageError, match=r"2 notebooks.*one of one, part-2"):
        run_new_exercise(begun.course, "predict", "shape", ONE, 0)
    run_new_exercise(begun.course, "predict", "shape", f"{ONE}/part-2", 0)

    assert "shape-check" in more.read_text()


@pytest.mark.parametrize("name", ["my_rule", "my_rule_backward", "Cube", "two words", "_cube", "", "cube-1"])
def test_a_name_that_is_taken_or_none_writes_nothing(begun, name):
    before = contents(begun.course.root)

    with pytest.raises(UsageError):
        run_new_exercise(begun.course, "rule", name, ONE, 0)

    assert contents(begun.course.root) == before


@pytest.mark.parametrize("name", ["sum", "np", "check", "lambda", "my_rule_backward"])
def test_a_function_is_not_called_like_something_in_the_notebook(begun, name):
    with pytest.raises(UsageError, match="taken"):
        run_new_exercise(begun.course, "function", name, ONE, 0)


def test_a_repair_needs_an_assignment_with_pytorch(begun):
    with pytest.raises(UsageError, match=r"no PyTorch.*torch = true"):
        run_new_exercise(begun.course, "repair", "cut", ONE, 0)


@pytest.mark.parametrize("name", [ONE, "../up", "a/b", ".hidden", ""])
def test_an_assignment_that_is_there_or_can_be_none_writes_nothing(begun, name):
    before = contents(begun.course.root)

    with pytest.raises(UsageError):
        run_new_assignment(begun.course, name, "", torch=False)

    assert contents(begun.course.root) == before


def test_a_course_is_not_begun_where_one_is(begun):
    before = contents(begun.course.root)

    with pytest.raises(UsageError, match=r"course\.toml is there already"):
        write(course_files(begun.course.root, "mine", ""))

    assert contents(begun.course.root) == before


def test_a_course_is_begun_in_a_folder_that_is_made(tmp_path):
    assert run_init(tmp_path / "linear-algebra", "") == 0

    manifest = Course.at(tmp_path / "linear-algebra").manifest
    assert (manifest.id, manifest.title, manifest.assignments) == ("linear-algebra", "Linear algebra", ())


def test_a_file_that_cannot_be_written_leaves_all_as_they_were(begun, monkeypatch):
    before = contents(begun.course.root)

    def refused(path, data, mode):
        if path.suffix == ".ipynb":
            raise PermissionError(13, "Permission denied")
        write_atomically(path, data, mode)

    monkeypatch.setattr(scaffold, "write_atomically", refused)

    with pytest.raises(UsageError, match=r"can't be written.*Permission denied.*nothing was changed"):
        write(exercise_files(begun.course, "function", "cube", ONE, 0))

    assert contents(begun.course.root) == before


def test_a_title_of_any_letters_is_kept(tmp_path):
    begun = Begun.at(tmp_path)

    write(assignment_files(begun.course, "two", "Übung \\ \t 2", torch=False))

    assert begun.course.manifest["two"].title == "Übung \\ \t 2"
