"""docs/authoring.md, followed to the letter: its commands are run, and its files are written, in an empty folder."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.grading.course import Course
from autograder.grading.gradebook import open_ledger
from tests.courses.conftest import HERE, command
from tests.courses.installed import ROOT, installed
from tests.courses.students import hand_in
from tests.courses.test_linear_algebra import SCORES
from tests.docs.pages import blocks

PAGE = ROOT / "docs" / "authoring.md"
_TOLD = re.compile(r"# (?P<path>solutions/\S+?)(?:, cell (?P<cell>\w+))?\n")


def follow(page: Path, folder: Path, programs: Path) -> Path:
    """Do what the page says, beginning in ``folder``; where that ends up."""
    here = folder
    for block in blocks(page):
        told = _TOLD.match(block.text)
        if told:
            _write(here / told["path"], told["cell"], block.text[told.end() :])
        for line in block.text.splitlines() if block.language == "sh" else ():
            if line.startswith("cd "):
                here /= line.removeprefix("cd ")
                continue
            done = _shell(line, here, programs)
            assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return here


def _write(path: Path, cell: str | None, text: str) -> None:
    if cell is None:
        assert path.exists(), f"{path} is a file that the commands before have made"
        path.write_text(text)
        return
    notebook = json.loads(path.read_text())
    (found,) = (one for one in notebook["cells"] if one["id"] == cell)
    found["source"] = text.rstrip("\n")
    path.write_text(json.dumps(notebook))


def _shell(line: str, here: Path, programs: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(here)}
    return subprocess.run(["bash", "-c", line], cwd=here, env=environment, capture_output=True, text=True)


def _hand_in_the_solution(course: Path) -> None:
    """What a student hands in who knows the answer."""
    target = course / "submitted" / "ada" / "vectors"
    target.mkdir(parents=True)
    shutil.copy(course / "solutions" / "vectors" / "vectors.ipynb", target)


def _score(root: Path, assignment: str) -> dict[str, float]:
    with open_ledger(Course.at(root)) as ledger:
        return {total.student: total.score for total in ledger.totals(assignment)}


@pytest.mark.slow
def test_a_first_exercise_is_made_proved_released_and_graded_by_the_commands_of_the_page(tmp_path):
    course = follow(PAGE, tmp_path, Path(sys.executable).parent)
    _hand_in_the_solution(course)

    done = command("grade", cwd=course)

    assert done.returncode == 0, done.stdout + done.stderr
    assert _score(course, "vectors") == {"ada": 4}


def test_the_files_that_the_page_shows_are_those_of_the_example_course_in_short():
    example = (HERE / "solutions" / "vectors-and-matrices" / "public" / "vectors.py").read_text()

    (shown,) = (block.text for block in blocks(PAGE) if block.text.startswith("# solutions/vectors/public/"))

    assert shown[shown.index("PROJECT = ") :] in example


@pytest.mark.slow
def test_an_installed_wheel_grades_in_an_empty_folder(tmp_path):
    programs = installed(tmp_path / "tool")
    (tmp_path / "empty").mkdir()
    first = follow(PAGE, tmp_path / "empty", programs)
    _hand_in_the_solution(first)
    second = shutil.copytree(HERE, tmp_path / "linear-algebra", ignore=shutil.ignore_patterns("__pycache__"))
    where = _shell("python -c 'import autograder; print(autograder.__file__)'", first, programs)

    done = [command("grade", cwd=first, program=programs / "autograder")]
    done.append(command("release", cwd=second, program=programs / "autograder"))
    hand_in(second)
    done.append(command("grade", cwd=second, program=programs / "autograder"))

    assert str(tmp_path / "tool" / "environment") in where.stdout
    assert [one.stdout + one.stderr for one in done if one.returncode] == []
    assert _score(first, "vectors") == {"ada": 4}
    assert {name: _score(second, name) for name in SCORES} == SCORES
