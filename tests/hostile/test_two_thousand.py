"""Two thousand submissions with hostile ones among them: every honest one has the score that it has alone."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.boundary.boxes import box_of
from tests.hostile.cohort import HALF, WRONG, Kind, graded
from tests.hostile.folders import Folder

HONEST, HOSTILE = 1900, 100


@dataclass(frozen=True, eq=False)
class Large(Kind):
    """A class of honest students whose names sort between those of the attackers."""

    @property
    def folders(self) -> list[Folder]:
        """One attack in twenty submissions."""
        return super().folders[:HOSTILE]

    @property
    def honest(self) -> Mapping[str, str]:
        """Right, wrong and half right answers in turn."""
        letters = itertools.cycle("0123456789abcdefghijklmnopqrstuvwxyz")
        cells = itertools.cycle(["", WRONG, HALF])
        return {f"{next(letters)}-{number:04}": next(cells) for number in range(HONEST)}


@pytest.mark.slow
def test_every_honest_submission_among_two_thousand_has_the_score_it_has_alone(tmp_path):
    box_of("warm")

    cohort = graded(tmp_path, Large("two thousand", "warm"))

    assert cohort.exit_code == 0, cohort.output[-2000:]
    assert len(cohort.kind.honest) + len(cohort.kind.students) >= HONEST + HOSTILE
    assignment = cohort.kind.assignment.name
    for name in cohort.kind.honest:
        alone = json.loads(cohort.alone.record(name, assignment).read_bytes())
        assert earned(cohort.record(name)) == earned(alone), name
        assert cohort.scores(name) == {f"{one}-check": points for one, points in earned(alone).items()}


def earned(record: Mapping[str, Any]) -> dict[str, float]:
    """Points by exercise."""
    return {one["exercise"]: one["earned"] for one in record["exercises"]}
