"""Checks run on the tests' own exercises, with NumPy's seeds as they are and no exercise of any assignment."""

from __future__ import annotations

import sys

import pytest

from autograder.kit import _settings, checking
from tests.kit.exercises import ALL


@pytest.fixture
def known(monkeypatch):
    """Only the tests' own exercises are known."""
    monkeypatch.setattr(checking, "exercises", lambda: ALL)


@pytest.fixture
def without_torch(monkeypatch):
    """As if PyTorch were not installed."""
    monkeypatch.setitem(sys.modules, "torch", None)


@pytest.fixture
def quiet(monkeypatch):
    """As inside the box."""
    monkeypatch.setattr(_settings, "quiet", True)
