"""What pytest loads by itself where this package is installed: `pytest PATH --hidden` becomes `autograder test`.

Without `--hidden` nothing happens. With it the process is replaced, before any conftest.py is loaded, by one that
grades in a room of its own (see `isolation`). What pytest loads earlier it has loaded by then: a plugin that an ini
file names. An ini file among the submissions is therefore refused, but that is a courtesy and no wall: the safe command
is `autograder test`, which asks pytest to look at nothing but our own file.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """One option, so that it is inert unless asked."""
    parser.getgroup("autograder").addoption(
        "--hidden",
        action="store_true",
        help="Grade notebooks with the hidden cases, in the box: the same as `autograder test PATH --hidden`.",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Leave this process for an isolated one, before pytest looks for conftest files."""
    chosen = early_config.known_args_namespace
    if not chosen.hidden or chosen.help or chosen.version:
        return
    here = Path.cwd()
    obeyed = early_config.inipath
    if obeyed is not None and obeyed.parent not in (here, *here.parents):
        raise pytest.UsageError(
            f"{obeyed} lies beside what is to be graded, and pytest has obeyed it. Nothing was graded: "
            "use `autograder test`, which does not read it"
        )
    from autograder.bridges.pytest_plugin.options import Options

    options = Options.of(chosen)
    words = [*options.words(), *(["-n", options.workers] if options.workers else [])]
    command = [sys.executable, "-I", "-m", "autograder", "test", "--hidden", *words, "--", *chosen.file_or_dir]
    capture = early_config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        capture.stop_global_capturing()
    sys.stdout.flush()
    os.execv(sys.executable, command)
