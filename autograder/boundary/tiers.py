"""Which walls stand on this machine, found by trying and never by reading a setting."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, field
from typing import Any

from autograder.boundary import bwrap, probe, seccomp
from autograder.boundary.job import Box
from autograder.boundary.launcher import FreshBox, Tier
from autograder.boundary.visible import Data
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
    box: FreshBox | None = field(default=None, repr=False, compare=False)
    """The one that was tried."""


@dataclass(frozen=True)
class Chosen:
    """The box to use on this machine: its tier, why it is not a warm one, if it is not, why none can be used, if so."""

    box: Box
    tier: Tier
    not_warm: str = ""
    fault: str = ""
    missing: str = ""
    """Why the strongest tier does not stand, if it does not."""


def begin(*, torch: bool, data: Data = ()) -> WarmBox:
    """A box for `choose` whose imports go on while the caller does something else. The caller closes it."""
    box = WarmBox(data=data)
    box.begin(torch=torch)
    return box


def choose(*, torch: bool = False, begun: WarmBox | None = None, data: Data = ()) -> Chosen:
    """A warm box if there can be one, else the strongest fresh box, which has withstood the attacker too.

    A warm box stands where the namespaces and the filter do and its parent withstood the test attacker; every other
    parent it starts must withstand it too. The warm box is the one that was `begun`, if one was. While a fresh one is
    tried the box of the first job starts already. The box shows the folders ``data``, or those that one was begun
    with. The caller closes it.
    """
    box = begun or WarmBox(data=data)
    reason = box.fault(torch=torch)
    if not reason:
        return Chosen(box, "namespaces")
    box.close()
    tried = _strongest(torch=torch, begin_next=True, data=box.data)
    missing = "" if tried.tier == TIERS[0] else try_tier(TIERS[0], torch=torch, begin_next=True, data=box.data).reason
    return Chosen(
        tried.box or FreshBox(tried.tier, data=box.data),
        tried.tier,
        reason,
        "" if tried.stands else tried.reason,
        missing,
    )


@functools.cache
def warm_fault(*, torch: bool = False) -> str:
    """Why there are no warm boxes on this machine; empty if there are. Remembered for the life of the process."""
    box = WarmBox()
    try:
        return box.fault(torch=torch)
    finally:
        box.close()


@functools.cache
def try_tier(tier: Tier, *, torch: bool = False, begin_next: bool = False, data: Data = ()) -> TierFinding:
    """Build a box of this tier and let the attacker loose in it; remembered for the life of the process."""
    if tier == "namespaces" and bwrap.find() is None:
        return TierFinding(tier, False, "bubblewrap is not installed")
    if tier == "other-uid" and os.geteuid() != 0:
        return TierFinding(tier, False, "only root can start a process as another user")
    box = FreshBox(tier, data=data)
    if begin_next:
        box.begin(torch=torch)
    reason = box.fault(torch=torch)
    if reason:
        box.close()
    return TierFinding(tier, not reason, reason, box)


def strongest(*, torch: bool = False) -> Tier:
    """The strongest tier that stands here; where not even "process" does, every job says so."""
    return _strongest(torch=torch).tier


def _strongest(*, torch: bool, begin_next: bool = False, data: Data = ()) -> TierFinding:
    found = TierFinding("process", False)
    for tier in TIERS:
        more: dict[str, Any] = {"begin_next": True, "data": data} if begin_next else {}
        found = try_tier(tier, torch=torch, **more)
        if found.stands:
            break
    return found


@functools.cache
def filter_stands(tier: Tier) -> bool:
    """Whether the system call filter holds in boxes of this tier: neither a new process nor a new program."""
    if seccomp.architecture() is None:
        return False
    box = FreshBox(tier, proven=True)
    findings = probe.attack(lambda job: box.run_once(job).outcome)
    return findings.complete and not findings.achieved & probe.NEEDS_FILTER
