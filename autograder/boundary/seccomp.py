"""The syscall wall: an allow-list of system calls, assembled into a seccomp filter for the kernel to run.

Three programs are made from one list. `outer` goes to bwrap and holds from the interpreter's first instruction; it
still lets that one `execve` through which starts the interpreter, and lets the host tighten the filter and its mounts.
`inner` is what the host puts on before it touches a student's code: no exec either, and signals only to itself. In
both, a process can make threads and no processes: `fork`, `vfork` and a `clone` that is no thread are refused. `clone3`
hides its flags in memory, where no filter can look: it answers "not implemented", and the C library falls back to
`clone`.

`inner` also answers "done" and does nothing where a file would be locked: the box shares devices, the interpreter and
packages with the machine, and a lock on one holds for everybody. In the scratch folder, which the box has for itself,
nobody misses it. Leases are refused. Owners and extended attributes are in no table, so they are refused too.

`parent` is for a nursery and its parents instead of `outer`: they may also fork, and give what they fork namespaces
and a folder of its own. Filters add up: each child puts `inner` on, and is then as restricted as in a fresh box.

Refused calls fail with EPERM, so that an honest program sees an ordinary error; calls newer than the tables fail with
ENOSYS, as on an older kernel. Another architecture's calling convention ends the process: its numbers mean other calls.
"""

from __future__ import annotations

import errno
import platform
import struct
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autograder.boundary.syscalls import AARCH64, X86_64

Instruction = tuple[int, int, int, int]


@dataclass(frozen=True)
class Architecture:
    """What the filter must know of a machine: the kernel's word for it, and its numbers."""

    audit: int
    numbers: Mapping[str, int]


ARCHITECTURES: Mapping[str, Architecture] = {
    "x86_64": Architecture(0xC000003E, X86_64),
    "aarch64": Architecture(0xC00000B7, AARCH64),
}

# What the tables list and these do not restrict is allowed whatever its arguments are.
PROCESSES = frozenset({"fork", "vfork"})
EXECS = frozenset({"execve", "execveat"})
TIGHTENING = frozenset({"seccomp"})
NESTING = frozenset({"unshare", "setns", "mount", "pidfd_open", "capset"})
SEALING = frozenset({"mount", "capset"})
CONDITIONAL = frozenset({"clone", "clone3", "fcntl", "flock", "ioctl", "kill", "tgkill", "tkill", "prctl", "prlimit64"})

NEWEST_KNOWN = 450
CLONE_VM, CLONE_THREAD = 0x100, 0x10000
NAMESPACES, SIGNAL = 0x7E020000, 0xFF
TERMINAL_QUESTIONS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS TIOCGWINSZ FIONREAD FIONBIO FIO(N)CLEX
LOCKS = (6, 7, 37, 38)  # F_SETLK F_SETLKW F_OFD_SETLK F_OFD_SETLKW
LEASES = (1024, 1026, 1036, 1038)  # F_SETLEASE F_NOTIFY F_SET_RW_HINT F_SET_FILE_RW_HINT
NAMES_OF_THREADS = (3, 15, 16)  # PR_GET_DUMPABLE PR_SET_NAME PR_GET_NAME
DIE_WITH_PARENT, NO_NEW_PRIVILEGES = 1, 38
OF_THE_HOST = (DIE_WITH_PARENT, NO_NEW_PRIVILEGES)
SET_DUMPABLE = 4
SIGNAL_OF_CHILD = 17

LOAD, AND, EQUAL, GREATER, RETURN = 0x20, 0x54, 0x15, 0x25, 0x06
KILL_PROCESS, ERRNO, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
NUMBER, ARCHITECTURE = 0, 4


def architecture() -> Architecture | None:
    """This machine's, or None where there is no table for it: then this wall is missing."""
    return ARCHITECTURES.get(platform.machine()) if sys.platform == "linux" else None


def outer(machine: Architecture) -> bytes:
    """The program for `bwrap --seccomp`: struct sock_filter, one after the other."""
    return _assemble(
        machine, allowed=EXECS | TIGHTENING | SEALING, prctl=(*NAMES_OF_THREADS, *OF_THE_HOST), process=None
    )


