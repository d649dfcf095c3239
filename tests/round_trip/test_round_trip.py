"""What is green in Jupyter earns here what it earned unbent: each bend of each notebook, and Jupyter's word for it."""

from __future__ import annotations

import json
from functools import cache

import pytest

from autograder.grading.course import Course
from autograder.grading.intake import Submission, take
from autograder.grading.pipeline import grade, open_plan
from autograder.judging import Status
from autograder.untrusted.names import names_in, needed
from tests.boundary.boxes import box_of
from tests.cohort.make import ROOT
from tests.notebooks.test_executed import errors, execute
from tests.round_trip.bends import BENDS, Solved, bent
from tests.this_course import CATALOGUE

ASSIGNMENTS = list(CATALOGUE)
FEWEST = 30


def test_there_are_thirty_bends_at_least_and_each_can_be_made_in_most_notebooks():
    made = {name: sum(bent(one, name) is not None for one in ASSIGNMENTS) for name in BENDS}

    assert len(made) >= FEWEST
    assert {name: count for name, count in made.items() if count < len(ASSIGNMENTS) // 2} == {}


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_no_demonstration_is_run_for_an_unbent_notebook(assignment):
    """They take time, PyTorch and Matplotlib: a class that needs none does not pay for them."""
    taken = take(json.dumps(Solved(assignment).json).encode(), plan_of(assignment).release, "ada")
    offers = [None if cell.offers is None else frozenset(cell.offers) for cell in taken.cells]
    offered = frozenset().union(*(one for one in offers if one))

    chosen = needed(offers, lambda n: names_in(compile(taken.cells[n].source, "cell", "exec"), offered))

    assert offered
    assert chosen == set()


@pytest.mark.slow
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_bent_notebook_earns_what_the_unbent_one_earns(assignment):
    """A share of the bends in each notebook, so that all are tried; `make soak` tries all in all."""
    offset = ASSIGNMENTS.index(assignment)

    assert lost(assignment, list(BENDS)[offset :: len(ASSIGNMENTS)]) == {}


@pytest.mark.slow
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_bent_notebook_earns_what_the_unbent_one_earns(assignment):
    assert lost(assignment, list(BENDS)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
@pytest.mark.parametrize("name", BENDS)
@pytest.mark.filterwarnings("ignore:Non-unique cell id")  # Jupyter mends a copied cell's id when it opens the file
def test_a_bent_notebook_is_green_in_jupyter(tmp_path, assignment, name):
    made = bent(assignment, name)
    if made is None:
        return  # the first test counts these

    done = execute(tmp_path / "bent", made, assignment)

    assert {cell.id: error.evalue for cell in done.cells for error in errors(cell)} == {}


@cache
def plan_of(assignment):
    return open_plan(Course.at(ROOT), assignment, secret=bytes(32))


def lost(assignment, names):
    """The exercises that are not right in a bent notebook, by bend."""
    plan = plan_of(assignment)
    box = box_of("warm")
    found = {}
    for name in names:
        if (made := bent(assignment, name)) is None:
            continue
        taken = take(json.dumps(made).encode(), plan.release, "ada")
        assert isinstance(taken, Submission), name
        verdicts = grade(taken, plan, box).verdicts
        if wrong := {one: v.message for one, v in verdicts.items() if v.status is not Status.PASSED}:
            found[name] = wrong
    return found
