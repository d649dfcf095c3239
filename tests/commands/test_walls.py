"""What an instructor is told about the walls: that they are not the best, and why boxes are not warm."""

from __future__ import annotations

import pytest
from rich.console import Console

from autograder.boundary import tiers
from autograder.boundary.job import Outcome, Reply, Returned
from autograder.boundary.tiers import Chosen
from autograder.commands.walls import proven_box
from autograder.errors import UsageError
from autograder.grading.walls import raise_walls

REASON = "the warm parent said:\n[bold]unshare\x1b: Operation not permitted"


class Box:
    """A box in which the known program has run."""

    def run(self, job):
        (task,) = job.tasks
        returned = tuple(Returned(call.case, value=call.args[0] + 1.0) for call in task.calls)
        return Outcome(replies={task.exercise: Reply(task.exercise, returned, complete=True)})

    closed = False

    def close(self):
        self.closed = True


@pytest.fixture
def told(monkeypatch, capsys):
    """The lines for walls that were chosen so."""

    def lines(tier, reason):
        monkeypatch.setattr(tiers, "choose", lambda **_: Chosen(Box(), tier, reason))
        proven_box(Console(width=80), accept_weak=True, torch=False)
        return capsys.readouterr().out.splitlines()

    return lines


def test_behind_the_best_walls_nothing_is_said(told):
    assert told("namespaces", "") == []


def test_where_boxes_are_fresh_the_reason_is_told_in_one_line(told):
    (line,) = told("namespaces", REASON)

    assert "Fresh boxes instead of warm ones" in line
    assert "the warm parent said: [bold]unshare: Operation not permitted" in line


def test_behind_weak_walls_both_are_told(told):
    weak, fresh = told("process", "bubblewrap is not installed")

    assert weak.startswith("Weak isolation")
    assert fresh.endswith("bubblewrap is not installed")


def test_weak_walls_that_nobody_accepted_are_refused_with_what_to_do_and_the_box_is_closed(monkeypatch):
    box = Box()
    monkeypatch.setattr(tiers, "choose", lambda **_: Chosen(box, "process", "no namespaces"))

    with pytest.raises(UsageError, match=r"Only the process wall stands.*to grade all the same, ask aloud"):
        raise_walls(accept_weak=False, torch=False, how_to_accept="ask aloud")

    assert box.closed