def parent(machine: Architecture) -> bytes:
    """The program for the bwrap of a nursery."""
    prctl = (*NAMES_OF_THREADS, *OF_THE_HOST, SET_DUMPABLE)
    return _assemble(machine, allowed=EXECS | TIGHTENING | NESTING, prctl=prctl, process=None)


def inner(machine: Architecture, process: int) -> bytes:
    """The program that process number `process` puts on itself."""
    return _assemble(machine, allowed=frozenset(), prctl=NAMES_OF_THREADS, process=process)


def _assemble(machine: Architecture, *, allowed: frozenset[str], prctl: tuple[int, ...], process: int | None) -> bytes:
    numbers = machine.numbers
    program: list[Instruction] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, machine.audit),
        (RETURN, 0, 0, KILL_PROCESS),
        (LOAD, 0, 0, NUMBER),
        (GREATER, 0, 1, NEWEST_KNOWN),
        (RETURN, 0, 0, ERRNO | errno.ENOSYS),
    ]
    unconditional = numbers.keys() - CONDITIONAL - (PROCESSES | EXECS | TIGHTENING | NESTING) | (
        allowed & numbers.keys()
    )
    for name in sorted(unconditional, key=numbers.__getitem__):
        program += [(EQUAL, 0, 1, numbers[name]), (RETURN, 0, 0, ALLOW)]
    program += _rule(numbers["clone3"], [(RETURN, 0, 0, ERRNO | errno.ENOSYS)])
    thread = CLONE_VM | CLONE_THREAD
    flags = thread | NAMESPACES | SIGNAL
    made = (thread, SIGNAL_OF_CHILD) if allowed >= NESTING else (thread,)
    program += _rule(numbers["clone"], [_argument(0), (AND, 0, 0, flags), *_one_of(made, errno.EPERM)])
    program += _rule(numbers["ioctl"], [_argument(1), *_one_of(TERMINAL_QUESTIONS, errno.ENOTTY)])
    program += _rule(numbers["prctl"], [_argument(0), *_one_of(prctl, errno.EPERM)])
    program += _rule(numbers["flock"], [(RETURN, 0, 0, ALLOW if process is None else ERRNO | 0)])
    body: list[Instruction] = [(RETURN, 0, 0, ALLOW)]
    if process is not None:
        answers = {**dict.fromkeys(LOCKS, ERRNO | 0), **dict.fromkeys(LEASES, ERRNO | errno.EPERM)}
        known = [step for what, answer in answers.items() for step in ((EQUAL, 0, 1, what), (RETURN, 0, 0, answer))]
        body = [_argument(1), *known, (RETURN, 0, 0, ALLOW)]
    program += _rule(numbers["fcntl"], body)
    own = (0,) if process is None else (0, process)
    program += _rule(numbers["prlimit64"], [_argument(0), *_one_of(own, errno.EPERM)])
    for name in ("kill", "tgkill", "tkill"):
        # Before the host knows its number it is alone in its PID namespace; tkill names a thread, not a process.
        body = [(RETURN, 0, 0, ALLOW)] if process is None else [_argument(0), *_one_of((process,), errno.EPERM)]
        program += _rule(numbers[name], body)
    program.append((RETURN, 0, 0, ERRNO | errno.EPERM))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in program)


def _rule(number: int, body: list[Instruction]) -> Iterator[Instruction]:
    """`body`, which always returns, for one system call."""
    yield (EQUAL, 0, len(body), number)
    yield from body


def _one_of(values: tuple[int, ...], otherwise: int) -> Iterator[Instruction]:
    for value in values:
        yield from ((EQUAL, 0, 1, value), (RETURN, 0, 0, ALLOW))
    yield (RETURN, 0, 0, ERRNO | otherwise)


def _argument(index: int) -> Instruction:
    """Load the low 32 bits of an argument: the kernel reads no more of any that is asked about here."""
    return (LOAD, 0, 0, 16 + 8 * index)
