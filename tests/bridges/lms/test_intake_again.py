"""`autograder intake` where work is there already: newer work replaces it, nothing else does unless it is asked for."""

from __future__ import annotations

import json

import pytest

from autograder.errors import AutograderError, UsageError
from tests.bridges.lms.clerk import ADA, RULES
from tests.bridges.lms.downloads import canvas, moodle
from tests.bridges.small_course import ASSIGNMENT, NOTEBOOK
from tests.grading.notebooks import write

BROKEN = "no notebook any more"


def test_the_same_download_twice_changes_nothing(clerk):
    files = {canvas(ADA, 11, 501, RULES): clerk.notebook("1")}
    clerk.take(files)

    said = clerk.take(files)

    assert "0 taken into submitted/, 1 there already" in said


def test_a_later_upload_replaces_and_an_earlier_download_does_not(clerk):
    first = {canvas(ADA, 11, 501, RULES): clerk.notebook("first")}
    second = {canvas(ADA, 11, 777, f"{NOTEBOOK}-1.ipynb"): clerk.notebook("second")}
    clerk.take(first)
    later = clerk.take(second)

    said = clerk.take(first)

    assert "replaces the earlier one" in later
    assert "it was uploaded before the one that is there; --replace takes this one" in said
    assert clerk.there() == {"ada": "second"}


def test_other_work_of_unknown_age_is_not_overwritten_but_by_replace(clerk):
    clerk.take({moodle("Bo Chen", 1, RULES): clerk.notebook("old")})
    new = {moodle("Bo Chen", 1, RULES): clerk.notebook("new")}

    said = clerk.take(new)

    assert "nothing says which of the two is newer" in said
    assert clerk.there() == {"bo": "old"}
    clerk.take(new, replace=True)
    assert clerk.there() == {"bo": "new"}


@pytest.mark.parametrize(
    "there, coming, kept",
    [
        ("2024-01-01 10:00:00 UTC", "2024-01-02 10:00:00 UTC", "new"),
        ("2024-01-02 10:00:00 UTC", "2024-01-01 10:00:00 UTC", "old"),
        ("2024-01-01 10:00:00 UTC", None, "old"),
        (None, "2024-01-01 10:00:00 UTC", "old"),
    ],
)
def test_what_nbgrader_collected_replaces_what_was_handed_in_before(clerk, tmp_path, there, coming, kept):
    for turn, (mark, time) in enumerate((("old", there), ("new", coming))):
        collected = tmp_path / str(turn) / "submitted"
        write(collected / "ada" / ASSIGNMENT / RULES, clerk.notebook(mark))
        if time:
            write(collected / "ada" / ASSIGNMENT / "timestamp.txt", time)
        clerk.take(collected)

    assert clerk.there() == {"ada": kept}


# What was changed since


@pytest.fixture
def changed(clerk):
    """ada's work was taken in, and then spoilt in submitted/; the download that it came from."""
    files = {canvas(ADA, 11, 501, RULES): clerk.notebook("1")}
    clerk.take(files)
    clerk.place("ada").write_text(BROKEN)
    return files


def test_the_download_it_came_from_replaces_what_was_changed_since_where_that_is_asked_for(clerk, changed):
    said = clerk.take(changed, replace=True)

    assert clerk.there() == {"ada": "1"}
    assert "1 taken into submitted/" in said


def test_what_was_changed_since_is_not_called_the_same(clerk, changed):
    said = clerk.take(changed)

    assert clerk.place("ada").read_text() == BROKEN
    assert f"not taken: ada, {ASSIGNMENT}: other work is there already, and it was changed after" in said
    assert "there already, 1 not taken" not in said


def test_receipts_without_a_digest_of_what_was_written_are_read(clerk, changed):
    receipts = clerk.course.submitted / ".intake" / f"{ASSIGNMENT}.json"
    old = json.loads(receipts.read_text())
    del old["by_student"]["ada"]["written"]
    receipts.write_text(json.dumps(old))

    clerk.take(changed, replace=True)

    assert clerk.there() == {"ada": "1"}


