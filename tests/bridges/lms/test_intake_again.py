"""`autograder intake` where work is there already: newer work replaces it, nothing else does unless it is asked for."""

from __future__ import annotations

import json

import pytest

from autograder.bridges.lms.receipts import late_marks
from autograder.errors import AutograderError, UsageError
from autograder.grading.release import load_release
from autograder.grading.roster import find_submissions
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


# Nothing is lost


def earlier(clerk, student="ada"):
    """What is kept in submitted/.earlier/: the marks in the notebooks."""
    place = clerk.course.submitted / ".earlier" / student / ASSIGNMENT
    found = [json.loads(path.read_text()) for path in sorted(place.glob(f"*/{RULES}"))]
    sources = [{cell["id"]: cell["source"] for cell in made["cells"]}["add_backward"] for made in found]
    return sorted(source.rpartition("return ")[2] for source in sources)


IN_TIME, LATE = canvas(ADA, 11, 501, RULES), canvas(ADA, 11, 777, f"{NOTEBOOK}-1.ipynb", late=True)


@pytest.mark.parametrize("late, counts, kept", [("last", "late", "in time"), ("last-on-time", "in time", "late")])
def test_of_an_upload_in_time_and_a_late_one_both_stay_and_the_instructor_says_which_counts(clerk, late, counts, kept):
    said = clerk.take({IN_TIME: clerk.notebook("in time"), LATE: clerk.notebook("late")}, late=late)

    assert (clerk.there(), earlier(clerk)) == ({"ada": counts}, [kept])
    assert "is kept in submitted/.earlier/ada" in said


@pytest.mark.parametrize("late, counts, kept", [("last", "late", "in time"), ("last-on-time", "in time", "late")])
def test_the_same_in_two_downloads(clerk, late, counts, kept):
    clerk.take({IN_TIME: clerk.notebook("in time")}, late=late)

    clerk.take({LATE: clerk.notebook("late")}, late=late)

    assert (clerk.there(), earlier(clerk)) == ({"ada": counts}, [kept])


def test_the_same_work_handed_in_again_late_is_in_time(clerk):
    clerk.take({IN_TIME: clerk.notebook("1"), LATE: clerk.notebook("1")}, late="last-on-time")

    assert late_marks(clerk.course.submitted, ASSIGNMENT) == {"ada": False}


def test_who_has_nothing_in_time_is_taken_late(clerk):
    clerk.take({LATE: clerk.notebook("late")}, late="last-on-time")

    assert clerk.there() == {"ada": "late"}


def test_what_replace_replaces_is_kept_once(clerk):
    for mark in ("one", "two", "one", "two"):
        clerk.take({moodle("Bo Chen", 1, RULES): clerk.notebook(mark)}, replace=True)

    assert (clerk.there(), earlier(clerk, "bo")) == ({"bo": "two"}, ["one", "two"])


def test_a_newer_untouched_handout_does_not_replace_work(clerk):
    clerk.take({IN_TIME: clerk.notebook("work")})
    handout = json.loads(clerk.course.release(ASSIGNMENT).read_text())

    said = clerk.take({canvas(ADA, 11, 999, RULES): handout})

    assert clerk.there() == {"ada": "work"}
    assert "newer, but as it was handed out" in said


def test_work_replaces_an_untouched_handout_though_nothing_says_which_is_newer(clerk):
    handout = json.loads(clerk.course.release(ASSIGNMENT).read_text())
    clerk.take({moodle("Bo Chen", 1, RULES): handout})

    clerk.take({moodle("Bo Chen", 1, RULES): clerk.notebook("work")})

    assert clerk.there() == {"bo": "work"}


@pytest.mark.parametrize("blank, worked", [(501, 777), (777, 501)])
def test_of_several_uploads_an_untouched_handout_never_counts(clerk, blank, worked):
    handout = json.loads(clerk.course.release(ASSIGNMENT).read_text())

    said = clerk.take({canvas(ADA, 11, blank, RULES): handout, canvas(ADA, 11, worked, RULES): clerk.notebook("work")})

    assert clerk.there() == {"ada": "work"}
    assert "not graded, as handed out" in said


def test_what_cannot_be_read_does_not_replace_work_even_with_replace(clerk):
    clerk.take({IN_TIME: clerk.notebook("work")})

    clerk.take({canvas(ADA, 11, 999, RULES): "no notebook"}, replace=True)

    assert clerk.there() == {"ada": "work"}


def test_what_is_kept_is_graded_by_nobody(clerk):
    clerk.take({IN_TIME: clerk.notebook("one")})
    clerk.take({canvas(ADA, 11, 999, RULES): clerk.notebook("two")})

    listing = find_submissions(clerk.course.submitted, {ASSIGNMENT: load_release(clerk.course.release(ASSIGNMENT))})

    assert ([found.student for found in listing.found], listing.problems) == (["ada"], ())


def test_not_in_this_download_is_told_apart_from_nothing_at_all(clerk):
    clerk.take({IN_TIME: clerk.notebook("1")})

    said = clerk.take({canvas("Ångström, Zoë", 13, 2, RULES): clerk.notebook("2")})

    assert "not in this download, already in submitted/: ada" in said
    assert "nothing here from bo, and nothing in submitted/" in said


def test_who_may_be_meant_by_a_file_that_was_not_taken_is_not_called_absent(clerk):
    said = clerk.take({canvas("Chen, Bo", 11, 2, RULES): clerk.notebook("2")})

    assert "the number is ada's, the name is chenbo's (bo)" in said
    assert "nothing here from zoe, and nothing in submitted/" in said


def test_an_id_that_differs_from_one_in_submitted_in_case_only_is_not_taken(clerk, tmp_path):
    write(clerk.course.submitted / "Ada" / ASSIGNMENT / RULES, clerk.notebook("first"))
    write(tmp_path / "in" / "ada" / ASSIGNMENT / RULES, clerk.notebook("second"))

    said = clerk.take(tmp_path / "in", roster="")

    assert clerk.there() == {"Ada": "first"}
    assert "there is Ada already, an id that differs in small and capital letters only" in said


def test_a_folder_named_after_a_person_is_taken_with_a_roster(clerk, tmp_path):
    write(tmp_path / "in" / "Lovelace, Ada" / ASSIGNMENT / "deep" / f"{NOTEBOOK}-Copy1.ipynb", clerk.notebook("1"))
    write(tmp_path / "in" / "Lovelace, Ada" / ASSIGNMENT / "timestamp.txt", "2024-01-01 10:00:00 UTC")

    clerk.take(tmp_path / "in")

    assert clerk.there() == {"ada": "1"}
    assert (clerk.course.submitted / "ada" / ASSIGNMENT / "timestamp.txt").is_file()
