"""The class page: small, inert, the same for the same class, sorted without a script."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from msgspec.structs import replace as with_changes

from autograder.reports.class_page import render_class
from autograder.reports.class_report import build
from autograder.reports.pages import SIZE
from autograder.reports.pictures import histogram, outcomes
from autograder.reports.tables import Cell, table
from tests.reports.html_parts import Parts
from tests.reports.made_up import HOSTILE, a_class

NOW = "2026-11-02 10:00:00 UTC"


@pytest.fixture(scope="module")
def report():
    return build(a_class(200), made=NOW)


@pytest.fixture(scope="module")
def page(report):
    return render_class(report)


def test_a_page_for_two_hundred_stays_below_the_limit(page):
    assert len(page.encode()) <= SIZE


def test_nothing_on_the_page_runs_or_loads(page):
    parts = Parts(page)

    assert parts.active == []
    assert "http" not in page.replace("http-equiv", "")


def test_the_same_class_gives_the_same_bytes(report, page):
    assert render_class(report) == page


def test_every_student_exercise_and_mistake_is_on_the_page(report, page):
    parts = Parts(page)

    wanted = [one["student"] for one in report["students"]] + [one["exercise"] for one in report["exercises"]]
    assert [name for name in wanted if name not in parts.text] == []
    assert "upstream ignored" in parts.text


def test_an_empty_class_has_a_page():
    parts = Parts(render_class(build(a_class(0), made=NOW)))

    assert "0 submissions" in parts.text


def test_hostile_words_stay_words():
    of = a_class(3)
    names = {HOSTILE: "student000", "[/foo] $x$": "student001"}
    standings = [replace(of.standings[n], student=name) for n, name in enumerate(names)]
    records = {name: with_changes(of.records[was], student=name) for name, was in names.items()}
    first = records[HOSTILE]
    answers = [with_changes(one, message=HOSTILE, status="crashed") for one in first.exercises]
    records[HOSTILE] = with_changes(first, exercises=tuple(answers), problems=(HOSTILE,), reason=HOSTILE)
    report = build(replace(of, standings=standings, records=records, pages={}), made=NOW)

    page = render_class(report)

    assert Parts(page).active == []
    assert "<script>" in Parts(page).text
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", page)


def test_a_link_leads_to_a_neighbour_only(page):
    links = Parts(page).values("a", "href")

    assert [link for link in links if not link.startswith(("#", "../../feedback/", "report.json", "grades.csv"))] == []


def test_ids_are_unique_and_labels_have_their_buttons(page):
    parts = Parts(page)
    ids = [value for _, name, value in parts.attributes if name == "id"]

    assert len(ids) == len(set(ids))
    assert set(parts.values("label", "for")) <= set(ids)


def test_a_table_knows_each_rows_place_in_each_order():
    items = [{"name": name, "score": score} for name, score in (("b", 1), ("a", 3), ("c", 2))]

    made = table(
        "t",
        "",
        ("name",),
        items,
        lambda one: [Cell(one["name"])],
        {"name": lambda one: one["name"], "best": lambda one: -one["score"]},
    )

    assert [(row.cells[0].text, row.places) for row in made.rows] == [("a", (0, 0)), ("b", (1, 2)), ("c", (2, 1))]
    assert made.rows[1].style == "--k0:1;--k1:2"


def test_every_order_has_its_rule_in_the_style_sheet(page):
    classes = set(Parts(page).values("input", "class"))

    assert {f"{name}:checked ~ .scroll tbody tr {{ order: var(--{name}); }}" in page for name in classes - {"k0"}} == {
        True
    }


def test_a_dollar_in_a_label_is_a_dollar():
    rows = [dict.fromkeys(("passed", "partial", "failed", "crashed", "internal", "not_attempted"), 1)]

    made = outcomes([{**rows[0], "exercise": "$\\frac{1}{0}$"}])

    assert "$\\frac{1}{0}$" in made


def test_markup_in_a_label_is_escaped():
    rows = dict.fromkeys(("passed", "partial", "failed", "crashed", "internal", "not_attempted"), 1)

    made = outcomes([{**rows, "exercise": "<script>"}])

    assert "<script" not in made


def test_two_pictures_share_no_id():
    counts = {"passed": 3, "partial": 1, "failed": 1, "crashed": 1, "internal": 0, "not_attempted": 2, "exercise": "a"}

    first, second = (set(re.findall(r' id="([^"]+)"', made)) for made in (histogram([1, 2, 3]), outcomes([counts])))

    assert first
    assert first.isdisjoint(second)
