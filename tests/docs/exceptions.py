"""Commands of the documents that no test runs, each with the reason. They are checked as far as a dry run goes."""

from __future__ import annotations

from tests.docs.pages import Command

NOT_RUN = {
    "make test": "it is what runs this",
    "make soak": "it is what runs this",
    "make check": "it looks at the repository, and CI runs it",
    "make fix": "it looks at the repository, and only rewrites what `make check` would name",
    "make bench": "half an hour of measurements",
    "make clean": "it would remove the environment that runs this",
    "make formgrader": "it opens a browser; tests/bridges/test_notebook_life.py does",
    "make lab": "it opens a browser; tests/commands/test_lab.py does what comes before",
    "autograder explain cube_backward": "the package installed here is not the copy's; see tests/commands/test_new.py",
    "jupyter lab": "it opens a browser",
    "python -m pip": "it needs a package index",
    "nbgrader fetch_assignment": "a student's, in another home; tests/bridges/test_notebook_life.py runs it",
    "nbgrader submit": "a student's, in another home; tests/bridges/test_notebook_life.py runs it",
    "nbgrader fetch_feedback": "a student's, in another home; tests/bridges/test_notebook_life.py runs it",
}
"""The beginning of a command line, and why it is not run."""


def reason_not_to_run(command: Command) -> str:
    """Why ``command`` is not run; empty if it is."""
    words = " ".join(command.words)
    return next((why for start, why in NOT_RUN.items() if f"{words} ".startswith(f"{start} ")), "")
