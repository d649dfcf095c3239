"""What holds for every test: tests that share something run in one worker, which builds it once; the longest first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

LONGEST = (
    "tests/end_to_end/test_cohort.py",
    "tests/hostile/test_attacks.py",
    "tests/notebooks/test_executed.py",
    "tests/exercises/",
    "tests/judging/test_selftest.py",
    "tests/release/test_no_answers.py",
    "tests/bridges/test_same_gradebook.py",
    "tests/bridges/test_commands.py",
    "tests/boundary/test_endings.py",
    "tests/boundary/test_warm.py",
    "tests/end_to_end/",
    "tests/grading/test_storage.py",
)
"""Where a test or a group takes seconds: begun first, so that no worker has a long one left when others are done."""


def pytest_configure(config: pytest.Config) -> None:
    """Let folders without a course.toml ask what this course asks, and pytest-xdist keep the order of the tests.

    That of `pytest_collection_modifyitems`, not the largest group first.
    """
    os.environ.setdefault("AUTOGRADER_COURSE", str(Path(__file__).resolve().parent.parent))
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_itemcollected(item: pytest.Item) -> None:
    """Make a group of the tests of a module that share a fixture of the module."""
    info = getattr(item, "_fixtureinfo", None)
    if info is None or item.get_closest_marker("xdist_group"):
        return
    shared = [found[-1].scope == "module" for found in info.name2fixturedefs.values()]
    if any(shared):
        item.add_marker(pytest.mark.xdist_group(item.nodeid.split("::")[0]))


def _place(item: pytest.Item) -> int:
    return next((at for at, start in enumerate(LONGEST) if item.nodeid.startswith(start)), len(LONGEST))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first, and let pytest see the groups that pytest-xdist writes into node ids.

    pytest-xdist 3.8 writes `_nodeid`, which pytest 9.2 no longer reads: groups were split without a word, and a cohort
    was graded by every worker (pytest-xdist issue 1386).
    """
    for item in items:
        grouped = getattr(item, "_nodeid", item.nodeid)
        if grouped != item.nodeid:
            item._id = type(item.id).parse(grouped)
    items.sort(key=_place)
