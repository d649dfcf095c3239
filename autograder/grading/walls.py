"""The box that grading uses on one machine: the strongest that stands there, proven before the first submission."""

from __future__ import annotations

from dataclasses import dataclass, replace

from autograder.boundary import tiers
from autograder.boundary.job import Box
from autograder.errors import AutograderError, UsageError
from autograder.grading.passes import CANARY


@dataclass(frozen=True)
class Walls:
    """A box that withstood the attacker and answered a known program, and what stands around it."""

    box: Box
    tier: str
    weak: bool


def raise_walls(*, accept_weak: bool, torch: bool) -> Walls:
    """The strongest box of this machine, proven for jobs with PyTorch or for jobs without. The caller closes it.

    Raises UsageError where only weak walls stand and nobody accepted that, AutograderError where not even a known
    program gets through.
    """
    chosen = tiers.choose(torch=torch)
    walls = Walls(chosen.box, chosen.tier, chosen.tier not in tiers.ACCEPTED)
    try:
        _prove(walls, accept_weak=accept_weak, torch=torch)
    except BaseException:
        walls.box.close()
        raise
    return walls


def _prove(walls: Walls, *, accept_weak: bool, torch: bool) -> None:
    if walls.weak and not accept_weak:
        raise UsageError(
            "Only the process wall stands on this machine: a submission could read what you can read",
            expected="an isolated box",
            next_step="`make doctor` says what is missing and how to get it; to grade all the same, use "
            "ARGS=--allow-weak-isolation, which marks every report",
        )
    outcome = walls.box.run(replace(CANARY, torch=torch))
    if outcome.ended != "finished" or "canary" not in outcome.replies:
        raise AutograderError(
            "The box does not run a known program",
            got=outcome.detail or outcome.ended,
            next_step="Run `make doctor`; nothing was graded",
        )
