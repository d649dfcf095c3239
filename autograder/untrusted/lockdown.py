"""The host's last act before it meets a student's code: no new privileges, and the inner system call filter."""

from __future__ import annotations

import ctypes
import os
import signal
from functools import cache

from autograder.boundary import seccomp

SET_MODE_FILTER, ALL_THREADS = 1, 1


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


_libc = ctypes.CDLL(None, use_errno=True)


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
