"""The box that grading uses on one machine: the strongest that stands there, proven before the first submission."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.boundary import tiers
from autograder.boundary.job import Box
from autograder.boundary.resources import shortage
from autograder.boundary.visible import Data
from autograder.boundary.warm import WarmBox
from autograder.errors import AutograderError, UsageError


@dataclass(frozen=True)
class Walls:
    """A box that withstood the attacker and answered a known program, and what stands around it.

    ``not_warm`` says why every submission gets a fresh box, empty where a warm parent forks them.
    """

    box: Box
    tier: str
    weak: bool
    not_warm: str = ""


HOW_TO_ACCEPT = "use ARGS=--allow-weak-isolation, which marks every report"


def raise_walls(
    *,
    accept_weak: bool,
    torch: bool,
    how_to_accept: str = HOW_TO_ACCEPT,
    begun: WarmBox | None = None,
    data: Data = (),
) -> Walls:
    """The strongest box of this machine, proven for jobs with PyTorch or for jobs without. The caller closes it.

    ``begun`` is what `tiers.begin` gave for such jobs; without it the box shows the folders ``data``.

    Raises UsageError where only weak walls stand and nobody accepted that (it says ``how_to_accept`` them),
    AutograderError where no box can be used at all.
    """
    chosen = tiers.choose(torch=torch, begun=begun, data=data)
    walls = Walls(chosen.box, chosen.tier, chosen.tier not in tiers.ACCEPTED, chosen.not_warm)
    try:
        short = shortage(f"{chosen.not_warm} {chosen.missing} {chosen.fault}", torch=torch)
        if short and (chosen.fault or (walls.weak and not accept_weak)):
            raise AutograderError(
                "The walls around submissions could not be raised for want of room, and not because one is missing",
                got=short, next_step="Then run it again; nothing was graded",
            )  # fmt: skip
        if walls.weak and not accept_weak:
            raise UsageError(
                "Only the process wall stands on this machine: a submission could read what you can read",
                expected="an isolated box",
                next_step="`make doctor` says what is missing and how to get it; to grade all the same, "
                + how_to_accept,
            )
        if chosen.fault:
            raise AutograderError(
                "No box can be used on this machine",
                expected="one that runs a known program and withstands a test attacker",
                got=chosen.fault,
                next_step="Run `make doctor`; nothing was graded",
            )
    except BaseException:
        walls.box.close()
        raise
    return walls
