"""Warm boxes: `WarmBox().run(job)` forks a box off a warm parent, which has the imports and the inputs already.

Theory of operation. A nursery (`untrusted.nursery`) sits behind bubblewrap's walls, does the imports once, and forks
warm parents, which never meet a student's code. For each submission a parent makes a child with namespaces, a scratch
folder and a system call filter of its own: what a student's code meets is what it would meet in a `FreshBox`, and the
conversation with it is the same. The parent hands on one descriptor, the child's channel; it reports how the child
ended, and the rest is judged out here.

A parent must withstand the attacker of `probe` before it serves, twice: the second one looks for what the first left
behind. After some hundred children it is replaced by one that never had any. Where one cannot be had or does not
withstand, jobs are refused: `tiers.warm_fault` finds that out beforehand, and fresh boxes are used instead.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import socket
import threading
import weakref
from collections.abc import Iterable
from dataclasses import dataclass, field

from autograder.boundary import clock, loading, probe
from autograder.boundary.conversation import Conversation, Exchange
from autograder.boundary.job import Job, Outcome, Task
from autograder.boundary.limits import Limits, for_job
from autograder.boundary.malformed import MalformedError
from autograder.boundary.nurseries import PARTING, Nursery
from autograder.boundary.orders import DONE, ENDED, FORK, KILL, MOST_BYTES, POST, READY, pack, unpack
from autograder.boundary.posting import write_tasks
from autograder.boundary.processes import Child, LaunchError
from autograder.boundary.visible import Data

CHILDREN = 500
DYING = 10.0
KILLED = 128 + 9


class WarmBox:
    """A box whose interpreter is warm: for every run a new child of a parent that this process alone talks to.

    Nurseries and parents are started when first needed, one for each kind of job. A forked process gets parents of its
    own out of the nurseries that it inherited. They are closed by `close`, by the end of the process, and a parent when
    `children` have been served. One run at a time.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        children: int = CHILDREN,
        proven: bool = False,
        begun: Nursery | None = None,
        data: Data = (),
    ) -> None:
        """`limits` are those of the job's kind unless given; `proven` parents are not probed: for tests.

        `begun` is a nursery for such jobs to start with: it is this box's from now on, and its data are. `data` are the
        folders that jobs of an assignment find in the box.
        """
        self._limits = limits
        self._children = children
        self.data = begun.data if begun else data
        self._proven = proven
        self.began = begun.torch if begun else None
        """Whether it began with a nursery for jobs with PyTorch; None if it began with none."""
        self._nurseries: dict[bool, Nursery] = {begun.torch: begun} if begun else {}
        self._parents: dict[bool, _Parent] = {}
        self._turn = threading.Lock()
        self._proving: threading.Thread | None = None
        self._closing = False
        _boxes.add(self)
        weakref.finalize(self, _end_all, self._parents, self._nurseries)  # also at the end of the process

    def begin(self, *, torch: bool) -> None:
        """Have the imports for such jobs begin, and do not wait for them: the first run will.

        Does nothing where they cannot: the first run says why.
        """
        with self._turn, contextlib.suppress(OSError):
            self._nursery(torch, self._limits or for_job(torch))

    def prove(self, *, torch: bool) -> None:
        """Have a parent for such jobs made and attacked beside what the caller does: the first run waits for it."""
        self._proving = threading.Thread(target=self.fault, kwargs={"torch": torch}, daemon=True)
        self._proving.start()

    def fault(self, *, torch: bool) -> str:
        """Why there can be no such boxes; empty if there can: then one parent has withstood the attacker."""
        with self._turn:
            try:
                self._parent(torch, self._limits or for_job(torch))
            except OSError as error:
                return f"the box could not be started: {error}"
        return ""

    def run(self, job: Job) -> Outcome:
        """Run the job, without the cells that keep it from loading. Never raises for what a submission does."""
        return loading.run(self.run_once, job)

    def run_once(self, job: Job) -> Exchange:
        """Run the job in one box, as it is."""
        limits = self._limits or for_job(job.torch)
        with self._turn:
            used = self._parents.get(job.torch)
            try:
                try:
                    return self._parent(job.torch, limits).serve(job, limits)
                except OSError:
                    if used is None or used is not self._parents.get(job.torch):
                        raise
                    used.usable = False  # it died since it was last used: this job gets another one
                    return self._parent(job.torch, limits).serve(job, limits)
            except OSError as error:
                return Exchange(Outcome(ended="refused", detail=f"the box could not be started: {error}"))

    def close(self) -> None:
        """End what this process has started. The box can be used again: it then starts anew."""
        if self._proving is not None:
            self._break_off(self._proving)
            self._proving = None
        with self._turn:
            _end_all(self._parents, self._nurseries)

    def _break_off(self, proving: threading.Thread) -> None:
        """End the proof that is going on, if one is: with its nursery gone it fails at once."""
        self._closing = True
        try:
            if proving.is_alive():
                for nursery in tuple(self._nurseries.values()):
                    nursery.kill()
            proving.join()
        finally:
            self._closing = False

    def _parent(self, torch: bool, limits: Limits) -> _Parent:
        parent = self._parents.get(torch)
        if parent is not None and (not parent.usable or parent.served >= self._children):
            del self._parents[torch]
            parent.close()
            parent = None
        if parent is None:
            parent = self._born(torch, limits)
            try:
                if not self._proven and (fault := _fault(parent, limits, torch=torch)):
                    raise LaunchError(fault)
            except BaseException:
                parent.close()
                raise
            self._parents[torch] = parent
        return parent

    def _born(self, torch: bool, limits: Limits) -> _Parent:
        """A parent that had no children yet: out of the nursery that is there, or out of a new one if that died."""
        if torch in self._nurseries:
            with contextlib.suppress(OSError):
                return _Parent.of(self._nurseries[torch], limits)
            self._nurseries.pop(torch).close()
        nursery = self._nursery(torch, limits)
        try:
            return _Parent.of(nursery, limits)
        except BaseException:
            self._nurseries.pop(torch).close()
            raise

    def _nursery(self, torch: bool, limits: Limits) -> Nursery:
        if self._closing:
            raise LaunchError("the box was closed")
        if torch not in self._nurseries:
            self._nurseries[torch] = Nursery(limits, torch=torch, data=self.data)
        return self._nurseries[torch]

    def _forget(self) -> None:
        """In a forked process: the parents are those of another. Let go of them without a word."""
        while self._parents:
            self._parents.popitem()[1].abandon()
        self._turn, self._proving = threading.Lock(), None


