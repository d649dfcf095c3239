"""Whose files arrived and which one counts: the newest under the right name. Everything else is told, file by file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from autograder.bridges.lms.archive import Download
from autograder.bridges.lms.names import NOTEBOOK, ascii_word, shown, shown_all, squash, without_copies
from autograder.bridges.lms.roster import Roster
from autograder.bridges.lms.shapes import Arrival, Lms, Sender, read_names
from autograder.errors import UsageError
from autograder.grading.release import Release

_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")

_ADVICE: Mapping[Lms, str] = {
    "canvas": "give the canvas_id in the roster",
    "moodle": "give the moodle_participant in the roster, the number in these names",
}


@dataclass(frozen=True)
class Chosen:
    """The notebook of one student that counts. ``notes`` tell what else this student sent."""

    student: str
    arrival: Arrival
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sorted:
    """What is taken, and a line for all that is not: about a student or a sender, and files that are nobody's.

    ``derived`` maps student ids that were made up, for want of a roster, to what they were made from.
    """

    chosen: tuple[Chosen, ...]
    not_taken: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    derived: Mapping[str, str] = field(default_factory=dict)


def sort_out(download: Download, lms: Lms, release: Release, roster: Roster | None) -> Sorted:
    """Match every file of ``download`` to a student, and choose one notebook for each."""
    read = read_names(download.entries, lms)
    by_sender: dict[Sender, list[Arrival]] = {}
    for arrival in read.arrivals:
        by_sender.setdefault(arrival.sender, []).append(arrival)
    students, not_taken = _identified(by_sender, roster)
    chosen = []
    for sender, student in students.items():
        picked = _pick(student, by_sender[sender], release)
        if isinstance(picked, str):
            not_taken.append(picked)
        else:
            chosen.append(picked)
    problems = [*download.problems]
    problems += [f"{shown(name)} is text typed into the LMS, not a notebook; ignored" for name in read.texts]
    problems += [f"{shown(name)} is not named as {lms.title()} names submissions; not taken" for name in read.strange]
    if download.junk:
        problems.append(f"{download.junk} files of the desktop (.DS_Store, __MACOSX) ignored")
    return Sorted(
        tuple(sorted(chosen, key=lambda one: one.student)),
        tuple(sorted(not_taken)),
        tuple(problems),
        {} if roster is not None else {student: sender.name for sender, student in students.items()},
    )


def assignment_of(download: Download, lms: Lms, releases: Iterable[Release]) -> Release:
    """The assignment that a download is of, going by file names. Raises UsageError unless there is exactly one."""
    names = {_file(arrival) for arrival in read_names(download.entries, lms).arrivals}
    fitting = [one for one in releases if any(_is(name, one) for name in names)]
    if len(fitting) != 1:
        raise UsageError(
            "The files do not say which assignment they were handed in for",
            "notebooks with the name of exactly one assignment",
            ", ".join(release.assignment for release in fitting) or "none",
            "Name it with --assignment",
        )
    return fitting[0]


def canvas_student(name: str, number: str) -> str:
    """The id derived for a person of Canvas: from the sortable name ("Lovelace, Ada" or as cleaned) and the user id."""
    return f"{ascii_word(squash(name)) or 'student'}-{number}"


def _identified(
    by_sender: Mapping[Sender, Sequence[Arrival]], roster: Roster | None
) -> tuple[dict[Sender, str], list[str]]:
    """Students by sender, and lines on the senders who are nobody, or who are not the only ones to be somebody."""
    students: dict[Sender, str] = {}
    lines: list[str] = []
    for sender, arrivals in by_sender.items():
        student, why = _derive(sender) if roster is None else _look_up(sender, arrivals, roster)
        if student:
            students[sender] = student
        else:
            lines.append(f"{_files(arrivals)}: {why}")
    claims = Counter(students.values())
    for sender in [sender for sender, student in students.items() if claims[student] > 1]:
        student = students.pop(sender)
        lines.append(f"{_files(by_sender[sender])}: not the only sender who may be {student}; {_ADVICE[sender.lms]}")
    return students, lines


def _look_up(sender: Sender, arrivals: Sequence[Arrival], roster: Roster) -> tuple[str, str]:
    """The student id of a sender, or nothing and why."""
    if sender.anonymous:
        return "", "handed in anonymously; show the names in Canvas and download again"
    column = "canvas_id" if sender.lms == "canvas" else "moodle_participant"
    person = roster.find(column, sender.number)
    if person is None:
        named = [one for one in roster.named(sender.name) if column not in one.known]
        if len(named) != 1:
            who = " or ".join(one.student for one in named) or "nobody in the roster"
            return "", f"this is {who}; {_ADVICE[sender.lms]}"
        person = named[0]
    read_otherwise = (roster.find(column, other.number) for arrival in arrivals for other in arrival.others)
    others = {other.student for other in read_otherwise if other} - {person.student}
    if others:
        return "", f"the name can be read as that of {person.student} and of {', '.join(sorted(others))}"
    return person.student, ""


def _derive(sender: Sender) -> tuple[str, str]:
    """A student id made of what the LMS says: the same for as long as that person is called the same there.

    Canvas's number is the person's. Moodle's is another one in each assignment, so it can't be part of an id.
    """
    if sender.anonymous:
        return f"anon-{sender.number}", ""
    if sender.lms == "canvas":
        return canvas_student(sender.name, sender.number), ""
    return ascii_word(sender.name, between="-"), f"this name has no letters for an id; {_ADVICE['moodle']}"


def _pick(student: str, arrivals: Sequence[Arrival], release: Release) -> Chosen | str:
    """The notebook that counts, else a line that says why there is none."""
    notebooks = [arrival for arrival in arrivals if _file(arrival).lower().endswith(NOTEBOOK)]
    others = [_file(arrival) for arrival in arrivals if arrival not in notebooks]
    packed = [name for name in others if name.lower().endswith(_ARCHIVES)]
    plain = [name for name in others if name not in packed]
    notes = [f"left behind: {shown_all(plain)}"] if plain else []
    notes += [f"an archive in the archive was not opened: {shown_all(packed)}"] if packed else []
    if not notebooks:
        return "; ".join((f"{student}: no notebook was handed in", *notes))
    right = [arrival for arrival in notebooks if _is(_file(arrival), release)]
    wrong = [arrival for arrival in notebooks if arrival not in right]
    best, why = _newest(right or wrong, release)
    if best is None:
        return f"{student}: {_files(right or wrong)}: which of them counts can't be told"
    older = [arrival.entry.name for arrival in right if arrival is not best]
    rest = [arrival.entry.name for arrival in wrong if arrival is not best]
    notes += [f"not taken, {why}: {shown_all(older)}"] if older else []
    notes += [f"other notebooks, not taken: {shown_all(rest)}"] if rest else []
    notes += [f"the file is called {shown(_file(best))}; it was read as {release.filename}"] if best in wrong else []
    return Chosen(student, best, tuple(notes))


def _newest(arrivals: Sequence[Arrival], release: Release) -> tuple[Arrival | None, str]:
    """The last upload where uploads are numbered, else the one of exactly the right name; and the reason, in words."""
    if len(arrivals) == 1:
        return arrivals[0], ""
    if len({_work(arrival, release) for arrival in arrivals}) > 1:
        return None, ""
    newest = max(arrivals, key=lambda a: (a.upload, without_copies(_file(a), release.filename)[1]))
    if newest.upload:
        return newest, "the newest counts"
    exact = [arrival for arrival in arrivals if arrival.filename == release.filename]
    return (exact[0] if len(exact) == 1 else None), "the one of exactly the right name counts"


def _work(arrival: Arrival, release: Release) -> str:
    """What a file is a version of: its name without Canvas's number."""
    name = _file(arrival)
    stem, _, again = name[: -len(NOTEBOOK)].rpartition("-")
    return release.filename if _is(name, release) else stem if stem and again.isdigit() else name[: -len(NOTEBOOK)]


def _is(name: str, release: Release) -> bool:
    return without_copies(name, release.filename)[0] == release.filename


def _file(arrival: Arrival) -> str:
    """The student's own name for the file, without folders."""
    return PurePosixPath(arrival.filename).name


def _files(arrivals: Sequence[Arrival]) -> str:
    return shown_all(arrival.entry.name for arrival in arrivals)
