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


LIKE = {  # a name that is nobody's, but like one person's, as Moodle and as Canvas spell it
    "near": [
        ("Ada Lovelac", "lovelacada"), ("Adda Lovelace", "lovelaceadda"), ("Lovelcae, Ada", "lovelcaeada"),
        ("Ada Lvoelace", "lvoelaceada"),
    ],
    "partial": [
        ("Ada", "ada"), ("Lovelace", "lovelace"), ("Lovelace A.", "lovelacea"), ("A. Lovelace", "alovelace"),
        ("A. L.", "la"), ("Lovelace Augusta", "lovelaceaugusta"),
    ],
    "more": [
        ("Dr. Ada Lovelace", "drlovelaceada"), ("Ada B. Lovelace", "lovelaceadab"),
        ("Ada Lovelace Byron", "byronadalovelace"),
        ("Ada  Lovelace (guest)", "lovelaceadaguest"), ("Ada Lovelace student", "lovelaceadastudent"),
        ("AdaLovelace Guest", "guestlovelaceadatest"),
    ],
    "other field": [
        ("alove", "alove"), ("ALOVE", "alove"), ("ada", "ada"), ("90001", "90001"), ("a_dal", "a_dal"),
        ("a dal", "adal"),
        ("a_dal@x.edu", "a_dalxedu"), ("a_dal@elsewhere.net", "a_dal"),
    ],
}  # fmt: skip
FIELDS = "student,name,{column},email,login,idnumber\n"
PEOPLE_WITH_FIELDS = (
    'ada,"Lovelace, Ada",11,a_dal@x.edu,alove,90001\nbo,Bo Chen,12,bo@x.edu,bchen,90002\n'
    "nn,,31,,,\npu,Иван Петров,32,pu@x.edu,ipet,90003\n"
)


@pytest.mark.parametrize("way", WAYS)
def test_a_name_like_anothers_or_anothers_login_is_never_taken_by_the_number(tmp_path, release, work, way):
    named, column, _ = WAYS[way]
    people = read_roster(write(tmp_path / "r.csv", FIELDS.format(column=column) + PEOPLE_WITH_FIELDS))
    wrong = []

    for kind, names in LIKE.items():
        for texts, number in itertools.product(names, ("12", "31", "32", "99")):
            text = texts[named is canvas]
            entry = f"{text}_{number}_7_{RULES}" if named is canvas else moodle(text, int(number), RULES)
            found = sort_out(Download((Entry(entry, lambda: work),)), way.partition(",")[0], release, people)
            owner = {"12": "the number is bo's", "31": "nn's", "32": "pu's", "99": "nobody's"}[number]
            known_address = text == "a_dal@x.edu" and number == "99"
            if [one.student for one in found.chosen] != (
                ["ada"] if known_address and column[6:] == "_participant" else []
            ):
                wrong.append((kind, text, number, [one.student for one in found.chosen]))
            elif found.not_taken and not ("ada" in found.not_taken[0] and owner in found.not_taken[0]):
                wrong.append((kind, text, number, found.not_taken))

    assert wrong == []


@pytest.mark.parametrize("way", ["canvas", "moodle, numbers of this assignment"])
def test_another_spelling_of_the_owners_own_name_is_taken_by_the_number_with_true_words(tmp_path, release, work, way):
    named, column, _ = WAYS[way]
    rows = PEOPLE_WITH_FIELDS + "by,Byron Smith,42,,,\n"
    people = read_roster(write(tmp_path / "r.csv", FIELDS.format(column=column) + rows))
    wrong = []

    for kind, names in LIKE.items():
        for texts in names:
            text = texts[named is canvas]
            if text == "a_dal@elsewhere.net":
                continue  # another address than the one in the roster
            entry = f"{text}_11_7_{RULES}" if named is canvas else moodle(text, 11, RULES)
            found = sort_out(Download((Entry(entry, lambda: work),)), way.partition(",")[0], release, people)
            said = " ".join(note for one in found.chosen for note in one.notes)
            false = kind == "other field" and "nobody's" in said
            if [one.student for one in found.chosen] != ["ada"] or false:
                wrong.append((kind, text, said, found.not_taken))

    assert wrong == []


@pytest.mark.parametrize("way", ["canvas", "moodle, numbers of this assignment"])
def test_a_name_like_nobodys_is_taken_by_the_number_and_told(tmp_path, release, work, way):
    named, column, _ = WAYS[way]
    people = read_roster(write(tmp_path / "r.csv", FIELDS.format(column=column) + PEOPLE_WITH_FIELDS))
    wrong = []

    for text in ("Zed Unknown", "Xu Li", "Nevada Smith", "Bob Kitching", "Sean Connery", "张伟"):
        entry = canvas(text, 12, 7, RULES) if named is canvas else moodle(text, 12, RULES)
        found = sort_out(Download((Entry(entry, lambda: work),)), way.partition(",")[0], release, people)
        if [one.student for one in found.chosen] != ["bo"] or "by the number alone" not in found.chosen[0].notes[0]:
            wrong.append((text, found))

    assert wrong == []


def test_a_name_in_other_letters_or_without_words_is_like_its_owners(tmp_path, release, work):
    rows = "student,name,canvas_id\npu,Иван Петров,32\nwei,张伟明,33\nst,Anna Strauß-Größe,34\nbo,Bo Chen,12\n"
    people = read_roster(write(tmp_path / "r.csv", rows))

    for text in ("petrovivan", "петровиванович", "张伟", "strausgroseanna", "groesseanna", "chenbostudent1"):
        number = 34 if text.startswith("chen") else 12
        found = sort_out(Download((Entry(f"{text}_{number}_7_{RULES}", lambda: work),)), "canvas", release, people)
        assert ([one.student for one in found.chosen], len(found.not_taken)) == ([], 1), text


