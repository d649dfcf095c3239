"""Autograded notebooks are byte for byte what nbformat writes, whatever text is in them."""

from __future__ import annotations

import nbformat
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.grading.notebooks import as_nbformat
from tests.grading.notebooks import cell, notebook

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
AWKWARD = '"quoted" \\ / \b\f\n\r\n\t\x00\x1f\x7f\x85\u2028\u2029 é 中 \U0001f600\n\nend'


def as_written(made):
    """What nbgrader would write."""
    return (nbformat.writes(nbformat.from_dict(made)) + "\n").encode()


def with_text(text):
    made = notebook(cell("markdown", "text-one", text, tags=[text], empty={}, none=None, number=1.5))
    code = cell("code", "own-1", text)
    code["outputs"] = [
        {"output_type": "display_data", "metadata": {}, "data": {"text/plain": text, "text/html": "<pre>1</pre>\n"}}
    ]
    made["cells"].append(code)
    return made


@settings(max_examples=20, deadline=None)
@given(TEXTS)
def test_any_text_is_written_as_nbformat_writes_it(text):
    made = with_text(text)

    assert as_nbformat(made) == as_written(made)


def test_awkward_text_is_written_as_nbformat_writes_it():
    made = with_text(AWKWARD)

    assert as_nbformat(made) == as_written(made)


def test_an_empty_notebook_is_written_as_nbformat_writes_it():
    assert as_nbformat(notebook()) == as_written(notebook())
