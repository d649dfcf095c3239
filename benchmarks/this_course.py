"""The course that is measured: the one of this repository."""

from __future__ import annotations

from pathlib import Path

from autograder.grading.course import Course

COURSE = Course.at(Path(__file__).resolve().parent.parent)
CATALOGUE = COURSE.content
"""Assignment name to its exercises."""
