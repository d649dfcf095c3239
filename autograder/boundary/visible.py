"""What a box may see, as data: an allow-list of paths, each with its place inside.

    python/     the interpreter and its standard library, with any site-packages in it masked
    lib/        the shared libraries that the loader really loads for what is listed here, file by file
    site/       NumPy, IPython, matplotlib and what they require, from the packages' own records; torch if asked
    app/        a package `autograder` with `boundary/`, `untrusted/` and `kit/`, and nothing else of this one

Site-packages as a whole stays outside: the installed grader is in it, and the answers in the grader.
"""

from __future__ import annotations

import compileall
import csv
import functools
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder import boundary

PACKAGES = ("numpy", "ipython", "matplotlib")
ROOMS = ("boundary", "untrusted", "kit")
DECLARATIONS = "public"
"""The kit's folder that stays outside: one assignment's given forward may be another's answer."""


@dataclass(frozen=True)
class Visible:
    """The paths of one kind of box. `libraries` and `packages` are (path outside, name inside)."""

    interpreter: Path
    loader: Path | None
    standard_library: Path
    masked: tuple[str, ...]
    libraries: tuple[tuple[Path, str], ...]
    packages: tuple[tuple[Path, str], ...]
    application: tuple[tuple[Path, str], ...]

    @property
    def version(self) -> str:
        """The name of the standard library's folder, "python3.11"."""
        return f"python{sys.version_info.major}.{sys.version_info.minor}"

    @property
    def library_folder(self) -> str:
        """Where this interpreter looks for it under its home: "lib", or "lib64" as some systems have it."""
        return sys.platlibdir


@functools.cache
def visible(torch: bool) -> Visible:
    """What a box may see on this machine; worked out once per process (a few hundred milliseconds)."""
    interpreter = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    standard_library = Path(sysconfig.get_path("stdlib")).resolve()
    packages = tuple(_packages((*PACKAGES, "torch") if torch else PACKAGES))
    loaded = _loaded(interpreter, [standard_library / "lib-dynload", *(path for path, _ in packages)])
    inside = tuple(f"{path}/" for path in (standard_library, *(path for path, _ in packages)))
    libraries = [(path.resolve(), path.name) for path in loaded]
    loader = next((path for path in loaded if re.match(r"ld-(linux|musl)", path.name)), None)
    return Visible(
        interpreter=interpreter,
        loader=loader,
        standard_library=standard_library,
        masked=tuple(name for name in ("site-packages", "dist-packages") if (standard_library / name).is_dir()),
        libraries=tuple((path, name) for path, name in libraries if not f"{path}/".startswith(inside)),
        packages=packages,
        application=tuple(_application()),
    )


def _application() -> Iterator[tuple[Path, str]]:
    """The rooms of this package that belong in the box, compiled beforehand: inside they are read-only."""
    package = Path(boundary.__file__).resolve().parent.parent
    yield package / "__init__.py", "__init__.py"
    for room in ROOMS:
        folder = package / room
        if folder.is_dir():
            compileall.compile_dir(folder, quiet=2)  # an optimisation: where it cannot write, the box is slower
            if room == "kit":
                yield from (
                    (path, f"kit/{path.name}") for path in sorted(folder.iterdir()) if path.name != DECLARATIONS
                )
            else:
                yield folder, room


def _packages(names: Iterable[str]) -> Iterator[tuple[Path, str]]:
    """The files and folders that the named distributions and all that they require own."""
    entries: dict[str, Path] = {}
    for distribution in _closure(names):
        for entry in _owned(_files(distribution)):
            entries[entry] = Path(str(distribution.locate_file(entry))).resolve()
    yield from ((path, inside) for inside, path in sorted(entries.items()) if path.exists())


def _files(distribution: importlib.metadata.Distribution) -> Iterator[str]:
    """The paths of a distribution's files, from its record if it has one: `files` makes objects, slowly."""
    record = distribution.read_text("RECORD")
    if record is None:
        yield from (file.as_posix() for file in distribution.files or ())
    else:
        yield from (row[0] for row in csv.reader(record.splitlines()) if row)


def _owned(files: Iterable[str]) -> set[str]:
    """The topmost entries that hold `files` and nobody else's: regular packages, folders of libraries, single files."""
    kept = [file.split("/") for file in files]
    kept = [parts for parts in kept if not parts[0].endswith((".dist-info", ".egg-info", ".pth", "__pycache__", ".."))]
    regular = {tuple(parts[:-1]) for parts in kept if parts[-1] == "__init__.py"}
    return {"/".join(_topmost(parts, regular)) for parts in kept}


def _topmost(parts: list[str], regular: set[tuple[str, ...]]) -> list[str]:
    for depth in range(1, len(parts)):
        if tuple(parts[:depth]) in regular or parts[depth - 1].endswith(".libs"):
            return parts[:depth]
    return parts


def _closure(names: Iterable[str]) -> Iterator[importlib.metadata.Distribution]:
    """The installed distributions that `names` need, themselves included; extras are not followed."""
    pending, seen = list(names), set()
    while pending:
        name = re.sub(r"[-_.]+", "-", pending.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # required elsewhere: on another system, for another Python
        yield distribution
        for requirement in distribution.requires or ():
            wanted = re.match(r"[A-Za-z0-9][\w.-]*", requirement)
            if wanted and not re.search(r"\bextra\s*==", requirement):
                pending.append(wanted.group())


def _loaded(interpreter: Path, roots: Iterable[Path]) -> list[Path]:
    """The shared libraries that the loader loads for every extension module under `roots`, as it names them.

    Tk is left out: there is no display in a box, and it would bring twenty libraries of X11.
    """
    extensions: list[str] = []
    for root in roots:
        if root.is_dir():
            found = [os.path.join(folder, name) for folder, _, names in os.walk(root) for name in names]
        else:
            found = [str(root)]
        extensions += [path for path in found if path.endswith(".so") and "_tk" not in os.path.basename(path)]
    asked = subprocess.run(
        [interpreter, "-I", "-S", "-c", _ASK_THE_LOADER],
        input="\n".join(extensions),
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(name) for name in json.loads(asked.stdout)]


_ASK_THE_LOADER = """
import ctypes, json, os, sys
for path in [*sys.stdin.read().split("\\n"), "libgcc_s.so.1"]:
    try:
        path and ctypes.CDLL(path, mode=os.RTLD_LAZY | os.RTLD_LOCAL)
    except OSError:
        pass

class Info(ctypes.Structure):
    _fields_ = [("address", ctypes.c_void_p), ("name", ctypes.c_char_p)]

names = []
@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Info), ctypes.c_size_t, ctypes.c_void_p)
def collect(info, size, data):
    names.append(os.fsdecode(info.contents.name or b""))
    return 0

if sys.platform == "linux":
    ctypes.CDLL(None).dl_iterate_phdr(collect, None)
print(json.dumps([name for name in names if name.startswith("/")]))
sys.stdout.flush()
os._exit(0)
"""
