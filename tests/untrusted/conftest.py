"""A box for the host's tests: a warm one where it stands, as the host is the same in all."""

import pytest

from autograder.boundary.job import Box
from autograder.boundary.launcher import FreshBox
from autograder.boundary.tiers import strongest, warm_fault
from tests.boundary.boxes import box_of


@pytest.fixture(scope="session")
def box() -> Box:
    return FreshBox(strongest(), proven=True) if warm_fault() else box_of("warm")
