"""An honest notebook becomes the cells to run, what was attempted, and a clean copy."""

from __future__ import annotations

import hashlib
import json

import nbformat
import pytest
from nbformat.notebooknode import from_dict
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.preprocessors import CheckCellMetadata, DeduplicateIds
from nbgrader.utils import compute_checksum, determine_grade

from autograder.boundary.job import Cell
from autograder.grading.intake import Rejected, Submission, read_submission, restore
from tests.grading.notebooks import (
    ANSWER,
    COST_SKELETON,
    ESSAY,
    GIVEN,
    NOTEBOOK,
    SKELETON,
    answered,
    cell,
    exercise,
    find,
    given,
    inserted,
    notebook,
    release_json,
    released,
    without,
    write,
)
from tests.rows import collected


@pytest.fixture
def read(tmp_path, release):
    """Hand in a notebook and read it."""

    def read(made, **options):
        path = write(tmp_path / "submitted" / "ada" / release.assignment / release.filename, made)
        return read_submission(path, release, "ada", **options)

    return read


def ids(submission):
    """What is run in any case; demonstrations only where they are needed."""
    return [cell.id for cell in submission.cells if cell.offers is None]


def sources(submission):
    return {cell.id: cell.source for cell in submission.cells}


def checksums(made):
    return {c.id: compute_checksum(c) for c in from_dict(made).cells if "nbgrader" in c.metadata}


def relu():
    return exercise("relu_backward", "def relu_backward(grad_output, output, x): ...")


# What the box runs


def test_the_box_runs_given_cells_and_answers_in_order(read):
    submission = read(answered(add_backward=ANSWER))

    assert submission.cells == (
        Cell("given-imports", GIVEN, ours=True),
        Cell("add_backward", ANSWER),
        Cell("cost", COST_SKELETON),
        Cell("demo-torch", "import torch", ours=True, offers=("torch",)),
    )


def test_the_students_own_code_is_run_where_it_stands(read):
    own = cell("code", "9c1b", "helper = 1")

    submission = read(inserted(answered(), "add_backward", own))

    assert ids(submission) == ["given-imports", "own-1", "add_backward", "cost"]


def test_a_changed_demonstration_is_run(read):
    submission = read(answered(demo_torch="x = 1"))

    assert sources(submission)["demo-torch"] == "x = 1"


def test_a_text_cell_that_became_code_is_run(read):
    made = answered(text_add="x = 1")
    find(made, "text-add").update(cell_type="code", outputs=[], execution_count=1)

    submission = read(made)

    assert sources(submission)["text-add"] == "x = 1"


def test_markdown_and_raw_cells_are_not_run(read):
    made = inserted(answered(), "", cell("markdown", "m", "# x"), cell("raw", "r", "x = 1"))

    submission = read(made)

    assert ids(submission) == ["given-imports", "add_backward", "cost"]


# What was attempted


def test_an_untouched_notebook_attempts_nothing(read):
    submission = read(answered())

    assert (submission.attempted, submission.essays) == (frozenset(), {"essay-sums": False})


def test_a_changed_solution_cell_is_an_attempt(read):
    submission = read(answered(add_backward=ANSWER))

    assert submission.attempted == {"add_backward"}


@pytest.mark.parametrize("space", ["\n", "  \n\n", " "])
def test_white_space_at_the_end_is_no_attempt(read, space):
    submission = read(answered(add_backward=SKELETON + space, essay_sums=ESSAY + space))

    assert (submission.attempted, submission.essays["essay-sums"]) == (frozenset(), False)


def test_an_answer_in_a_cell_of_ones_own_is_an_attempt(read):
    submission = read(inserted(answered(), "demo-torch", cell("code", "x", ANSWER)))

    assert submission.attempted == {"add_backward"}


def test_an_answer_variable_in_another_cell_is_an_attempt_at_its_exercise(read):
    submission = read(answered(demo_torch="vjp_entries = 64_000"))

    assert submission.attempted == {"cost"}


def test_a_longer_name_is_no_attempt_at_the_shorter(read):
    submission = read(inserted(answered(), "", cell("code", "x", "my_add_backward = add_backward_2 = 1")))

    assert submission.attempted == frozenset()


def test_the_source_of_an_answer_is_the_last_cell_that_defines_it(read):
    tried = cell("code", "y", "add_backward(1, 2, 3, 4)")

    submission = read(inserted(answered(), "", cell("code", "x", ANSWER), tried))

    assert submission.sources == {"add_backward": ANSWER, "cost": COST_SKELETON}


def test_a_written_essay_is_seen(read):
    submission = read(answered(essay_sums="Because paths add."))

    assert submission.essays == {"essay-sums": True}


def test_text_below_an_untouched_essay_is_pointed_out(read):
    submission = read(inserted(answered(), "demo-torch", cell("markdown", "x", "Because paths add.")))

    (problem,) = submission.problems
    assert problem.startswith("left as released: essay-sums; text of the student's own that may be the answer stands")
    assert submission.essays == {"essay-sums": True}


# Cells that were moved, lost, copied


