"""What a run is told: how many workers."""

from __future__ import annotations

import os

import pytest

from autograder.grading.work import Settings


@pytest.mark.parametrize("cores, workers, processes", [(4, 0, 4), (4, 3, 3), (4, 9, 9), (None, 0, 1)])
def test_there_are_as_many_processes_as_asked_for_or_one_for_each_core(monkeypatch, cores, workers, processes):
    monkeypatch.setattr(os, "cpu_count", lambda: cores)

    settings = Settings(box=None, tier="process", workers=workers)

    assert settings.processes == processes
