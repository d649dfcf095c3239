"""Each format is what its service publishes, says the same scores, and nothing of a student's acts in it."""

from __future__ import annotations

import html.parser
import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import jsonschema
import pytest
from markdown_it import MarkdownIt

from autograder.bridges.ci import classroom50, github, gradescope, junit, markdown
from autograder.errors import UsageError
from autograder.judging.verdict import Status, Verdict
from tests.bridges.ci.accounts import ALL, EARNED, HOSTILE, TOTAL, VERDICTS, account, hostile, internal, rejected
from tests.bridges.ci.schemas import CLASSROOM50, GRADESCOPE, check_junit

ENVIRONMENT = {
    "CLASSROOM": "cs",
    "ASSIGNMENT": "ps2",
    "SUBMISSION_TAG": "submit/2026-01-01T00-00-00Z-abc",
    "COMMIT_URL": "https://github.example/c",
    "RELEASE_URL": "https://github.example/r",
    "OWNER": "ada",
}
UNDECIDED = ("internal", "not graded", "nothing known")
SECRETS = ("second", "/secret/path", "second-is-zero")
every_account = pytest.mark.parametrize("result", ALL.values(), ids=list(ALL))
undecided = pytest.mark.parametrize("result", [ALL[name] for name in UNDECIDED], ids=UNDECIDED)


def written(result) -> dict[str, str]:
    """One account in every format, as text."""
    return {
        "gradescope": json.dumps(gradescope.results(result), ensure_ascii=False, allow_nan=False),
        "junit": junit.document([result]).decode(),
        "markdown": markdown.report([result]),
        "github": "\n".join(github.annotation_lines([result])),
        "classroom50": json.dumps(classroom50.result_json(result, classroom50.identity(ENVIRONMENT)), allow_nan=False),
    }


@every_account
def test_results_json_is_what_gradescope_publishes(result):
    document = json.loads(json.dumps(gradescope.results(result, seconds=1.25), allow_nan=False))

    jsonschema.validate(document, GRADESCOPE)
    assert document["stdout_visibility"] == "hidden"


@every_account
def test_junit_is_well_formed_counts_itself_and_has_only_legal_characters(result):
    check_junit(junit.document([result, ALL["graded"]], seconds=2.0))


@pytest.mark.parametrize("name", [name for name in ALL if name not in UNDECIDED])
def test_result_json_is_what_classroom50_collects(name):
    document = classroom50.result_json(ALL[name], classroom50.identity(ENVIRONMENT))

    jsonschema.validate(document, CLASSROOM50)
    assert document["score"] <= document["max-score"]
    assert all(test["score"] <= test["max-score"] for test in document["tests"])


def test_every_format_has_the_same_score():
    result = ALL["graded"]

    shown = gradescope.results(result)
    collected = classroom50.result_json(result, classroom50.identity(ENVIRONMENT))
    properties = check_junit(junit.document([result])).findall("testsuite/properties/property")

    assert shown["score"] == pytest.approx(EARNED)
    assert sum(test["score"] for test in shown["tests"]) == pytest.approx(EARNED)
    assert sum(test["max_score"] for test in shown["tests"]) == TOTAL
    assert collected["score"] / classroom50.POINT == pytest.approx(EARNED)
    assert {one.get("name"): one.get("value") for one in properties}["score"] == repr(EARNED)
    assert f"{EARNED:g} of {TOTAL:g} points" in markdown.report([result])


def test_extra_credit_counts_as_earned_and_is_not_part_of_the_total():
    without = account({**VERDICTS, "extra": Verdict("extra", Status.FAILED)})

    assert without.earned == pytest.approx(EARNED - 2.5)
    assert without.points == TOTAL
    assert account({name: Verdict(name, Status.PASSED) for name in VERDICTS}).reaches(1.0)


@undecided
def test_our_own_failure_is_no_zero_in_any_format(result):
    document = gradescope.results(result)
    root = check_junit(junit.document([result]))

    assert "score" not in document
    assert all("score" not in test for test in document["tests"])
    assert classroom50.result_json(result, {}) is None
    assert int(root.get("errors")) == 1
    assert "score" not in {one.get("name") for one in root.findall("testsuite/properties/property")}
    assert "No score" in markdown.report([result])


def test_what_could_not_be_read_earns_nothing_and_waits_for_a_person():
    document = gradescope.results(rejected())

    assert document["score"] == 0
    assert document["extra_data"]["needs_human"]
    assert "not JSON" in document["output"]


@pytest.mark.parametrize("form", ["gradescope", "junit", "markdown", "github", "classroom50"])
def test_which_prediction_is_right_and_why_the_grader_failed_is_never_said(form):
    text = written(ALL["graded"])[form] + written(internal())[form]

    assert [word for word in SECRETS if word in text] == []


@every_account
def test_no_format_carries_characters_that_act_on_what_shows_them(result):
    acting = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")

    found = {form: acting.findall(text) for form, text in written(result).items()}

    assert {form: chars for form, chars in found.items() if chars} == {}


# ---- GitHub


def test_an_annotation_points_at_the_line_that_raised_else_at_the_answer():
    lines = github.annotation_lines([ALL["graded"]])

    assert any(line.startswith("::error file=a/rules.ipynb,line=41,title=failed%3A not right yet::") for line in lines)
    assert any(
        line.startswith("::warning file=a/rules.ipynb,line=20,title=partial%3A partly right::") for line in lines
    )