def test_a_lost_locked_cell_is_put_back_where_it_was(read):
    submission = read(without(answered(add_backward=ANSWER), "given-imports", "add_backward-check"))

    order = [cell["id"] for cell in submission.notebook["cells"]]
    assert order == [cell["id"] for cell in release_json()["cells"]]


def test_what_was_put_back_is_told(read):
    submission = read(without(answered(), "given-imports", "cost-check"))

    assert submission.problems == ("missing, put back as released: given-imports, cost-check",)


def test_a_skeleton_that_was_put_back_does_not_override_the_answer(read):
    made = inserted(without(answered(), "add_backward", "add_backward-check"), "given-imports",
                    cell("code", "x", f"one = 1; {ANSWER}"))  # fmt: skip

    submission = read(made)

    assert ids(submission) == ["own-1", "given-imports", "cost"]


def test_a_changed_locked_cell_is_run_as_released(read):
    submission = read(answered(given_imports="import numpy as np; np.allclose = lambda *a, **k: True"))

    assert sources(submission)["given-imports"] == GIVEN


def test_a_changed_locked_cell_is_told(read):
    submission = read(answered(given_imports="pass", add_backward_check="2.0"))

    (problem,) = submission.problems
    assert problem.startswith("locked but changed; the released text counts, and what stood there is read as the")
    assert problem.endswith("before it: given-imports, add_backward-check")


def test_a_copy_of_a_grade_cell_is_removed_and_told(read):
    made = answered()
    made = inserted(made, "cost", find(made, "add_backward-check"))

    submission = read(made)

    assert [cell["id"] for cell in submission.notebook["cells"]] == [cell["id"] for cell in release_json()["cells"]]
    assert submission.problems == (
        "there more than once, copies were removed or are read as cells of the student's own: add_backward-check",
    )


@pytest.mark.parametrize("place", ["add_backward", "add_backward-check", ""])
def test_an_answer_in_a_copy_of_the_solution_cell_is_the_answer(read, place):
    made = answered()
    copied = {**find(made, "add_backward"), "id": "f00", "source": ANSWER}

    submission = read(inserted(made, place, copied))

    assert (submission.attempted, submission.sources["add_backward"]) == ({"add_backward"}, ANSWER)


def test_the_second_half_of_a_split_answer_is_run_too(read):
    made = answered(add_backward="def helper(): pass")
    second = {**find(made, "add_backward"), "id": "f00", "source": ANSWER}

    submission = read(inserted(made, "add_backward-check", second))

    assert [cell.source for cell in submission.cells[1:3]] == ["def helper(): pass", ANSWER]


def test_a_solution_that_became_markdown_is_run(read):
    made = answered(add_backward=ANSWER)
    find(made, "add_backward")["cell_type"] = "markdown"

    submission = read(made)

    assert sources(submission)["add_backward"] == ANSWER


def test_cells_stay_in_the_students_order(read):
    made = answered(add_backward=ANSWER)
    made["cells"].reverse()

    submission = read(made)

    assert ids(submission) == ["cost", "add_backward", "given-imports"]


def test_cells_without_ids_are_known_by_their_grade_ids(read):
    made = answered(add_backward=ANSWER)
    for entry in made["cells"]:
        del entry["id"]

    submission = read({**made, "nbformat_minor": 4})

    assert ids(submission) == ["given-imports", "add_backward", "cost"]


def test_cells_without_any_ids_are_known_by_their_text(read):
    made = answered(add_backward=ANSWER)
    for entry in made["cells"]:
        del entry["id"]
        entry["metadata"] = {}

    submission = read(made)

    assert (ids(submission), submission.attempted) == (["given-imports", "add_backward", "cost"], {"add_backward"})


def test_an_answer_in_a_notebook_of_ones_own_is_run(read):
    submission = read({"cells": [cell("code", "x", "n = 1"), cell("code", "y", ANSWER)], "nbformat": 4})

    assert (ids(submission), submission.attempted) == (["given-imports", "own-1", "add_backward"], {"add_backward"})


# The restored notebook


def messy():
    """A notebook with everything that a student's may hold."""
    made = answered(add_backward=ANSWER.replace("\n", "\r\n"), essay_sums="Paths add.")
    made["metadata"] = {"kernelspec": {"name": "evil", "display_name": "evil"}, "widgets": {}}
    find(made, "add_backward-check")["metadata"]["nbgrader"].update(points=400, schema_version=2)
    find(made, "add_backward")["metadata"].update(tags=["skip-execution"], secret=1)
    find(made, "add_backward")["outputs"] = [{"output_type": "stream", "name": "stderr", "text": "no"}]
    find(made, "essay-sums")["attachments"] = {"a.png": {"image/png": "AAAA"}}
    return inserted(made, "cost", cell("code", "not an id!", "x = 1", collapsed=True), find(made, "add_backward"),
                    find(made, "add_backward-check"), cell("raw", None, "?"))  # fmt: skip


def test_the_restored_notebook_is_valid(read):
    submission = read(messy())

    nbformat.validate(submission.notebook)
    assert len({cell["id"] for cell in submission.notebook["cells"]}) == len(submission.notebook["cells"])


