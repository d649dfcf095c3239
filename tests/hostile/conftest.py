"""The hostile cohorts: each graded once, looked at by many tests. The folders' own files are never collected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from autograder.boundary.tiers import try_tier, warm_fault
from tests.boundary.boxes import missing_wall
from tests.hostile.cohort import KINDS, Cohort, Kind, graded

collect_ignore_glob = ["*/*"]

EACH = {
    "student": lambda kind: [(student, student.name) for student in kind.listed],
    "handed_in_by": lambda kind: [(student, student.name) for student in kind.students],
    "honest": lambda kind: [(name, name) for name in kind.honest],
}
"""Arguments of tests that are asked once for each of these in a cohort."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask every test that looks at a cohort about each kind of cohort."""
    if "cohort" not in metafunc.fixturenames:
        return
    names = [name for name in EACH if name in metafunc.fixturenames]
    if not names:
        metafunc.parametrize("kind", [pytest.param(kind, marks=_marks(kind), id=kind.name) for kind in KINDS])
        return
    (name,) = names
    metafunc.parametrize(("kind", name), list(_each(name)))


def _each(name: str) -> Iterator[object]:
    for kind in KINDS:
        for one, text in EACH[name](kind):
            yield pytest.param(kind, one, marks=_marks(kind), id=f"{kind.name}-{text}")


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
