"""Courses other than the one of this repository, graded by the same grader."""
