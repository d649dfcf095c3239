"""Loading, again if need be: a cell that hangs or kills its box is left out, and the rest gets another box.

An exercise must not be lost because some other cell ends the process. A box that ended while it loaded is followed by
one that announces its cells, and so on for each that ends it. Three cells at most: then the submission is one that does
not want to be loaded. What was left out for an earlier job of the same submission is left out from the beginning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from autograder.boundary.conversation import Exchange
from autograder.boundary.job import Cell, CellReport, Job, Outcome, Raised

MOST = 3
WORTH_ANOTHER_BOX = ("cpu", "wall", "killed")


def run(once: Callable[[Job], Exchange], job: Job) -> Outcome:
    """Run the job with `once`, without the cells that end it while they load. Reports cover these cells too."""
    remaining, left_out = _without_hung(job)
    cpu, idle, waited = 0.0, 0.0, False
    while True:
        exchange = once(remaining)
        outcome = exchange.outcome
        cpu, idle, waited = cpu + outcome.cpu, idle + outcome.idle, waited or outcome.waited
        if remaining.left is not None:
            remaining = replace(remaining, left=remaining.left.after(outcome))
        if exchange.loaded or outcome.ended not in WORTH_ANOTHER_BOX or len(left_out) == MOST:
            break
        if not remaining.aloud:
            remaining = replace(remaining, aloud=True)
            continue
        if exchange.loading is None:
            break
        culprit = remaining.cells[exchange.loading]
        left_out[culprit] = outcome.detail
        remaining = remaining.without(exchange.loading)
    outcome = replace(outcome, cpu=cpu, idle=idle, waited=waited)
    if not left_out:
        return outcome
    return replace(outcome, load=_reports(job, outcome, left_out), left_out=tuple(cell.id for cell in left_out))


def _without_hung(job: Job) -> tuple[Job, dict[Cell, str]]:
    """The job without the cells of which it is known that they end a box while they load, and these cells."""
    hung = job.left.hung if job.left is not None else {}
    left_out = {cell: hung[cell.id] for cell in job.cells if cell.id in hung}
    remaining = job
    for cell in left_out:
        remaining = remaining.without(remaining.cells.index(cell))
    return remaining, left_out


def _reports(job: Job, outcome: Outcome, left_out: dict[Cell, str]) -> tuple[CellReport, ...]:
    """The reports of the cells in the order of the notebook, with a word on each that was left out."""
    loaded = iter(outcome.load)
    reports = []
    for cell in job.cells:
        if cell in left_out:
            raised = Raised("LeftOut", f"this cell was left out: {left_out[cell]}", cell.id)
            reports.append(CellReport(cell.id, raised))
        elif (report := next(loaded, None)) is not None:
            reports.append(report)
    return tuple(reports)
