"""The terminal's table says what a score is made of."""

from __future__ import annotations

import io

from rich.console import Console

from autograder.reports.terminal import Row, print_class


def printed(*rows, bonus_points):
    console = Console(file=io.StringIO(), width=120)
    print_class(console, "ps2-rules", ("add_backward", "einsum_backward"), rows, bonus_points=bonus_points)
    return console.file.getvalue()


def test_a_bonus_stands_beside_the_score_that_it_is_part_of():
    lines = printed(Row("ada", None, 103.0, 100.0, False, 3.0), Row("bo", None, 90.0, 100.0, True), bonus_points=5.0)

    ada, bo = (next(line for line in lines.splitlines() if line.startswith(name)) for name in ("ada", "bo"))
    assert ("103/100" in ada, "+3 of 5 bonus" in ada) == (True, True)
    assert ("90/100*" in bo, "bonus" in bo) == (True, False)


def test_an_assignment_without_a_bonus_has_no_column_for_it():
    lines = printed(Row("ada", None, 100.0, 100.0, False), bonus_points=0.0)

    assert "of which" not in lines


def test_what_lateness_takes_off_and_leaves_stands_beside_the_score():
    lines = printed(
        Row("ada", None, 99.0, 100.0, False, penalty=99.0), Row("bo", None, 90.0, 100.0, True), bonus_points=0.0
    )

    ada, bo = (next(line for line in lines.splitlines() if line.startswith(name)) for name in ("ada", "bo"))
    assert ("99/100" in ada, "-99: 0" in ada, "-" in bo) == (True, True, False)


def test_a_class_without_anybody_late_has_no_column_for_it():
    assert "late" not in printed(Row("ada", None, 100.0, 100.0, False), bonus_points=0.0)
