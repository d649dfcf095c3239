"""A box for the host's tests: behind the strongest walls that stand here."""

import pytest

from autograder.boundary.launcher import FreshBox
from autograder.boundary.tiers import strongest


@pytest.fixture(scope="session")
def box() -> FreshBox:
    return FreshBox(strongest(), proven=True)
