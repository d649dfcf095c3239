"""Work in locked cells is the student's, and text that was ever released is ours."""

from __future__ import annotations

import json

import pytest

from autograder.errors import ReleaseError
from autograder.grading.intake import read_submission, take
from autograder.grading.release import load_release
from autograder.grading.released_cells import RECORD, ReleasedCells, of_cells, read_record
from tests.grading.notebooks import (
    ANSWER,
    GIVEN,
    SKELETON,
    answered,
    cell,
    find,
    inserted,
    release_json,
    released,
    without,
)

CHECK, OLDER_CHECK = "check(add_backward)", "check(add_backward, 1)"


def taken(release, made):
    return take(json.dumps(made).encode(), release, "ada")


def run(submission):
    return [(one.id, one.source) for one in submission.cells if one.offers is None]


def test_an_answer_in_its_check_runs_before_the_check_and_is_an_attempt(release):
    submission = taken(release, answered(add_backward_check=f"{ANSWER}\n\n{CHECK}"))

    assert run(submission)[1:3] == [("add_backward", SKELETON), ("own-1", f"{ANSWER}\n\n{CHECK}")]
    assert submission.attempted == {"add_backward"}
    assert submission.sources["add_backward"] == f"{ANSWER}\n\n{CHECK}"


def test_an_answer_merged_into_its_check_is_not_undone_by_the_skeleton(release):
    made = without(answered(add_backward_check=f"{ANSWER}\n{CHECK}"), "add_backward")

    submission = taken(release, made)

    assert [name for name, _ in run(submission)] == ["given-imports", "own-1", "cost"]
    assert submission.attempted == {"add_backward"}


AGAIN = "add_backward = None"
IN_TWO = {
    "a name used again": f"{CHECK}\n{AGAIN}",
    "an answer above it": f"{ANSWER}\n\n{CHECK}\n{AGAIN}",
    "written otherwise": f"check( 'add_backward' , \n    add_backward)\n{AGAIN}",
    "on one line": f"{CHECK}; {AGAIN}",
    "the last of several": f"{CHECK}\n{ANSWER}\n{CHECK}\n{AGAIN}",
    "below a text that names it": f'"""\n{CHECK}\n"""\n{CHECK}\n{AGAIN}',
    "below brackets, quotes and a comment": f"x = [\n  ')', \"'\", # it's (\n]\n!echo it's (\n{CHECK}\n{AGAIN}",
    "timed": f"%%time\n{CHECK}\n{AGAIN}",
}
IN_ONE = {
    "in a text": f'x = """\n{CHECK}\n"""\n{AGAIN}',
    "in brackets": f"x = [\n{CHECK}\n]\n{AGAIN}",
    "on a line that goes on": f"x = \\\n{CHECK}\n{AGAIN}",
    "in a block": f"if True:\n    {CHECK}\n{AGAIN}",
    "of another exercise": f"check('other')\n{AGAIN}",
    "in a file": f"%%writefile notes.py\n{CHECK}\n{AGAIN}",
    "of wrong syntax": f"x = (\n{CHECK}\n{AGAIN}",
    "in a comment": f"# {CHECK}\n{AGAIN}",
    "with nothing below": f"{ANSWER}\n{CHECK}\n",
}


def parts_of(submission, name):
    """The parts in which a cell is run, and how many of them stand above the check."""
    first = next(number for number, one in enumerate(submission.cells) if one.id == name)
    return [one.source for one in submission.cells if one.id == name], submission.places["add_backward"] - first


def test_a_check_cell_with_code_below_the_call_is_run_in_two_parts_with_the_check_between(release):
    for where, text in IN_TWO.items():
        (head, tail), above = parts_of(taken(release, answered(add_backward_check=text)), "own-1")

        assert above == 1, where
        assert head + tail.lstrip("\n") == text, where
        assert tail.count("\n") == text.count("\n"), f"{where}: lines keep their numbers"
        assert tail.lstrip("\n").startswith("check("), where
        assert tail.endswith(AGAIN), where


def test_a_check_cell_in_which_the_call_is_no_statement_of_its_own_is_run_whole(release):
    for where, text in IN_ONE.items():
        parts, above = parts_of(taken(release, answered(add_backward_check=text)), "own-1")

        assert (parts, above) == ([text], 1), where


def test_a_check_merged_into_the_cell_of_its_answer_is_there(release):
    merged = f"{ANSWER}\n{CHECK}\n{AGAIN}"

    parts, above = parts_of(
        taken(release, without(answered(add_backward=merged), "add_backward-check")), "add_backward"
    )

    assert (parts, above) == ([f"{ANSWER}\n", f"\n\n{CHECK}\n{AGAIN}"], 1)


def test_a_copy_of_a_call_does_not_move_a_check_that_is_there(release):
    made = inserted(answered(add_backward=ANSWER), "", cell("code", "x", f"{CHECK}\n{AGAIN}"))

    assert taken(release, made).places == taken(release, answered(add_backward=ANSWER)).places


def test_annotations_of_the_future_hold_below_the_check_too(release):
    text = f"from __future__ import annotations\n{CHECK}\ndef later(x: nothing): ..."

    _, tail = parts_of(taken(release, answered(add_backward_check=text)), "own-1")[0]

    exec(compile(tail, "cell", "exec"), {"check": print, "add_backward": 1})
    assert tail.split("\n")[1:] == text.split("\n")[1:]


def test_many_calls_are_found_in_one_pass(release):
    text = f"{CHECK}\n" * 8000 + '"' * 3 + "\\" * 20000

    parts, _ = parts_of(taken(release, answered(add_backward_check=text)), "own-1")

    assert len(parts) == 2


