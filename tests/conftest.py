"""What holds for every test: those of one xdist group are run by one worker, which builds what they share once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Let pytest see the groups that pytest-xdist writes into node ids.

    pytest-xdist 3.8 writes `_nodeid`, which pytest 9.2 no longer reads: groups were split without a word, and a cohort
    was graded by every worker (pytest-xdist issue 1386).
    """
    for item in items:
        grouped = getattr(item, "_nodeid", item.nodeid)
        if grouped != item.nodeid:
            item._id = type(item.id).parse(grouped)
