"""Which commands of the documents are run, and which are not and why. What is on neither list is never run.

A command that is run must not reach outside the scratch copy: not into this environment (`pip install`, `make clean`),
not into anybody's settings, and it must end by itself. What is not run is checked as far as a dry run goes.
"""

from __future__ import annotations

import re

from tests.docs.pages import Command

_OURS = "check ci diagnose doctor explain export gradescope grade init intake new pack register release test verify"
_TARGETS = "doctor grade gradescope help register release"
RUN = (
    *(f"autograder {command}" for command in _OURS.split()),
    *(f"make {target}" for target in _TARGETS.split()),
    "autograder restore --list",
    "cd my-course",
    "nbgrader", "pytest", "python -m json.tool", "echo", "openssl", "rm -r autograded", "chmod 600 cluster.key",
)  # fmt: skip
"""The beginnings of command lines that are run."""

NOT_RUN = {
    "make test": "it is what runs this",
    "make soak": "it is what runs this",
    "make check": "it looks at the repository, and CI runs it",
    "make fix": "it looks at the repository, and only rewrites what `make check` would name",
    "make bench": "half an hour of measurements",
    "make lock": "it needs a package index",
    "python3 requirements/install.py": "it needs a package index; tests/setup/ has one of its own",
    "make clean": "it would remove the environment that runs this",
    "make formgrader": "it opens a browser; tests/bridges/test_notebook_life.py does",
    "make lab": "it opens a browser; tests/commands/test_lab.py does what comes before",
    "autograder prepare": "it writes into the user's cache folder; tests/commands/test_prepare.py runs it",
    "jupyter lab": "it opens a browser",
    "python -m pip": "it needs a package index",
    "python -m uv": "it needs a package index",
    "python -c from nbgrader.api import Gradebook;": "tests/grading/test_extension.py runs it",
    "sudo": "it changes the machine; tests/grading/test_postgresql.py starts a server of its own",
    "echo c.CourseDirectory.db_url": "it needs a server; tests/grading/test_postgresql.py has one",
    "pg_dump": "it needs a server; tests/grading/test_postgresql.py has one",
    "pg_restore": "it needs a server; tests/grading/test_postgresql.py has one",
    "dask scheduler": "it does not end; tests/grading/test_cluster_real.py starts one",
    "dask worker": "it does not end; tests/grading/test_cluster_real.py starts some",
    "autograder grade --scheduler": "it needs the cluster; tests/grading/test_cluster_real.py has one",
    "make grade ARGS=--scheduler": "it needs the cluster; tests/grading/test_cluster_real.py has one",
    "make mutants": "the whole suite, many times over; tests/mutants/test_running.py tries it on a planted module",
    "nbgrader fetch_assignment": "a student's, in another home; tests/bridges/test_notebook_life.py runs it",
    "nbgrader submit": "a student's, in another home; tests/bridges/test_notebook_life.py runs it",
    "nbgrader fetch_feedback": "a student's, in another home; tests/bridges/test_notebook_life.py runs it",
}
"""The beginning of a command line, and why it is not run."""


_MORE_THAN_ONE_COMMAND = re.compile(r"[;&|`]|\$\(")
_ELSEWHERE = re.compile(r"(?:^|[\s=:>'\"])(?:/(?!CN=)|~|\.\.)|/\.\.(?:/|$)")


def reason_not_to_run(command: Command) -> str:
    """Why ``command`` is not run; empty if it is. Raises LookupError where nobody has decided it."""
    words = " ".join(command.words)
    for start, why in NOT_RUN.items():
        if f"{words} ".startswith(f"{start} "):
            return why
    known = command.is_assignment or any(
        words == start or words.startswith((f"{start} ", f"{start}/")) for start in RUN
    )
    if known and not _MORE_THAN_ONE_COMMAND.search(command.text) and not _ELSEWHERE.search(command.text):
        return ""
    raise LookupError(f"{command}: add it to RUN or, with the reason, to NOT_RUN")
