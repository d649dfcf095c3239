"""Boxes for the walls' tests: each fixture behind one kind of wall, with limits that are quickly met."""

import pytest

from autograder.boundary.job import Box
from autograder.boundary.launcher import FreshBox
from tests.boundary.boxes import DROWSY, DROWSY_TOO, QUICK, Kind, box_of


@pytest.fixture
def walled() -> FreshBox:
    """A box in namespaces."""
    return box_of("namespaces")


@pytest.fixture(params=["namespaces", pytest.param("process", marks=pytest.mark.slow), "warm"])
def tier(request) -> Kind:
    """Each kind of box that an ordinary user can have."""
    return request.param


@pytest.fixture
def quick(tier) -> Box:
    """A box of each tier whose CPU limits are quickly met."""
    return box_of(tier, QUICK)


@pytest.fixture
def drowsy(tier) -> Box:
    """A box of each tier whose deadline is quickly met."""
    return box_of(tier, DROWSY)


@pytest.fixture
def drowsy_too(tier) -> Box:
    """Another one, for what waits at the same time."""
    return box_of(tier, DROWSY_TOO)