def test_a_submission_cannot_write_workflow_commands():
    lines = github.annotation_lines([hostile()]) + [github.harmless(line) for line in HOSTILE.split("\n")]

    levels = ("::error ", "::warning ", "::notice ")
    commands = [line for line in lines if line.lstrip().startswith("::")]
    assert all("\n" not in line and "\r" not in line for line in lines)
    assert all(line.startswith(levels) for line in commands)
    assert len(commands) == len(hostile().items) - 3  # one of ours for each that is not right, practice apart
    assert not [line for line in lines if "##[" in line]


def test_the_files_name_cannot_add_properties():
    line = next(line for line in github.annotation_lines([hostile()]) if line.startswith("::error"))

    properties = line.split("::")[1].removeprefix("error ").split(",")
    assert [text.partition("=")[0] for text in properties] == ["file", "line", "title"]


def test_at_most_ten_annotations_of_a_level_and_the_last_says_how_many_are_left():
    lines = github.annotation_lines([*[ALL["graded"]] * 9, internal()])

    errors = [line for line in lines if line.startswith("::error")]
    assert len(errors) == 10
    assert "could not be graded" in errors[0]
    assert "more" in errors[-1]
    assert max(sum(line.startswith(level) for line in lines) for level in ("::warning", "::notice")) <= 10


def test_a_summary_fits_into_what_github_takes():
    results = [hostile()] * 400

    shown = github.summary(results, already=300_000)

    assert len(shown.encode()) <= github.SUMMARY_BYTES - 300_000
    assert shown.endswith(markdown.CUT)
    assert github.summary(results, already=github.SUMMARY_BYTES) == ""


# ---- Markdown


class Tags(html.parser.HTMLParser):
    """The tags of a page, and its text outside of code."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.plain = ""
        self._code = 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self._code += tag == "code"

    def handle_endtag(self, tag):
        self._code -= tag == "code"

    def handle_data(self, data):
        self.plain += "" if self._code else data


@pytest.mark.parametrize("result", [hostile(), rejected(HOSTILE)], ids=["answers", "reason"])
def test_a_submission_cannot_write_markup_mentions_or_references(result):
    page = Tags(MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown.report([result, result])))

    ours = {"h1", "h2", "h3", "p", "strong", "ul", "li", "pre", "code", *("table", "thead", "tbody", "tr", "th", "td")}
    assert page.tags <= ours
    assert not re.search(r"[@#]\w", page.plain)


@pytest.mark.parametrize("quoted", ["```", "````\n```\n`", "no ticks", "~~~\n```python", "`" * 50])
def test_a_fence_is_longer_than_what_it_holds(quoted):
    shown = MarkdownIt("commonmark").parse(markdown.fenced(quoted))

    assert [token.type for token in shown] == ["fence"]
    assert shown[0].content == quoted + "\n"


# ---- Gradescope and Classroom 50


@pytest.mark.parametrize(
    "said, told",
    [
        (
            {"created_at": "2026-07-01T10:00:00-07:00", "assignment": {"due_date": "2026-07-01T09:30:00-07:00"}},
            "0 h 30",
        ),
        (
            {"created_at": "2026-07-03T10:00:00+00:00", "assignment": {"due_date": "2026-07-01T09:59:00Z"}},
            "2 d 0 h 1 min",
        ),
        (
            {"created_at": "2026-07-01T09:30:00.5Z", "assignment": {"due_date": "2026-07-01T09:30:00Z"}},
            "0 h 1 min",
        ),
        ({"created_at": "2026-07-01T09:00:00Z", "assignment": {"due_date": "2026-07-01T09:30:00Z"}}, ""),
        (
            {
                "created_at": "2026-07-01T10:00:00Z",
                "assignment": {"due_date": "2026-07-01T09:30:00Z"},
                "users": [{"assignment": {"due_date": "2026-07-02T09:30:00Z"}}, {"email": "b@c.example"}],
            },
            "",
        ),
        ({"created_at": "yesterday", "assignment": {"due_date": "2026-07-01T09:30:00Z"}}, ""),
        ({"created_at": "2026-07-01T10:00:00", "assignment": {"due_date": None}}, ""),
        ({}, ""),
    ],
)
def test_a_late_hand_in_is_told_and_costs_nothing(said, told):
    notes = gradescope.late_note(said)

    assert told in " ".join(notes)
    assert bool(notes) == bool(told)
    assert gradescope.results(ALL["graded"], notes=notes)["score"] == pytest.approx(EARNED)


def test_classroom50_must_say_whose_result_it_is():
    with pytest.raises(UsageError, match="COMMIT_URL, OWNER"):
        classroom50.identity({**ENVIRONMENT, "COMMIT_URL": "", "OWNER": ""})


def test_where_no_owner_is_named_the_user_is():
    who = classroom50.identity({**ENVIRONMENT, "OWNER": "", "USERNAME": "bo"})

    assert who["owner"] == "bo"


def test_junit_names_the_file_that_was_graded():
    document = junit.document([replace(ALL["graded"], file="hw/rules.ipynb"), replace(ALL["graded"], file="")])

    files = [case.get("file") for case in ElementTree.fromstring(document).iter("testcase")]
    assert set(files[: len(files) // 2]) == {"hw/rules.ipynb"}
    assert set(files[len(files) // 2 :]) == {None}
