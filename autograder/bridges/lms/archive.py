"""A download opened safely: a zip, or the folder that a browser made of it. Nothing is unpacked to disk.

Names and sizes in a zip are claims. Every entry is looked at before it is used, and is read only when it is asked for,
in pieces and up to a limit. What is wrong with one entry is one line, and keeps no other entry from being read.
"""

from __future__ import annotations

import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.bridges.lms.names import shown
from autograder.errors import SubmissionError, UsageError
from autograder.grading._files import Kind, list_folder, read_regular
from autograder.grading.notebook_json import FILE_BYTES

ENTRIES = 20_000
TOTAL_BYTES = 10_000_000_000
"""Read from one archive, over all of its entries."""
RATIO, RATIO_FROM = 500, 1_000_000
"""A file of more bytes than that is not read if it was packed more tightly than this; a notebook packs 5 to 50 to 1."""

_DEPTH = 16
_NAME_LENGTH = 1_000
_CHUNK = 1 << 16
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800
_DRIVE = re.compile(r"[A-Za-z]:")
_JUNK = re.compile(r"(?:^|/)(?:__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._[^/]*$)")
_KINDS = {stat.S_IFLNK: "a symbolic link", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}


@dataclass(frozen=True)
class Entry:
    """One file. ``name`` has "/" between its parts, none of which is ".."; ``read`` raises SubmissionError."""

    name: str
    read: Callable[[], bytes]


@dataclass(frozen=True)
class Download:
    """What can be used, sorted by name, and a line for each entry that can't. ``junk`` counts files of the desktop."""

    entries: tuple[Entry, ...]
    problems: tuple[str, ...] = ()
    junk: int = 0


@contextmanager
def opened(path: Path) -> Iterator[Download]:
    """The download at ``path``; entries can be read inside the ``with`` statement. Raises UsageError if it is none."""
    if path.is_dir():
        yield _from_folder(path)
        return
    try:
        archive = zipfile.ZipFile(path)
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} can't be read", "names in UTF-8, as it says they are", "other bytes",
            "Unpack it into an empty folder with another program, and name that folder",
        ) from error  # fmt: skip
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise UsageError(
            f"{path} is not a zip archive that can be read", got=type(error).__name__, next_step="Download it again"
        ) from error
    with archive:
        yield _from_zip(archive)


def _from_zip(archive: zipfile.ZipFile) -> Download:
    listed = [info for info in archive.infolist() if not _is_folder(info)]
    if len(listed) > ENTRIES:
        raise UsageError(
            "The archive holds too many files", f"at most {ENTRIES:,}", f"{len(listed):,}",
            "Download the submissions in parts",
        )  # fmt: skip
    by_name: dict[str, list[zipfile.ZipInfo]] = {}
    for info in listed:
        by_name.setdefault(_decoded(info), []).append(info)
    entries, problems, junk = [], [], 0
    budget = _Budget(TOTAL_BYTES)
    for name, infos in sorted(by_name.items()):
        same = len({(info.CRC, info.file_size) for info in infos}) == 1
        objection = _objection(name, infos[0]) or ("" if same else f"is there {len(infos)} times, with other contents")
        if objection:
            problems.append(f"{shown(name)} {objection}; it was not read")
        elif _JUNK.search(name):
            junk += 1
        else:
            entries.append(Entry(name, lambda info=infos[0]: _read_packed(archive, info, budget)))  # type: ignore[misc]
            if len(infos) > 1:
                problems.append(f"{shown(name)} is there {len(infos)} times, with the same content; it was read once")
    return Download(tuple(entries), tuple(problems), junk)


