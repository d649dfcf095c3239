"""Judging: (exercise, expected, returned) to a verdict with a hint. Pure: no files, no processes, no seeds."""

from autograder.judging._judge import judge
from autograder.judging.verdict import CheckResult, Hint, Shown, Status, Verdict

__all__ = ["CheckResult", "Hint", "Shown", "Status", "Verdict", "judge"]
