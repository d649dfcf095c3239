"""The file side of ``autograder intake``: out of one handed-in folder, only what is safe goes into ``submitted/``.

nbgrader copies companion files with links followed and reads the student's ``timestamp.txt`` before anything else
can look at it. So the notebook is the only file that is copied; the time and the secret of a submission on nbgrader's
exchange are read strictly and written anew.
Times are UTC and naive, as in nbgrader's gradebook.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autograder.errors import SubmissionError, UsageError
from autograder.grading._files import list_folder, read_regular, sha256, write_atomically
from autograder.grading._restore import limited, restore_cells, to_json
from autograder.grading.handed_in import SECRET, TIMESTAMP, stamp
from autograder.grading.intake import Rejected, refuse_foreign
from autograder.grading.notebook_json import FILE_BYTES
from autograder.grading.release import Release
from autograder.grading.told import told, told_all
from autograder.grading.which import find_notebook, read_plain
from autograder.grading.zone_names import named

TIMESTAMP_BYTES = 100
SECRET_BYTES = 256
CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead of ours the clock of a collecting machine may be."""

_UNKNOWN = "the time of submission is not known"
NO_FILE = f"there is no {TIMESTAMP}; {_UNKNOWN}"
NO_TEXT = f"{TIMESTAMP} is not a small text file; {_UNKNOWN}"
NO_TIME = f"{TIMESTAMP} holds no time that could be read (a zone that may be two, IST say, is none); {_UNKNOWN}"
TO_COME = f"{TIMESTAMP} names a time in the future; {_UNKNOWN}"
UNTIMED = NO_TEXT, NO_TIME, TO_COME

_SECRET = re.compile(rb"[0-9a-f]{32,256}")
_STAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)"
    r"(?: ?(Z|UTC|[+-]\d\d(?::?\d\d)?)| ([A-Za-z]+(?:/[A-Za-z_]+){1,2})| ([A-Za-z]{2,6}))?",
    re.ASCII,
)


@dataclass(frozen=True)
class Copied:
    """What was written. ``submitted_at`` is UTC; ``problems`` and ``left_behind`` are told in our own words."""

    notebook: Path
    digest: str
    submitted_at: datetime | None
    left_behind: tuple[str, ...]
    problems: tuple[str, ...]


def safe_copy(
    source: Path,
    target: Path,
    release: Release,
    *,
    student: str | None = None,
    others: Collection[Release] = (),
    submitted_at: datetime | None = None,
    now: datetime | None = None,
    zone: str = "",
) -> Copied | Rejected:
    """Copy one student's notebook from ``source`` to ``target``, that is ``submitted/<student>/<assignment>``.

    The bytes are the student's own where they are sound, and the restored notebook where they had to be repaired to
    be read (nbgrader would stop there). ``submitted_at``, where the collector knows it, counts instead of the
    student's ``timestamp.txt``, in which ``zone`` is as for `parse_timestamp`. Nothing is written for a Rejected; a
    notebook of one of ``others`` is one.

    Raises UsageError if ``target`` is ``source``, leads elsewhere, or can't be written.
    """
    _check_target(source, target)
    digest = ""
    try:
        names = list_folder(source, source.parent)
        chosen, notes = find_notebook(source, source.parent, release, others, names)
        data = read_regular(chosen, source.parent, FILE_BYTES)
        digest = sha256(data)
        plain, found, data = read_plain(data, release, others)
        refuse_foreign(plain, release, others)
    except SubmissionError as error:
        return Rejected.because(error, student or target.parent.name, release, digest)
    problems = [*notes, *found, *plain.problems]
    if plain.problems:
        restored = restore_cells(plain.cells, release)
        data = json.dumps(to_json(restored, release), indent=1, sort_keys=True).encode()
        problems.append("the notebook was rewritten, so that every tool can read it")
    if submitted_at is None:
        submitted_at, wrong = read_timestamp(source, now=now, zone=zone)
        problems += wrong
    else:
        submitted_at = _utc(submitted_at)
    try:
        _write(target, release, data, submitted_at, read_secret(source))
        present = list_folder(target, target.parent)
    except (OSError, SubmissionError) as error:
        raise UsageError(f"{target} can't be written", got=str(error), next_step="Empty it and try again") from error
    parts = {other.filename for other in others if other.assignment == release.assignment}
    foreign = [entry for entry in present if entry not in (release.filename, TIMESTAMP, SECRET, *parts)]
    if foreign:
        problems.append(f"the target already held other files, which nbgrader would copy: {told_all(foreign)}")
    return Copied(
        notebook=target / release.filename,
        digest=sha256(data),
        submitted_at=submitted_at,
        left_behind=_left_behind([entry for entry in names if entry not in (chosen.name, TIMESTAMP, SECRET, *parts)]),
        problems=limited(tuple(problems)),
    )