def test_a_notebook_that_was_repaired_is_the_same_when_it_comes_again(clerk):
    odd = clerk.notebook("1")
    odd["nbformat"] = 5
    files = {canvas(ADA, 11, 501, RULES): odd}
    first = clerk.take(files)

    said = clerk.take(files)

    assert "the notebook was rewritten" in first
    assert "0 taken into submitted/, 1 there already" in said


# Two folders of one person


TWO = "student,login\nada,alove\nbo,\n"


@pytest.fixture
def two_folders(clerk, tmp_path):
    """One for our id, one for the login, with these times of submission."""

    def made(ours, theirs):
        for folder, time in (("ada", ours), ("alove", theirs)):
            write(tmp_path / "in" / folder / ASSIGNMENT / RULES, clerk.notebook(folder))
            if time:
                write(tmp_path / "in" / folder / ASSIGNMENT / "timestamp.txt", time)
        return tmp_path / "in"

    return made


@pytest.mark.parametrize("ours, theirs", [(None, None), ("2024-01-02 10:00:00 UTC", None)])
@pytest.mark.parametrize("replace", [False, True])
def test_of_two_folders_of_one_person_none_is_taken_without_times(clerk, two_folders, ours, theirs, replace):
    said = clerk.take(two_folders(ours, theirs), TWO, replace=replace)

    assert clerk.there() == {}
    assert f"not taken: ada, {ASSIGNMENT}: the folders 'ada' and 'alove' are both this student's" in said


@pytest.mark.parametrize(
    "ours, theirs, newest",
    [
        ("2024-01-02 10:00:00 UTC", "2024-01-01 10:00:00 UTC", "ada"),
        ("2024-01-01 10:00:00 UTC", "2024-01-02 10:00:00 UTC", "alove"),
    ],
)
@pytest.mark.parametrize("replace", [False, True])
def test_of_two_folders_of_one_person_the_newest_counts(clerk, two_folders, ours, theirs, newest, replace):
    said = clerk.take(two_folders(ours, theirs), TWO, replace=replace)

    older = "alove" if newest == "ada" else "ada"
    assert clerk.there() == {"ada": newest}
    assert f"not taken, the newest counts: '{older}'" in said


def test_what_a_folder_of_another_name_replaces_is_told_with_that_name(clerk, tmp_path):
    clerk.take({moodle("Ada Lovelace", 1, RULES): clerk.notebook("old")}, "student,name\nada,Ada Lovelace\n")
    write(tmp_path / "in" / "alove" / ASSIGNMENT / RULES, clerk.notebook("new"))

    said = clerk.take(tmp_path / "in", TWO, replace=True)

    assert clerk.there() == {"ada": "new"}
    assert f"ada, {ASSIGNMENT}; replaces the earlier one, which is kept; from the folder 'alove'" in said


# Receipts


def test_receipts_that_cannot_be_read_stop_the_intake(clerk):
    files = {canvas(ADA, 11, 501, RULES): clerk.notebook("1")}
    write(clerk.course.submitted / ".intake" / f"{ASSIGNMENT}.json", "[]")

    with pytest.raises(UsageError, match="can't be read"):
        clerk.take(files)

    assert clerk.there() == {}


@pytest.mark.parametrize("place", ["", ".intake"])
def test_a_file_in_the_place_of_the_folder_is_named(clerk, place):
    where = clerk.course.submitted / place
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_text("")

    with pytest.raises(UsageError, match=f"{where} is not a folder.*got a file"):
        clerk.take({canvas(ADA, 11, 501, RULES): clerk.notebook("1")})


def test_receipts_that_cannot_be_written_are_told(clerk):
    clerk.course.submitted.symlink_to("nowhere")

    with pytest.raises(AutograderError, match="can't be written"):
        clerk.take({canvas(ADA, 11, 501, RULES): clerk.notebook("1")})
