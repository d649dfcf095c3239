"""The room in which pytest runs: a folder of our own, and nothing that a submission could have put there.

Theory of operation. pytest takes code from many places: conftest.py in every folder on the way to what it is asked to
test, plugins that an ini file or a variable names, the working folder on `sys.path`. So it is asked to test one file
of ours, in a temporary folder that is its root, its working folder and the only place with an ini file, with conftest
files and plugins switched off, in an interpreter started with `-I`. What the file lists is read by intake, as JSON.
Workers are started in the same folder in the same way, and inherit the interpreter's path from here.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autograder.bridges.pytest_plugin.listing import FILE, Listing
from autograder.bridges.pytest_plugin.options import Options
from autograder.errors import AutograderError, UsageError

PLUGIN = "autograder.bridges.pytest_plugin.collecting"
INI = """\
[pytest]
junit_family = xunit2
junit_suite_name = autograder
junit_logging = no
filterwarnings = ignore
"""
THEIRS = ("PYTEST", "_PYTEST", "PYTHON", "COVERAGE")
"""Variables that begin so choose what pytest and Python load."""


def run_isolated(listing: Listing, options: Options, here: Path) -> int:
    """Run pytest on what is listed; its exit code. Files are written where ``here`` says.

    Raises AutograderError unless this process was started with `-I`, UsageError for workers without pytest-xdist.
    """
    if not sys.flags.isolated:
        raise AutograderError("This process is not isolated", next_step="Start it as `autograder test`")
    if options.processes and importlib.util.find_spec("xdist") is None:
        raise UsageError("-n needs pytest-xdist", next_step="Install it: python -m pip install pytest-xdist")
    with _room() as room:
        listing.write(room)
        words = [*options.below(here).words(), *options.distribution(by_exercise=listing.alone)]
        return int(pytest.main([*_fixed(room), *words, str(room / FILE)]))


def _fixed(room: Path) -> list[str]:
    """What the user has no say in."""
    return [
        f"--rootdir={room}",
        f"--confcutdir={room}",
        f"--config-file={room / 'pytest.ini'}",
        "--noconftest",
        "--import-mode=importlib",
        "-pno:cacheprovider",
        f"-p{PLUGIN}",
    ]


@contextmanager
def _room() -> Iterator[Path]:
    """A folder of our own to work in, in an environment without variables that choose code."""
    before, environment = Path.cwd(), dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="autograder-test-") as name:
        room = Path(name).resolve()
        (room / "pytest.ini").write_text(INI, encoding="utf-8")
        for variable in environment:
            if variable.startswith(THEIRS):
                del os.environ[variable]
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        os.chdir(room)
        try:
            yield room
        finally:
            os.chdir(before)
            os.environ.clear()
            os.environ.update(environment)