@pytest.mark.parametrize(
    "senders, taken",
    [
        ([("Bo Chen", 55), ("Participant", 12)], []),
        ([("Ada Lovelac", 12), ("Zed Unknown", 12)], []),
        ([("Bo Chenn", 11), ("Participant", 12)], []),
        ([("Participant", 12), ("Teilnehmer", 12)], []),
        ([("bo", 12), ("Participant", 12)], []),
        ([("Bo Chen", 55), ("Bo Chen", 12)], ["bo"]),
        ([("Lovelace Ada", 12), ("Bo Chen", 12), ("Participant", 11)], ["bo"]),
        ([("Ada Lovelac", 12), ("Ada Lovelac", 31), ("Ada Lovelac", 32)], []),
        ([("Participant", 12), ("Participant", 11), ("Participant", 31)], ["ada", "bo", "nn"]),
    ],
)
@pytest.mark.parametrize("column", ["moodle_participant", f"moodle_participant {ASSIGNMENT}"])
def test_of_two_senders_who_may_be_one_student_none_is_taken_unless_all_agrees(
    tmp_path, release, work, senders, taken, column
):
    people = read_roster(write(tmp_path / "r.csv", FIELDS.format(column=column) + PEOPLE_WITH_FIELDS))
    entries = tuple(Entry(moodle(name, number, RULES), lambda: work) for name, number in senders)

    found = sort_out(Download(entries), "moodle", release, people)

    assert [one.student for one in found.chosen] == taken
    assert len(found.not_taken) == len(senders) - len(taken)


@pytest.mark.parametrize(
    "text, number, taken",
    [
        ("Bob Smith", 1, ["rob"]), ("Smith", 1, ["rob"]), ("Smith R.", 1, ["rob"]), ("Rob Smith Jones", 1, ["rob"]),
        ("Smith J.", 1, []), ("Smith Ja", 1, []), ("Jayne Smith", 1, []), ("Bob Lee", 1, []), ("Robert Lee", 1, []),
        ("Robert Smith Jane Smith", 1, []), ("Smith Jane K.", 1, []), ("J. S.", 1, []),
    ],
)  # fmt: skip
def test_a_word_that_two_people_share_leaves_it_to_the_number(tmp_path, release, work, text, number, taken):
    rows = "student,name,moodle_participant tinyrules\nrob,Robert Smith,1\njane,Jane Smith,2\nlee,Min Lee,3\n"
    people = read_roster(write(tmp_path / "r.csv", rows))

    found = sort_out(Download((Entry(moodle(text, number, RULES), lambda: work),)), "moodle", release, people)

    assert [one.student for one in found.chosen] == taken
    assert [note for one in found.chosen for note in one.notes] or found.not_taken


def test_a_stranger_who_shares_a_word_of_a_name_does_not_cost_its_owner_the_place(tmp_path, release, work):
    people = read_roster(write(tmp_path / "r.csv", "student,name\nada,Ada Lovelace\nbo,Bo Chen\n"))
    entries = tuple(
        Entry(moodle(name, at, RULES), lambda: work) for at, name in enumerate(("Ada Lovelace", "Ada Byron"))
    )

    assert [one.student for one in sort_out(Download(entries), "moodle", release, people).chosen] == ["ada"]


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


@pytest.mark.parametrize(
    "name, readings",
    [
        ("Ada Lovelace 12", ["'Ada Lovelace' is ada's name", "'12' is bo's number"]),
        ("bo wchen1", ["'bo' is bo's student id", "'wchen1' is wei1's login"]),
        ("bo-alove", ["'bo' is bo's student id", "'alove' is ada's login"]),
        ("ada_Zed", ["'ada' is ada's student id", "'Zed' is nobody in the roster"]),
        ("ada (1)", ["'ada' is ada's student id", "'1' is nobody"]),
        ("Wei Chen bo@x.edu", ["'Wei Chen' is wei1 or wei2's name", "'bo@x.edu' is bo's e-mail address"]),
        ("Ada Lovelac", ["like Ada Lovelace's (ada)"]),
    ],
)
def test_every_reading_of_a_folder_that_is_not_taken_is_told(roster, name, readings):
    identity = whose(name, roster("canvas_id"))

    assert identity.person is None
    assert [reading for reading in readings if reading not in identity.why] == []
    assert "Rename the folder" in identity.why


@pytest.mark.parametrize("name, people", [("Ada Lovelac", {"ada"}), ("ada_Zed", {"ada"}), ("Zed Unknown", set())])
def test_whoever_a_folder_may_be_of_is_kept_for_the_lists(roster, name, people):
    identity = whose(name, roster("canvas_id"))

    assert {person.student for person in identity.maybe} == people


def test_a_name_that_is_one_persons_id_and_anothers_login_is_nobodys(tmp_path):
    people = read_roster(write(tmp_path / "r.csv", "student,login\nada,bo\nbo,chen\n"))

    identity = whose("bo", people)

    assert (identity.person, identity.why) == (None, "the student id is bo's, the login is ada's")


def test_an_id_that_lost_its_zeros_is_told(tmp_path):
    people = read_roster(write(tmp_path / "r.csv", "student,name\n815,Ada\n"))

    assert "815 is there with fewer zeros" in whose("0815", people).why
