"""The file names in a download of submissions: who sent a file, under what name, and what the LMS says about it.

    Canvas   lovelaceada_4711_90210_rules.ipynb             name, user id, number of the upload, file
             lovelaceada_LATE_4711_90210_rules-1.ipynb      late; Canvas adds -1 to the second of that name
             LATE_anon_x7Kp2_90210_rules.ipynb              anonymous grading
             lovelaceada_4711_text.html                     a text entry
    Moodle   Ada Lovelace_123456_assignsubmission_file_/rules.ipynb     folders; newer ones end without the last "_"
             Ada Lovelace_123456_assignsubmission_file_rules.ipynb      without folders
             Ada Lovelace_123456_assignsubmission_onlinetext_/...       a text entry

Moodle's number is the participant's in this one assignment, not the user id. Sources: canvas-lms lib/content_zipper.rb,
moodle mod/assign/classes/downloader.php and locallib.php.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from autograder.bridges.lms.archive import Entry

Lms: TypeAlias = Literal["canvas", "moodle"]

_CANVAS_NUMBERS = re.compile(r"_(?:LATE_)?(?P<user>\d{1,20})_(?P<upload>\d{1,20})_(?=.)", re.ASCII)
_CANVAS_ANONYMOUS = re.compile(r"(?P<late>LATE_)?anon_(?P<user>[A-Za-z0-9]{1,20})_(?P<upload>\d{1,20})_(?=.)", re.ASCII)
_CANVAS_TEXT = re.compile(r"[^/]*?(?:_|anon_)[A-Za-z0-9]{1,20}_(?:text|link)\.html", re.ASCII)
_MOODLE = re.compile(
    r"(?P<name>[^/_]*)_(?P<participant>\d{1,20})_assignsubmission_(?P<plugin>[a-z0-9]+)(?:_?/|_)(?P<path>.+)", re.ASCII
)


@dataclass(frozen=True)
class Sender:
    """Who the LMS says sent a file: a number of its own (as text) and a name, as the file name spells it."""

    lms: Lms
    number: str
    name: str = ""
    anonymous: bool = False


@dataclass(frozen=True)
class Arrival:
    """One file of one person. ``upload`` grows with each upload, 0 where the LMS does not number them."""

    entry: Entry
    sender: Sender
    filename: str
    upload: int = 0
    late: bool = False
    others: tuple[Sender, ...] = ()
    """Whom else a twisted name could mean."""


@dataclass(frozen=True)
class Read:
    """A download, file name by file name: what a person sent, entries of text, and names of another shape."""

    arrivals: tuple[Arrival, ...] = ()
    texts: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()


def read_names(entries: Iterable[Entry], lms: Lms) -> Read:
    """Every entry, sorted into the three."""
    arrivals, texts, strange = [], [], []
    for entry in entries:
        found = _READERS[lms](entry)
        if isinstance(found, Arrival):
            arrivals.append(found)
        elif found == "text":
            texts.append(entry.name)
        else:
            strange.append(entry.name)
    return Read(tuple(arrivals), tuple(texts), tuple(strange))


def shape_of(name: str) -> Lms | None:
    """Whose download an entry of this name is from, None if of neither."""
    if _MOODLE.fullmatch(name):
        return "moodle"
    if "/" in name:
        return None
    return "canvas" if _canvas_parts(name) or _CANVAS_TEXT.fullmatch(name) else None


_Found: TypeAlias = Arrival | Literal["text", "strange"]


def _canvas(entry: Entry) -> _Found:
    parts = _canvas_parts(entry.name)
    if not parts:
        return "text" if _CANVAS_TEXT.fullmatch(entry.name) else "strange"
    first = parts[0]
    late = "LATE_" in first[0]
    senders = [
        Sender("canvas", found["user"], entry.name[: found.start()], anonymous=found.re is _CANVAS_ANONYMOUS)
        for found in parts
    ]
    others = tuple(sender for sender in senders[1:] if sender.number != senders[0].number)
    return Arrival(entry, senders[0], entry.name[first.end() :], int(first["upload"]), late, others)


def _canvas_parts(name: str) -> list[re.Match[str]]:
    """Every way to read a name, the one that Canvas means first.

    Canvas takes numbers between "_" out of people's names, but not every one; and a file may be called anything.
    """
    if "/" in name:
        return []
    anonymous = _CANVAS_ANONYMOUS.match(name)
    if anonymous:
        return [anonymous]
    found, at = [], 0
    while part := _CANVAS_NUMBERS.search(name, at):
        found.append(part)
        at = part.start() + 1
    return found


def _moodle(entry: Entry) -> _Found:
    found = _MOODLE.fullmatch(entry.name)
    if found is None:
        return "strange"
    if found["plugin"] != "file":
        return "text"
    return Arrival(entry, Sender("moodle", found["participant"], found["name"]), found["path"])


_READERS: Mapping[Lms, Callable[[Entry], _Found]] = {"canvas": _canvas, "moodle": _moodle}
