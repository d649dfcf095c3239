"""The files in an archive that somebody handed in, read one by one within limits. Nothing is written to disk."""

from __future__ import annotations

import io
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from autograder.errors import SubmissionError
from autograder.grading.file_names import is_junk
from autograder.grading.notebook_json import FILE_BYTES

MEMBERS = 2_000
RATIO, RATIO_FROM = 500, 1_000_000
"""A member of more bytes than that is not read if it was packed more tightly than this; notebooks pack 5 to 50 to 1."""
TOGETHER = 200_000_000
"""Read from one archive, over all of its members."""

_CHUNK = 1 << 16
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_TAR_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")
_UNPACK = "Unpack it, and hand in the notebook itself"


@dataclass(frozen=True)
class Member:
    """One file of an archive; ``read`` raises SubmissionError."""

    name: str
    read: Callable[[], bytes]


class Budget:
    """How many bytes may still be read of what one student handed in."""

    def __init__(self, limit: int = TOGETHER) -> None:
        self.limit = self.left = limit

    def take(self, number: int) -> None:
        """Use up ``number`` bytes. Raises SubmissionError when there are no more."""
        self.left -= number
        if self.left < 0:
            raise SubmissionError(
                "There is too much to read", f"at most {self.limit:,} bytes, unpacked", "more", _UNPACK
            )


def is_archive(data: bytes) -> bool:
    """Whether the bytes are those of an archive that `members` reads."""
    return data[:4] in (b"PK\3\4", b"PK\5\6") or data[257:262] == b"ustar" or data.startswith(_TAR_PACKED)


def members(data: bytes, budget: Budget) -> list[Member]:
    """The regular files of a zip or tar archive. Raises SubmissionError if it can't be read.

    Links, devices and encrypted files are none, and of two that have one name and differ neither is.
    """
    try:
        return _of_zip(data, budget) if data[:2] == b"PK" else _of_tar(data, budget)
    except SubmissionError:
        raise
    except _BROKEN as error:
        raise SubmissionError("The archive can't be read", got=type(error).__name__, next_step=_UNPACK) from error


_BROKEN = (
    OSError, EOFError, ValueError, RuntimeError, NotImplementedError, struct.error, zipfile.BadZipFile, zlib.error,
    tarfile.TarError,
)  # fmt: skip


def _of_zip(data: bytes, budget: Budget) -> list[Member]:
    archive = zipfile.ZipFile(io.BytesIO(data))
    listed = [info for info in archive.infolist() if not info.is_dir()]
    _few(len(listed))
    by_name: dict[str, list[zipfile.ZipInfo]] = {}
    for info in listed:
        if stat.S_IFMT(info.external_attr >> 16) in (0, stat.S_IFREG) and not info.flag_bits & _ENCRYPTED:
            by_name.setdefault(unicodedata.normalize("NFC", info.filename), []).append(info)
    return [
        Member(name, lambda info=infos[0]: _zipped(archive, info, budget))  # type: ignore[misc]
        for name, infos in by_name.items()
        if not is_junk(name) and len({(info.CRC, info.file_size) for info in infos}) == 1
    ]


def _zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> bytes:
    if info.file_size > RATIO_FROM and info.file_size > RATIO * info.compress_size:
        raise SubmissionError(
            "A file in the archive was packed more tightly than any notebook", f"at most {RATIO} to 1",
            f"{info.file_size:,} bytes in {info.compress_size:,}", _UNPACK,
        )  # fmt: skip
    _small(info.file_size)
    found = bytearray()
    try:
        with archive.open(info) as stream:
            for chunk in iter(lambda: stream.read(_CHUNK), b""):
                found += chunk
                budget.take(len(chunk))
                _small(len(found))
    except _BROKEN as error:
        raise SubmissionError("The archive can't be read", got=type(error).__name__, next_step=_UNPACK) from error
    return bytes(found)


def _of_tar(data: bytes, budget: Budget) -> list[Member]:
    """All members at once: a tar archive can only be read from its beginning to its end."""
    found: dict[str, bytes] = {}
    plain = _unpacked(data, budget)
    if plain[257:262] != b"ustar":
        _small(len(plain))
        return [Member("notebook.ipynb", lambda: plain)]  # one file, packed without a name
    with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
        for number, info in enumerate(archive, start=1):
            _few(number)
            stream = archive.extractfile(info) if info.isreg() and not is_junk(info.name) else None
            if stream is not None:
                _small(info.size)
                found[unicodedata.normalize("NFC", info.name)] = stream.read()
    return [Member(name, lambda held=held: held) for name, held in found.items()]  # type: ignore[misc]


def _unpacked(data: bytes, budget: Budget) -> bytes:
    """A tar archive without its packing, read in pieces so that it cannot grow beyond the limit."""
    import bz2
    import gzip
    import lzma

    openers: tuple[tuple[bytes, Callable[..., io.BufferedIOBase]], ...] = (
        (b"\x1f\x8b", gzip.GzipFile), (b"BZh", bz2.BZ2File), (b"\xfd7zXZ\0", lzma.LZMAFile),
    )  # fmt: skip
    for beginning, opener in openers:
        if data.startswith(beginning):
            held = bytearray()
            source = io.BytesIO(data)
            with opener(fileobj=source) if opener is gzip.GzipFile else opener(source) as stream:
                for chunk in iter(lambda: stream.read(_CHUNK), b""):
                    held += chunk
                    budget.take(len(chunk))
            return bytes(held)
    budget.take(len(data))
    return data


def _few(number: int) -> None:
    if number > MEMBERS:
        raise SubmissionError("The archive holds too many files", f"at most {MEMBERS:,}", "more", _UNPACK)


def _small(size: int) -> None:
    if size > FILE_BYTES:
        raise SubmissionError(
            "A file in the archive is too large", f"at most {FILE_BYTES:,} bytes", f"{size:,}",
            "Clear all outputs, save, and hand the notebook in again",
        )  # fmt: skip


def walk(data: bytes, budget: Budget, depth: int = 3) -> Iterator[Member]:
    """The files of an archive, and those of the archives in it, with "/" between the names."""
    for member in members(data, budget):
        if depth and member.name.lower().endswith((".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")):
            try:
                inner = member.read()
                if is_archive(inner):
                    for below in walk(inner, budget, depth - 1):
                        yield Member(f"{member.name}/{below.name}", below.read)
            except SubmissionError:
                continue
        else:
            yield member
