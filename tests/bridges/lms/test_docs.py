"""Every command in docs/lms.md runs as it stands there, one after the other."""

from __future__ import annotations

import re
import shlex

import pytest
from nbgrader.apps import ExportApp

from autograder.cli import commands
from tests.bridges.lms.cohort import PEOPLE, PS2, download, taken_in
from tests.cohort.make import ROOT
from tests.docs.pages import commands as commands_of
from tests.grading.notebooks import write

PAGE = (ROOT / "docs" / "lms.md").read_text(encoding="utf-8")
COMMANDS = [command.text for command in commands_of(ROOT / "docs" / "lms.md")]
TEMPLATE = f"Student,ID,SIS User ID,SIS Login ID,Section,{PS2} (12345),Problem set 2 (12346)\n" + "".join(
    f'"{name}",{number},,{login},,,\n' for number, (name, _, login) in PEOPLE.items()
)


@pytest.fixture(scope="module")
def course(template, tmp_path_factory):
    """The files that the page names, and a gradebook."""
    made = taken_in(tmp_path_factory.mktemp("docs") / "course", template.gradebook)
    download("canvas", made.root).rename(made.root / "submissions.zip")
    download("moodle", made.root)
    write(made.root / "gradebook.csv", TEMPLATE)
    (made.root / "collected").symlink_to(ROOT / "tests" / "cohort" / "submitted")
    return made


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_page_runs(course, monkeypatch, tmp_path, line):
    monkeypatch.chdir(course.root)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    program, command, *args = shlex.split(line)

    if program == "nbgrader":
        app = ExportApp()
        app.initialize(args)
        app.start()
    else:
        with pytest.raises(SystemExit, match="0"):
            commands.main([command, *args], standalone_mode=False)


def test_the_page_has_commands_for_every_way():
    assert len(COMMANDS) >= 11


def test_the_example_roster_on_the_page_is_one(tmp_path):
    from autograder.bridges.lms.roster import read_roster

    (block,) = re.findall(r"```\n(student,.*?)```", PAGE, re.DOTALL)
    people = read_roster(write(tmp_path / "roster.csv", block))

    assert [person.student for person in people] == ["ada", "bo"]
