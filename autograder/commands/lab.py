"""``autograder lab``: JupyterLab as a student has it, on copies of the released assignments.

Everything lies in one scratch folder, which may be deleted at any time:

    lab/student/     what JupyterLab opens: a copy of each released assignment
    lab/exchange/    an nbgrader exchange of its own, so that fetch, validate and submit can be tried
    lab/config/      what makes it a student's view: our course and exchange, no formgrader
"""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from autograder.bridges.nbgrader.release import complete
from autograder.commands.released import releases_of
from autograder.grading.asked import asked
from autograder.grading.course import Course
from autograder.grading.units import by_assignment

FOLDER = "lab"
_STUDENT, _EXCHANGE, _CONFIG = "student", "exchange", "config"
_LEFT_BY_USE = ("__pycache__", ".ipynb_checkpoints", ".pytest_cache")
_EVERYBODY = 0o777
"""An exchange is a folder that everybody may write to; this one is for one person."""

_NOT_FOR_STUDENTS = ("formgrader", "course_list")
_NO_PLUGINS = ("formgrader", "course-list", "create-assignment")
_NO_NEWS = "@jupyterlab/apputils-extension:announcements"


def run_lab(course: Course, assignments: Sequence[str], arguments: Sequence[str]) -> None:
    """Prepare the scratch folder and become JupyterLab in it; ``arguments`` are JupyterLab's."""
    folder, names = course.root / FOLDER, asked(by_assignment(releases_of(course)), assignments)
    for name in names:
        complete(course, name)  # of a fresh clone: git holds the notebooks alone
    for line in prepare(course, names, folder):
        Console(soft_wrap=True, highlight=False).print(line, markup=False)
    os.chdir(folder / _STUDENT)
    os.environ.update(environment(folder))
    os.execv(sys.executable, [sys.executable, "-P", "-m", "jupyterlab", *arguments])


def prepare(course: Course, assignments: Sequence[str], folder: Path) -> tuple[str, ...]:
    """Copy the released ``assignments`` into ``folder``, keeping notebooks that were worked on. What there is to say.

    The exchange always offers what is released now. A copy follows it until its notebook differs from the one that
    it was copied from: from then on that notebook is somebody's work, and only the files beside it are brought up to
    date.
    """
    exchange = folder / _EXCHANGE / course.id
    for part in ("inbound", "outbound"):
        (exchange / part).mkdir(parents=True, exist_ok=True)
    for place in (folder / _EXCHANGE, exchange / "inbound"):
        place.chmod(_EVERYBODY)
    (folder / _STUDENT).mkdir(exist_ok=True)
    _configure(course, folder)
    said = []
    for name in assignments:
        released = course.releases(name)
        offered, mine = exchange / "outbound" / name, folder / _STUDENT / name
        kept = [
            one.name
            for one in released
            if (mine / one.name).is_file() and not _same(mine / one.name, offered / one.name)
        ]
        for place, left_out in ((mine, kept), (offered, [])):
            shutil.rmtree(place / "kit", ignore_errors=True)  # what was released before there was kit.zip
            ignore = shutil.ignore_patterns(*_LEFT_BY_USE, *left_out)
            shutil.copytree(released[0].parent, place, ignore=ignore, dirs_exist_ok=True)
        if kept:
            said.append(f"{FOLDER}/{_STUDENT}/{name}: kept as you left it. Delete the folder to start afresh")
    return tuple(said)


def environment(folder: Path) -> dict[str, str]:
    """What makes Jupyter and nbgrader, started anywhere, a student's in ``folder``."""
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    return {"JUPYTER_CONFIG_PATH": os.pathsep.join([str(folder / _CONFIG), *([others] if others else [])])}


def _configure(course: Course, folder: Path) -> None:
    config = folder / _CONFIG
    (config / "labconfig").mkdir(parents=True, exist_ok=True)
    header = "# Written by `autograder lab`, each time.\nc = get_config()\n"
    lines = (
        f"c.CourseDirectory.course_id = {course.id!r}",
        f"c.Exchange.root = {str(folder / _EXCHANGE)!r}",
        f"c.Exchange.cache = {str(folder / 'submitted')!r}",
    )
    (config / "nbgrader_config.py").write_text(header + "\n".join(lines) + "\n", encoding="utf-8")
    servers = {f"nbgrader.server_extensions.{name}": False for name in _NOT_FOR_STUDENTS}
    _write(config / "jupyter_server_config.json", {"ServerApp": {"jpserver_extensions": servers}})
    plugins = {_NO_NEWS: True, **{f"@jupyter/nbgrader:{name}": True for name in _NO_PLUGINS}}
    _write(config / "labconfig" / "page_config.json", {"disabledExtensions": plugins})


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _same(one: Path, other: Path) -> bool:
    return other.is_file() and filecmp.cmp(one, other, shallow=False)