def test_a_helper_in_a_given_cell_runs_before_the_released_text(release):
    submission = taken(release, answered(given_imports=f"{GIVEN}\nimport random"))

    assert run(submission)[:2] == [("own-1", f"{GIVEN}\nimport random"), ("given-imports", GIVEN)]


def test_the_check_itself_stays_as_released(release):
    submission = taken(release, answered(add_backward_check="2.0  # full marks"))

    notebook = {one["id"]: one["source"] for one in submission.notebook["cells"]}
    assert notebook["add_backward-check"] == CHECK


def test_text_of_an_earlier_release_is_not_the_students(tmp_path):
    path = tmp_path / "assignments" / "ps2-vector-jacobian-products"
    older = answered(
        given_imports="import numpy as np", add_backward=SKELETON + "  # older", add_backward_check=OLDER_CHECK,
        essay_sums="An older question?", demo_torch="import torch  # older",
    )  # fmt: skip
    find(older, "add_backward-check")["metadata"]["nbgrader"]["points"] = 3
    released(tmp_path)
    (path / RECORD).write_bytes(of_cells(older["cells"]).to_json())
    release = load_release(path / "vector-jacobian-products.ipynb")

    submission = taken(release, older)

    assert (submission.attempted, submission.essays, submission.problems) == (frozenset(), {"essay-sums": False}, ())
    assert submission.cells == taken(release, release_json()).cells


def test_without_the_record_the_same_would_be_noticed(release):
    older = answered(add_backward_check=OLDER_CHECK)
    find(older, "cost-check")["metadata"]["nbgrader"]["points"] = 3

    problems = " ".join(taken(release, older).problems)

    assert "locked but changed" in problems
    assert "other nbgrader metadata than released" in problems


def test_a_record_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / RECORD).write_text("[]")

    with pytest.raises(ReleaseError, match="record of released cells"):
        read_record(tmp_path / RECORD)


def test_a_record_comes_back_as_it_was_written(tmp_path):
    record = of_cells(release_json()["cells"])
    (tmp_path / RECORD).write_bytes(record.to_json())

    assert read_record(tmp_path / RECORD) == record
    assert read_record(tmp_path / "none.json") == ReleasedCells()


# Essays


ESSAYS = {
    "above": lambda made: inserted(made, "essay-sums", cell("markdown", "x", "Because paths add.")),
    "two below": lambda made: inserted(
        made, "demo-torch", cell("code", "x", ""), cell("markdown", "y", "Because paths add.")
    ),
    "far away": lambda made: inserted(made, "add_backward", cell("markdown", "x", "Because paths add.")),
    "at the end": lambda made: inserted(made, "", cell("markdown", "x", "Because paths add.")),
    "in raw text": lambda made: inserted(made, "", cell("raw", "x", "Because paths add.")),
    "as a comment": lambda made: inserted(made, "demo-torch", cell("code", "x", "# Because paths add.")),
    "as a text in code": lambda made: inserted(made, "demo-torch", cell("code", "x", '"""Because paths add."""')),
    "as code that is none": lambda made: inserted(
        made, "demo-torch", cell("code", "x", "Because all the paths add up.")
    ),
    "printed": lambda made: inserted(
        made, "", cell("code", "x", 'print("Because all of the paths add up in the end")')
    ),
    "below the question": lambda made: with_source(made, "text-add", "Addition\n\nBecause paths add."),
    "in a locked cell": lambda made: with_source(
        made, "add_backward-check", '"""Because all the paths add up."""\n' + CHECK
    ),
    "in a demonstration": lambda made: with_source(made, "demo-torch", f"# {LONG}"),
    "in an answer": lambda made: with_source(made, "add_backward", f"{ANSWER}\n# {LONG}"),
    "without its ids": lambda made: inserted(
        without(made, "essay-sums"), "demo-torch", cell("markdown", "x", "Because paths add.")
    ),
}
LONG = (
    "Because gradients flow back along every path from the loss towards this variable and each path contributes its "
    "own product of local derivatives so that the total is their sum"
)


def with_source(made, name, source):
    find(made, name)["source"] = source
    return made


def test_an_essay_anywhere_goes_before_a_person(release):
    found = {where: taken(release, bend(answered())).essays["essay-sums"] for where, bend in ESSAYS.items()}

    assert found == dict.fromkeys(ESSAYS, True)


def test_an_essay_that_lost_its_ids_is_shown_in_its_place(tmp_path):
    made = release_json()
    made["cells"].insert(-2, cell("markdown", "text-question", "Write 100 words."))
    release = released(tmp_path, made)
    find(made, "essay-sums").update(id="3f", metadata={}, source="Because paths add.")

    submission = taken(release, made)

    notebook = {one["id"]: one["source"] for one in submission.notebook["cells"]}
    assert notebook["essay-sums"] == "Because paths add."


NO_ESSAYS = {
    "nothing": lambda made: made,
    "an answer with a comment": lambda made: with_source(made, "add_backward", f"{ANSWER}  # both are the same"),
    "code of ones own": lambda made: inserted(made, "", cell("code", "x", "x = np.ones(3)\nprint('x:', x)")),
    "an empty cell": lambda made: inserted(made, "", cell("markdown", "x", "  \n")),
    "a copy of released text": lambda made: inserted(made, "", cell("markdown", "x", "Addition")),
}


def test_what_can_be_no_essay_asks_nobody(release):
    found = {what: taken(release, bend(answered())).essays["essay-sums"] for what, bend in NO_ESSAYS.items()}

    assert found == dict.fromkeys(NO_ESSAYS, False)


def test_a_file_is_read_as_its_bytes_are(tmp_path, release):
    path = tmp_path / "submitted" / "ada" / release.assignment / release.filename
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(answered(add_backward_check=f"{ANSWER}\n{CHECK}")))

    assert read_submission(path, release, "ada").attempted == {"add_backward"}
