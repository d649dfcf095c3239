"""Boxes for the walls' tests: each fixture behind one kind of wall, with limits that are quickly met."""

import pytest

from autograder.boundary.launcher import FreshBox, Tier
from tests.boundary.boxes import DROWSY, QUICK, box_of


@pytest.fixture
def walled() -> FreshBox:
    """A box in namespaces."""
    return box_of("namespaces")


@pytest.fixture(params=["namespaces", "process"])
def tier(request) -> Tier:
    """Each tier that an ordinary user can have."""
    return request.param


@pytest.fixture
def quick(tier) -> FreshBox:
    """A box of each tier whose CPU limits are quickly met."""
    return box_of(tier, QUICK)


@pytest.fixture
def drowsy(tier) -> FreshBox:
    """A box of each tier whose deadline is quickly met."""
    return box_of(tier, DROWSY)
