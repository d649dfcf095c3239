"""Broken and hostile files: each is repaired and said, or rejected in our own words; none raises, none hangs."""

from __future__ import annotations

import json
import os
import re

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.grading import notebook_json
from autograder.grading.intake import Rejected, Submission, read_submission, restore
from autograder.grading.notebook_json import BRACKETS, CELLS, CODE_CHARACTERS, COMMAS, FILE_BYTES, NESTING
from tests.grading.notebooks import ANSWER, answered, cell, find, inserted, write

MARK = "STUDENT-TEXT"
"""Must never be told back."""


@pytest.fixture
def place(tmp_path, release):
    return tmp_path / "submitted" / "ada" / release.assignment / release.filename


@pytest.fixture
def read(place, release):
    def read(made):
        return read_submission(write(place, made), release, "ada")

    return read


def dumped(**changed):
    return json.dumps({**answered(add_backward=ANSWER), **changed})


def with_answer(**changed):
    """The notebook with a right answer in a cell that is changed otherwise too."""
    made = answered(add_backward=ANSWER)
    find(made, "add_backward").update(changed)
    return made


def next_descriptor():
    descriptor = os.dup(0)
    os.close(descriptor)
    return descriptor


def nested(depth):
    return dumped(metadata={"x": 0}).replace('"x": 0', '"x": ' + "[" * depth + "]" * depth)


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"\0" * 4096, "empty"),
        (dumped()[:-200], "not JSON"),
        (dumped() + MARK, "not JSON"),
        (f"<html>{MARK}</html>", "got a web page"),
        (b"PK\x03\x04" + bytes(range(256)), "archive can't be read"),
        ("[]", "Expected a JSON object and got a JSON list"),
        (f'"{MARK}"', "got a JSON string"),
        ("null", "got a JSON null"),
        ("{}", "no notebook"),
        (json.dumps({"cells": {MARK: 1}}), "no notebook"),
        (json.dumps({"cells": [cell("code", f"x{n}", "") for n in range(CELLS + 1)]}), "too many cells"),
        (b"{" + b" " * FILE_BYTES + b"}", "too large"),
        ("[" * 200_000, "nested too deeply"),
        ('{"a":' * 200_000, "nested too deeply"),
        (nested(NESTING), "nested too deeply"),
        ("[" + "{}," * BRACKETS + "{}]", "too many values"),
        ("[" + "0," * (COMMAS + 1) + "0]", "too many values"),
    ],
    ids=lambda value: None if isinstance(value, bytes) or len(value) > 60 else value,
)
def test_what_cannot_be_read_is_rejected_with_a_reason(read, data, reason):
    rejected = read(data)

    assert isinstance(rejected, Rejected)
    assert re.search(reason, rejected.reason)
    assert MARK not in rejected.reason


@pytest.mark.parametrize(
    "data, problem",
    [
        (dumped(nbformat=3), "does not say nbformat 4"),
        (dumped(nbformat=5, nbformat_minor=0), "does not say nbformat 4"),
        (dumped(nbformat="4"), "does not say nbformat 4"),
        (dumped(metadata=[]), None),
        (dumped(metadata={"a": float("nan")}), "NaN or Infinity"),
        (dumped().replace('"nbformat": 4', '"nbformat": 4, "nbformat": 4'), "names a key twice"),
        (dumped(nbformat_minor=0).replace('"nbformat_minor": 0', '"nbformat_minor": ' + "9" * 100_000), "300 digits"),
        (dumped().encode("utf-16"), "utf-16"),
        (dumped().encode("utf-16-le"), "utf-16-le"),
        (dumped().encode("utf-32"), "utf-32"),
        (dumped().encode("utf-8-sig"), "utf-8-sig"),
        (dumped(metadata={"a": "b"}).encode().replace(b'"b"', b'"\xff"'), "not utf-8 text"),
        (nested(NESTING - 10), None),
        (dumped().replace("\n", "\r\n"), None),
    ],
)
def test_an_oddity_of_the_file_is_repaired_and_said(read, data, problem):
    submission = read(data)

    assert "add_backward" in submission.attempted
    assert any(problem in told for told in submission.problems) if problem else submission.problems == ()