def parse_timestamp(text: str, zone: str = "") -> datetime | None:
    """A time as nbgrader writes it, ``2030-01-31 12:00:00.000000 UTC`` or with an offset or a zone's name; as UTC.

    Names are those of places and those of clocks (CET), which the course's ``zone`` explains where they may be two.
    Without a zone it is UTC, as for nbgrader. None for anything else.
    """
    parts = _STAMP.fullmatch(text.strip())
    if parts is None:
        return None
    day, time, offset, place, name = parts.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{'+00:00' if offset in (None, 'Z', 'UTC') else offset}")
        if place:
            moment = moment.replace(tzinfo=ZoneInfo(place))
        if name:
            meant = named(moment.replace(tzinfo=None), name, zone)
            return None if meant is None else _utc(meant)
        return _utc(moment)
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        return None


def read_timestamp(
    folder: Path, within: Path | None = None, now: datetime | None = None, zone: str = ""
) -> tuple[datetime | None, tuple[str, ...]]:
    """When ``folder`` says that it was handed in (UTC), and what is wrong with its ``timestamp.txt``: one of UNTIMED.

    None without the file, and for one that is no small regular file, holds no time, or names a time to come.
    ``within`` is as for `read_submission`, by default the folder's parent, ``zone`` as for `parse_timestamp`.
    """
    try:
        if TIMESTAMP not in list_folder(folder, within or folder.parent):
            return None, ()
        text = read_regular(folder / TIMESTAMP, within or folder.parent, TIMESTAMP_BYTES).decode("ascii")
    except (SubmissionError, UnicodeDecodeError):
        return None, (NO_TEXT,)
    moment = parse_timestamp(text, zone)
    if moment is None:
        return None, (NO_TIME,)
    if moment > _utc(now or datetime.now(UTC)) + CLOCK_SKEW:
        return None, (TO_COME,)
    return moment, ()


def read_secret(folder: Path, within: Path | None = None) -> bytes | None:
    """What the feedback on the work in ``folder`` is found by; None without a small regular file of hexadecimal digits.

    ``within`` is as for `read_submission`, by default the folder's parent.
    """
    try:
        secret = read_regular(folder / SECRET, within or folder.parent, SECRET_BYTES)
    except SubmissionError:
        return None
    return secret if _SECRET.fullmatch(secret) else None


def _check_target(source: Path, target: Path) -> None:
    if source.absolute() == target.absolute():
        raise UsageError("A folder can't be copied into itself", "two folders", str(source), "Name another target")
    for folder in (target, target.parent):
        if folder.is_symlink():
            raise UsageError(f"{folder} is a symbolic link", "a folder", next_step="Delete the link and try again")


def _write(target: Path, release: Release, data: bytes, submitted_at: datetime | None, secret: bytes | None) -> None:
    """The notebook first: a timestamp without its notebook could hide that the old one is still there."""
    target.mkdir(parents=True, exist_ok=True)
    write_atomically(target / release.filename, data)
    for name, content in ((TIMESTAMP, None if submitted_at is None else stamp(submitted_at)), (SECRET, secret)):
        if content is None:
            (target / name).unlink(missing_ok=True)  # an earlier submission's would be taken for this one's
        else:
            write_atomically(target / name, content)


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _left_behind(names: list[str]) -> tuple[str, ...]:
    return tuple(told(name) for name in names[:20]) + ((f"and {len(names) - 20} more",) if len(names) > 20 else ())
