"""A scratch copy of the course with a small class, in which the commands of a page are run as a person types them."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.cohort import make
from tests.cohort.make import ROOT
from tests.docs.pages import Command
from tests.handed_out import beside

FOLDERS = ("assignments", "autograder", "benchmarks", "docs", "requirements", "solutions")
TESTS = ("tests/engine", "tests/exercises")
FILES = (
    "CONTRIBUTING.md", "Makefile", "README.md", "nbgrader_config.py", "pyproject.toml",
    "tests/__init__.py", "tests/cohort/__init__.py", "tests/cohort/answers.py", "tests/cohort/make.py",
    "tests/cohort/attacks.py",
)  # fmt: skip
STUDENTS = ("ada", "emil")
CLASS = ("ps1-chain-rule", "ps2-vector-jacobian-products", "ps3-activations-and-losses")

RUN_ELSEWHERE = {
    "docs/authoring.md": "tests/courses/test_authoring_page.py runs them in an empty folder, with its files",
    "docs/lms.md": "tests/bridges/lms/test_docs.py runs them: they need downloads of both LMS",
}
"""Pages whose commands another test runs, and why."""

LONGEST = 900
"""Seconds until a command that does not end is stopped."""

TELLS_BY_EXIT_CODE = ("autograder ci", "autograder test", "pytest")
"""Commands that end with 1 where an answer is wrong, and the class of the scratch course has wrong answers."""

ROSTER = "student,name,email\nada,Ada Lovelace,ada@example.edu\nemil,Emil Novak,emil@example.edu\n"
SHIM = '#!/bin/sh\nexec /usr/bin/env -- "{make}" VENV="{prefix}" SETUP=true "$@"\n'
EXCHANGE = "c = get_config()\nc.Exchange.root = {root!r}\n"


@dataclass
class Scratch:
    """The copy at ``root``. ``here`` is the folder in which the page's reader is; variables stay from line to line."""

    root: Path
    here: Path
    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    @classmethod
    def made(cls, folder: Path, page: str) -> Scratch:
        """A copy for one page, with what the page takes for granted."""
        scratch = cls(folder / "course", folder / "course", folder / "home")
        _copy(scratch.root)
        _hand_in(scratch.root / "collected")
        (scratch.root / "roster.csv").write_text(ROSTER)
        _prepare_home(scratch.home, folder)
        TAKEN_FOR_GRANTED.get(page, lambda scratch: None)(scratch)
        return scratch

    def run(self, command: Command) -> Iterator[str]:
        """Run one line in the shell. What went wrong, if anything did."""
        words = command.words
        if command.is_assignment:
            name, _, value = words[0].partition("=")
            self.variables[name] = value
            return
        done = self.shell(command.text)
        fine = (0, 1) if " ".join(words).startswith(TELLS_BY_EXIT_CODE) else (0,)
        if done.returncode not in fine or "Traceback" in done.stderr:
            yield f"{command}\nexit code {done.returncode}\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}"

    def shell(self, line: str) -> subprocess.CompletedProcess[str]:
        """One line in this folder, with the course's programs first on PATH."""
        shell = ["bash", "-c", line]
        return subprocess.run(
            shell, cwd=self.here, env=self.environment(), capture_output=True, text=True, check=False, timeout=LONGEST
        )

    def environment(self) -> Mapping[str, str]:
        """A person's environment, of whom nothing is configured but where the exchange is."""
        programs = [str(self.home / "bin"), f"{sys.prefix}/bin", "/usr/bin", "/bin"]
        return {
            "PATH": os.pathsep.join(programs),
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "OMP_NUM_THREADS": "1",
            "JUPYTER_CONFIG_PATH": str(self.home / "config"),
            **self.variables,
        }


def _copy(root: Path) -> None:
    ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "hidden")
    for name in (*FOLDERS, *TESTS):
        shutil.copytree(ROOT / name, root / name, ignore=ignore)
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    example = root / "tests" / "cohort" / "submitted"
    for student in STUDENTS:
        shutil.copytree(make.COHORT / student, example / student)


def _hand_in(folder: Path) -> None:
    """What the class handed in: ada has everything right, emil half of it, and the example cohort's mistakes."""
    for student in STUDENTS:
        shutil.copytree(make.COHORT / student, folder / student)
    given = make.material(CLASS[0])
    for student, answers in (("ada", make.ada), ("emil", make.chen)):
        path = folder / student / CLASS[0] / given.name
        path.parent.mkdir()
        path.write_bytes(answers(given))


def _prepare_home(home: Path, folder: Path) -> None:
    for name in ("bin", "config"):
        (home / name).mkdir(parents=True)
    exchange = folder / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    (home / "config" / "nbgrader_config.py").write_text(EXCHANGE.format(root=str(exchange)))
    program = home / "bin" / "make"
    program.write_text(SHIM.format(make=shutil.which("make"), prefix=sys.prefix))
    program.chmod(0o755)


def _student(scratch: Scratch) -> None:
    """A student is in the folder of an assignment, with all that was handed out."""
    scratch.here = scratch.root / "assignments" / CLASS[1]
    for name, data in beside(CLASS[1]).items():
        (scratch.here / name).write_bytes(data)


def _taken_in(scratch: Scratch) -> None:
    """The class's work is in submitted/."""
    done = scratch.shell(shlex.join(["autograder", "intake", "collected"]))
    assert done.returncode == 0, done.stderr


def _handed_in_in_ci(scratch: Scratch) -> None:
    """The class's work is in submitted/, and Gradescope has said when."""
    _taken_in(scratch)
    (scratch.root / "submission_metadata.json").write_text(json.dumps({"created_at": "2026-10-01T08:00:00+00:00"}))


TAKEN_FOR_GRANTED: Mapping[str, Callable[[Scratch], None]] = {
    "docs/students.md": _student,
    "docs/ci.md": _handed_in_in_ci,
    "docs/security.md": _taken_in,
    "docs/report.md": _taken_in,
    "docs/scaling.md": _taken_in,
}
"""What a page's reader has done before."""
