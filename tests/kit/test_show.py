"""Rendering: escaped HTML, plain text for any code page, marks that are more than colour."""

from __future__ import annotations

import re

import numpy as np
import pytest

from autograder.kit.ladder import Finding, compare
from autograder.kit.results import Failing, Report, Row
from autograder.kit.show import View, as_html, as_text, fitting

HOSTILE = "<script>alert(1)</script>\"'&\x1b[31m"


def report(got, expected, arguments=()):
    """A report whose only case fails with these arrays."""
    finding = compare(got, [np.asarray(expected, dtype=np.float64)], ["gradient of x"])
    return Report("op", "op(x)", (Row("case", "x (2,)", False, finding.message),), Failing("case", arguments, finding))


def hostile():
    """A report with markup and escapes wherever a name or a message can be."""
    shown = report([1.0], [2.0], ((HOSTILE, HOSTILE), ("f", np.zeros(2))))
    rows = (Row(HOSTILE, HOSTILE, False, HOSTILE), *shown.rows)
    return Report(HOSTILE, HOSTILE, rows, shown.failing, HOSTILE, (HOSTILE,))


def test_hostile_names_are_escaped_in_html():
    page = as_html(hostile())

    assert "<script" not in page
    assert "\x1b" not in page


def test_hostile_names_are_escaped_where_nothing_is_filled_in():
    page = as_html(Report(HOSTILE, HOSTILE, (), unfilled=True))

    assert "<script" not in page


def test_control_characters_do_not_reach_the_terminal():
    text = as_text(hostile())

    assert "\x1b" not in text
    assert "\\x1b[31m" in text


def test_html_tags_are_balanced():
    page = as_html(report([[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.5], [3.0, 4.0]], (("x", np.zeros((2, 2))),)))

    for tag in ("div", "table", "tr", "td", "p", "b", "code", "tbody", "thead", "th", "ul", "li"):
        assert len(re.findall(f"<{tag}[ >]", page)) == page.count(f"</{tag}>"), tag


def test_no_text_colour_is_fixed_so_that_every_theme_stays_readable():
    page = as_html(report([1.0, 2.0], [1.0, 3.0]))

    colours = set(re.findall(r"(?<![-\w])color:([^;\"]+)", page))
    assert colours == {"inherit"}


def test_differing_entries_are_marked_by_a_sign_in_both_renderings():
    shown = report([1.0, 2.0], [1.0, 3.0])

    assert ">2*</td>" in as_html(shown)
    assert re.search(r"1\s+2\*", as_text(shown))


def test_entries_that_differ_also_look_different():
    shown = report([1.00000001, 2.0], [1.0, 2.0])

    assert "1.00000001" in as_text(shown)


def test_where_nothing_certain_was_expected_what_came_back_is_shown_alone():
    shown = {}
    for got in (np.array([1.25, -3.5]), 2.75, 7, "text"):
        found = Finding("value", "the norm is above the limit", got=got)
        row = Row("case", "", False, found.message)
        text = as_text(Report("op", "op(x)", (row,), Failing("case", (), found)))
        shown[str(got)] = ("got" in text, "expected" in text)

    assert shown == {"[ 1.25 -3.5 ]": (True, False), "2.75": (True, False), "7": (True, False), "text": (False, False)}


def test_a_large_array_is_summed_up_by_its_first_differences():
    got = np.zeros((30, 30))
    got[3, 4] = 1.0

    text = as_text(report(got, np.zeros((30, 30))))

    assert "[3, 4]: got 1, expected 0" in text


def test_a_large_array_lists_a_few_differences_and_counts_the_rest():
    text = as_text(report(np.ones((30, 30)), np.zeros((30, 30))))

    assert "and 896 more" in text


def test_three_axes_are_shown_slice_by_slice():
    text = as_text(report(np.arange(8.0).reshape(2, 2, 2), np.zeros((2, 2, 2))))

    assert "[0]" in text
    assert "[1]" in text


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (1, 1)])
def test_every_shape_can_be_shown(shape):
    shown = report(np.ones((2, 2)), np.zeros(shape), (("x", np.zeros(shape)),))

    assert as_text(shown)
    assert as_html(shown)


@pytest.mark.parametrize("encoding", ["cp437", "cp1252", "ascii", None, "no-such-code-page"])
def test_terminals_without_a_character_get_an_escape(encoding):
    text = fitting("x → y … 漢", encoding)

    text.encode("ascii")
    assert text.startswith("x -> y ...")


def test_terminals_with_unicode_get_the_text_as_it_is():
    text = fitting("x → y", "utf-8")

    assert text == "x → y"


def test_the_plain_rendering_itself_is_ascii():
    text = as_text(report([1.0, 2.0], [1.0, 3.0]))

    assert text.isascii()


def test_a_notebook_gets_both_renderings():
    bundle = View(report([1.0], [2.0]))._repr_mimebundle_()

    assert set(bundle) == {"text/html", "text/plain"}