def _end_all(parents: dict[bool, _Parent], nurseries: dict[bool, Nursery]) -> None:
    while parents:
        parents.popitem()[1].close()
    while nurseries:
        nurseries.popitem()[1].close()


_boxes: weakref.WeakSet[WarmBox] = weakref.WeakSet()


def _forget_all() -> None:
    for box in _boxes:
        box._forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


def _fault(parent: _Parent, limits: Limits, *, torch: bool) -> str:
    """Why this parent may not be used; empty if it may."""
    return probe.fault(lambda job: parent.serve(job, limits).outcome, "namespaces", torch=torch, filtered=True, times=2)


class _Parent:
    """A warm parent, as the trusted side knows it."""

    def __init__(self, nursery: Child, control: socket.socket) -> None:
        """`control` takes orders once it has said that it is ready. Raises `LaunchError` if it never does."""
        self.served = 0
        self.usable = True
        self._numbers: dict[int, int] = {}
        self._posted: list[Task] = []  # alive as long as their ids are
        self._nursery = nursery
        self._control = control
        self._itself = self._when_ready()

    @classmethod
    def of(cls, nursery: Nursery, limits: Limits) -> _Parent:
        """A new parent of a nursery, which is ready to serve. Raises OSError where there is none."""
        ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        try:
            with theirs:  # several processes may ask at the same time: each is answered on a channel of its own
                nursery.order_parent(theirs)
            ours.settimeout(limits.start_wall)
            parent = cls(nursery.process, ours)
            nursery.listens = True
            return parent
        except BaseException:
            ours.close()
            raise

    def serve(self, job: Job, limits: Limits) -> Exchange:
        """Run the job in a new child. Raises OSError where there is none."""
        self._post(job.numbered)
        ours, theirs = socket.socketpair()
        with ours:
            clock.asking(ours)
            with theirs:
                socket.send_fds(self._control, [pack(FORK, limits.tmpfs)], [theirs.fileno()])
            self.served += 1
            child = _WarmChild(self, ours)
            try:
                return Conversation(job, limits, child, filter_wanted=True, inherited=self._numbers).hold()
            finally:
                child.end()

    def close(self) -> None:
        """End the parent and whatever it still has. One that hears that there is no more work goes by itself."""
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_WR)
        if not _readable(self._itself, PARTING):
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._itself, signal.SIGKILL)
        self.abandon()

    def abandon(self) -> None:
        """Let go of the descriptors alone."""
        self._control.close()
        os.close(self._itself)

    def _when_ready(self) -> int:
        """A descriptor of the parent's process, which it sends when it is ready."""
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, MOST_BYTES, 1, socket.MSG_CMSG_CLOEXEC)
            kind = unpack(data)[0] if data else b""
        except (OSError, MalformedError):
            kind, descriptors = b"", []
        if kind != READY or len(descriptors) != 1:
            for descriptor in descriptors:
                os.close(descriptor)
            raise LaunchError(self.complaint() or "the warm parent did not answer")
        return int(descriptors[0])

    def _post(self, tasks: Iterable[Task]) -> None:
        """Give it the tasks that it has not; where it gets a part, it gets the whole, with all parts that there are."""
        wholes = [task.whole or task for task in tasks]
        wanted = {id(one): one for whole in wholes for one in (whole, *whole.parts)}
        new = [task for key, task in wanted.items() if key not in self._numbers]
        if not new:
            return
        numbers = {**self._numbers, **{id(task): len(self._posted) + place for place, task in enumerate(new)}}
        descriptor = os.memfd_create("tasks", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            pieces = write_tasks(new, numbers)
            with open(descriptor, "wb", closefd=False) as file:
                file.writelines(pieces)
            whole = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
            fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, whole)  # the same bytes serve everybody
            socket.send_fds(self._control, [pack(POST, sum(map(len, pieces)))], [descriptor])
        finally:
            os.close(descriptor)
        self._expect(DONE)
        self._numbers = numbers
        self._posted += new

    def _expect(self, wanted: bytes) -> int:
        """The number of the parent's next answer, which must be of one kind."""
        answer = self.answer()
        if answer is None or answer[0] != wanted:
            self.usable = False
            raise LaunchError(self.complaint() or "the warm parent did not answer")
        return answer[1]

    def answer(self) -> tuple[bytes, int] | None:
        """The parent's next answer; None if there will be none."""
        try:
            data = self._control.recv(MOST_BYTES)
            return unpack(data) if data else None
        except (OSError, MalformedError):
            return None

    def heard(self, patience: float) -> bool:
        """Whether there is an answer, or the parent is gone; wait for it for so many seconds."""
        return _readable(self._control.fileno(), patience)

    def kill_child(self) -> None:
        """Tell the parent to end its child."""
        with contextlib.suppress(OSError):
            self._control.send(pack(KILL))

    def complaint(self) -> str:
        """What was written to standard error before a student's code was loaded, by any process of the nursery's."""
        return self._nursery.complaint()


def _readable(descriptor: int, patience: float) -> bool:
    """Whether something can be read, or will be within so many seconds; of a process: whether it has ended."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(patience * 1000))


@dataclass
class _WarmChild:
    """A child of a warm parent, as a conversation needs it."""

    parent: _Parent
    channel: socket.socket
    _code: int | None = field(default=None, init=False)

    def ended(self) -> bool:
        """Whether the process has ended, and with it all that it left behind."""
        if self._code is None and self.parent.heard(0.0):
            self._hear()
        return self._code is not None

    def end(self, patience: float = 0.0) -> int:
        """End the child, which gets `patience` seconds to do so itself, and wait for it. The exit code."""
        if self._code is None and (patience and self.parent.heard(patience)):
            self._hear()
        if self._code is None:
            self.parent.kill_child()
            if self.parent.heard(DYING):
                self._hear()
            else:
                self.parent.usable, self._code = False, KILLED
        assert self._code is not None
        return self._code

    def complaint(self) -> str:
        """What was written to standard error before the host closed it."""
        return self.parent.complaint()

    def _hear(self) -> None:
        answer = self.parent.answer()
        if answer is None or answer[0] != ENDED:
            self.parent.usable, self._code = False, KILLED
        else:
            self._code = answer[1]
