"""An attacker that every kind of box must withstand before it is used: walls are proven, not assumed.

The attacker is an ordinary submission, run with the box's real arguments. Around it stand real targets: a file that
only the grader may read, one that only the grader may write, a listener on the loopback device, one on an abstract
socket, a secret in the grader's memory, the grader itself and a process beside it. What the attacker says of its
success counts, and so does what the targets saw.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import autograder
from autograder.boundary.canary import CANARY, answered
from autograder.boundary.job import Cell, Job, Outcome, Task

ATTACKS: Mapping[str, str] = {
    "reads the reference rules": "open(RULES).read()",
    "reads the hidden cases": "open(CASES).read()",
    "reads a file of the grader": "open(SENTINEL).read()",
    "writes the results": 'open(RESULTS, "a").write("forged")',
    "reaches the network": 'socket.create_connection(("127.0.0.1", PORT), 2).sendall(b"x")',
    "reaches an abstract socket": "reach_abstract()",
    "sees the system's processes": 'os.listdir("/proc")',
    "reads the grader's memory": "read_memory()",
    "signals the grader": "os.kill(GRADER, 0)",
    "signals a neighbour": "os.kill(NEIGHBOUR, 0)",
    "signals its parent": "os.kill(os.getppid() or 1, 0)",
    "reads its parent's memory": "read_memory_of(os.getppid() or 1)",
    "holds a descriptor of the grader's": "count_descriptors()",
    "finds what another one left": "find_leftovers()",
    "makes a process": "os.fork() or os._exit(0)",
    "runs a program": 'subprocess.run([sys.executable, "-c", ""], check=True)',
    "makes a namespace": "system(libc.unshare(0x10000000))",
    "mounts a file system": 'system(libc.mount(b"none", b"/tmp", b"tmpfs", 0, None))',
    "becomes root": "os.setuid(0)",
    "changes what a file of the machine is marked with": "change_metadata()",
    "locks a file of the machine": "lock_files()",
}

SECRETS = ("holds a descriptor of the grader's", "finds what another one left")

BEHIND_WALL = {
    "namespaces": frozenset(ATTACKS),
    "other-uid": frozenset(
        {
            *(
                "reads the reference rules",
                "reads the hidden cases",
                "reads a file of the grader",
                "writes the results",
            ),
            *("reads the grader's memory", "signals the grader", "becomes root", "mounts a file system"),
            *("signals its parent", "reads its parent's memory", *SECRETS),
            *("changes what a file of the machine is marked with", "locks a file of the machine"),
        }
    ),
    "process": frozenset(SECRETS),
}
NEEDS_FILTER = frozenset({"makes a process", "runs a program", "locks a file of the machine"})

SETUP = """
import contextlib, ctypes, fcntl, itertools, os, socket, stat, subprocess, sys, tempfile
DEVICES = ["/dev/null", "/dev/zero", "/dev/urandom"]
libc = ctypes.CDLL(None, use_errno=True)

def system(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), "refused")

def reach_abstract():
    reached = socket.socket(socket.AF_UNIX)
    reached.connect(ABSTRACT)
    reached.sendall(b"x")

def read_memory():
    with open(f"/proc/{GRADER}/mem", "rb", 0) as memory:
        memory.seek(ADDRESS)
        memory.read(16)

def read_memory_of(process):
    piece, found = ctypes.create_string_buffer(16), ctypes.c_size_t(16)
    local = (ctypes.c_size_t * 2)(ctypes.addressof(piece), 16)
    remote = (ctypes.c_size_t * 2)(ADDRESS, 16)
    if libc.process_vm_readv(process, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0) != 16:
        raise OSError(ctypes.get_errno(), "refused")

def count_descriptors():
    held = [number for number in range(3, 1024) if is_open(number)]
    kinds = [stat.S_IFMT(os.fstat(number).st_mode) for number in held]
    left = [kind for kind in kinds if kind not in (stat.S_IFREG, stat.S_IFSOCK)]
    if not left and kinds.count(stat.S_IFSOCK) <= 1 and kinds.count(stat.S_IFREG) <= 1:
        raise OSError("only its own channel and what it prints into")

def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True

def find_leftovers():
    place = os.path.join(tempfile.gettempdir(), "left by the probe")
    if not os.path.exists(place):
        open(place, "w").close()
        raise OSError("nothing")

