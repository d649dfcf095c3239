"""`autograder intake`: the right notebook of every student gets in, everything else is told, nothing is lost."""

from __future__ import annotations

import hashlib
import io
import zipfile

import pytest

from autograder.bridges.lms.receipts import late_marks
from autograder.errors import UsageError
from autograder.grading.collect import read_timestamp
from tests.bridges.lms.clerk import ADA, BO, RULES
from tests.bridges.lms.downloads import canvas, content, hostile, info, moodle, zipped
from tests.bridges.small_course import ASSIGNMENT, NOTEBOOK
from tests.grading.notebooks import write

# Canvas


def test_a_canvas_download_is_matched_by_id_and_by_name(clerk):
    files = {
        canvas("Byron, Augusta Ada", 11, 501, RULES): clerk.notebook("1"),
        canvas(BO, 12, 502, RULES): clerk.notebook("2"),
        canvas("Ångström, Zoë", 13, 503, RULES): clerk.notebook("3"),
    }

    said = clerk.take(files)

    assert clerk.there() == {"ada": "1", "bo": "2", "zoe": "3"}
    assert clerk.files() == {f"{student}/{ASSIGNMENT}/{RULES}" for student in ("ada", "bo", "zoe")}
    assert "3 taken into submitted/" in said


def test_whoever_is_in_the_roster_and_not_in_the_download_is_named(clerk):
    said = clerk.take({canvas(BO, 12, 502, RULES): clerk.notebook("2")})

    assert "nothing here from ada, zoe" in said


def test_the_newest_resubmission_counts_and_the_others_are_listed(clerk):
    old, new = canvas(ADA, 11, 501, RULES), canvas(ADA, 11, 777, f"{NOTEBOOK}-1.ipynb")

    said = clerk.take({new: clerk.notebook("new"), old: clerk.notebook("old")})

    assert clerk.there() == {"ada": "new"}
    assert f"not graded, the newest counts: '{old}'" in said


def test_a_browsers_copy_is_the_same_notebook(clerk):
    said = clerk.take({canvas(ADA, 11, 501, f"{NOTEBOOK} (1).ipynb"): clerk.notebook("1")})

    assert clerk.there() == {"ada": "1"}
    assert "is called" not in said


def test_a_late_mark_is_kept_and_told_and_no_time_is_invented(clerk):
    clerk.take({canvas(BO, 12, 502, RULES): clerk.notebook("2")})

    said = clerk.take({canvas(ADA, 11, 501, RULES, late=True): clerk.notebook("1")})

    assert "marked late by the LMS: ada" in said
    assert late_marks(clerk.course.submitted, ASSIGNMENT) == {"ada": True, "bo": False}
    assert read_timestamp(clerk.course.submitted / "ada" / ASSIGNMENT) == (None, ())


def test_files_of_nobody_and_of_more_than_one_are_listed_and_not_taken(clerk):
    roster = "student,name,canvas_id\nada,Ada Lovelace,11\nbo,Bo Chen,\nbo2,Chen Bo,\n"
    stranger, either, strange = canvas("Doe, Jo", 99, 1, RULES), canvas(BO, 12, 2, RULES), "readme.txt"

    said = clerk.take({stranger: clerk.notebook("1"), either: clerk.notebook("2"), strange: "hello"}, roster)

    assert clerk.there() == {}
    assert f"not taken: '{stranger}': this is nobody in the roster" in said
    assert f"not taken: '{either}': this is bo or bo2" in said
    assert "'readme.txt' is not named as Canvas names submissions" in said


def test_two_people_who_may_both_be_one_student_are_not_taken(clerk):
    said = clerk.take({canvas(BO, 12, 1, RULES): clerk.notebook("1"), canvas(BO, 14, 2, RULES): clerk.notebook("2")})

    assert clerk.there() == {}
    assert said.count("not the only sender who may be bo") == 2


def test_a_name_that_can_be_read_as_somebody_elses_is_not_taken(clerk):
    twisted = "a__11_501__12_502_rules.ipynb"

    said = clerk.take({twisted: clerk.notebook("1")}, "student,canvas_id\nada,11\nbo,12\n")

    assert clerk.there() == {}
    assert "can be read as that of ada and of bo" in said


def test_a_name_in_the_roster_does_not_count_for_somebody_with_another_id(clerk):
    said = clerk.take({canvas(ADA, 99, 1, RULES): clerk.notebook("1")})

    assert clerk.there() == {}
    assert "the number '99' is nobody's in the roster, the name is lovelaceada's (ada), whose number" in said


