"""The nursery: imports once, then forks warm parents, which make a child in fresh namespaces for each submission.

    nursery        keeps the imports, and makes parents
    └─ parent      never meets a student's code: keeps the inputs of the calls, which children inherit
       └─ init     first process of a new PID namespace: makes the other namespaces and the scratch folder, then waits
          └─ host  in a user namespace of its own, without capabilities, under the inner filter: serves one submission

Orders come as datagrams (`boundary.orders`), to the nursery on standard input, to each parent on a channel of its own.
Of a FORK the answer comes when the child and all that it left behind are gone. A parent has one child at a time. It
needs the capability to make namespaces, within the user namespace of the bwrap around it and nowhere else.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import resource
import select
import signal
import socket
from collections.abc import Callable
from mmap import PROT_READ, mmap
from typing import NoReturn

from autograder.boundary import seccomp
from autograder.boundary.frames import INTO_THE_BOX, frame_in
from autograder.boundary.orders import DONE, ENDED, FAILED, FORK, KILL, MOST_BYTES, PARENT, POST, READY, pack, unpack
from autograder.boundary.posting import PostedTask, read_tasks
from autograder.untrusted.capture import channel_from_stdin, high
from autograder.untrusted.host import serve, warm_up
from autograder.untrusted.inputs import Shelf
from autograder.untrusted.lockdown import check, drop_capabilities, prepared, seal_devices
from autograder.untrusted.pages import in_huge_pages

CLONE_VM = 0x100
NEW_PID, NEW_USER = 0x20000000, 0x10000000
NEW_MOUNTS_NETWORK_IPC_HOSTNAME = 0x00020000 | 0x40000000 | 0x08000000 | 0x04000000
NOSUID, NODEV, RECURSIVE, PRIVATE = 0x2, 0x4, 0x4000, 0x40000
SCRATCH = "/tmp"
MOST_STANDARD = 2
HOST = 2
"""The number of each host in its PID namespace, after init."""

_libc = ctypes.CDLL(None, use_errno=True)


def main(*, torch: bool, many: bool) -> NoReturn:
    """Warm up, and make parents until there is nobody left to ask for any.

    For `many` submissions more is done that makes each of them cheaper; for a few it would take longer than it saves.
    """
    seal_devices()
    warm_up(torch=torch, for_many=many)
    control = socket.socket(fileno=channel_from_stdin())
    # No child may look into the memory of this process, and none inherits the right to be looked into.
    check(_libc.prctl(seccomp.SET_DUMPABLE, 0, 0, 0, 0))
    check(_libc.unshare(CLONE_VM))  # refused to a process with threads: a fork of one would hang
    prepared(HOST)
    if many:
        gc.collect()
        in_huge_pages()
    gc.freeze()
    gc.enable()
    try:
        _make_parents(control)
    finally:
        os._exit(0)


def _make_parents(control: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, _bury)
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, MOST_BYTES, 1)
        if not data:
            return  # with the nursery go all of its parents: the namespace around them is taken down
        if unpack(data)[0] != PARENT or not descriptors:
            continue
        with contextlib.suppress(OSError):  # no memory for one more: who asked hears that its channel is closed
            if os.fork() == 0:
                control.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                try:
                    _Parent(socket.socket(fileno=descriptors[0])).take_orders()
                finally:
                    os._exit(0)
        os.close(descriptors[0])


def _bury(*_: object) -> None:
    """Wait for the parents that have ended: what nobody waits for is in nobody's CPU time."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue


class _Parent:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._tasks: list[PostedTask] = []
        self._shelf = Shelf()
        self._itself = os.pidfd_open(os.getpid())

    def take_orders(self) -> None:
        socket.send_fds(self._control, [pack(READY)], [self._itself])
        while True:
            data, descriptors, _, _ = socket.recv_fds(self._control, MOST_BYTES, 1)
            if not data:
                return
            order, number = unpack(data)
            if order == POST:
                self._keep(descriptors[0], number)
                self._control.send(pack(DONE, len(self._tasks)))
            elif order == FORK:
                self._bear(descriptors[0], number)

    def _keep(self, descriptor: int, size: int) -> None:
        """Keep the tasks of a frame for all children to come."""
        data = mmap(descriptor, size, prot=PROT_READ)  # shared: a fork copies no page table of it
        os.close(descriptor)
        tasks = read_tasks(frame_in(memoryview(data), INTO_THE_BOX), self._tasks)
        self._shelf.prepare(tasks)
        self._tasks += tasks
        if any(task.whole is None for task in tasks):
            gc.collect()
            gc.freeze()

    def _bear(self, channel: int, scratch_bytes: int) -> None:
        try:
            check(_libc.unshare(NEW_PID))
            child = os.fork()
        except OSError as error:
            os.close(channel)
            self._control.send(pack(FAILED, error.errno or 0))
            return
        if child == 0:
            _libc.prctl(seccomp.DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
            self._control.close()
            moved = high(channel)
            os.closerange(MOST_STANDARD + 1, moved)  # of what the parent has open a child has nothing but its channel
            os.closerange(moved + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
            _init(moved, scratch_bytes, self._serve)
        os.close(channel)
        check(_libc.setns(self._itself, NEW_PID))  # the next child gets another namespace, not this one
        self._control.send(pack(ENDED, self._wait(child)))

    def _serve(self, channel: int) -> None:
        serve(socket.socket(fileno=channel), inherited=self._tasks, shelf=self._shelf)

    def _wait(self, child: int) -> int:
        """Wait for a child, or end it when told to; its exit code, 128 + n for signal n."""
        ending = os.pidfd_open(child)
        try:
            poll = select.poll()
            poll.register(ending, select.POLLIN)
            poll.register(self._control, select.POLLIN)
            while not any(descriptor == ending for descriptor, _ in poll.poll()):
                data = self._control.recv(MOST_BYTES)
                if not data or unpack(data)[0] == KILL:
                    os.kill(child, signal.SIGKILL)  # with it goes everything in its namespace
                    break
            return _exit_code(child)
        finally:
            os.close(ending)


def _init(channel: int, scratch: int, work: Callable[[int], None]) -> None:
    """The first process of a new PID namespace, which ends with the host. Never returns."""
    code = 125
    try:
        check(_libc.unshare(NEW_MOUNTS_NETWORK_IPC_HOSTNAME))
        check(_libc.mount(None, b"/", None, RECURSIVE | PRIVATE, None))
        options = f"size={scratch},mode=0755".encode()
        check(_libc.mount(b"tmpfs", SCRATCH.encode(), b"tmpfs", NOSUID | NODEV, options))
        os.chdir(SCRATCH)
        host = os.fork()
        if host == 0:
            _host(channel, work)
        os.close(channel)
        drop_capabilities()
        code = _exit_code(host)
    except OSError as error:
        os.write(2, f"the box could not be made: {error}".encode())
    finally:
        os._exit(code)


def _host(channel: int, work: Callable[[int], None]) -> None:
    """The host of one submission. Never returns."""
    code = 124
    try:
        # Unmapped: in it this process is nobody, and its capabilities in the namespace above are gone.
        check(_libc.unshare(NEW_USER))
        drop_capabilities()
        work(channel)
        code = 0
    except SystemExit:
        code = 1
    except OSError as error:
        os.write(2, f"the host could not be started: {error}".encode())
    finally:
        os._exit(code)


def _exit_code(process: int) -> int:
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return 128 - status if status < 0 else status