def own_file():
    place = os.path.join(tempfile.gettempdir(), "of the probe %d" % os.getpid())
    with open(place, "w") as file:
        file.write("x")
    return place

def files_of_the_machine():
    # Breadth first, so that each place that is mounted by itself is met; enough of them to find a hole.
    own, starts = os.path.realpath(tempfile.gettempdir()), [*DEVICES, sys.executable, *sys.path]
    places, found = [(path, os.path.realpath(path)) for path in starts], [("/", os.stat("/"))]
    for path, real in places:
        with contextlib.suppress(OSError):
            status = os.stat(path)
            if not real.startswith(own):
                found.append((path, status))
            if stat.S_ISDIR(status.st_mode) and len(places) < 1000:
                with os.scandir(path) as inside:
                    places += [(entry.path, real_path(entry, real)) for entry in itertools.islice(inside, 40)]
    return found

def real_path(entry, folder):
    return os.path.realpath(entry.path) if entry.is_symlink() else f"{folder}/{entry.name}"

def same_mode(path, status):
    os.chmod(path, stat.S_IMODE(status.st_mode))

def same_mode_of_descriptor(path, status):
    with_descriptor(path, status, os.O_RDONLY, lambda held: os.fchmod(held, stat.S_IMODE(status.st_mode)))

def same_times(path, status):
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

def same_times_of_descriptor(path, status):
    times = (status.st_atime_ns, status.st_mtime_ns)
    with_descriptor(path, status, os.O_RDONLY, lambda held: os.utime(held, ns=times))

def same_owner(path, status):
    os.chown(path, status.st_uid, status.st_gid)

def same_attribute(path, status):
    os.setxattr(path, "user.probe", b"")
    os.removexattr(path, "user.probe")

def same_space(path, status):
    if path not in DEVICES and not (stat.S_ISREG(status.st_mode) and status.st_size):
        raise OSError("nothing to ask for")
    with_descriptor(path, status, os.O_WRONLY, lambda held: os.posix_fallocate(held, 0, 1))

def with_descriptor(path, status, how, act):
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode) or path in DEVICES):
        raise OSError("opening it may do something")
    held = os.open(path, how)
    try:
        return act(held)
    finally:
        os.close(held)

def changes_times(path, status):
    os.utime(path, (1, 1))
    return os.stat(path).st_mtime == 1

def changes_mode(path, status):
    os.chmod(path, 0o640)
    return stat.S_IMODE(os.stat(path).st_mode) == 0o640

def is_not_refused(act, path, status):
    try:
        return act(path, status) is not False
    except (OSError, AttributeError):
        return False

def change_metadata():
    # What is answered and not done in a folder of its own is not done anywhere.
    place = own_file()
    of_place = (place, os.stat(place))
    acts = [same_owner, same_attribute, same_space]
    acts += [same_mode, same_mode_of_descriptor] * is_not_refused(changes_mode, *of_place)
    acts += [same_times, same_times_of_descriptor] * is_not_refused(changes_times, *of_place)
    acts = [act for act in acts if is_not_refused(act, *of_place)]
    os.unlink(place)
    if not any(is_not_refused(act, *of_path) for of_path in files_of_the_machine() for act in acts):
        raise OSError("nothing")

def really_locked(path, status):
    return with_descriptor(path, status, os.O_RDONLY, lambda first: is_locked(path, status, first))

def is_locked(path, status, first):
    fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        with_descriptor(path, status, os.O_RDONLY, lambda second: fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB))
    except BlockingIOError:
        return True
    return False

def lock_files():
    places = [path for path in [*DEVICES, sys.executable, os.__file__] if os.path.exists(path)]
    if not any(is_not_refused(really_locked, path, os.stat(path)) for path in places):
        raise OSError("nothing")

def succeeds(attack):
    try:
        eval(attack)
    except (OSError, AttributeError, subprocess.SubprocessError):
        return False
    return True
