"""What a box may see, as data: an allow-list of paths, each with its place inside.

    python/     the interpreter and its standard library, with any site-packages in it masked
    lib/        the shared libraries that the loader really loads for what is listed here, file by file
    site/       NumPy, IPython, matplotlib and what they require, from the packages' own records; torch if asked
    app/        a package `autograder` with `boundary/`, `untrusted/` and `kit/`, and nothing else of this one
    data/       for each assignment that is graded and has some, the data that its students got too

Site-packages as a whole stays outside: the installed grader is in it, and the answers in the grader.

What is imported here is what a process needs that was told the list (`know`); working it out imports more.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from autograder import boundary

if TYPE_CHECKING:
    from importlib.metadata import Distribution

PACKAGES = ("numpy", "ipython", "matplotlib")
ROOMS = ("boundary", "untrusted", "kit")
LOADER_CACHE = Path("/etc/ld.so.cache")
DATA = "data"

Data = tuple[tuple[Path, str], ...]
"""The folders of data that a box shows besides: each with the name of its assignment, which is its name inside."""


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
    witnesses: tuple[Path, ...] = ()
    """As long as these files and folders are the same ones, this is what a box may see on this machine."""

    @property
    def version(self) -> str:
        """The name of the standard library's folder, "python3.11"."""
        return f"python{sys.version_info.major}.{sys.version_info.minor}"

    @property
    def library_folder(self) -> str:
        """Where this interpreter looks for it under its home: "lib", or "lib64" as some systems have it."""
        return sys.platlibdir


_known: dict[bool, Visible] = {}


def know(torch: bool, seen: Visible) -> None:
    """Take what another process worked out: `visible` gives it from now on."""
    _known[torch] = seen


def known(torch: bool) -> Visible | None:
    """What `visible` gives, if it need not be worked out any more."""
    return _known.get(torch)


def visible(torch: bool) -> Visible:
    """What a box may see on this machine; worked out once per process (a few hundred milliseconds)."""
    if torch not in _known:
        _known[torch] = _worked_out(torch)
    return _known[torch]


def _worked_out(torch: bool) -> Visible:
    interpreter = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    standard_library = Path(sysconfig.get_path("stdlib")).resolve()
    files = {found: tuple(_files(found)) for found in _closure((*PACKAGES, "torch") if torch else PACKAGES)}
    with _asking(interpreter, [*(standard_library / "lib-dynload").glob("*.so"), *_extensions(files)]) as answer:
        packages = tuple(_packages(files))  # while the loader loads
        application = tuple(_application())
        loaded = answer()
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
        application=application,
        witnesses=(interpreter, standard_library / "lib-dynload", LOADER_CACHE, *loaded, *_records(files), *_sources()),
    )


def _records(files: Files) -> Iterator[Path]:
    """Where distributions are looked for, and the records of those that were found."""
    yield from (Path(entry) for entry in sys.path)
    for distribution, names in files.items():
        yield from (Path(str(distribution.locate_file(name))) for name in names if name.endswith(".dist-info/RECORD"))


def _sources() -> Iterator[Path]:
    """The files of the rooms, and what they are compiled to."""
    package = Path(boundary.__file__).resolve().parent.parent
    for path in (path for room in ROOMS for path in sorted((package / room).rglob("*.py"))):
        yield path
        yield Path(cache_from_source(path))


def _application() -> Iterator[tuple[Path, str]]:
    """The rooms of this package that belong in the box, compiled beforehand: inside they are read-only."""
    import compileall

    package = Path(boundary.__file__).resolve().parent.parent
    yield package / "__init__.py", "__init__.py"
    for room in ROOMS:
        folder = package / room
        if folder.is_dir():
            compileall.compile_dir(folder, quiet=2)  # an optimisation: where it cannot write, the box is slower
            yield folder, room


Files: TypeAlias = "Mapping[Distribution, tuple[str, ...]]"
"""The paths of the files of each distribution, as its record has them."""


