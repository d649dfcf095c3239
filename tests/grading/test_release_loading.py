"""A released notebook says by flags and ids what each cell is for, and says so loudly when it does not."""

from __future__ import annotations

import pickle

import pytest

from autograder.errors import ReleaseError
from autograder.grading.release import load_release
from tests.grading.notebooks import (
    ANSWER,
    ASSIGNMENT,
    NOTEBOOK,
    SKELETON,
    cell,
    exercise,
    find,
    given,
    graded,
    inserted,
    notebook,
    release_json,
    released,
    without,
    write,
)


def test_each_cell_gets_the_role_of_its_flags(release):
    roles = {cell.id: cell.role for cell in release.cells}

    assert roles == {
        "given-imports": "given",
        "text-add": "text",
        "add_backward": "solution",
        "add_backward-check": "check",
        "cost": "solution",
        "cost-check": "check",
        "essay-sums": "essay",
        "demo-torch": "demo",
    }


def test_the_points_of_an_exercise_are_those_of_its_check_cell(release):
    points = (release.exercises, release.essays, release.points)

    assert points == ({"add_backward": 4.0, "cost": 2.0}, {"essay-sums": 5.0}, 11.0)


def test_the_names_of_assignment_and_notebook_are_those_of_the_path(release):
    names = (release.assignment, release.notebook, release.filename)

    assert names == (ASSIGNMENT, NOTEBOOK, f"{NOTEBOOK}.ipynb")


def test_the_answers_of_an_exercise_are_the_names_that_its_check_reads(release):
    answers = release.answers

    assert answers == {
        "add_backward": {"add_backward"},
        "cost": {"jacobian_entries", "vjp_entries"},
    }


def test_a_cell_that_was_added_in_jupyter_may_keep_its_random_id(tmp_path):
    made = inserted(release_json(), "", cell("markdown", "4f2a-91c0", "More"), cell("code", "8be1", "print(1)"))

    release = released(tmp_path, made)

    assert [cell.role for cell in release.cells[-2:]] == ["text", "demo"]


def test_a_source_may_be_a_list_of_lines(tmp_path):
    made = release_json()
    find(made, "add_backward")["source"] = SKELETON.splitlines(keepends=True)

    release = released(tmp_path, made)

    assert next(cell.source for cell in release.cells if cell.id == "add_backward") == SKELETON


def bonus(given, points=0, name="add_backward-check"):
    made = flags(points=points)
    find(made, name)["metadata"]["autograder"] = given
    return made


def test_a_bonus_is_extra_to_the_points(tmp_path):
    release = released(tmp_path, bonus({"bonus": 2.5}))

    assert (release.bonuses, release.exercises["add_backward"], release.points) == ({"add_backward": 2.5}, 0.0, 7.0)


def flags(**changed):
    made = release_json()
    find(made, "add_backward-check")["metadata"]["nbgrader"].update(changed)
    return made


def renamed(old, new):
    made = release_json()
    find(made, old)["metadata"]["nbgrader"]["grade_id"] = new
    find(made, old)["id"] = new
    return made


@pytest.mark.parametrize(
    "made, complaint",
    [
        ("[]", "no list of cells"),
        ("{", "not JSON"),
        ({**release_json(), "nbformat_minor": 4}, r"Expected nbformat 4\.5 and got 4\.4"),
        (inserted(release_json(), "", cell("markdown", None, "no id")), "no usable id"),
        (inserted(release_json(), "", cell("markdown", "own-1", "ours")), "no usable id"),
        (inserted(release_json(), "", cell("markdown", "text-add", "again")), "same id"),
        (without(release_json(), "cost"), "'cost' is half there"),
        (without(release_json(), "cost-check"), "no cell 'cost-check'"),
        (flags(points=-1), "Expected a number, 0 or more and got -1"),
        (flags(points=True), "No points"),
        (flags(points=None), "No points"),
        (bonus({"bonus": 5}, points=4), "check cell with 0 points and got one on a check cell with 4 points"),
        (bonus({"bonus": 5}, name="essay-sums"), "got one on a essay cell"),
        (bonus({"bonus": 5}, name="add_backward"), "got one on a solution cell"),
        (bonus({"bonus": 5}, name="text-add"), "got one on a text cell"),
        (bonus({"bonus": 0}), "a number above 0"),
        (bonus({"bonus": -1}), "No bonus"),
        (bonus({"bonus": True}), "No bonus"),
        (bonus({"bonus": "5"}), "No bonus"),
        (bonus({"bonus": float("nan")}), "No bonus"),
        (bonus({"bonus": float("inf")}), "No bonus"),
        (bonus({"bonuss": 5}), "No bonus"),
        (bonus({"bonus": 5, "points": 5}), "No bonus"),
        (bonus({}), "No bonus"),
        (bonus(None), "No bonus"),
        (flags(schema_version=2), "schema_version 3 and got 2"),
        (flags(grade_id="another-check"), "grade_id 'another-check'"),
        (flags(task=True), "no role of this course"),
        (flags(solution=True), "no role of this course"),
        (renamed("given-imports", "imports"), "does not say that it is a given cell"),
        (renamed("essay-sums", "sums"), "does not say that it is a essay cell"),
        (inserted(release_json(), "", cell("code", "given-more", "x = 1")), "is a demo cell"),
        (inserted(release_json(), "", *exercise("no-name", "")), "a Python identifier"),
        (notebook(given("given-imports", ""), *exercise("f", "", check="check(")), "not Python"),
        (notebook({"id": "x", "cell_type": "code", "metadata": {}}), "not whole"),
        (
            inserted(release_json(), "", graded("raw", "x", "", grade=False, solution=True, locked=False)),
            "no role of this course",
        ),
    ],
)
def test_a_notebook_that_breaks_a_convention_is_refused(tmp_path, made, complaint):
    path = write(tmp_path / "ps" / "notebook.ipynb", made)

    with pytest.raises(ReleaseError, match=complaint):
        load_release(path)


def test_a_missing_notebook_is_refused(tmp_path):
    path = tmp_path / "nothing.ipynb"

    with pytest.raises(ReleaseError, match="can't be read"):
        load_release(path)


def test_the_error_names_the_file_and_the_cell(tmp_path):
    path = write(tmp_path / "notebook.ipynb", flags(points="many"))

    with pytest.raises(ReleaseError) as caught:
        load_release(path)

    assert (caught.value.path, caught.value.cell) == (path, "add_backward-check")


def test_the_error_survives_the_way_back_from_a_worker(tmp_path):
    error = ReleaseError("Wrong", "one", "two", "Do it", path=tmp_path, cell="c")

    copied = pickle.loads(pickle.dumps(error))

    assert str(copied) == f"{tmp_path}, cell 'c': Wrong. Expected one and got two. Do it."


def test_a_release_survives_the_way_to_a_worker(release):
    copied = pickle.loads(pickle.dumps(release))

    assert copied == release


def test_two_files_of_different_bytes_have_different_digests(tmp_path, release):
    made = release_json()
    find(made, "add_backward")["source"] = ANSWER

    other = released(tmp_path, made, name="other")

    assert other.digest != release.digest
