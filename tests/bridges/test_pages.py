"""Feedback and formgrader pages: no student's Markdown, output or comment does anything there."""

from __future__ import annotations

import base64
import csv
from html.parser import HTMLParser

import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.converters import NbGraderException
from nbgrader.plugins import CsvExportPlugin
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from autograder.bridges.nbgrader.sanitise import clean, rendered
from tests.bridges.small_course import (
    ASSIGNMENT,
    HINT,
    NOTEBOOK,
    RIGHT_ADD,
    RIGHT_MUL,
    answered,
    autograde,
    both_ways,
    feedback,
    give_by_hand,
    hand_in,
    stock_config,
)
from tests.grading.notebooks import find

ATTACKS = {
    "script": "<script>alert(1)</script>",
    "event handler": '<img src=x onerror="alert(1)">',
    "javascript link": "[click](javascript:alert(1))",
    "hidden javascript link": '<a href="jav&#x09;ascript:alert(1)">click</a>',
    "frame": '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "svg": "<svg><script>alert(1)</script></svg>",
    "style": "<style>body {display: none}</style>",
    "form": '<form action="/api"><button>Full credit</button></form>',
    "picture that reports": "![](//example.org/seen.png)",
    "unclosed comment": "<!-- ",
    "imitated id": '<div id="add_backward-check">4 / 4</div>',
    "in a formula": "$x$ <script>alert(1)</script> $$<img src=x onerror=alert(1)>$$",
    "mathml": "<math><mtext><mglyph><style><img src=x onerror=alert(1)>",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_markdown_becomes_harmless_html(attack):
    html = rendered(attack, {})

    assert active_parts(html) == []


def test_ordinary_markdown_keeps_its_form():
    html = rendered("# Sums\n\nA *path* and `x = 1`: $\\frac{a}{b} < c$.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", {})

    for part in ("<h1>Sums", "<p>A <em>path</em> and <code>x = 1</code>", "\\frac{a}{b} &lt; c$", "<td>1</td>"):
        assert part in html


def test_clean_html_stays_as_it_is():
    once = clean("<p>a &lt; b <b>c</b></p>")

    assert clean(once) == once == "<p>a &lt; b <b>c</b></p>"


@pytest.fixture
def attacked(course):
    """Mallory's essay and own cell hold every attack, Alice's do not; both have the same wrong answer."""
    everything = "\n\n".join(ATTACKS.values()).replace("<!-- ", "") + "\n\nMy own words."
    made = answered(course, add_backward=RIGHT_ADD + "  # wrong", mul_backward=RIGHT_MUL, essay_why=everything)
    made["cells"].append({"cell_type": "markdown", "id": "mine", "metadata": {}, "source": everything})
    hand_in(course, "mallory", made)
    for cell in made["cells"]:
        cell["source"] = "My own words." if cell["source"] == everything else cell["source"]
    hand_in(course, "alice", made)
    return course


@both_ways
def test_the_feedback_page_runs_nothing_of_the_student(attacked, graded_by):
    graded_by(attacked)

    page = feedback(attacked, "mallory")

    other = (attacked.feedback / "alice" / ASSIGNMENT / f"{NOTEBOOK}.html").read_text()
    assert active_parts(page) == active_parts(other)
    assert HINT in page


def test_the_formgrader_page_runs_nothing_of_the_student(attacked):
    autograde(attacked)

    page = formgrader_page(attacked, "mallory")

    assert active_parts(page) == active_parts(formgrader_page(attacked, "alice"))


def test_a_human_comment_is_in_the_feedback(course):
    hand_in(course, "alice", answered(course, add_backward=RIGHT_ADD + "  # wrong"))
    autograde(course)
    give_by_hand(course, "alice", "add_backward-check", 1.0, "Come and *see* me <script>alert(1)</script>")

    page = feedback(course, "alice")

    assert "Come and <em>see</em> me &lt;script&gt;" in page


PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()
PHOTO = "![my sketch](attachment:a%20sketch.png) and my words"
MISSING = {
    "no attachment": "![](attachment:gone.png) my words",
    "an odd name": "![](attachment:../../../etc/passwd) ![](attachment:%00) my words",
    "no base64": "![](data:image/png;base64,!!!!) my words",
    "svg": "![](data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=) my words",
    "a script by a picture's name": "![x](data:image/png;base64,PHNjcmlwdD4=) my words",
    "an image of HTML": "<img src='attachment:gone.png' onerror='alert(1)'> my words",
    "ours, but not there": "![](attachment:picture-1.png) my words",
    "deep nesting": "> " * 3000 + "my words",
    "many brackets": "[" * 3000 + "my words",
}


def with_photo(course, source=PHOTO, attachments=None):
    made = answered(course, essay_why=source)
    found = find(made, "essay-why")
    found["attachments"] = attachments or {"a sketch.png": {"image/png": PNG}}
    return made


@both_ways
def test_a_picture_in_an_essay_is_seen_in_the_feedback_and_in_the_formgrader(course, graded_by):
    hand_in(course, "alice", with_photo(course))
    graded_by(course)

    pages = feedback(course, "alice"), formgrader_page(course, "alice")

    for page in pages:
        assert f'<img alt="my sketch" src="data:image/png;base64,{PNG}"/>' in page
        assert "and my words" in page


def test_nothing_in_an_essay_makes_a_page_fail(course):
    for name, source in MISSING.items():
        hand_in(course, name.replace(" ", ".").replace(",", "").replace("'", ""), with_photo(course, source))
    autograde(course)
    students = sorted(path.name for path in course.submitted.iterdir())

    feedback(course, students[0])

    for student in students:
        page = (course.feedback / student / ASSIGNMENT / f"{NOTEBOOK}.html").read_text()
        assert "my words" in page, student
        assert "my words" in formgrader_page(course, student), student
        assert "alert(1)" not in str(active_parts(page)), student


def test_a_page_that_cannot_be_made_leaves_the_old_one(course, monkeypatch):
    hand_in(course, "alice", with_photo(course))
    hand_in(course, "bob", answered(course, add_backward=RIGHT_ADD))
    autograde(course)
    before = feedback(course, "alice")
    broken = course.autograded_notebook("alice", ASSIGNMENT, NOTEBOOK)
    broken.chmod(0o644)
    broken.write_text("no notebook")
    (course.feedback / "bob" / ASSIGNMENT / f"{NOTEBOOK}.html").write_text("old")

    with pytest.raises(NbGraderException, match="alice"):
        feedback(course, "alice")

    assert (course.feedback / "alice" / ASSIGNMENT / f"{NOTEBOOK}.html").read_text() == before
    assert (course.feedback / "bob" / ASSIGNMENT / f"{NOTEBOOK}.html").read_text() != "old"


@both_ways
def test_the_feedback_page_shows_score_and_verdict(course, graded_by):
    hand_in(course, "alice", answered(course, add_backward=RIGHT_ADD + "  # partial"))
    graded_by(course)

    page = feedback(course, "alice")

    assert "(Score: 2.8 / 12.0)" in page
    assert "a scalar went wrong" in page


@both_ways
def test_nbgrader_exports_the_scores(course, tmp_path, graded_by):
    hand_in(course, "alice", answered(course, add_backward=RIGHT_ADD, mul_backward=RIGHT_MUL))
    graded_by(course)

    exported = export(course, tmp_path / "grades.csv")

    assert [(row["student_id"], row["score"], row["max_score"]) for row in exported] == [("alice", "7.0", "12.0")]


def export(course, path):
    """`nbgrader export`."""
    from nbgrader.api import Gradebook

    with Gradebook(course.gradebook_url) as gradebook:
        CsvExportPlugin(to=str(path)).export(gradebook)
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def formgrader_page(course, student):
    """The page on which an instructor grades by hand, made as the formgrader makes it."""
    _, config = stock_config(course)
    theirs = Config()
    theirs.HTMLExporter.template_name = "formgrade"
    theirs.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    exporter = HTMLExporter(config=Config({**config, "HTMLExporter": {**config.HTMLExporter, **theirs.HTMLExporter}}))
    path = course.autograded_notebook(student, ASSIGNMENT, NOTEBOOK)
    names = dict.fromkeys(("assignment_id", "notebook_id", "submission_id", "base_url", "notebook_path"), "x")
    page, _ = exporter.from_filename(str(path), resources={**names, "index": 0, "total": 1, "student": student})
    return page


class _Active(HTMLParser):
    """Collects whatever in a page can run, load, restyle, submit or be found by its id."""

    TAGS = frozenset("script style link img iframe object embed svg math form base meta".split())  # noqa: SIM905

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        acts = [(name, value) for name, value in attributes if name.startswith("on") or name in ("id", "style", "src")]
        acts += [(name, value) for name, value in attributes if "script:" in (value or "")]
        if tag in self.TAGS or acts:
            self.found.append((tag, *acts))


def active_parts(page):
    """Everything in ``page`` that acts, sorted."""
    parser = _Active()
    parser.feed(page)
    return sorted(map(repr, parser.found))


def test_what_is_allowed_keeps_its_attributes_and_no_others():
    kept = (
        '<div class="highlight"><span class="kn">import</span></div>',
        '<ol start="3"><li>x</li></ol>',
        '<a href="https://example.org" title="there">x</a>',
    )
    stripped = {
        '<span class="highlight admin-button">x</span>': "<span>x</span>",
        '<p class="highlight">x</p>': "<p>x</p>",
        '<a href="https://example.org" onclick="x()">x</a>': '<a href="https://example.org">x</a>',
    }

    assert {html: clean(html) for html in kept if clean(html) != html} == {}
    assert {html: clean(html) for html, bare in stripped.items() if clean(html) != bare} == {}
