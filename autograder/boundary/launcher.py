"""Boxes: `FreshBox(tier).run(job)` starts a new isolated process, has one conversation with it, and ends it.

Theory of operation. The box gets one descriptor, its end of a socket pair, as standard input: the job goes in there,
events come out. Around it stands what the tier offers:

    namespaces   bubblewrap: no network, no /proc, nothing to see but an allow-list, its own processes, a small
                 scratch folder, and a system call filter from the first instruction
    other-uid    a process of a user that owns nothing, where the grader is root
    process      a process with limits, and no more

The host in the box puts itself under its limits and under the inner filter, says `ready`, and only then is sent the
job. Before the first job a box of each kind must withstand the attacker of `probe`; one that does not is refused.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from autograder.boundary import loading, probe, seccomp
from autograder.boundary.conversation import Conversation, Exchange
from autograder.boundary.job import Job, Outcome
from autograder.boundary.limits import Limits, for_job
from autograder.boundary.processes import Child, LaunchError, Tier, started
from autograder.boundary.visible import Data

__all__ = ["FreshBox", "LaunchError", "Tier"]


@dataclass(frozen=True)
class FreshBox:
    """A box that is new for every run. Safe to use from several threads and processes, unless one was begun.

    `limits` are those of the job's kind unless given. `proven` boxes are not probed: for the probe itself. `data` are
    the folders that jobs of an assignment find in it.
    """

    tier: Tier = "namespaces"
    limits: Limits | None = None
    proven: bool = False
    data: Data = ()
    _findings: dict[bool, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _begun: dict[bool, _Begun] = field(default_factory=dict, init=False, repr=False, compare=False)

    def begin(self, *, torch: bool) -> None:
        """Start the box of the next such job; its imports go on meanwhile. It meets no code before that job's."""
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            child = stack.enter_context(started(self.tier, self.limits or for_job(torch), torch=torch, data=self.data))
            self._begun[torch] = _Begun(os.getpid(), child, stack.pop_all())

    def run(self, job: Job) -> Outcome:
        """Run the job, without the cells that keep it from loading. Never raises for what a submission does."""
        fault = "" if self.proven else self.fault(torch=job.torch)
        if fault:
            return Outcome(ended="refused", detail=fault)
        return loading.run(self.run_once, job)

    def close(self) -> None:
        """End what was begun and not used."""
        while self._begun:
            self._begun.popitem()[1].close()

    def run_once(self, job: Job) -> Exchange:
        """Run the job in one box, as it is."""
        limits = self.limits or for_job(job.torch)
        try:
            with self._started(limits, torch=job.torch) as child:
                return Conversation(job, limits, child, filter_wanted=self.filtered).hold()
        except OSError as error:
            return Exchange(Outcome(ended="refused", detail=f"the box could not be started: {error}"))

    @property
    def filtered(self) -> bool:
        """Whether this box must have a system call filter: wherever one can be made."""
        return seccomp.architecture() is not None

    def fault(self, *, torch: bool) -> str:
        """Why boxes of this kind may not be used, found out once; empty if they may."""
        if torch not in self._findings:
            unproven = FreshBox(self.tier, self.limits, proven=True, data=self.data)
            self._findings[torch] = probe.fault(
                lambda job: unproven.run_once(job).outcome, self.tier, torch=torch, filtered=self.filtered
            )
        return self._findings[torch]

    def _started(self, limits: Limits, *, torch: bool) -> contextlib.AbstractContextManager[Child]:
        begun = self._begun.pop(torch, None)
        if begun is not None:
            if begun.usable():
                return begun.child_until_the_end()
            begun.close()
        return started(self.tier, limits, torch=torch, data=self.data)


@dataclass(frozen=True)
class _Begun:
    """A started box that has no job yet, and the process that it belongs to."""

    owner: int
    child: Child
    stack: contextlib.ExitStack

    def usable(self) -> bool:
        return self.owner == os.getpid() and not self.child.ended()

    @contextlib.contextmanager
    def child_until_the_end(self) -> Iterator[Child]:
        """The child, which is gone when the block ends."""
        with self.stack:
            yield self.child

    def close(self) -> None:
        """End it; in a forked process, which does not own it, let go of it."""
        if self.owner == os.getpid():
            self.stack.close()
        else:
            self.child.abandon()
            self.stack.pop_all()
