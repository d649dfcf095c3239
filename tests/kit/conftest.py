"""Checks run on the tests' own exercises, with NumPy's seeds as they are and no exercise of any assignment."""

from __future__ import annotations

import sys

import matplotlib
import pytest
from matplotlib import pyplot

from autograder.kit import _settings, checking, cut_pictures, pictures
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


@pytest.fixture
def figures(monkeypatch):
    """The figures that were finished, without a screen."""
    matplotlib.use("Agg")
    finished = []
    for module in (pictures, cut_pictures):
        monkeypatch.setattr(module, "_finish", finished.append)
    yield finished
    pyplot.close("all")
