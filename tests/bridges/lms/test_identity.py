"""Whose work it is, sign by sign: it goes to its author or to nobody, and what was not taken is listed with reasons.

The table has every combination of a number that is a person's, another's, one of two namesakes', unknown or not there,
with a name that is that person's in several spellings, another's, ambiguous, unknown or the LMS's word for nobody.
"""

from __future__ import annotations

import itertools
import json
import unicodedata

import pytest

from autograder.bridges.lms.archive import Download, Entry
from autograder.bridges.lms.folders import whose
from autograder.bridges.lms.roster import read_roster
from autograder.bridges.lms.sorting import sort_out
from autograder.grading.release import load_release
from tests.bridges.lms.clerk import RULES
from tests.bridges.lms.downloads import canvas, moodle
from tests.bridges.small_course import ASSIGNMENT, RIGHT_ADD, answered
from tests.grading.notebooks import write

PEOPLE = (  # student, name, number, e-mail address, login
    ("ada", "Ada Lovelace", "11", "ada@x.edu", "alove"),
    ("bo", "Bo Chen", "12", "bo@x.edu", "bchen"),
    ("wei1", "Wei Chen", "21", "wei1@x.edu", "wchen1"),
    ("wei2", "Chen, Wei", "22", "wei2@x.edu", "wchen2"),
    ("li", "Li Ming", "", "", ""),
    ("nn", "", "31", "", ""),
)
NUMBERS = {"ada": "11", "bo": "12", "wei1": "21", "wei2": "22", "nn": "31", "unknown": "99"}
NAMES = {
    "ada": [
        "Ada Lovelace",
        "Lovelace, Ada",
        "ADA LOVELACE",
        unicodedata.normalize("NFD", "Ádà Lövelace"),
        "Lovelace Ada",
    ],
    "bo": ["Bo Chen", "Chen, Bo"],
    "wei": ["Wei Chen", "Chen, Wei"],
    "li": ["Li Ming", "Ming Li"],
    "nobody": ["Zed Unknown"],
    "anonymous": ["Participant", "Teilnehmer"],
}
OWNER = {"wei": ("wei1", "wei2"), "nobody": (), "anonymous": ()}


def expected(number, name, *, firm):
    """Whose it is: ``firm`` says that numbers are one person's for good."""
    by_name = OWNER.get(name, (name,))
    if number == "unknown":
        if firm:  # whoever has a number has another one
            return "li" if name == "li" else None
        return name if name in ("ada", "bo", "li") else None
    if name in ("nobody", "anonymous"):
        return number if firm or name == "anonymous" or number == "nn" else None
    return number if number in by_name else None


@pytest.fixture(scope="module")
def release(template):
    return load_release(template.release(ASSIGNMENT))


@pytest.fixture(scope="module")
def work(template):
    return json.dumps(answered(template, add_backward=RIGHT_ADD)).encode()


@pytest.fixture
def roster(tmp_path):
    def made(column):
        rows = "".join(f'{who},"{name}",{number},{mail},{login}\n' for who, name, number, mail, login in PEOPLE)
        return read_roster(write(tmp_path / "roster.csv", f"student,name,{column},email,login\n{rows}"))

    return made


WAYS = {
    "canvas": (canvas, "canvas_id", True),
    "moodle": (moodle, "moodle_participant", False),
    "moodle, numbers of this assignment": (moodle, f"moodle_participant {ASSIGNMENT}", True),
}


@pytest.mark.parametrize("way", WAYS)
def test_work_goes_to_its_author_or_to_nobody(roster, release, work, way):
    named, column, firm = WAYS[way]
    people, wrong = roster(column), []

    for (number, digits), (name, spelt) in itertools.product(NUMBERS.items(), NAMES.items()):
        if name == "anonymous" and named is canvas:
            continue
        for text in spelt:
            entry = named(text, int(digits), 7, RULES) if named is canvas else named(text, int(digits), RULES)
            found = sort_out(Download((Entry(entry, lambda: work),)), way.partition(",")[0], release, people)
            taken = [one.student for one in found.chosen]
            who = expected(number, name, firm=firm)
            said = [note for one in found.chosen for note in one.notes] + list(found.not_taken)
            agrees = who is not None and number == who and who in OWNER.get(name, (name,))
            if taken != ([who] if who else []) or (not agrees and not said):
                wrong.append((number, text, taken, who, said))

    assert wrong == []