def _decoded(info: zipfile.ZipInfo) -> str:
    """The whole name (zipfile's ends at a NUL). Without the flag for UTF-8 it may be UTF-8 all the same, or cp437."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.orig_filename
    return unicodedata.normalize("NFC", name)


def _objection(name: str, info: zipfile.ZipInfo) -> str:
    """Why an entry is not used, or nothing."""
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed by an unusual method"
    return _odd_kind(info) or _objection_to_name(name)


def _is_folder(info: zipfile.ZipInfo) -> bool:
    return info.orig_filename.endswith("/") and not info.file_size and not _odd_kind(info)


def _objection_to_name(name: str) -> str:
    parts = name.split("/")
    if len(name) > _NAME_LENGTH:
        return "has too long a name"
    if not name.isprintable():
        return "has control characters in its name"
    if "\\" in name:
        return "has a backslash in its name"
    if name.startswith("/") or _DRIVE.match(name):
        return "has an absolute path"
    if ".." in parts:
        return "leads out of the archive with '..'"
    return "has a path with empty parts" if {"", "."} & set(parts) else ""


def _odd_kind(info: zipfile.ZipInfo) -> str:
    """What an entry is that is neither file nor folder, going by the file mode that Unix programs store."""
    mode = stat.S_IFMT(info.external_attr >> 16)
    if mode in (0, stat.S_IFREG, stat.S_IFDIR):
        return ""
    return f"is {_KINDS.get(mode, 'a device')}"


class _Budget:
    """How many bytes may still be read from the archive as a whole."""

    def __init__(self, left: int) -> None:
        self.left = left


def _read_packed(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: _Budget) -> bytes:
    """The content of an entry. Raises SubmissionError, also where it turns out longer than it says."""
    _check_claims(info)
    data = bytearray()
    try:
        with archive.open(info) as stream:
            while chunk := stream.read(_CHUNK):
                data += chunk
                budget.left -= len(chunk)
                if len(data) > FILE_BYTES:
                    raise _too_large(len(data))
                if budget.left < 0:
                    raise SubmissionError(
                        "The archive as a whole is too large", f"at most {TOTAL_BYTES:,} bytes unpacked", "more",
                        "Take it in in parts",
                    )  # fmt: skip
    except (OSError, EOFError, ValueError, RuntimeError, struct.error, zipfile.BadZipFile, zlib.error) as error:
        raise SubmissionError(
            "The file can't be unpacked", got=type(error).__name__, next_step="Download it from the LMS by itself"
        ) from error
    return bytes(data)


def _check_claims(info: zipfile.ZipInfo) -> None:
    if info.file_size > FILE_BYTES:
        raise _too_large(info.file_size)
    if info.file_size > RATIO_FROM and info.file_size > RATIO * info.compress_size:
        raise SubmissionError(
            "The file was packed more tightly than any notebook",
            f"at most {RATIO} to 1",
            f"{info.file_size:,} bytes in {info.compress_size:,}",
            "Download it from the LMS by itself",
        )


def _too_large(size: int) -> SubmissionError:
    return SubmissionError(
        "The file is too large", f"at most {FILE_BYTES:,} bytes", f"{size:,}",
        "Have all outputs cleared, and the notebook handed in again",
    )  # fmt: skip


def _from_folder(root: Path) -> Download:
    """A download that was unpacked already. Links are not followed, and nothing but files is opened."""
    entries: list[Entry] = []
    problems: list[str] = []
    _walk(root, root, entries, problems)
    junk = sum(1 for entry in entries if _JUNK.search(entry.name))
    kept = sorted((e for e in entries if not _JUNK.search(e.name)), key=lambda entry: entry.name)
    return Download(tuple(kept), tuple(problems), junk)


def _walk(folder: Path, root: Path, entries: list[Entry], problems: list[str]) -> None:
    depth = len(folder.relative_to(root).parts)
    try:
        listed = list_folder(folder, root, limit=ENTRIES)
    except SubmissionError as error:
        if not depth:
            raise UsageError(f"{root} can't be listed", got=error.wrong, next_step="Check its permissions") from error
        problems.append(f"{shown(folder.relative_to(root).as_posix())} can't be listed: {error}")
        return
    for own, kind in listed.items():
        path = folder / own
        name = unicodedata.normalize("NFC", path.relative_to(root).as_posix())
        objection = _objection_to_name(name) or _odd_kind_on_disk(kind)
        if objection:
            problems.append(f"{shown(name)} {objection}; it was not read")
        elif kind == "folder" and depth < _DEPTH:
            _walk(path, root, entries, problems)
        elif kind == "folder":
            problems.append(f"{shown(name)} is too deep in folders; it was not looked at")
        else:
            entries.append(Entry(name, lambda path=path: read_regular(path, root, FILE_BYTES)))  # type: ignore[misc]


def _odd_kind_on_disk(kind: Kind) -> str:
    return {"link": "is a symbolic link", "other": "is neither file nor folder"}.get(kind, "")
