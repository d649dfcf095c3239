"""Retries while loading: which cell is left out, how often, and what is said of it."""

from dataclasses import replace

from autograder.boundary import loading
from autograder.boundary.conversation import Exchange
from autograder.boundary.job import CellReport, Outcome
from tests.boundary.boxes import job


def box_that_trips_over(fatal, ended="killed"):
    """A box that ends while it loads any cell whose source is `fatal`; and the jobs that it was given."""
    jobs = []

    def once(one):
        jobs.append(one)
        for number, cell in enumerate(one.cells):
            if cell.source == fatal:
                return Exchange(
                    Outcome(ended=ended, detail=f"it ended in {cell.id}"), False, number if one.aloud else None
                )
        return Exchange(Outcome(load=tuple(CellReport(cell.id) for cell in one.cells)), True)

    return once, jobs


def test_a_job_that_loads_is_run_once():
    once, jobs = box_that_trips_over("bad")

    outcome = loading.run(once, job(["good", "good"]))

    assert [one.aloud for one in jobs] == [False]
    assert (outcome.ended, outcome.left_out) == ("finished", ())


def test_each_fatal_cell_costs_one_more_box_that_announces_its_cells_and_is_named():
    once, jobs = box_that_trips_over("bad")

    outcome = loading.run(once, job(["good", "bad", "good", "bad"]))

    assert [one.aloud for one in jobs] == [False, True, True, True]
    assert outcome.left_out == ("c1", "c3")
    assert [report.raised is None for report in outcome.load] == [True, False, True, False]
    assert outcome.load[1].raised.message == "this cell was left out: it ended in c1"


def test_after_three_the_submission_does_not_want_to_be_loaded():
    once, jobs = box_that_trips_over("bad")

    outcome = loading.run(once, job(["bad"] * 6))

    assert (len(jobs), len(outcome.left_out), outcome.ended) == (5, 3, "killed")


def test_what_all_boxes_used_and_waited_for_is_added_up():
    once, jobs = box_that_trips_over("bad")

    def costly(one):
        exchange = once(one)
        return replace(exchange, outcome=replace(exchange.outcome, cpu=1.0, idle=2.0))

    outcome = loading.run(costly, job(["good", "bad"]))

    assert (outcome.cpu, outcome.idle) == (len(jobs), 2.0 * len(jobs))


def test_a_box_that_speaks_nonsense_gets_no_other():
    once, jobs = box_that_trips_over("bad", ended="malformed")

    outcome = loading.run(once, job(["bad"]))

    assert (len(jobs), outcome.ended) == (1, "malformed")


def test_a_box_that_ends_before_its_first_cell_is_tried_twice():
    jobs = []

    def once(one):
        jobs.append(one)
        return Exchange(Outcome(ended="killed", detail="it ended"))

    assert loading.run(once, job(["good"])).ended == "killed"
    assert len(jobs) == 2
