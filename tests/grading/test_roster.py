"""Submissions are found by student and assignment; one odd folder never hides the others."""

from __future__ import annotations

import os

import pytest

from autograder.errors import UsageError
from autograder.grading.intake import Rejected, Submission, read_submission
from autograder.grading.roster import Found, Listing, find_submissions, is_student_id
from tests.grading.notebooks import ANSWER, ASSIGNMENT, NOTEBOOK, answered, exercise, notebook, released, write

RIGHT = f"{NOTEBOOK}.ipynb"


@pytest.fixture
def submitted(tmp_path):
    folder = tmp_path / "submitted"
    folder.mkdir()
    return folder


@pytest.fixture
def listing(submitted, release):
    """Look into the folder for submissions."""

    def listing():
        return find_submissions(submitted, {ASSIGNMENT: release})

    return listing


@pytest.mark.parametrize(
    "text", ["a", "ada", "Ada.Lovelace", "ada_l", "ada@example.org", "ada+1", "0815", "a-b", "a" * 64]
)
def test_an_ordinary_id_is_one(text):
    assert is_student_id(text)


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "a..b", ".ada", "-ada", "_ada", "@ada", "a/b", "a b", "a\n", "ada\0", "=cmd()", "ädä", "٣",
     "a" * 65, "a<b>", "a\u202eb", "a,b"],
)  # fmt: skip
def test_an_odd_id_is_none(text):
    assert not is_student_id(text)


def test_every_notebook_is_found_in_order(submitted, listing):
    for student in ("grace", "ada"):
        write(submitted / student / ASSIGNMENT / RIGHT, answered())

    found = listing()

    assert found == Listing(
        tuple(Found(student, ASSIGNMENT, submitted / student / ASSIGNMENT / RIGHT) for student in ("ada", "grace"))
    )


def test_a_student_without_the_assignment_did_not_submit(submitted, listing):
    (submitted / "ada").mkdir()

    found = listing()

    assert found == Listing()


def test_hidden_files_and_files_at_the_top_are_nobodys(submitted, listing):
    write(submitted / ".gitkeep", "")
    write(submitted / "README.md", "")
    write(submitted / ".cache" / ASSIGNMENT / RIGHT, answered())

    found = listing()

    assert found == Listing()


def test_an_odd_id_is_told_and_not_graded(submitted, listing):
    write(submitted / "<script>" / ASSIGNMENT / RIGHT, answered())

    found = listing()

    assert found.found == ()
    assert found.problems[0].startswith("'?script?' is no student id")


def test_a_link_in_place_of_a_student_is_told_and_not_followed(tmp_path, submitted, listing):
    write(tmp_path / "elsewhere" / ASSIGNMENT / RIGHT, answered())
    (submitted / "ada").symlink_to(tmp_path / "elsewhere")

    found = listing()

    assert found == Listing(problems=("'ada' in the submitted folder is no folder; it was not followed",))


def test_a_link_in_place_of_an_assignment_is_rejected(tmp_path, submitted, listing):
    write(tmp_path / "elsewhere" / RIGHT, answered())
    (submitted / "ada").mkdir()
    (submitted / "ada" / ASSIGNMENT).symlink_to(tmp_path / "elsewhere")

    found = listing()

    assert "got a symbolic link" in found.rejected[0].reason


def test_a_file_in_place_of_an_assignment_is_rejected(submitted, listing):
    write(submitted / "ada" / ASSIGNMENT, answered())

    found = listing()

    assert "Expected a folder and got a file" in found.rejected[0].reason


def test_an_unknown_assignment_is_told(submitted, listing):
    write(submitted / "ada" / "ps99" / "x.ipynb", answered())
    write(submitted / "ada" / "stray.ipynb", answered())

    found = listing()

    assert found.problems == (
        "'ps99', handed in by ada, is no assignment; it was not graded",
        "'stray.ipynb', handed in by ada, is outside the assignments' folders; it was not graded",
    )


def test_a_folder_without_a_notebook_is_rejected(submitted, listing):
    write(submitted / "ada" / ASSIGNMENT / "notes.txt", "")

    found = listing()

    assert found.rejected == (
        Rejected(
            "ada",
            ASSIGNMENT,
            f"No notebook was handed in. Expected {RIGHT} and got none, but 'notes.txt'. Hand it in under that name.",
        ),
    )


@pytest.mark.parametrize("name", ["homework.ipynb", "vector-jacobian-products (1).ipynb", NOTEBOOK.upper() + ".IPYNB"])
def test_a_renamed_notebook_is_graded_with_a_note(submitted, release, listing, name):
    write(submitted / "ada" / ASSIGNMENT / name, answered(add_backward=ANSWER))

    (found,) = listing().found
    submission = read_submission(found.path, release, found.student, notes=found.notes)

    assert submission.attempted == {"add_backward"}
    assert submission.problems[0].endswith(f"it was read as {RIGHT}")


