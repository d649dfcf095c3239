"""Names of time zones as nbgrader writes them: what can mean one thing only is read, and nothing is guessed."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest

from autograder.grading.collect import parse_timestamp, read_timestamp

READ = {
    "2026-10-02 01:30:00.000000 GMT": "2026-10-02T01:30:00",
    "2026-01-15 01:30:00.000000 CET": "2026-01-15T00:30:00",
    "2026-07-15 01:30:00.000000 CEST": "2026-07-14T23:30:00",
    "2026-07-15 01:30:00.000000 BST": "2026-07-15T00:30:00",
    "2026-01-15 01:30:00.000000 EST": "2026-01-15T06:30:00",
    "2026-07-15 01:30:00.000000 EDT": "2026-07-15T05:30:00",
    "2026-01-15 01:30:00.000000 MST": "2026-01-15T08:30:00",
    "2026-07-15 01:30:00.000000 MDT": "2026-07-15T07:30:00",
    "2026-07-15 01:30:00.000000 PDT": "2026-07-15T08:30:00",
    "2026-01-15 01:30:00.000000 EET": "2026-01-14T23:30:00",
    "2026-01-15 01:30:00.000000 JST": "2026-01-14T16:30:00",
    "2026-01-15 01:30:00.000000 AEDT": "2026-01-14T14:30:00",
    "2026-10-25 02:30:00.000000 CEST": "2026-10-25T00:30:00",  # the hour that comes twice
    "2026-10-25 02:30:00.000000 CET": "2026-10-25T01:30:00",
}
TWO = ("IST", "CST", "CDT", "PST")
"""India, Ireland and Israel; America, China and Cuba; America and the Philippines."""


def test_a_name_that_means_one_thing_is_read():
    found = {text: parse_timestamp(text) for text in READ}

    assert {text: moment and moment.isoformat() for text, moment in found.items()} == READ


def test_a_name_that_may_be_two_is_not_guessed():
    texts = [f"2026-{month}-15 01:30:00.000000 {name}" for name in TWO for month in ("01", "07")]

    assert [text for text in texts if parse_timestamp(text) is not None] == []


@pytest.mark.parametrize("name", ["XYZ", "BST", "ZZ", "LMT", "A"])
def test_a_name_that_no_clock_has_then_is_no_time(name):
    assert parse_timestamp(f"2026-01-15 01:30:00.000000 {name}") is None


PLACES = {
    "America/Los_Angeles", "America/Chicago", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Shanghai", "Asia/Manila",
    "Asia/Kathmandu", "Europe/Dublin", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia",
}  # fmt: skip


def test_what_nbgrader_writes_in_the_courses_zone_is_read_whatever_the_zone():
    wrong = []
    for place in sorted(PLACES):
        for month in range(1, 13):
            moment = datetime.datetime(2026, month, 15, 12, 30, tzinfo=datetime.UTC)
            text = moment.astimezone(ZoneInfo(place)).strftime("%Y-%m-%d %H:%M:%S.%f %Z")
            if parse_timestamp(text, place) != moment.replace(tzinfo=None):
                wrong.append((place, text))

    assert wrong == []


def test_the_courses_zone_explains_a_name_that_may_be_two(tmp_path):
    folder = tmp_path / "ada" / "ps1"
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text("2026-07-15 12:00:00.000000 IST\n")

    assert read_timestamp(folder)[0] is None
    assert "a zone that may be two" in read_timestamp(folder)[1][0]
    assert read_timestamp(folder, zone="Asia/Kolkata") == (datetime.datetime(2026, 7, 15, 6, 30), ())
    assert read_timestamp(folder, zone="Nowhere/At_all")[0] is None
