"""A course as one zip, for `--course` and AUTOGRADER_COURSE: what is in it, and unpacking it where nobody else reads.

    course.toml
    .course-secret                              only where it was packed `--with-secret`
    solutions/<assignment>/{public,private}/    the content
    assignments/<assignment>/<notebook>.ipynb   what students got, and the record of the cells that were ever released

It holds answers and it is code that is run, as a course's folder is: it is unpacked for the process alone, and a name
that leads elsewhere, a link or more than a course can be is refused.
"""

from __future__ import annotations

import atexit
import functools
import re
import shutil
import stat
import tempfile
import zipfile
from pathlib import Path

from autograder.course import owners
from autograder.course.manifest import FILE
from autograder.errors import UsageError

SECRET = ".course-secret"
MOST_FILES, MOST_BYTES = 5_000, 256 << 20
_PIECE = r"\w[\w. +()-]*"
IN_COURSE = re.compile(
    rf"{re.escape(FILE)}|{re.escape(SECRET)}|solutions/{_PIECE}/(public|private)(/{_PIECE})+|assignments/{_PIECE}/{_PIECE}"
)


def folder_of(path: Path) -> Path:
    """The folder of the course at ``path``: itself, or where its zip is unpacked while this process runs.

    Raises UsageError for a zip that is none, or holds what a course does not.
    """
    path = path.absolute()
    if not path.is_file():
        return path
    found = path.stat()
    return _unpacked(path, found.st_mtime_ns, found.st_size)


@functools.cache
def _unpacked(path: Path, changed: int, size: int) -> Path:
    owners.check(path, ())
    target = Path(tempfile.mkdtemp(prefix="autograder-course-"))
    atexit.register(shutil.rmtree, target, ignore_errors=True)
    try:
        with zipfile.ZipFile(path) as archive:
            _unpack(path, archive, target)
    except (OSError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile, EOFError) as error:
        raise UsageError(
            f"{path} can't be read as the zip of a course", got=str(error), next_step="Make it with `autograder pack`"
        ) from error
    return target


def _unpack(path: Path, archive: zipfile.ZipFile, target: Path) -> None:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    wrong = next((problem for entry in entries if (problem := _wrong(entry))), "")
    if len(entries) > MOST_FILES:
        wrong = f"{len(entries)} files, at most {MOST_FILES} can be"
    elif len({entry.filename for entry in entries}) != len(entries):
        wrong = "two files of one name"
    elif sum(entry.file_size for entry in entries) > MOST_BYTES:
        wrong = f"more than {MOST_BYTES} bytes"
    elif not wrong and FILE not in archive.NameToInfo:
        wrong = f"no {FILE}"
    if wrong:
        raise UsageError(f"{path} is not the zip of a course", got=wrong, next_step="Make it with `autograder pack`")
    for entry in entries:
        place = target / entry.filename
        for folder in reversed([one for one in place.parents if one.is_relative_to(target) and not one.exists()]):
            folder.mkdir(mode=0o700)
        with archive.open(entry) as packed, open(place, "xb") as file:
            place.chmod(0o600)
            data = packed.read(entry.file_size + 1)  # what is declared is all that is read
            if len(data) != entry.file_size:
                raise ValueError(f"{entry.filename} is longer than it says")
            file.write(data)


def _wrong(entry: zipfile.ZipInfo) -> str:
    """What is wrong with one entry; empty if nothing is."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return f"{entry.filename!r}, which is no ordinary file"
    return "" if IN_COURSE.fullmatch(entry.filename) else f"{entry.filename!r}, which has no place in one"
