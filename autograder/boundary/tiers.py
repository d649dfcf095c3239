"""Which walls stand on this machine, found by trying and never by reading a setting."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass

from autograder.boundary import bwrap, probe, seccomp
from autograder.boundary.job import Cell, Job, Task
from autograder.boundary.launcher import FreshBox, Tier

TIERS: tuple[Tier, ...] = ("namespaces", "other-uid", "process")
ACCEPTED: tuple[Tier, ...] = ("namespaces", "other-uid")
"""The tiers in which real submissions are graded without being asked for."""


@dataclass(frozen=True)
class TierFinding:
    """Whether boxes of a tier can be used here, and why not."""

    tier: Tier
    stands: bool
    reason: str = ""


@functools.cache
def try_tier(tier: Tier, *, torch: bool = False) -> TierFinding:
    """Build a box of this tier and let the attacker loose in it; remembered for the life of the process."""
    if tier == "namespaces" and bwrap.find() is None:
        return TierFinding(tier, False, "bubblewrap is not installed")
    if tier == "other-uid" and os.geteuid() != 0:
        return TierFinding(tier, False, "only root can start a process as another user")
    job = Job((Cell("hello", "answer = 6 * 7"),), (Task("hello", "read", names=("answer",)),), torch)
    outcome = FreshBox(tier).run(job)
    reply = outcome.replies.get("hello")
    answered = reply is not None and reply.complete and reply.returned[0].value == 42
    return TierFinding(tier, answered, "" if answered else outcome.detail or outcome.ended)


def strongest(*, torch: bool = False) -> Tier:
    """The strongest tier that stands here; where not even "process" does, every job says so."""
    return next((tier for tier in TIERS if try_tier(tier, torch=torch).stands), "process")


@functools.cache
def filter_stands(tier: Tier) -> bool:
    """Whether the system call filter holds in boxes of this tier: neither a new process nor a new program."""
    if seccomp.architecture() is None:
        return False
    box = FreshBox(tier, proven=True)
    findings = probe.attack(lambda job: box.run_once(job).outcome)
    return findings.complete and not findings.achieved & probe.NEEDS_FILTER