@pytest.mark.parametrize(
    "made, source",
    [
        (with_answer(source=ANSWER.splitlines(keepends=True)), ANSWER),
        (with_answer(source=ANSWER.replace("\n", "\r\n")), ANSWER),
        (with_answer(source=ANSWER.replace("\n", "\r")), ANSWER),
        (with_answer(source=ANSWER + "\0"), ANSWER),
        (with_answer(source=ANSWER + "  # \ud800"), ANSWER + "  # \ufffd"),
        (with_answer(source=ANSWER + "  # \U0001f600"), ANSWER + "  # \U0001f600"),
        (with_answer(metadata={}), ANSWER),
        (with_answer(metadata=None), ANSWER),
        (with_answer(metadata={"nbgrader": MARK}), ANSWER),
        (with_answer(metadata={"nbgrader": {"grade_id": ["x"]}}), ANSWER),
        (with_answer(metadata={"nbgrader": {"schema_version": 99, "grade_id": "add_backward"}}), ANSWER),
        (with_answer(id=None), ANSWER),
        (with_answer(id=7), ANSWER),
        (with_answer(id="x" * 1000), ANSWER),
        (with_answer(cell_type=None), ANSWER),
        (with_answer(cell_type=["code"]), ANSWER),
        (with_answer(outputs=MARK, execution_count="x"), ANSWER),
        (with_answer(source=None), ""),
        (with_answer(source={"a": MARK}), ""),
        (with_answer(source=["a", 1]), ""),
        (with_answer(source="#" * (CODE_CHARACTERS + 1)), notebook_json.TOO_LONG),
        (inserted(with_answer(), "cost", None, 7, [MARK], MARK), ANSWER),
    ],
)
def test_an_oddity_of_a_cell_costs_no_other_cell(read, made, source):
    submission = read(made)

    nbformat.validate(submission.notebook)
    assert {cell.id: cell.source for cell in submission.cells}["add_backward"] == source
    assert not any(MARK in told for told in submission.problems)


def test_a_notebook_of_nbformat_3_is_read(read):
    old = {"nbformat": 3, "metadata": {}, "worksheets": [{"cells": [
        {"cell_type": "heading", "level": 1, "source": "Title", "metadata": {}},
        {"cell_type": "code", "input": [ANSWER], "language": "python", "outputs": [], "metadata": {}},
    ]}]}  # fmt: skip

    submission = read(old)

    assert submission.sources["add_backward"] == ANSWER


def test_a_code_cell_without_a_type_is_run(read):
    made = with_answer()
    made["cells"].append({"source": "x = 1"})

    submission = read(made)

    assert submission.cells[-1].source == "x = 1"


def test_a_missing_list_of_metadata_is_the_releases(read):
    made = answered()
    del made["metadata"]

    submission = read(made)

    assert "kernelspec" in submission.notebook["metadata"]


def test_the_last_of_two_equal_keys_counts_as_in_jupyter(read):
    first, last = '"source": "first = 1"', '"source": "last = 1"'
    data = json.dumps(answered(add_backward="first = 1")).replace(first, f"{first}, {last}")

    submission = read(data)

    assert submission.sources["add_backward"] == "last = 1"


def test_no_more_than_fifty_problems_are_told(read):
    submission = read(inserted(answered(), "", *[cell("code", None, "\0")] * 100))

    assert (len(submission.problems), submission.problems[-1]) == (51, "and 50 more")


# What is not a file


def test_a_missing_file_is_rejected(place, release):
    rejected = read_submission(place, release, "ada")

    assert rejected.reason.startswith("There is no such file")


def test_a_folder_of_that_name_is_rejected(place, release):
    place.mkdir(parents=True)

    rejected = read_submission(place, release, "ada")

    assert "Expected a regular file and got a folder" in rejected.reason


def test_a_named_pipe_of_that_name_is_rejected_at_once(place, release):
    place.parent.mkdir(parents=True)
    os.mkfifo(place)

    rejected = read_submission(place, release, "ada")

    assert "got a named pipe" in rejected.reason


