"""What nbgrader's configuration says of a course, for the commands of ours: honoured, or refused, never passed over.

nbgrader reads `nbgrader_config.py` and `.json` of the course's folder and of Jupyter's configuration folders; so do
these commands, in the same order. Honoured are where the gradebook is, what the course is called, in which zone the
exchange tells time, and what lateness costs (`late`). Whatever else would make nbgrader read, grade or release
something other than ours do is refused. Settings of what these commands have no part in (the exchange, the formgrader,
pages) are nbgrader's own.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from traitlets.config import Config
from traitlets.config.loader import ConfigFileNotFound, JSONFileConfigLoader, PyFileConfigLoader

from autograder.bridges.nbgrader.config import configure
from autograder.errors import UsageError
from autograder.grading.course import Course

CONFIG_FILE = "nbgrader_config.py"
HONOURED = {("CourseDirectory", "db_url"), ("CourseDirectory", "course_id")}
NAMES_ALONE = {("CourseDirectory", "root"), ("CourseDirectory", "assignment_id")}
"""Said where the command is run, and by its options."""

GRADING = (
    "CourseDirectory", "Autograde", "GenerateAssignment", "ClearSolutions", "SubmissionExporter", "SaveAutoGrades",
    "IgnorePattern", "LimitOutput", "OverwriteCells", "DeduplicateIds", "CheckCellMetadata", "LockCells",
)  # fmt: skip
"""What nbgrader grades and releases with, and so do we."""

OURS_ALONE = {("SubmissionExporter", "grader")}
"""Settings that are for nbgrader's own `autograde`, as their documentation says."""

SQLITE = "sqlite:///"


def configured(course: Course) -> Course:
    """``course`` with the gradebook, the name and the time zone that nbgrader's configuration gives it.

    Raises UsageError where the configuration, an instructor's program, fails or asks for what is not done here.
    """
    given = read_config(course)
    _refuse(course, given)
    here = given.get("CourseDirectory", Config())
    course = replace(
        course,
        db_url=_below(course.root, str(here.get("db_url", ""))),
        zone=str(given.get("Exchange", {}).get("timezone", "")),
        course_id=course.course_id if here.get("course_id", "") in ("", course.id) else str(here["course_id"]),
    )
    _check_address(course)
    return course


def read_config(course: Course) -> Config:
    """All that nbgrader would read, the course's own last. Raises UsageError where a file of it fails."""
    from jupyter_core.paths import jupyter_config_path

    merged = Config()
    for folder in [*reversed(jupyter_config_path()), str(course.root)]:
        for loader, name in ((PyFileConfigLoader, CONFIG_FILE), (JSONFileConfigLoader, "nbgrader_config.json")):
            try:
                merged.merge(loader(name, path=folder).load_config())
            except ConfigFileNotFound:
                continue
            except Exception as error:
                raise UsageError(
                    f"{Path(folder) / name} can't be used",
                    got=f"{type(error).__name__}: {error}",
                    next_step="Mend it there; nothing was graded",
                ) from error
    return merged


def _refuse(course: Course, given: Config) -> None:
    usual = Config()
    configure(usual)
    other = [
        f"{name}.{trait}"
        for name in GRADING
        for trait, value in given.get(name, {}).items()
        if (name, trait) not in HONOURED | NAMES_ALONE | OURS_ALONE and _differs(value, usual.get(name, {}).get(trait))
    ]
    if other:
        raise UsageError(
            "nbgrader's configuration asks for what is done in another way here",
            expected=f"{course.root / CONFIG_FILE} and Jupyter's own configuration without it",
            got=f"c.{', c.'.join(sorted(other))}",
            next_step="Take it out, or use nbgrader's own commands alone",
        )


def _differs(value: Any, usual: Any) -> bool:
    return usual is None or (list(value) if isinstance(value, (list, tuple)) else value) != usual


def _below(root: Path, url: str) -> str:
    """A relative file of SQLite's is one in the course's folder, where nbgrader's commands are run."""
    url = url.replace("sqlite+pysqlite:", "sqlite:", 1)  # the driver that it has anyhow
    file = url.removeprefix(SQLITE)
    if not url.startswith(SQLITE) or not file or file.startswith((":", "/")):
        return url
    return f"{SQLITE}{root / file}"


def _check_address(course: Course) -> None:
    """Raise UsageError where nbgrader would keep the gradebook elsewhere than we do, or nobody could keep one."""
    url, mend = course.gradebook_url, "Mend c.CourseDirectory.db_url in nbgrader_config.py"
    file = url.removeprefix(SQLITE)
    if not url.startswith(SQLITE):
        from autograder.grading._database import check_server  # SQLAlchemy takes its time

        check_server(url)
    elif not file or file.startswith(":") or set("?%") & set(file):
        raise UsageError(
            "The gradebook can't be kept there",
            expected="sqlite:///FILE, with no ? and no % in the path: in an address they mean something else",
            got=url,
            next_step=mend if course.db_url else "Move the course to a folder without them",
        )