def test_companions_archives_and_typed_text_are_left_behind_and_listed(clerk):
    files = {
        canvas(ADA, 11, 1, RULES): clerk.notebook("1"),
        canvas(ADA, 11, 2, "conftest.py"): "import os",
        canvas(ADA, 11, 3, "all.zip"): b"PK",
        "chenbo_12_text.html": "<p>my answer</p>",
        canvas(BO, 12, 4, "work.zip"): b"PK",
    }

    said = clerk.take(files)

    assert clerk.files() == {f"ada/{ASSIGNMENT}/{RULES}"}
    assert "left behind: 'conftest.py', 'all.zip'" in said
    assert "'chenbo_12_text.html' is text typed into the LMS" in said
    assert (
        f"bo: No notebook was handed in. Expected {RULES} and got none, but '{canvas(BO, 12, 4, 'work.zip')}'" in said
    )


def test_several_notebooks_none_of_the_right_name_are_listed(clerk):
    said = clerk.take(
        {canvas(ADA, 11, 1, "a.ipynb"): clerk.notebook("1"), canvas(ADA, 11, 2, "b.ipynb"): clerk.notebook("2"),
         canvas(BO, 12, 3, RULES): clerk.notebook("3")}
    )  # fmt: skip

    assert clerk.there() == {"bo": "3"}
    assert "Several notebooks with work in them were handed in, and nothing says which one counts" in said


def test_without_a_roster_an_id_is_derived_and_listed(clerk):
    said = clerk.take({canvas("Ångström, Zoë", 13, 1, RULES): clerk.notebook("1")}, roster="")

    assert clerk.there() == {"angstromzoe-13": "1"}
    assert "angstromzoe-13: an id made from 'ångströmzoë'" in said


# Moodle


@pytest.mark.parametrize("shape", ["folders", "newer folders", "no folders"])
def test_a_moodle_download_is_matched_by_full_name(clerk, shape):
    files = {
        moodle("Zoë Ångström", 1001, RULES, shape=shape): clerk.notebook("3"),
        moodle("Bo Chen", 1002, RULES, shape=shape): clerk.notebook("2"),
        moodle("Bo Chen", 1002, "onlinetext.html", shape=shape, plugin="onlinetext"): "<p>",
    }

    said = clerk.take(files)

    assert clerk.there() == {"bo": "2", "zoe": "3"}
    assert "is text typed into the LMS" in said


def test_two_people_of_one_name_are_told_apart_by_the_number_in_the_file_name(clerk):
    roster = "student,name,moodle_participant\nwei1,Wei Chen,1001\nwei2,Wei Chen,1002\n"

    clerk.take({moodle("Wei Chen", 1002, RULES): clerk.notebook("2")}, roster)

    assert clerk.there() == {"wei2": "2"}


def test_without_a_roster_people_of_one_name_are_not_taken(clerk):
    files = {
        moodle("Wei Chen", 1001, RULES): clerk.notebook("1"),
        moodle("Wei Chen", 1002, RULES): clerk.notebook("2"),
        moodle("Ada Lovelace", 1003, RULES): clerk.notebook("3"),
    }

    said = clerk.take(files, roster="")

    assert clerk.there() == {"ada-lovelace": "3"}
    assert said.count("not the only sender who may be wei-chen") == 2


def test_of_a_notebook_and_its_copy_with_other_work_a_person_decides(clerk):
    files = {
        moodle("Bo Chen", 1, f"{NOTEBOOK} (1).ipynb"): clerk.notebook("copy"),
        moodle("Bo Chen", 1, RULES): clerk.notebook("right"),
        moodle("Bo Chen", 1, "timestamp.txt"): "2020-01-01 00:00:00 UTC",
    }

    said = clerk.take(files)

    assert clerk.there() == {}
    assert "Several notebooks with work in them were handed in" in said


# Folders


def test_nbgraders_times_are_taken_in(clerk, tmp_path):
    collected = tmp_path / "course" / "collected" / "submitted"
    write(collected / "ada" / ASSIGNMENT / RULES, clerk.notebook("1"))
    write(collected / "ada" / ASSIGNMENT / "timestamp.txt", "2024-01-01 10:00:00.000000 UTC")
    write(collected / "ada" / ASSIGNMENT / "conftest.py", "")

    clerk.take(collected.parent, roster="", kind="nbgrader")

    assert str(read_timestamp(clerk.course.submitted / "ada" / ASSIGNMENT)[0]) == "2024-01-01 10:00:00"
    assert clerk.files() == {f"ada/{ASSIGNMENT}/{RULES}", f"ada/{ASSIGNMENT}/timestamp.txt"}


