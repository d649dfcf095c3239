"""The host's last act before it meets a student's code: no new privileges, and the inner system call filter."""

from __future__ import annotations

import ctypes
import os
import signal

from autograder.boundary import seccomp

SET_MODE_FILTER, ALL_THREADS = 1, 1


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def lock_down() -> bool:
    """Put the filter on, in every thread, and die with the parent.

    False where the machine has no filter, or no table: the syscall wall is then missing.
    """
    machine = seccomp.architecture()
    if machine is None:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    code = seccomp.inner(machine, os.getpid())
    program = _Program(len(code) // 8, code)
    libc.prctl(seccomp.DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if libc.prctl(seccomp.NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    number = machine.numbers["seccomp"]
    return bool(libc.syscall(number, SET_MODE_FILTER, ALL_THREADS, ctypes.byref(program)) == 0)
