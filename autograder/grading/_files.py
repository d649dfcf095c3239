"""Reading a stranger's folder without being led elsewhere, and writing whole files or none.

Every folder on the way is opened by its parent's descriptor and never through a symbolic link, so what was looked at
is what is read, even if someone swaps names meanwhile. Only regular files are opened for reading.
"""

from __future__ import annotations

import errno
import functools
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, TypeAlias

from autograder.errors import MachineError, SubmissionError
from autograder.grading._storage import storing

Kind: TypeAlias = Literal["file", "folder", "link", "other"]

ENTRIES = 5_000
"""How many entries of one stranger's folder are looked at."""

UNFINISHED = ".unfinished"
"""How the name of a file ends while it is written; it begins with a dot."""

_OF_THE_FILE = frozenset(
    {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO, errno.EINVAL}
)
"""What a path or a file is to blame for; everything else is this machine's."""

_ADVICE = {
    errno.EACCES: "Mend its permissions (`chmod -R u+rX`) and grade again; what was recorded before stays",
    errno.EMFILE: "Raise `ulimit -n` and grade again; what was recorded before stays",
}

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def read_regular(path: Path, within: Path, limit: int) -> bytes:
    """The bytes of a regular file, no component of whose path below ``within`` is a symbolic link.

    Raises SubmissionError if it is anything else, longer than ``limit`` bytes, or can't be opened; MachineError where
    that says nothing of the file.
    """
    with _explained(), _opened(path, within, "file") as descriptor:
        before = os.fstat(descriptor)
        size = before.st_size
        data = b"" if size > limit else _read(descriptor, limit + 1)
        after = os.fstat(descriptor)
    if _version(before) != _version(after):
        raise MachineError("The file was written to while it was read", next_step="Grade again when it is whole")
    if size > limit or len(data) > limit:
        raise SubmissionError(
            "The file is too large", f"at most {limit:,} bytes", f"{max(size, len(data)):,}",
            "Clear all outputs, save, and hand the notebook in again",
        )  # fmt: skip
    return data


def list_folder(path: Path, within: Path, limit: int | None = ENTRIES) -> dict[str, Kind]:
    """The sorted names in a folder, each with what it is; links are not followed. Raises SubmissionError."""
    with _explained(), _opened(path, within, "folder") as descriptor, os.scandir(descriptor) as entries:
        found = {entry.name: _kind(entry) for entry in islice(entries, limit and limit + 1)}
    if limit is not None and len(found) > limit:
        raise SubmissionError("The folder holds too many files", f"at most {limit:,}", "more")
    return dict(sorted(found.items()))


def sha256(data: bytes) -> str:
    """The digest by which a submission, a release or a file of the results is known, in hex."""
    return hashlib.sha256(data).hexdigest()


def write_atomically(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part. The folder must exist.

    Without a ``mode`` others may read it, as far as this process's umask lets them.

    A process killed meanwhile leaves a file that `sweep` removes. Nothing is synced to the disk: after a kill the
    kernel still has it, and what a power failure takes is found missing by its digest and written again, while a sync
    for each file would cost more than grading it.
    """
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=UNFINISHED)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            os.fchmod(stream.fileno(), 0o644 & ~_umask() if mode is None else mode)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


@functools.cache
def _umask() -> int:
    """This process's umask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@dataclass(frozen=True)
class File:
    """A file to be in place: its path below some folder, and its bytes. Without bytes there must be no such file."""

    path: str
    data: bytes | None
    mode: int | None = None


def put(folder: Path, files: Iterable[File]) -> dict[str, str]:
    """Put files in place below ``folder``, each atomically. Returns SHA-256 by path. Raises StorageError."""
    digests = {}
    for file in files:
        path = folder / file.path
        with storing(path):
            if file.data is None:
                path.unlink(missing_ok=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(path, file.data, file.mode)
                digests[file.path] = sha256(file.data)
    return digests


def sweep(folder: Path) -> None:
    """Remove what a killed process left half written in ``folder``, if that is one. Nobody may be writing there."""
    try:
        with os.scandir(folder) as entries:
            left = [entry.path for entry in entries if entry.name[0] == "." and entry.name.endswith(UNFINISHED)]
    except (FileNotFoundError, NotADirectoryError):
        return
    for path in left:
        with suppress(FileNotFoundError):
            os.unlink(path)


@contextmanager
def _opened(path: Path, within: Path, kind: Literal["file", "folder"]) -> Iterator[int]:
    """A descriptor of ``path``, reached from ``within`` component by component."""
    parts = path.relative_to(within).parts
    if ".." in parts:
        raise SubmissionError("The path leads out of the folder", next_step="Name the file without '..'")
    descriptor = os.open(within, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for number, part in enumerate(parts, start=1):
            wanted = kind if number == len(parts) else "folder"
            _check(os.stat(part, dir_fd=descriptor, follow_symlinks=False), wanted)
            parent, descriptor = descriptor, os.open(part, _FILE if wanted == "file" else _FOLDER, dir_fd=descriptor)
            os.close(parent)
            _check(os.fstat(descriptor), wanted)
        yield descriptor
    finally:
        os.close(descriptor)


def _check(status: os.stat_result, wanted: Literal["file", "folder"]) -> None:
    """Refuse what is not wanted before it is opened: opening alone can hang (a FIFO) or act (a device)."""
    right = stat.S_ISREG if wanted == "file" else stat.S_ISDIR
    if right(status.st_mode):
        return
    kinds = {
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFDIR: "a folder",
        stat.S_IFREG: "a file",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
    }
    raise SubmissionError(
        f"The {'notebook' if wanted == 'file' else 'folder'} is not what it should be",
        "a regular file" if wanted == "file" else "a folder",
        kinds.get(stat.S_IFMT(status.st_mode), "a device"),
        "Hand in the notebook itself, in a folder of its own",
    )


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise SubmissionError("There is no such file", next_step="Hand in the notebook") from None
    except OSError as error:
        got = error.strerror or "an error"
        if error.errno in _OF_THE_FILE:
            raise SubmissionError("The file can't be read", got=got, next_step="Hand in the notebook itself") from error
        raise MachineError(
            "It could not be read on this machine, which is our fault and not the submission's", got=got,
            next_step=_ADVICE.get(error.errno or 0, "Mend that and grade again; what was recorded before stays"),
        ) from error  # fmt: skip


def _version(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _read(descriptor: int, limit: int) -> bytes:
    chunks: list[bytes] = []
    while limit > 0 and (chunk := os.read(descriptor, limit)):
        chunks.append(chunk)
        limit -= len(chunk)
    return b"".join(chunks)


def _kind(entry: os.DirEntry[str]) -> Kind:
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "other"
