"""nbgrader's configuration for this course: folders, intake, grading, stubs, exchange and sanitised pages.

Everything is named by its dotted path, so that nbgrader's apps import only what they use.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory

from autograder.course.manifest import FILE
from autograder.grading.course import (
    ANSWER_KEY,
    AUTOGRADED,
    FEEDBACK,
    RELEASE,
    SOURCE,
    SUBMITTED,
    Course,
    put_environment_first,
)

STUB = 'raise NotImplementedError("your answer here")'
"""What stands in the released notebook where the solution was."""

TEXT_STUB = "*Write your answer here.*"

_HERE = "autograder.bridges.nbgrader"
_STOCK = "nbgrader.preprocessors"

SANITIZE = (
    # our exporter hands in a restored notebook; nbgrader's own checks still run, and find nothing to change
    f"{_STOCK}.ClearOutput",
    f"{_STOCK}.DeduplicateIds",
    f"{_STOCK}.OverwriteKernelspec",
    f"{_STOCK}.OverwriteCells",
    f"{_STOCK}.CheckCellMetadata",
)

AUTOGRADE = (
    f"{_HERE}.preprocessors.Judge",  # instead of Execute: no student code runs in this process or its kernel
    f"{_STOCK}.IgnorePattern",
    f"{_STOCK}.LimitOutput",
    f"{_STOCK}.SaveAutoGrades",
    f"{_HERE}.preprocessors.SaveComments",  # SaveAutoGrades writes comments of its own
    f"{_STOCK}.AssignLatePenalties",
    f"{_STOCK}.CheckCellMetadata",
)


RELEASING = (
    f"{_HERE}.preprocessors.FindKit",
    *(f"{_STOCK}.{name}" for name in (
        "IncludeHeaderFooter", "InstantiateTests", "LockCells", "ClearSolutions", "ClearOutput", "CheckCellMetadata",
        "ComputeChecksums", "SaveCells", "ClearHiddenTests", "ClearMarkScheme", "ComputeChecksums", "CheckCellMetadata",
    )),
)  # fmt: skip
"""nbgrader's own, behind ours."""

NOT_STUDENTS = ("private", "public")
"""Folders of a source that stock `nbgrader generate_assignment` would copy for students."""


def configure(c: Any, file: str = "") -> None:
    """Fill nbgrader's configuration object ``c``, and put this environment's scripts on PATH for its subprocesses.

    ``file`` is the configuration file: the course lies where it lies, else in the current folder. Raises UsageError for
    a course.toml that can't be used.
    """
    put_environment_first()
    _name_folders(c)
    course = Course.at(Path(file).parent if file else Path.cwd())
    if (course.root / FILE).exists():
        c.CourseDirectory.course_id = course.id
    _grade_through_us(c)
    _release_like_us(c, course)
    _exchange_safely(c)
    _sanitise_pages(c)


def _name_folders(c: Any) -> None:
    c.CourseDirectory.ignore = [*CourseDirectory.ignore.default_args[0], *NOT_STUDENTS]
    c.CourseDirectory.source_directory = SOURCE
    c.CourseDirectory.release_directory = RELEASE
    c.CourseDirectory.submitted_directory = SUBMITTED
    c.CourseDirectory.autograded_directory = AUTOGRADED
    c.CourseDirectory.feedback_directory = FEEDBACK
    c.CourseDirectory.solution_directory = ANSWER_KEY


def _grade_through_us(c: Any) -> None:
    c.Autograde.exporter_class = f"{_HERE}.exporter.SubmissionExporter"
    c.Autograde.sanitize_preprocessors = list(SANITIZE)
    c.Autograde.autograde_preprocessors = list(AUTOGRADE)


def _release_like_us(c: Any, course: Course) -> None:
    c.GenerateAssignment.preprocessors = list(RELEASING)
    c.FindKit.course = str(course.root)
    c.ClearSolutions.code_stub = {"python": STUB}
    c.ClearSolutions.text_stub = TEXT_STUB
    c.GenerateAssignment.post_convert_hook = f"{_HERE}.release.after_generate_assignment"


def _exchange_safely(c: Any) -> None:
    c.ExchangeFactory.release_assignment = f"{_HERE}.exchange.ReleaseAssignment"
    c.ExchangeFactory.collect = f"{_HERE}.exchange.Collect"
    c.ExchangeFactory.release_feedback = f"{_HERE}.exchange.ReleaseFeedback"


def _sanitise_pages(c: Any) -> None:
    """For feedback and formgrader: nbgrader's templates put Markdown and comments into the page as they are."""
    c.GenerateFeedback.exporter_class = f"{_HERE}.feedback.FeedbackExporter"
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.filters = {
        "markdown2html": f"{_HERE}.sanitise.markdown_to_html",
        "clean_html": f"{_HERE}.sanitise.clean",
    }
