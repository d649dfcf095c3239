"""The host before it has a job, in the test's own process."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from autograder.untrusted.host import _receive


def test_a_channel_that_is_closed_before_the_job_has_arrived_ends_the_host():
    pieces = [b"", b"AGF1"]
    channel = SimpleNamespace(recv=lambda size: pieces.pop())

    with pytest.raises(SystemExit, match="closed before the job had arrived"):
        _receive(channel, ())
