"""`autograder pack`: a course as one zip, for graders that are not where the course is. The same bytes every time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from autograder.course.content import content_files
from autograder.course.packed import IN_COURSE, MOST_BYTES, MOST_FILES, SECRET
from autograder.errors import UsageError
from autograder.grading._files import write_atomically
from autograder.grading.course import RELEASE, Course
from autograder.grading.released_cells import RECORD
from autograder.grading.secret import course_secret

EPOCH = (1980, 1, 1, 0, 0, 0)
PRIVATE = 0o600


def pack(course: Course, target: Path, *, with_secret: bool) -> tuple[str, ...]:
    """Write the zip, atomically and for its owner alone. Returns the names of what is in it.

    ``with_secret`` makes the course secret if there is none yet. Raises UsageError for a course without a release, for
    names of files that a zip of a course can't have, and where ``target`` can't be written.
    """
    files = dict(sorted(_files(course, with_secret=with_secret)))
    if odd := [name for name in files if not IN_COURSE.fullmatch(name)]:
        raise UsageError(
            f"{odd[0]} can't be packed", expected="letters, digits, '.', '_', '-' and spaces, no dot in front",
            next_step="Give it another name",
        )  # fmt: skip
    if len(files) > MOST_FILES or sum(map(len, files.values())) > MOST_BYTES:
        raise UsageError(f"The course is too large for a zip: at most {MOST_FILES} files and {MOST_BYTES} bytes")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            entry.external_attr = (0o100000 | PRIVATE) << 16
            archive.writestr(entry, data)
    try:
        write_atomically(target, made.getvalue(), mode=PRIVATE)
    except OSError as error:
        raise UsageError(
            f"{target} can't be written", got=str(error.strerror), next_step="Name another file with --to"
        ) from error
    return tuple(files)


def _files(course: Course, *, with_secret: bool) -> Iterator[tuple[str, bytes]]:
    yield from content_files(course.content, course.manifest.names).items()
    released = course.released_names()
    if not released:
        raise UsageError("Nothing is released, so there is nothing to grade by", next_step="Run `autograder release`")
    for assignment in released:
        for path in sorted((course.assignments / assignment).glob("[!.]*.ipynb")):
            yield f"{RELEASE}/{assignment}/{path.name}", path.read_bytes()
        if (record := course.assignments / assignment / RECORD).exists():
            yield f"{RELEASE}/{assignment}/{RECORD}", record.read_bytes()
    if with_secret:
        yield SECRET, course_secret(course.root).hex().encode() + b"\n"
