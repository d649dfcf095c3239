"""The feedback page shows what a student needs and nothing that acts."""

from __future__ import annotations

import re

import numpy as np
import pytest

from autograder.judging.verdict import CheckResult, Hint, Shown, Status, Verdict
from autograder.kit.ladder import Finding, compare
from autograder.reports.feedback import Loading, Page, Section, render
from autograder.reports.pages import SIZE
from autograder.reports.values import as_lines, compared, heat, matrix
from tests.reports.html_parts import Parts
from tests.reports.made_up import HOSTILE, hostile_page, page, wrong


def test_hostile_text_stays_text():
    parts = Parts(render(hostile_page()))

    assert parts.active == []
    assert "<script>" in parts.text


def test_no_control_or_direction_character_reaches_the_page():
    made = render(hostile_page())

    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", made)


def test_templates_in_a_students_text_are_not_evaluated():
    parts = Parts(render(hostile_page()))

    assert "{{ 7*7 }}" in parts.text


def test_the_policy_of_the_page_forbids_scripts_and_loading():
    parts = Parts(render(page(wrong())))

    assert any(
        value.startswith("default-src 'none'; style-src 'unsafe-inline'") for value in parts.values("meta", "content")
    )


@pytest.mark.parametrize("text", [HOSTILE * 100, "\n" * 20_000, "<" * 20_000, "é" * 20_000])
def test_a_page_stays_small_whatever_was_printed(text):
    verdicts = [
        wrong(f"e{n}_backward", student_text=text, printed=text, cell=f"e{n}_backward", line=1) for n in range(40)
    ]
    loading = [Loading("own-1", 1, text, text, text)] * 100

    made = render(page(*verdicts, source="\n".join([text] * 10), loading=loading))

    assert len(made.encode()) <= SIZE


def test_the_line_that_raised_is_marked():
    verdict = wrong(cell="mul_backward", line=2, rung="raised", student_text="ValueError: no")

    made = render(page(verdict, source="def f():\n    raise ValueError\n"))

    assert re.search(r'class="here"><span class="n">  2  </span>    raise ValueError<b>', made)


def test_an_error_from_another_cell_is_located_in_words():
    made = render(page(wrong(cell="own-3", line=7, student_text="ValueError: no")))

    assert "line 7 of the cell own-3" in made


def with_bonus(verdict):
    """A page with four points in one exercise, all earned, and a bonus of five in another."""
    right = Section("add_backward", Verdict("add_backward", Status.PASSED), 4.0, 4.0, "")
    earned = None if verdict.status is Status.INTERNAL else 0.0
    return Page("ada", "ps2-rules", [right, Section(verdict.exercise, verdict, earned, 0.0, "", bonus=5.0)], [])


def test_a_bonus_is_told_as_one_and_the_most_stays_what_it_was():
    verdict = Verdict("einsum_backward", Status.PARTIAL, (CheckResult("values", 0.6, True),))

    parts = Parts(render(with_bonus(verdict)))

    assert "7 of 4 points from the automatic checks, +3 of 5 bonus among them" in " ".join(parts.text.split())
    assert "practice" not in parts.text


def test_a_bonus_that_could_not_be_decided_is_not_given():
    parts = Parts(render(with_bonus(Verdict("einsum_backward", Status.INTERNAL))))

    assert "4 of 4 points from the automatic checks, +0 of 5 bonus among them" in " ".join(parts.text.split())


def test_the_ladder_says_where_the_answer_stopped():
    parts = Parts(render(page(wrong(rung="shape"))))

    assert "right shapes: no" in parts.text
    assert "right values: not reached" in parts.text


def test_the_hint_is_there_and_the_location_only_without_one():
    hint = Hint("forgot-transpose", "Which index meets k?", "bank")

    with_hint = render(page(wrong(hint=hint, where="It differs in a row.")))
    without = render(page(wrong(where="It differs in a row.")))

    assert "Which index meets k?" in with_hint
    assert "It differs in a row." not in with_hint
    assert "It differs in a row." in without


def test_cells_that_raised_while_loading_are_told_with_their_line():
    loading = [Loading("own-1", 3, "NameError: no", "y = x", "before\n"), Loading("own-2", printed="hello")]

    parts = Parts(render(page(wrong(), loading=loading)))

    for words in ("own-1, line 3", "y = x", "NameError: no", "before", "hello"):
        assert words in parts.text


def test_what_the_code_printed_on_the_shown_case_is_there():
    made = render(page(wrong(printed="shape is (2, 2)")))

    assert "shape is (2, 2)" in made


def test_the_difference_is_a_heat_map_that_does_not_need_colour():
    parts = Parts(render(page(wrong())))

    assert "got − expected" in parts.text
    assert "h4" in parts.values("td", "class")
    assert "36" in parts.text  # 40 - 4
    assert parts.text.count(" differs") >= 4  # in words, for those who see no mark


def test_levels_follow_the_share_of_the_largest_difference():
    off = np.array([10.0, -6.0, 2.0, 0.2, 0.001, 0.0, np.nan])

    levels = heat(off, off != 0.0)

    assert levels.tolist() == [4, 4, 3, 2, 1, 0, 4]


def test_a_large_array_becomes_a_picture_of_squares():
    got, expected = np.zeros((300, 200)), np.zeros((300, 200))
    got[7, 3], got[200, 100] = 1.0, 0.001
    verdict = wrong(shown=Shown("large", (), compare(got, [expected], ["result"])))

    made = render(page(verdict))

    assert made.count("<svg") == 1
    assert "[7, 3]: got 1, expected 0" in made
    assert len(made) < 40_000


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (2, 2, 3), (0, 3)])
def test_every_shape_has_a_form(shape):
    got, expected = np.ones(shape), np.zeros(shape)
    finding = Finding("value", "wrong", 0, got, expected, np.ones(shape, bool))

    lines = [line for one in compared(finding) for line in as_lines(one)]

    assert lines[0].startswith("got")
    assert len(Parts(render(page(wrong(shown=Shown("case", (("a", got),), finding))))).text) > 0


def test_a_value_that_is_no_array_is_cleaned():
    made = matrix("got", "\u202eabc\x00")

    assert made.grids[0].rows[0][0].text == "abc"


def test_a_reader_without_eyes_finds_landmarks_captions_and_heads():
    parts = Parts(render(page(wrong(), Verdict("add_backward", Status.PASSED))))

    assert {"main", "nav", "header", "footer", "h1", "h2", "caption"} <= set(parts.tags)
    assert parts.tags.count("table") == parts.tags.count("caption") + 1  # the legend is presentation
    assert all(scope in ("row", "col") for scope in parts.values("th", "scope"))
    assert parts.tags.count("th") == len(parts.values("th", "scope"))


def test_a_rejected_file_is_told_and_nothing_else():
    parts = Parts(render(page(rejected="The file is not JSON.")))

    assert "The file is not JSON." in parts.text
    assert "table" not in parts.tags
