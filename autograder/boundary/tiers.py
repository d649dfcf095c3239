"""Which walls stand on this machine, found by trying and never by reading a setting."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, replace

from autograder.boundary import bwrap, probe, seccomp
from autograder.boundary.job import Box, Cell, Job, Task
from autograder.boundary.launcher import FreshBox, Tier
from autograder.boundary.warm import WarmBox

TIERS: tuple[Tier, ...] = ("namespaces", "other-uid", "process")
ACCEPTED: tuple[Tier, ...] = ("namespaces", "other-uid")
"""The tiers in which real submissions are graded without being asked for."""


@dataclass(frozen=True)
class TierFinding:
    """Whether boxes of a tier can be used here, and why not."""

    tier: Tier
    stands: bool
    reason: str = ""


@dataclass(frozen=True)
class Chosen:
    """The box to use on this machine: its tier, and why it is not a warm one, if it is not."""

    box: Box
    tier: Tier
    not_warm: str = ""


HELLO = Job((Cell("hello", "answer = 6 * 7"),), (Task("hello", "read", names=("answer",)),))


def begin(*, torch: bool) -> WarmBox:
    """A box for `choose` whose imports go on while the caller does something else. The caller closes it."""
    box = WarmBox()
    box.begin(torch=torch)
    return box


def choose(*, torch: bool = False, begun: WarmBox | None = None) -> Chosen:
    """A warm box if there can be one, else the strongest fresh box; tried with a job of one kind.

    A warm box stands where the namespaces and the filter do and its parent withstood the test attacker; every other
    parent it starts must withstand it too. The warm box is the one that was `begun`, if one was. The caller closes the
    box.
    """
    box = begun or WarmBox()
    reason = _unanswered(box, torch)
    if not reason:
        return Chosen(box, "namespaces")
    box.close()
    tier = strongest(torch=torch)
    return Chosen(FreshBox(tier), tier, reason)


@functools.cache
def warm_fault(*, torch: bool = False) -> str:
    """Why there are no warm boxes on this machine; empty if there are. Remembered for the life of the process."""
    box = WarmBox()
    try:
        return _unanswered(box, torch)
    finally:
        box.close()


def _unanswered(box: Box, torch: bool) -> str:
    """Why this box did not answer a simple question; empty if it did."""
    outcome = box.run(replace(HELLO, torch=torch))
    reply = outcome.replies.get("hello")
    answered = reply is not None and reply.complete and reply.returned[0].value == 42
    return "" if answered else outcome.detail or outcome.ended


@functools.cache
def try_tier(tier: Tier, *, torch: bool = False) -> TierFinding:
    """Build a box of this tier and let the attacker loose in it; remembered for the life of the process."""
    if tier == "namespaces" and bwrap.find() is None:
        return TierFinding(tier, False, "bubblewrap is not installed")
    if tier == "other-uid" and os.geteuid() != 0:
        return TierFinding(tier, False, "only root can start a process as another user")
    reason = _unanswered(FreshBox(tier), torch)
    return TierFinding(tier, not reason, reason)


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
