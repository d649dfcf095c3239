"""`autograder verify` on the terminal: everything at once, an exit code, and stored answers that it renews."""

from __future__ import annotations

import json
import sys

import pytest

from autograder.commands.verify import run_verify
from autograder.course.content import content_anew
from tests.authoring.course import ONE, Begun

STORED = """stored=stored("my_function", {"a vector": {"x": [1.0, -2.0, 4.0]}}),
    properties=("""


@pytest.fixture
def begun(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return Begun.at(tmp_path, "function")


def verified(begun, *assignments, write=False):
    content_anew(begun.course.root)
    return run_verify(begun.course, assignments, quick=True, write=write, workers=1)


def test_a_course_in_order_is_said_in_a_line(begun, capsys):
    assert verified(begun) == 0
    assert capsys.readouterr().out == "1 exercise in 1 assignment: all in order, but for the release.\n"


def test_everything_wrong_is_said_with_its_number_and_the_exit_code_is_1(begun, capsys):
    line = begun.change("private", "np.mean(x**2),", "np.mean(x**3),", "my_function")
    (begun.course.solutions / "two").mkdir()
    (begun.course.solutions / "two" / "two.ipynb").write_text("{}")

    code = verified(begun)

    told = capsys.readouterr().out
    assert code == 1
    assert "course.toml: there is a notebook in solutions/two" in told
    assert f"solutions/{ONE}/private/my_function.py, line {line}" in told
    number = len([one for one in told.splitlines() if one]) - 1
    assert told.endswith(f"\n{number} problems.\n")


def test_stored_answers_that_are_missing_or_old_are_told_and_renewed(begun, capsys):
    text = begun.path("public", "my_function").read_text()
    start, end = text.index("stored=("), text.index("properties=(") + len("properties=(")
    text = text[:start] + STORED + text[end:]
    begun.path("public", "my_function").write_text(text.replace("Property, Stored", "Property").replace(
        "from kit.draws import normal", "from kit.draws import normal\nfrom kit.stored import stored"))  # fmt: skip
    answers = begun.course.solutions / ONE / "public" / "_answers.json"

    assert verified(begun) == 1
    assert "--write" in capsys.readouterr().out
    assert verified(begun, write=True) == 0
    assert json.loads(answers.read_text()) == {"my_function": {"a vector": 7.0}}

    answers.write_text(answers.read_text().replace("7.0", "8.0"))
    assert verified(begun) == 1
    assert verified(begun, write=True) == 0
    assert "written: solutions/one/public/_answers.json" in capsys.readouterr().out
