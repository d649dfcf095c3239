"""What stands below a cell of the annotated notebook: what loading it said, and the words of its verdict."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from autograder.boundary.job import CellReport, Raised
from autograder.grading.annotate import LONGEST_TEXT, Json, annotated, outputs
from autograder.judging.verdict import Status, Verdict
from tests.grading.notebooks import ANSWER, answered, cell, find, inserted


@dataclass
class Judged:
    """Verdicts and reports, as a pipeline gives them."""

    load: tuple[CellReport, ...] = ()
    verdicts: dict[str, Verdict] = field(default_factory=dict)


def below(made: Json, name: str) -> str:
    """The words below the cell of this name, if any."""
    return "\n".join(output["data"]["text/plain"] for output in find(made, name)["outputs"])


def test_what_a_cell_said_while_it_was_loaded_stands_below_it_and_below_no_other():
    raised = Raised("ValueError", "x <b>", cell="add_backward", line=2)
    reports = (
        CellReport("add_backward", raised=raised),
        CellReport("own", stdout="one\ntwo"),
        CellReport("cost"),
    )
    made = inserted(answered(add_backward=ANSWER), "", cell("code", "own", "print(1)"))

    result = annotated(made, Judged(reports))

    assert below(result, "add_backward") == (
        "When the notebook was loaded, this cell raised an error in line 2:\n  | ValueError: x <b>"
    )
    assert "&lt;b&gt;" in find(result, "add_backward")["outputs"][0]["data"]["text/html"]
    assert below(result, "own") == "When the notebook was loaded, this cell printed:\n  | one\n  | two"
    assert below(result, "cost") == ""
    assert "outputs" not in find(result, "text-add")


def test_a_line_is_named_only_if_it_is_one_of_this_cell():
    said = {}
    for name, raised in {
        "in another cell": Raised("ValueError", "x", cell="own-1", line=2),
        "nowhere": Raised("ValueError", "x", cell="add_backward"),
    }.items():
        made = annotated(answered(), Judged((CellReport("add_backward", raised=raised),)))
        said[name] = below(made, "add_backward").splitlines()[0]

    assert set(said.values()) == {"When the notebook was loaded, this cell raised an error:"}


@pytest.mark.parametrize(
    "cell, line, named",
    [("add_backward", 3, True), (None, 3, False), ("add_backward", None, False), (None, None, False)],
)
def test_the_line_of_an_error_is_named_if_cell_and_line_are_known(cell, line, named):
    verdict = Verdict("add_backward", Status.FAILED, message="it raised", cell=cell, line=line)

    (words, _) = outputs("add_backward", verdict, 4.0)

    assert ("(line 3 of the cell add_backward)" in words["data"]["text/plain"]) == named
    assert "(line" not in words["data"]["text/plain"] or named


def test_a_students_text_is_cut_and_keeps_no_character_that_acts_on_what_shows_it():
    text = "a\x1b[31mb\u202ec\td\n" + "x" * LONGEST_TEXT
    verdict = Verdict("add_backward", Status.FAILED, student_text=text)

    (words, _) = outputs("add_backward", verdict, 4.0)

    lines = words["data"]["text/plain"].splitlines()
    quoted = lines[lines.index("Your code said:") + 1 :]
    assert quoted[0] == "  | a [31mb c\td"
    assert quoted[1:] == ["  | " + "x" * (LONGEST_TEXT - text.index("x")), "  | [cut]"]
