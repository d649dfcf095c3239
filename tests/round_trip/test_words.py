"""What is green in Jupyter and cannot be right here, as PyTorch is not here: the verdict says so in a sentence."""

from __future__ import annotations

import json

from autograder.grading.intake import take
from autograder.grading.pipeline import grade
from tests.boundary.boxes import box_of
from tests.round_trip.bends import Solved
from tests.round_trip.test_round_trip import plan_of

ASSIGNMENT = "ps3-activations-and-losses"
RAISED = "ONE is not defined here because your own cell below text-tanh-backward raised an error in line {line}"
NO_TORCH = "PyTorch is not available while this assignment is graded"


def verdict_on(name, bend):
    made, plan = Solved(ASSIGNMENT), plan_of(ASSIGNMENT)
    bend(made)
    return grade(take(json.dumps(made.json).encode(), plan.release, "ada"), plan, box_of("warm")).verdicts[name]


def uses_one(source):
    def bend(nb):
        nb.insert("tanh_backward", source)
        nb.wrap("tanh_backward", "ONE")

    return bend


def test_a_name_whose_cell_needed_a_number_of_pytorch_is_explained():
    found = {
        source: verdict_on("tanh_backward", uses_one(source)).notes
        for source in ("for t in [torch.tensor(1.0)]:\n    ONE = 1.0", "two = 2\nONE = float(torch.ones(1))")
    }

    lines = zip(found.values(), (1, 2), strict=True)
    assert [notes for notes, line in lines if f"{RAISED.format(line=line)}: {NO_TORCH}" not in notes] == []


def test_a_name_whose_cell_raised_something_else_is_not_blamed_on_pytorch():
    notes = verdict_on("tanh_backward", uses_one("1 / 0\nONE = 1.0")).notes

    assert RAISED.format(line=1) in notes
    assert "PyTorch" not in " ".join(notes)


def test_a_name_that_a_demonstration_makes_with_pytorch_is_explained():
    def bend(nb):
        nb.cell("predict")["source"] = "sigmoid_steepest_at = float(x.detach()[0])\nten_sigmoids_bound = 0.25**10"

    (note,) = verdict_on("predict", bend).notes

    assert note.startswith("x comes from a demonstration of the handout (demo-")
    assert "PyTorch is not available" in note


def test_a_name_that_nobody_defines_is_the_students_to_explain():
    assert verdict_on("tanh_backward", lambda nb: nb.wrap("tanh_backward", "NOBODYS")).notes == ()
