"""Where nothing says when something was handed in, and something is due: told, with names; nothing is taken off."""

from __future__ import annotations

import datetime

import pytest
from rich.console import Console

from autograder.commands import grade as commands
from autograder.reports.terminal import Row, print_class
from tests.grading.small_run import ASSIGNMENT, graded, new_course
from tests.grading.test_late_again import due, everything, penalties

TIMES = {
    "s0000": None,
    "s0001": "2020-01-02 03:04:05.000000 IST",
    "s0002": "2999-01-02 03:04:05.000000 UTC",
    "s0003": "2020-01-02 03:04:05.000000 CET",
}


@pytest.fixture
def course(tmp_path):
    """Five students: no time, one that may be two, one to come, one that is late; and one whose file is broken."""
    made = new_course(tmp_path / "course", 5)
    for student, text in TIMES.items():
        path = made.submitted / student / ASSIGNMENT / "timestamp.txt"
        path.unlink() if text is None else path.write_text(f"{text}\n")
    graded(made)
    return made


def said(summary):
    title, lines = commands._untimed(summary)
    return title, lines


def test_without_a_due_date_a_time_that_cannot_be_read_is_only_noticed(course):
    summary = graded(course, force=True)

    assert said(summary)[1] == []
    assert [problem for problem in summary.problems if "time of submission is not known" in problem] != []


@pytest.mark.parametrize("settings", [{}, {"force": True}], ids=["nothing graded again", "all graded again"])
def test_with_one_it_is_a_count_and_a_section_and_nothing_is_taken_off(course, settings):
    due(course, datetime.datetime(2020, 1, 1))

    summary = graded(course, late=everything, **settings)

    title, lines = said(summary)
    assert title == "Time of submission unknown, so lateness is not counted: 3 (s0000, s0001, s0002)"
    assert sorted(line.rpartition(": ")[2] for line in lines[:3]) == ["1 (s0000)", "1 (s0001)", "1 (s0002)"]
    assert "timestamp.txt beside the notebook" in lines[-1]
    assert [problem for problem in summary.problems if "time of submission" in problem] == []
    assert {who: penalties(course)[who] for who in ("s0000", "s0001", "s0002")} == dict.fromkeys(list(TIMES)[:3])


def test_two_hundred_are_one_line_of_a_few_names():
    names = [f"s{number:04d}" for number in range(200)]

    assert commands._some(names) == f"200 ({', '.join(names[:10])} and 190 more)"


def test_an_earlier_time_that_still_counts_is_told_as_such(course):
    due(course, datetime.datetime(2020, 1, 1))
    stamp = course.submitted / "s0003" / ASSIGNMENT / "timestamp.txt"
    stamp.write_text("some day\n")

    title, lines = said(graded(course, late=everything))

    assert "3 (s0000" in title
    assert f"{ASSIGNMENT}, the time of what was handed in earlier counts instead: 1 (s0003)" in lines


def test_the_table_marks_whose_lateness_is_not_known(capsys):
    rows = [Row("ada", None, 9.0, 10.0, False, untimed=True), Row("bo", None, 9.0, 10.0, False)]

    print_class(Console(width=120), "tiny", ("one",), rows)

    shown = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line[:2] in ("ad", "bo")}
    assert ("?" in shown["ada"], "?" in shown["bo"]) == (True, False)
