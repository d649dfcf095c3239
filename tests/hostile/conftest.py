"""The hostile cohorts: each graded once, looked at by many tests. The folders' own files are never collected."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from autograder.boundary.tiers import try_tier, warm_fault
from tests.boundary.boxes import missing_wall
from tests.hostile.cohort import KINDS, Cohort, Kind, graded

collect_ignore_glob = ["*/*"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask every test that looks at a cohort about each kind of cohort."""
    if "cohort" in metafunc.fixturenames:
        metafunc.parametrize("kind", [pytest.param(kind, marks=_marks(kind), id=kind.name) for kind in KINDS])


def _marks(kind: Kind) -> list[pytest.MarkDecorator]:
    """One worker grades a cohort and looks at it."""
    return [pytest.mark.xdist_group(f"hostile {kind.name}"), *([pytest.mark.slow] if kind.slow else [])]


@pytest.fixture(scope="session")
def cohorts(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Kind], Cohort]:
    """Grade a cohort, or recall it."""
    return cache(lambda kind: graded(tmp_path_factory.mktemp("hostile"), kind))


@pytest.fixture
def cohort(kind: Kind, cohorts: Callable[[Kind], Cohort]) -> Cohort:
    """What became of everybody."""
    reason = _warm_fault() if kind.boxes == "warm" else try_tier("namespaces").reason
    if reason:
        missing_wall(f"{kind.boxes} boxes", reason)
    return cohorts(kind)


_warm_fault = cache(warm_fault)
