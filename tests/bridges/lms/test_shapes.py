"""What Canvas and Moodle put into a file's name comes out of it again, whatever people and files are called."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autograder.bridges.lms.archive import Entry
from autograder.bridges.lms.names import spellings, squash, without_copies
from autograder.bridges.lms.shapes import Arrival, Sender, read_names, shape_of
from tests.bridges.lms import downloads

FIRST, LAST = st.text(min_size=1, max_size=12), st.text(max_size=12)
NUMBERS = st.integers(1, 10**15)
FILES = st.text(min_size=1, max_size=20).filter(lambda name: "\n" not in name and not name.startswith("/"))


def read(name, lms):
    return read_names([Entry(name, lambda: b"")], lms)


def arrived(name, lms) -> Arrival:
    (arrival,) = read(name, lms).arrivals
    return arrival


PLAIN = st.characters(exclude_characters="_0123456789", exclude_categories=("Cs", "So", "No"))


@settings(max_examples=50)
@given(name=st.text(PLAIN, max_size=20), user=NUMBERS, upload=NUMBERS, filename=FILES, late=st.booleans())
@example(name="Lovelace, Ada", user=4711, upload=90210, filename="1_2_rules.ipynb", late=True)
def test_canvas_says_who_and_which_upload_and_whether_it_was_late(name, user, upload, filename, late):
    entry = downloads.canvas(name, user, upload, filename, late=late)

    arrival = arrived(entry, "canvas")

    assert (arrival.sender.number, arrival.upload, arrival.late) == (str(user), upload, late)
    assert squash(arrival.sender.name) == squash(name)
    assert entry.endswith(arrival.filename)


@settings(max_examples=50)
@given(name=st.text(max_size=20), user=NUMBERS, upload=NUMBERS, filename=FILES)
@example(name="a___1___2__", user=3, upload=4, filename="x.ipynb")
def test_even_a_twisted_name_does_not_hide_whom_canvas_meant(name, user, upload, filename):
    arrival = arrived(downloads.canvas(name, user, upload, filename), "canvas")

    assert str(user) in {sender.number for sender in (arrival.sender, *arrival.others)}


@settings(max_examples=50)
@given(name=st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20), participant=NUMBERS,
       filename=FILES, shape=st.sampled_from(list(downloads.SHAPES)))  # fmt: skip
def test_moodle_says_who_and_under_what_name(name, participant, filename, shape):
    arrival = arrived(downloads.moodle(name, participant, filename, shape=shape), "moodle")

    assert (arrival.sender.number, squash(arrival.sender.name)) == (str(participant), squash(name))
    assert arrival.filename == filename.removeprefix("_/")


def test_an_anonymous_upload_has_a_sender_without_a_name():
    arrival = arrived("LATE_anon_x7Kp2_90210_rules.ipynb", "canvas")

    assert (arrival.sender, arrival.late) == (Sender("canvas", "x7Kp2", "", anonymous=True), True)


@pytest.mark.parametrize(
    "name, lms",
    [
        ("lovelaceada_4711_text.html", "canvas"),
        ("lovelaceada_LATE_4711_link.html", "canvas"),
        ("Ada Lovelace_1_assignsubmission_onlinetext_/onlinetext.html", "moodle"),
        ("Ada Lovelace_1_assignsubmission_onlinetext_onlinetext.html", "moodle"),
    ],
)
def test_text_typed_into_the_lms_is_no_file(name, lms):
    found = read(name, lms)

    assert (found.arrivals, found.texts) == ((), (name,))


@pytest.mark.parametrize(
    "name, lms",
    [
        ("lovelaceada_4711_90210_rules.ipynb", "canvas"),
        ("lovelaceada_4711_90210_Ada_1_assignsubmission_file_rules.ipynb", "canvas"),
        ("lovelaceada_4711_text.html", "canvas"),
        ("Ada_1_assignsubmission_file_/x_1_2_y.ipynb", "moodle"),
        ("Ada_1_assignsubmission_file_x_1_2_y.ipynb", "moodle"),
        ("ada/tiny-rules/rules.ipynb", None),
        ("rules.ipynb", None),
    ],
)
def test_the_name_says_whose_download_it_is_whatever_a_student_calls_a_file(name, lms):
    assert shape_of(name) == lms


@pytest.mark.parametrize(
    "filename, expected",
    [
        ("rules.ipynb", ("rules.ipynb", 0)),
        ("rules-1.ipynb", ("rules.ipynb", 1)),
        ("rules-12.ipynb", ("rules.ipynb", 12)),
        ("rules (1).ipynb", ("rules.ipynb", 0)),
        ("rules(1)-2.ipynb", ("rules.ipynb", 2)),
        ("rules_1_.ipynb", ("rules.ipynb", 0)),
        ("rules-1 (3).ipynb", ("rules.ipynb", 1)),
        ("other-1.ipynb", ("other-1.ipynb", 0)),
        ("rules2.ipynb", ("rules2.ipynb", 0)),
        ("rules-x.ipynb", ("rules-x.ipynb", 0)),
    ],
)
def test_what_canvas_and_browsers_add_to_a_name_is_taken_off(filename, expected):
    assert without_copies(filename, "rules.ipynb") == expected


def test_a_name_that_ends_with_a_number_of_its_own_stays():
    assert without_copies("ps-2.ipynb", "ps-2.ipynb") == ("ps-2.ipynb", 0)


@pytest.mark.parametrize(
    "roster, lms",
    [
        ("Ada Lovelace", "lovelaceada"),
        ("Ada Lovelace", "Ada Lovelace"),
        ("Lovelace, Ada", "Ada Lovelace"),
        ("Ada King Lovelace", "kinglovelaceada"),
        ("Seán O'Brien", "obriensean"),
        ("Zoë Ångström", "ångströmzoë"),
        ("Łukasz Nowak", "nowaklukasz"),
        ("Jürgen Müller-Öz", "Juergen Mueller-Oez"),
        ("Søren Æbelø", "aebelosoren"),
        ("Nguyễn Văn An", "an nguyen van"),
        ("李 明", "李明"),
    ],
)
def test_one_person_is_recognised_in_every_spelling(roster, lms):
    assert squash(lms) in spellings(roster)
