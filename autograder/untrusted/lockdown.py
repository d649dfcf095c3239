"""The host's first act, and its last before it meets a student's code.

First it closes the devices to changes, where its mounts are its own. Last it gives up what new privileges there could
be, and puts on the inner system call filter.
"""

from __future__ import annotations

import ctypes
import os
import signal
from functools import cache

from autograder.boundary import seccomp
from autograder.boundary.devices import DEVICES

SET_MODE_FILTER, ALL_THREADS = 1, 1


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


_libc = ctypes.CDLL(None, use_errno=True)


REMOUNT, BIND, READ_ONLY = 0x20, 0x1000, 0x1
OF_MOUNTS = {2: 0x2, 8: 0x8, 1024: 0x400, 2048: 0x800, 4096: 0x200000}
"""What `statvfs` tells of a mount, and how `mount` is asked for it: nosuid, noexec, noatime, nodiratime, relatime."""

_capabilities_of_this_thread = (ctypes.c_uint32 * 2)(0x20080522)  # the version of the next structure
_no_capabilities = (ctypes.c_uint32 * 6)()


def seal_devices() -> None:
    """Make the mounts of the devices read-only: they can be written to, and no mode, time or owner of theirs be set.

    They are the machine's own, and where the grader is root the box is their owner. For a process in a mount namespace
    of its own alone. Raises OSError.
    """
    for device in DEVICES:
        flags = sum(asked for told, asked in OF_MOUNTS.items() if os.statvfs(device).f_flag & told)
        check(_libc.mount(None, device.encode(), None, REMOUNT | BIND | READ_ONLY | flags, None))


def drop_capabilities() -> None:
    """Give up every capability for good: no new ones can come, this process may gain no privileges."""
    check(_libc.capset(_capabilities_of_this_thread, _no_capabilities))


def check(result: int) -> None:
    """Raise the OSError that the last call into the C library ended with, unless it succeeded."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


@cache
def prepared(process: int) -> tuple[seccomp.Architecture, bytes] | None:
    """This machine and the filter for process number `process`; None where there is no table for it.

    A nursery asks for the hosts to come: all have the same number, each in a namespace of its own.
    """
    machine = seccomp.architecture()
    return None if machine is None else (machine, seccomp.inner(machine, process))


def lock_down() -> bool:
    """Put the filter on, in every thread, and die with the parent.

    False where the machine has no filter, or no table: the syscall wall is then missing.
    """
    found = prepared(os.getpid())
    if found is None:
        return False
    machine, code = found
    program = _Program(len(code) // 8, code)
    _libc.prctl(seccomp.DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if _libc.prctl(seccomp.NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    number = machine.numbers["seccomp"]
    return bool(_libc.syscall(number, SET_MODE_FILTER, ALL_THREADS, ctypes.byref(program)) == 0)