def _packages(files: Files) -> Iterator[tuple[Path, str]]:
    """The files and folders that the distributions own."""
    entries: dict[str, Path] = {}
    for distribution, names in files.items():
        for entry in _owned(names):
            entries[entry] = Path(str(distribution.locate_file(entry))).resolve()
    yield from ((path, inside) for inside, path in sorted(entries.items()) if path.exists())


def _extensions(files: Files) -> Iterator[Path]:
    """The extension modules of the distributions, and the libraries beside them that are named like one."""
    for distribution, names in files.items():
        yield from (Path(str(distribution.locate_file(name))) for name in names if name.endswith(".so"))


def _files(distribution: Distribution) -> Iterator[str]:
    """The paths of a distribution's files, from its record if it has one: `files` makes objects, slowly."""
    import csv

    record = distribution.read_text("RECORD")
    if record is None:
        yield from (file.as_posix() for file in distribution.files or ())
    elif '"' in record:
        yield from (row[0] for row in csv.reader(record.splitlines()) if row)
    else:
        yield from (line.partition(",")[0] for line in record.splitlines() if line)


def _owned(files: Iterable[str]) -> set[str]:
    """The topmost entries that hold `files` and nobody else's: regular packages, folders of libraries, single files."""
    kept = [file.rpartition("/")[::2] for file in files if not _of_no_package(file)]
    regular = {folder for folder, name in kept if name == "__init__.py"}
    topmost = {folder: _topmost(folder.split("/"), regular) for folder in {folder for folder, _ in kept}}
    return {topmost[folder] or (f"{folder}/{name}" if folder else name) for folder, name in kept}


def _of_no_package(path: str) -> bool:
    """Whether a path begins with what no package owns: records, paths to add, compiled files, scripts outside."""
    return path.partition("/")[0].endswith((".dist-info", ".egg-info", ".pth", "__pycache__", ".."))


def _topmost(folder: list[str], regular: set[str]) -> str:
    """The topmost folder on the way to one that is a package or holds libraries; empty if there is none."""
    for depth in range(1, len(folder) + 1):
        path = "/".join(folder[:depth])
        if path in regular or path.endswith(".libs"):
            return path
    return ""


def _closure(names: Iterable[str]) -> Iterator[Distribution]:
    """The installed distributions that `names` need, themselves included; extras are not followed."""
    from importlib import metadata

    pending, seen = list(names), set()
    while pending:
        name = re.sub(r"[-_.]+", "-", pending.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # required elsewhere: on another system, for another Python
        yield distribution
        for requirement in _requirements(distribution):
            wanted = re.match(r"[A-Za-z0-9][\w.-]*", requirement)
            if wanted and not re.search(r"\bextra\s*==", requirement):
                pending.append(wanted.group())


def _requirements(distribution: Distribution) -> list[str]:
    """What a distribution requires, from its metadata if it is in the usual form: `requires` parses it as a letter."""
    metadata = distribution.read_text("METADATA")
    if metadata is None:
        return distribution.requires or []
    fields = metadata.partition("\n\n")[0]
    return re.findall(r"^Requires-Dist: *(.+)$", fields, re.MULTILINE)


@contextlib.contextmanager
def _asking(interpreter: Path, extensions: Iterable[Path]) -> Iterator[Callable[[], list[Path]]]:
    """Ask which shared libraries the loader loads for the extension modules; what is yielded waits for the answer.

    Tk is left out: there is no display in a box, and it would bring twenty libraries of X11.
    """
    with subprocess.Popen(
        [interpreter, "-I", "-S", "-c", _ASK_THE_LOADER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as asked:
        assert asked.stdin is not None
        try:
            asked.stdin.write("\n".join(str(path) for path in extensions if "_tk" not in path.name))
            asked.stdin.close()

            def answer() -> list[Path]:
                assert asked.stdout is not None
                said = asked.stdout.read()
                if asked.wait() != 0:
                    raise subprocess.CalledProcessError(asked.returncode, asked.args)
                return [Path(name) for name in json.loads(said)]

            yield answer
        except BaseException:
            asked.kill()
            raise


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