def test_a_folder_named_by_an_id_of_the_lms_goes_to_its_student(clerk, tmp_path):
    write(tmp_path / "in" / "alove" / ASSIGNMENT / RULES, clerk.notebook("1"))
    write(tmp_path / "in" / "stranger" / ASSIGNMENT / RULES, clerk.notebook("2"))

    said = clerk.take(tmp_path / "in", "student,login\nada,alove\n")

    assert clerk.there() == {"ada": "1"}
    assert f"not taken: stranger, {ASSIGNMENT}: nobody in the roster" in said


def test_whoever_is_in_the_roster_and_has_no_folder_is_named(clerk, tmp_path):
    write(tmp_path / "in" / "alove" / ASSIGNMENT / RULES, clerk.notebook("1"))
    write(tmp_path / "in" / "cy" / ASSIGNMENT / "notes.txt", "")

    said = clerk.take(tmp_path / "in", "student,login\nada,alove\nbo,\ncy,\ndi,\n")

    assert f"{ASSIGNMENT}: nothing here from bo, di, and nothing in submitted/\n" in said


# Archives and folders


def test_a_hostile_archive_loses_nobody_elses_work(clerk, tmp_path):
    bomb = info(canvas("Bomb, B", 21, 1, RULES))
    entries = [
        (info("../../evil_1_2_rules.ipynb"), b"{}"),
        (info(canvas("Link, L", 20, 1, RULES), mode=0o120777), b"/etc/passwd"),
        (bomb, b"\0" * 3_000_000),
        (info(canvas("Twice, T", 22, 1, RULES)), b"{}"),
        (info(canvas("Twice, T", 22, 1, RULES)), b"[]"),
        (info(canvas("Broken, B", 23, 1, RULES)), b"\xff no notebook"),
        (info(canvas(ADA, 11, 1, RULES)), content(clerk.notebook("1"))),
    ]
    path = hostile(tmp_path / "x.zip", entries)
    before = hashlib.sha256(path.read_bytes()).hexdigest()

    said = clerk.take(path, roster="")

    assert clerk.there() == {"lovelaceada-11": "1"}
    for words in ("leads out", "symbolic link", "packed more tightly", "2 times", "brokenb-23, tiny-rules: "):
        assert words in said
    assert not list(tmp_path.glob("**/evil*"))
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_an_unpacked_download_is_taken_in_too(clerk, tmp_path):
    archive = zipped(tmp_path / "x.zip", {moodle("Bo Chen", 1, RULES): clerk.notebook("1")})
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path / "unpacked")

    clerk.take(tmp_path / "unpacked")

    assert clerk.there() == {"bo": "1"}


def test_a_download_of_neither_lms_is_told(clerk):
    with pytest.raises(UsageError, match="not recognised"):
        clerk.take({"rules.ipynb": clerk.notebook("1")})


@pytest.mark.parametrize("kind", [None, "canvas"])
def test_a_download_that_was_packed_again_with_its_folder_is_taken_in(clerk, kind):
    said = clerk.take({f"submissions/{canvas(ADA, 11, 501, RULES)}": clerk.notebook("1")}, kind=kind)

    assert clerk.there() == {"ada": "1"}
    assert "not named as" not in said


@pytest.mark.parametrize("kind", [None, "folder", "nbgrader"])
@pytest.mark.parametrize("top", ["", "submitted/"])
def test_of_packed_folders_of_students_it_is_told_to_unpack_them(clerk, kind, top):
    with pytest.raises(UsageError, match="Unpack it, and name the folder"):
        clerk.take({f"{top}ada/{ASSIGNMENT}/{RULES}": clerk.notebook("1")}, kind=kind)


def test_what_the_names_do_not_say_can_be_said(clerk):
    mixed = {canvas(ADA, 11, 1, RULES): clerk.notebook("1"), moodle("Bo Chen", 1, RULES): clerk.notebook("2")}
    with pytest.raises(UsageError, match="names of both"):
        clerk.take(mixed)

    clerk.take(mixed, kind="canvas")

    assert clerk.there() == {"ada": "1"}


def test_a_terminal_without_the_letters_of_a_name_does_not_end_the_intake(clerk, monkeypatch):
    written = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", written)

    clerk.take({canvas("李明", 13, 1, RULES): clerk.notebook("1")}, roster="")

    assert clerk.there() == {"student-13": "1"}


def test_a_place_that_cannot_be_written_costs_nobody_elses_work(clerk, tmp_path):
    clerk.course.submitted.mkdir(exist_ok=True)
    (clerk.course.submitted / "ada").symlink_to(tmp_path)

    said = clerk.take({canvas(ADA, 11, 1, RULES): clerk.notebook("1"), canvas(BO, 12, 2, RULES): clerk.notebook("2")})

    assert clerk.there() == {"bo": "2"}
    assert "is a symbolic link" in said
