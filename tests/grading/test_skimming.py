"""Large files are read without what grading never reads, wherever it lies; what is left is the file's own text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.errors import SubmissionError
from autograder.grading import notebook_json, skimming
from autograder.grading.notebook_json import parse
from autograder.grading.skimming import skim
from tests.grading.notebooks import ANSWER, answered, cell, find, inserted

RELEASED = sorted((Path(__file__).resolve().parents[2] / "assignments").glob("*/*.ipynb"))


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """A megabyte is large here."""
    monkeypatch.setattr(notebook_json, "WHOLE_BYTES", 1_000_000)
    monkeypatch.setattr(notebook_json, "KEPT_BYTES", 1_200_000)
    monkeypatch.setattr(skimming, "TOKENS", 2_000_000)


def test_a_skimmed_notebook_has_the_cells_of_the_whole_one():
    differing = [path.name for path in RELEASED if parse(skim(path.read_bytes())) != parse(path.read_bytes())]

    assert RELEASED
    assert differing == []


BULK = "A" * 1_100_000
LARGE = {
    "an output": lambda made: find(made, "demo-torch").update(outputs=[{"data": {"text/html": [BULK]}}]),
    "an output of many numbers": lambda made: find(made, "demo-torch").update(outputs=[{"data": [0] * 1_000_100}]),
    "an output of many lists": lambda made: find(made, "demo-torch").update(outputs=[{"data": [[]] * 500_100}]),
    "widgets' state": lambda made: made["metadata"].update(widgets={"state": {"a": {"b": BULK}}}),
    "a cell's metadata": lambda made: find(made, "demo-torch").update(metadata={"plot": [0] * 1_000_100}),
    "a code cell's attachments": lambda made: find(made, "demo-torch").update(attachments={"x": {"image/png": BULK}}),
    "a text's attachments": lambda made: find(made, "text-add").update(attachments={"x": {"image/png": BULK}}),
    "a key of no one's": lambda made: made.update(something=[0] * 1_000_100),
}


@pytest.mark.parametrize("place", LARGE)
def test_bulk_that_grading_never_reads_is_read_past(place):
    made = answered(add_backward=ANSWER)
    LARGE[place](made)

    plain = parse(json.dumps(made).encode())

    assert [(one.id, one.source) for one in plain.cells] == [(one["id"], one["source"]) for one in made["cells"]]


def test_pictures_of_an_essay_survive_a_large_output():
    made = answered()
    find(made, "essay-sums").update(source="![](attachment:x)", attachments={"x": {"image/png": "AAAA"}})
    LARGE["an output"](made)

    plain = parse(json.dumps(made).encode())

    assert next(one.attachments for one in plain.cells if one.id == "essay-sums") == {"x": {"image/png": "AAAA"}}


def test_behind_their_limit_only_the_pictures_of_written_answers_are_kept(monkeypatch):
    monkeypatch.setattr(skimming, "ATTACHMENTS", 40)
    made = answered()
    made["cells"].insert(0, cell("markdown", "mine", "a note"))
    for name in ("mine", "text-add", "essay-sums"):
        find(made, name).update(attachments={"x": {"image/png": "AAAA"}})

    plain = parse(skim(json.dumps(made).encode()))

    assert [one.id for one in plain.cells if one.attachments] == ["mine", "essay-sums"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_large_file_of_another_encoding_is_read_too(encoding):
    made = answered(add_backward="x = 'é'")
    LARGE["an output of many numbers"](made)

    plain = parse(json.dumps(made, ensure_ascii=False).encode(encoding))

    assert [one.source for one in plain.cells if one.id == "add_backward"] == ["x = 'é'"]


REFUSED = {
    "not JSON": (b'{"cells": [{"outputs": "' + b"a" * 1_100_000, "not JSON"),
    "not JSON, behind it": (b'{"cells": []}' + b"\0" * 1_100_000, "not JSON"),
    "brackets that never end": (b'{"cells": [{"outputs": ' + b"[" * 2_100_000, "too many values"),
    "a source": (json.dumps(inserted(answered(), "", cell("code", "x", "a" * 1_300_000))).encode(), "too large"),
    "many small cells": (b'{"cells": [' + b"{}," * 500_100 + b"{}]}", "too large"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_read_past_is_refused_with_a_reason(what):
    data, reason = REFUSED[what]

    with pytest.raises(SubmissionError, match=reason):
        parse(data)


def test_advice_does_not_ask_for_what_was_done_already():
    data, _ = REFUSED["a source"]

    with pytest.raises(SubmissionError, match="Outputs are left out already"):
        parse(data)


def test_the_number_of_brackets_and_texts_that_are_gone_through_has_a_bound(monkeypatch):
    monkeypatch.setattr(skimming, "TOKENS", 100)

    with pytest.raises(skimming.TooManyError):
        skim(json.dumps({"cells": [{"outputs": [[]] * 200}]}).encode())


def test_a_file_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(notebook_json, "FILE_BYTES", 5_000_000)

    with pytest.raises(SubmissionError, match="too large"):
        parse(b" " * (notebook_json.FILE_BYTES + 1))