def test_further_notebooks_beside_the_right_one_are_told(submitted, listing):
    write(submitted / "ada" / ASSIGNMENT / RIGHT, answered())
    write(submitted / "ada" / ASSIGNMENT / "Untitled.ipynb", answered())

    (found,) = listing().found

    assert (found.path.name, found.notes) == (
        RIGHT,
        ("other notebooks beside it were not graded, as handed out: 'Untitled.ipynb'",),
    )


def test_several_notebooks_without_the_right_one_are_rejected(submitted, listing):
    write(submitted / "ada" / ASSIGNMENT / "a.ipynb", answered(add_backward=ANSWER))
    write(submitted / "ada" / ASSIGNMENT / "b.ipynb", answered(add_backward=f"{ANSWER}\n" * 2))

    found = listing()

    assert f"Expected one {RIGHT} and got 'a.ipynb', 'b.ipynb'" in found.rejected[0].reason


def test_jupyters_checkpoints_are_no_further_notebooks(submitted, listing):
    write(submitted / "ada" / ASSIGNMENT / "hw.ipynb", answered())
    write(submitted / "ada" / ASSIGNMENT / ".ipynb_checkpoints" / "hw-checkpoint.ipynb", answered())
    write(submitted / "ada" / ASSIGNMENT / "._hw.ipynb", "")

    (found,) = listing().found

    assert found.path.name == "hw.ipynb"


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
def test_what_is_no_file_is_found_by_name_and_rejected_when_read(submitted, release, listing, make):
    (submitted / "ada" / ASSIGNMENT).mkdir(parents=True)
    make(submitted / "ada" / ASSIGNMENT / RIGHT)

    (found,) = listing().found
    answer = read_submission(found.path, release, found.student)

    assert isinstance(answer, Rejected)


def test_the_notebook_of_another_assignment_is_named(tmp_path, submitted, release):
    relu = notebook(*exercise("relu_backward", "def relu_backward(grad_output, output, x): ..."))
    other = released(tmp_path, relu, assignment="ps3", name="activations")
    write(submitted / "ada" / ASSIGNMENT / "activations.ipynb", relu)

    (found,) = find_submissions(submitted, {ASSIGNMENT: release, "ps3": other}).found
    rejected = read_submission(found.path, release, found.student, others=[release, other])

    assert f"Expected {ASSIGNMENT}/{RIGHT} and got ps3/activations.ipynb" in rejected.reason


@pytest.mark.parametrize("forbidden", ["ada", ASSIGNMENT])
def test_a_folder_that_may_not_be_read_keeps_nobody_else_from_being_found(submitted, listing, monkeypatch, forbidden):
    write(submitted / "ada" / ASSIGNMENT / RIGHT, answered())
    write(submitted / "grace" / ASSIGNMENT / RIGHT, answered())
    really_open, refused = os.open, []

    def refuse(path, *args, **kwargs):
        if path == forbidden and not refused:
            refused.append(path)
            raise PermissionError(13, "Permission denied")
        return really_open(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", refuse)
    found = listing()

    assert [entry.student for entry in found.found] == ["grace"]
    assert "Permission denied" in (*found.problems, *(entry.reason for entry in found.rejected))[0]


def test_a_folder_with_very_many_files_is_rejected(submitted, listing):
    for number in range(5_001):
        write(submitted / "ada" / ASSIGNMENT / f"{number}.txt", "")

    found = listing()

    assert "too many files" in found.rejected[0].reason


def test_a_missing_folder_of_submissions_is_a_usage_error(tmp_path, release):
    with pytest.raises(UsageError, match="can't be listed"):
        find_submissions(tmp_path / "nowhere", {ASSIGNMENT: release})


def test_what_is_found_can_be_read(submitted, release, listing):
    write(submitted / "ada" / ASSIGNMENT / RIGHT, answered())

    (found,) = listing().found

    assert isinstance(read_submission(found.path, release, found.student), Submission)


def test_two_folders_that_are_one_on_other_systems_are_told(submitted, listing):
    for student in ("ada", "Ada"):
        write(submitted / student / ASSIGNMENT / RIGHT, answered())

    found = listing()

    assert len(found.found) == 2
    assert "'Ada' and 'ada' in the submitted folder differ in small and capital letters only" in found.problems[0]


def test_the_time_of_a_notebook_that_lies_deeper_is_that_of_its_folder(submitted, listing):
    write(submitted / "ada" / ASSIGNMENT / "work" / "deep" / RIGHT, answered(add_backward=ANSWER))
    write(submitted / "ada" / ASSIGNMENT / "timestamp.txt", "2024-01-01 10:00:00 UTC")

    (found,) = listing().found

    assert found.folder == submitted / "ada" / ASSIGNMENT