"""


@dataclass(frozen=True)
class Findings:
    """What the attacker achieved. `complete` only if every attack was tried; `detail` says what came in between."""

    achieved: frozenset[str]
    complete: bool
    detail: str = ""


def fault(run: Callable[[Job], Outcome], tier: str, *, torch: bool, filtered: bool, times: int = 1) -> str:
    """Why boxes of this tier may not be used, as `run` builds them; empty if they may.

    They are attacked so many `times`, one after the other: a later one finds what an earlier one left behind.
    """
    findings = attack(run, torch=torch, times=times)
    if not findings.complete:
        return f"the box could not be proven: {findings.detail}"
    expected = BEHIND_WALL[tier] if filtered else BEHIND_WALL[tier] - NEEDS_FILTER
    holes = sorted(findings.achieved & expected)
    return f"in the box, a test attacker {', '.join(holes)}" if holes else ""


def attack(run: Callable[[Job], Outcome], *, torch: bool = False, times: int = 1) -> Findings:
    """Let the attacker loose in a box, in so many if need be, and look at the targets afterwards.

    A known program is in the same box: what does not answer that has not been attacked either.
    """
    with _targets() as targets:
        achieved: frozenset[str] = frozenset()
        for _ in range(times):
            findings = _attacked(run, targets, torch)
            if not findings.complete:
                return findings
            achieved |= findings.achieved
        return Findings(achieved | targets.touched(), True)


def _attacked(run: Callable[[Job], Outcome], targets: _Targets, torch: bool) -> Findings:
    """What one attacker says of itself."""
    names = "\n".join(f"{name} = {value!r}" for name, value in targets.values.items())
    attempts = "\n".join(f"achieved[{name!r}] = succeeds({source!r})" for name, source in ATTACKS.items())
    cells = (Cell("probe", f"{SETUP}\n{names}\nachieved = {{}}\n{attempts}\n"), *CANARY.cells)
    outcome = run(Job(cells, (Task("probe", "read", names=("achieved",)), *CANARY.tasks), torch))
    reply = outcome.replies.get("probe")
    said = reply.returned[0].value if reply and reply.complete else None
    if outcome.ended != "finished" or not isinstance(said, dict) or said.keys() != ATTACKS.keys():
        reasons = [outcome.detail, *(f"{r.raised.type}: {r.raised.message}" for r in outcome.load if r.raised)]
        return Findings(frozenset(), False, "; ".join(filter(None, reasons)) or outcome.ended)
    if not answered(outcome):
        return Findings(frozenset(), False, "a known program was not answered rightly")
    return Findings(frozenset(name for name in said if said[name]), True)


class _Targets:
    """What is there to be attacked; `values` tells the attacker where."""

    def __init__(self, folder: Path, tcp: socket.socket, abstract: socket.socket | None, neighbour: int) -> None:
        sentinel, self._results = folder / "sentinel", folder / "results"
        for file in (sentinel, self._results):
            file.touch(0o600)
            file.write_text("grader only")
        self._tcp, self._abstract = tcp, abstract
        self._secret = ctypes.create_string_buffer(secrets.token_bytes(16))
        package = Path(autograder.__file__).resolve().parent
        self.values: dict[str, object] = {
            "RULES": str(package / "engine" / "__init__.py"),
            "CASES": str(package / "exercises" / "__init__.py"),
            "SENTINEL": str(sentinel),
            "RESULTS": str(self._results),
            "PORT": tcp.getsockname()[1],
            "ABSTRACT": abstract.getsockname() if abstract else "",
            "GRADER": os.getpid(),
            "NEIGHBOUR": neighbour,
            "ADDRESS": ctypes.addressof(self._secret),
        }

    def touched(self) -> frozenset[str]:
        """The attacks of which the targets themselves tell."""
        seen = {
            "writes the results": self._results.read_text() != "grader only",
            "reaches the network": _was_reached(self._tcp),
            "reaches an abstract socket": self._abstract is not None and _was_reached(self._abstract),
        }
        return frozenset(name for name, happened in seen.items() if happened)


@contextlib.contextmanager
def _targets() -> Iterator[_Targets]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="probe-")))
        folder.chmod(0o755)
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        abstract = None
        if sys.platform == "linux":
            abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
            abstract.bind(f"\0autograder-{secrets.token_hex(8)}")
            abstract.listen()
        idle = [sys.executable, "-I", "-S", "-c", "import sys; sys.stdin.read()"]
        neighbour = subprocess.Popen(idle, stdin=subprocess.PIPE)
        stack.callback(neighbour.wait)
        stack.callback(neighbour.kill)
        if neighbour.stdin is not None:
            stack.callback(neighbour.stdin.close)
        yield _Targets(folder, tcp, abstract, neighbour.pid)


def _was_reached(listener: socket.socket) -> bool:
    listener.setblocking(False)
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True
