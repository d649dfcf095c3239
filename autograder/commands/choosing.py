"""Which course a command is about: the one that is named, else the folder that one is in, else AUTOGRADER_COURSE's.

A course's content is code that is run. So a folder that nobody named counts only where it can be nothing else: a
course.toml lies in it and in no folder above it (a "course" inside submitted/ is a hand-in), it belongs to who runs the
command, and what is to be judged lies where such a course keeps notebooks. A student's repository that is the current
folder of a CI job must be named with --course to be believed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from autograder.course import owners
from autograder.course.manifest import FILE, read_manifest
from autograder.course.packed import folder_of
from autograder.errors import UsageError
from autograder.grading.course import AUTOGRADED, FROM, RELEASE, SOURCE, SUBMITTED, Course
from autograder.grading.secret import course_secret, keep_secret

PLACES = (SUBMITTED, RELEASE, AUTOGRADED, SOURCE)
"""Where a course keeps notebooks, beside its example."""


def course_here(named: Path | None) -> Course:
    """The course of a command. Raises UsageError where there is none, or where the current folder may not be one."""
    return _chosen(named)[0]


def course_to_judge(named: Path | None, paths: Iterable[Path]) -> Course:
    """The same for a command that judges what lies at ``paths``, wherever that comes from.

    Raises UsageError besides where nobody named the course and one of ``paths`` lies outside of what it keeps.
    """
    course, is_named = _chosen(named)
    if is_named:
        return course
    other = os.environ.get(FROM)
    if other and Path(other).absolute().resolve() != course.root.resolve():
        raise UsageError(
            f"{FROM} names the course {other}, and there is one in the current folder too, {course.root}",
            next_step="Say with --course which one knows what is right",
        )
    places = [course.root / name for name in PLACES]
    if course.manifest.example:
        example = Course.example(course.root)
        places += [example.submitted, example.autograded]
    for path in paths:
        asked = Path(os.path.abspath(path))  # as it is written: where a link in it leads is not for it to say
        if os.path.lexists(asked) and not any(asked.is_relative_to(place) for place in places):
            raise UsageError(
                f"{path} is not among the notebooks of the course in the current folder, which nobody has named",
                expected=f"a notebook in {', '.join(f'{name}/' for name in PLACES)} or the example",
                next_step=f"If the course is yours and no student's, name it: --course {course.root}",
            )
    return course


def _chosen(named: Path | None) -> tuple[Course, bool]:
    """The course, and whether somebody named it."""
    if named is not None:
        return opened(named), True
    here = Path.cwd()
    if os.path.lexists(here / FILE):
        _refuse_what_may_be_somebody_elses(here)
        return Course.at(here), False
    if other := os.environ.get(FROM):
        return opened(Path(other)), True
    read_manifest(here)
    raise AssertionError("a course.toml came into being")


def opened(path: Path) -> Course:
    """The course in a folder, or in the zip of one: then what is handed in and what comes of it is in this folder."""
    if not path.exists():
        raise UsageError(
            f"There is no {path}", expected="the folder of a course, or its zip", next_step="Check --course"
        )
    if path.is_dir():
        return Course.at(path)
    here = Path.cwd()
    return Course.at(folder_of(path), submitted=here / SUBMITTED, results=here)


def share_secret(course: Course, *, reseed: bool = False) -> Path:
    """The folder that keeps the secret: the course's, or for a zip without one that of its results, made there.

    Raises UsageError where a new one is wanted for a course whose zip brings its own.
    """
    if course.results == course.root:
        return course.root
    if reseed and course.secret.exists():
        raise UsageError(
            "The secret of this course came with its zip, so a new one would be lost",
            next_step="Make a zip without it, `autograder pack`, or change it where the course is",
        )
    if course.secret.exists():
        return course.root
    keep_secret(course.root, course_secret(course.results))
    return course.results


def _refuse_what_may_be_somebody_elses(here: Path) -> None:
    above = next((folder for folder in here.parents if os.path.lexists(folder / FILE)), None)
    if above is not None:
        raise UsageError(
            f"The current folder has a {FILE}, and so has {above}: what somebody hands in may look like a course",
            next_step=f"Run the command in {above}, or name the course with --course",
        )
    parts = [here / FILE, here / SOURCE]
    owners.check_ones_own(here, parts)
    owners.check(here, parts)
