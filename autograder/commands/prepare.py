"""``autograder prepare``: work out the right answers beforehand, for `check` and `ci` to read."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from autograder.boundary import tiers
from autograder.commands.released import releases_of
from autograder.grading.answer_cache import KIND, WEAK, AnswerCache
from autograder.grading.asked import asked
from autograder.grading.course import Course
from autograder.grading.user_cache import cache_folder


def run_prepare(course: Course, assignments: Sequence[str]) -> int:
    """Keep the right answers of released assignments in the user's cache folder. Exit code 0 if that could be done."""
    console = Console(soft_wrap=True, highlight=False)
    names = list(asked(releases_of(course), assignments))
    tier = tiers.strongest()
    if tier == WEAK:
        console.print("Nothing is kept: only the process wall stands here, so a submission could read it.")
        return 1
    if cache_folder(course, KIND) is None:
        console.print("Nothing is kept: this user has no cache folder outside of courses and checkouts.")
        return 1
    cache = AnswerCache(course)
    left = [name for name in names if not cache.prepared(name, tier)]
    for name in names:
        console.print(f"{name}: {'could not be kept' if name in left else 'kept'}", markup=False)
    return 1 if left else 0