def test_the_restored_notebook_holds_nothing_of_the_students_but_text(read):
    submission = read(messy())

    by_id = {entry["id"]: entry for entry in release_json()["cells"]}
    for entry in submission.notebook["cells"]:
        assert entry["metadata"] == by_id.get(entry["id"], {}).get("metadata", {})
        assert entry.get("outputs", []) == []
        assert "attachments" not in entry
    assert submission.notebook["metadata"] == release_json()["metadata"]


def test_nbgraders_own_machinery_accepts_the_restored_notebook(read):
    restored = from_dict(read(messy()).notebook)

    MetadataValidator().validate_nb(restored)
    DeduplicateIds().preprocess(restored, {})
    CheckCellMetadata().preprocess(restored, {})


def test_what_is_restored_has_the_checksums_of_the_release(read):
    submission = read(messy())

    same = checksums(release_json()).items() & checksums(submission.notebook).items()
    assert {name for name, _ in same} == {"given-imports", "add_backward-check", "cost", "cost-check"}


def test_an_essay_that_only_gained_white_space_is_unchanged_for_nbgrader_too(read):
    submission = read(answered(essay_sums=ESSAY + "\n \n"))

    written = from_dict(find(submission.notebook, "essay-sums"))
    written.metadata.nbgrader.checksum = compute_checksum(from_dict(find(release_json(), "essay-sums")))
    assert determine_grade(written)[0] == 0


def test_a_restored_notebook_is_restored_to_itself(release):
    once, _ = restore(messy(), release)

    twice, problems = restore(once, release)

    assert (twice, problems) == (once, ())


def test_restoring_leaves_its_argument_and_the_release_alone(release):
    made = messy()
    before = json.dumps(made)

    restored, _ = restore(made, release)
    find(restored, "add_backward")["metadata"]["nbgrader"]["grade_id"] = "changed"

    assert (json.dumps(made), restore(made, release)[0] == restored) == (before, False)


def test_a_notebook_node_can_be_restored(release):
    restored, _ = restore(from_dict(answered(add_backward=ANSWER)), release)

    assert find(restored, "add_backward")["source"] == ANSWER


# The file


def test_the_digest_is_that_of_the_files_bytes(read):
    data = json.dumps(answered()).encode()

    submission = read(data)

    assert submission.digest == hashlib.sha256(data).hexdigest()


def test_points_raised_in_the_metadata_are_told(read):
    made = answered()
    find(made, "cost-check")["metadata"]["nbgrader"]["points"] = 200

    submission = read(made)

    assert submission.problems == ("with other nbgrader metadata than released, which was set back: cost-check",)


def test_notes_about_the_file_come_first(read):
    submission = read(without(answered(), "given-imports"), notes=["renamed"])

    assert submission.problems == ("renamed", "missing, put back as released: given-imports")


def test_the_notebook_of_another_assignment_is_rejected(tmp_path, read):
    made = notebook(given("given-relu", "x = 1"), *relu())
    other = released(tmp_path, made, assignment="ps3", name="activations")

    rejected = read(made, others=[other])

    assert "the notebook of another assignment" in rejected.reason


def test_more_than_half_of_another_assignments_cells_and_fewer_of_its_own_are_anothers_notebook(tmp_path, read):
    names = ("relu", "tanh", "abs", "elu")
    cells = {name: exercise(f"{name}_backward", f"def {name}_backward(grad_output, output, x): ...") for name in names}
    theirs = notebook(*(one for pair in cells.values() for one in pair))
    other = released(tmp_path, theirs, assignment="ps3", name="activations")
    own = [find(answered(), "add_backward"), find(answered(), "add_backward-check")]
    handed_in = {
        "two of four": (notebook(*cells["relu"], *cells["abs"]), Submission),
        "two of four and one of another": (notebook(*cells["relu"], *cells["abs"], cells["elu"][0]), Rejected),
        "three of four": (notebook(*cells["relu"], *cells["abs"], *cells["elu"]), Rejected),
        "three of four with some of its own": (notebook(*own, *cells["relu"], *cells["abs"], *cells["elu"]), Rejected),
        "three of four with all of its own": (inserted(answered(), "", *cells["relu"], *cells["elu"]), Submission),
    }

    with collected() as each:
        for name, (made, becomes) in handed_in.items():
            with each(name):
                assert type(read(made, others=[other])) is becomes


def test_cells_brought_along_from_another_assignment_do_no_harm(tmp_path, read):
    other = released(tmp_path, notebook(*relu()), assignment="ps3", name="activations")

    submission = read(inserted(answered(), "", *relu()), others=[other])

    assert isinstance(submission, Submission)


def test_the_file_name_does_not_matter(tmp_path, release):
    made = answered(add_backward=ANSWER)

    one, other = (
        read_submission(write(tmp_path / "submitted" / "ada" / "ps" / name, made), release, "ada")
        for name in (f"{NOTEBOOK}.ipynb", "My homework (final).ipynb")
    )

    assert one == other
