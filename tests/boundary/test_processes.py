"""The end of a box's process: its exit code is its own where it ends by itself, and the signal's where it does not."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from autograder.boundary.processes import Child


@pytest.mark.parametrize(
    "source, code",
    [("", 0), ("raise SystemExit(3)", 3), ("import os; os.abort()", 128 + 6), ("import time; time.sleep(60)", 128 + 9)],
    ids=["by itself", "with a code", "by a signal of its own", "not at all"],
)
def test_the_exit_code_says_how_a_process_ended(source, code):
    ours, theirs = socket.socketpair()
    with ours, theirs, subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", source], start_new_session=True, stderr=subprocess.DEVNULL
    ) as process:  # fmt: skip
        errors, other = os.pipe()
        os.close(other)
        child = Child(process, ours, errors)

        found = child.end(0.0 if "sleep" in source else 20.0)

    assert found == code
