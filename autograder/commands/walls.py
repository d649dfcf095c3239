"""The box that a command uses: the strongest that stands here, proven before the first submission."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rich.console import Console
from rich.markup import escape

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


def proven_box(console: Console, *, accept_weak: bool, torch: bool) -> Walls:
    """The strongest box of this machine.

    Raises UsageError where only weak walls stand and nobody accepted that, AutograderError where not even a known
    program gets through.
    """
    chosen = tiers.choose(*sorted({False, torch}))
    box, tier = chosen.box, chosen.tier
    weak = tier not in tiers.ACCEPTED
    if weak and not accept_weak:
        raise UsageError(
            "Only the process wall stands on this machine: a submission could read what you can read",
            expected="an isolated box",
            next_step="`make doctor` says what is missing and how to get it; to grade all the same, use "
            "ARGS=--allow-weak-isolation, which marks every report",
        )
    if weak:
        console.print("[yellow]Weak isolation: `make doctor` says what is missing.[/yellow]")
    elif tier != "namespaces":
        console.print(f"[yellow]Isolation: {escape(tier)}; `make doctor` says more.[/yellow]")
    for kind in {False, torch}:
        outcome = box.run(replace(CANARY, torch=kind))
        if outcome.ended != "finished" or "canary" not in outcome.replies:
            raise AutograderError(
                "The box does not run a known program",
                got=outcome.detail or outcome.ended,
                next_step="Run `make doctor`; nothing was graded",
            )
    return Walls(box, tier, weak)
