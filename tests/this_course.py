"""The course of this repository, as tests look at it."""

from __future__ import annotations

from pathlib import Path

from autograder.grading.course import Course

ROOT = Path(__file__).resolve().parent.parent
COURSE = Course.at(ROOT)
CATALOGUE = COURSE.content
"""Assignment name to its exercises."""
