"""The host before it has a job: what is imported already, and what it does where none arrives."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from autograder.untrusted.host import WARM, _receive
from autograder.untrusted.standins import StandIn
from tests.boundary.boxes import job, read, values


def test_a_channel_that_is_closed_before_the_job_has_arrived_ends_the_host():
    pieces = [b"", b"AGF1"]
    channel = SimpleNamespace(recv=lambda size: pieces.pop())

    with pytest.raises(SystemExit, match="closed before the job had arrived"):
        _receive(channel, ())


def test_what_is_the_same_for_all_is_imported_before_a_submissions_first_cell(box):
    missing = f"import sys\nmissing = [name for name in {WARM!r} if name not in sys.modules]"

    assert values(box.run(job([missing], read("missing")))) == [[]]


def test_a_module_that_is_not_there_has_everything_but_what_python_itself_asks_for():
    stand_in = StandIn("torch", "not here")

    assert [type(getattr(stand_in, name)) for name in ("nn", "_C", "__half", "half__")] == [StandIn] * 4
    with pytest.raises(AttributeError):
        _ = stand_in.__wrapped__