def test_the_two_readings_of_a_contradiction_are_told_with_what_to_do(roster, release, work):
    entry = moodle("Bo Chen", 11, RULES)

    (line,) = sort_out(
        Download((Entry(entry, lambda: work),)), "moodle", release, roster("moodle_participant")
    ).not_taken

    assert "the number is ada's, the name is Bo Chen's (bo)" in line
    assert f"'moodle_participant {ASSIGNMENT}'" in line


def test_of_two_senders_of_one_name_the_one_whose_number_is_right_is_taken(roster, release, work):
    entries = tuple(Entry(moodle("Ada Lovelace", number, RULES), lambda: work) for number in (11, 98))

    found = sort_out(Download(entries), "moodle", release, roster("moodle_participant"))

    assert [(one.student, one.arrival.sender.number) for one in found.chosen] == [("ada", "11")]
    assert (
        "'Ada Lovelace_98_assignsubmission_file_/rules.ipynb': not the only sender who may be ada" in found.not_taken[0]
    )


@pytest.mark.parametrize("with_roster", [True, False])
def test_a_namesake_in_a_later_download_does_not_get_the_place_of_the_first(roster, release, work, with_roster):
    people = roster("canvas_id") if with_roster else None
    student = "ada" if with_roster else "ada-lovelace"

    def taken(number, earlier):
        download = Download((Entry(moodle("Ada Lovelace", number, RULES), lambda: work),))
        return [one.student for one in sort_out(download, "moodle", release, people, earlier=earlier).chosen]

    assert taken(5, {}) == taken(5, {student: "5"}) == [student]
    assert taken(6, {student: "5"}) == taken(6, {"bo": "6"}) == []


def test_anonymous_work_without_a_roster_is_one_student_each(release, work):
    entries = tuple(Entry(moodle("Participant", number, RULES), lambda: work) for number in (1, 2))

    assert [one.student for one in sort_out(Download(entries), "moodle", release, None).chosen] == ["anon-1", "anon-2"]


# Folders


@pytest.mark.parametrize(
    "name, student",
    [
        ("ada", "ada"), ("alove", "ada"), ("ALOVE", "ada"), ("ada@x.edu", "ada"), ("11", "ada"),
        ("Ada Lovelace", "ada"), ("Lovelace, Ada", "ada"), ("Ada Lovelace_11", "ada"), ("11_ada@x.edu", "ada"),
        ("Wei Chen_22", "wei2"),
        ("Wei Chen", None), ("Bo Chen_11", None), ("ada_12", None), ("ada_bo@x.edu", None), ("Zed", None),
        ("ada_Zed", None), ("99", None),
    ],
)  # fmt: skip
def test_a_folder_is_whose_all_of_its_name_says(roster, name, student):
    identity = whose(name, roster("canvas_id"))

    assert (identity.person.student if identity.person else None) == student
    assert identity.person or identity.why


def test_a_name_that_is_one_persons_id_and_anothers_login_is_nobodys(tmp_path):
    people = read_roster(write(tmp_path / "r.csv", "student,login\nada,bo\nbo,chen\n"))

    identity = whose("bo", people)

    assert (identity.person, identity.why) == (None, "the student id is bo's, the login is ada's")


def test_an_id_that_lost_its_zeros_is_told(tmp_path):
    people = read_roster(write(tmp_path / "r.csv", "student,name\n815,Ada\n"))

    assert "815 is there with fewer zeros" in whose("0815", people).why