def test_a_link_to_another_notebook_is_rejected(tmp_path, place, release):
    place.parent.mkdir(parents=True)
    place.symlink_to(write(tmp_path / "solution.ipynb", answered(add_backward=ANSWER)))

    rejected = read_submission(place, release, "ada")

    assert "got a symbolic link" in rejected.reason


def test_a_link_to_an_endless_device_is_rejected(place, release):
    place.parent.mkdir(parents=True)
    place.symlink_to("/dev/zero")

    rejected = read_submission(place, release, "ada")

    assert "got a symbolic link" in rejected.reason


@pytest.mark.parametrize("level", [0, 1], ids=["the assignment's folder", "the student's folder"])
def test_a_link_in_place_of_a_folder_is_rejected(tmp_path, place, release, level):
    other = write(tmp_path / "submitted" / "grace" / release.assignment / release.filename, answered())
    place.parents[level].parent.mkdir(parents=True, exist_ok=True)
    place.parents[level].symlink_to(other.parents[level])

    rejected = read_submission(place, release, "ada")

    assert "Expected a folder and got a symbolic link" in rejected.reason


def test_links_above_the_trusted_folder_are_followed(tmp_path, release):
    write(tmp_path / "real" / "hw.ipynb", answered(add_backward=ANSWER))
    (tmp_path / "link").symlink_to(tmp_path / "real")

    submission = read_submission(tmp_path / "link" / "hw.ipynb", release, "ada", within=tmp_path / "link")

    assert isinstance(submission, Submission)


def test_a_file_in_place_of_the_trusted_folder_is_rejected(place, release):
    write(place, answered(add_backward=ANSWER))

    rejected = read_submission(place, release, "ada", within=place)

    assert "Not a directory" in rejected.reason


def test_a_path_that_leads_out_of_the_trusted_folder_is_rejected(tmp_path, release):
    write(tmp_path / "hw.ipynb", answered())

    rejected = read_submission(tmp_path / "a" / ".." / "hw.ipynb", release, "ada", within=tmp_path)

    assert "leads out" in rejected.reason


def test_a_file_that_may_not_be_read_is_rejected(place, release, monkeypatch):
    write(place, answered())
    really_open = os.open

    def refuse(path, *args, **kwargs):
        if path == place.name:
            raise PermissionError(13, "Permission denied")
        return really_open(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", refuse)
    rejected = read_submission(place, release, "ada")

    assert "Permission denied" in rejected.reason


def test_a_file_that_grows_while_it_is_read_is_rejected(place, release, monkeypatch):
    write(place, answered())
    monkeypatch.setattr(os, "read", lambda descriptor, limit: b" " * limit)

    rejected = read_submission(place, release, "ada")

    assert "too large" in rejected.reason


def test_reading_leaves_no_descriptor_open(place, release):
    write(place, answered())
    before = next_descriptor()

    for path in (place, place.parent, place.with_name("none")):
        read_submission(path, release, "ada")

    assert next_descriptor() == before


# Whatever else

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)
names = st.sampled_from(["given-imports", "add_backward", "add_backward-check", "essay-sums", "text-add", "demo-torch"])
odd_cells = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading"]) | json_values,
        "id": names | json_values,
        "source": st.sampled_from([ANSWER, "\r\n\0"]) | json_values,
        "metadata": st.fixed_dictionaries({"nbgrader": st.fixed_dictionaries({}, optional={
            "grade_id": names | json_values, "points": json_values, "locked": json_values,
            "schema_version": json_values,
        }) | json_values}) | json_values,
        "outputs": json_values,
    },
)  # fmt: skip


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(odd_cells | json_values, max_size=8))
def test_any_cells_at_all_become_a_valid_notebook(release, cells):
    restored, _ = restore({"cells": cells, "nbformat": 4}, release)

    nbformat.validate(restored)
    required = {cell.id for cell in release.cells if cell.required}
    assert required <= {cell["id"] for cell in restored["cells"]}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_at_all_give_an_answer(read, data):
    answer = read(data)

    assert isinstance(answer, Submission | Rejected)
