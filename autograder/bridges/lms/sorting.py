"""Whose files arrived and which one counts: `identity` and `which` decide. Everything else is told, file by file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from autograder.bridges.lms.archive import Download
from autograder.bridges.lms.identity import Identity, Kind, Sign, decide
from autograder.bridges.lms.names import ascii_word, shown, shown_all, squash
from autograder.bridges.lms.roster import Roster
from autograder.bridges.lms.shapes import Arrival, Lms, Sender, read_names
from autograder.errors import SubmissionError, UsageError
from autograder.grading.file_names import is_version
from autograder.grading.release import Release
from autograder.grading.which import Candidate, Choice, choose, is_untouched, read_plain

_ANYBODY = {
    "participant", "teilnehmer", "teilnehmerin", "teilnehmendeperson", "teilnehmende", "participante", "partecipante",
    "deelnemer", "deltaker", "deltager", "deltagare", "osallistuja", "uczestnik", "ucastnik", "ucastnicka", "resztvevo",
    "katilimci", "участник", "учасник", "участница", "参与者", "参加者", "參與者", "참가자", "مشارك", "משתתף",
    "parvulis", "participantcode", "hiddenuser", "user", "student", "anonymous", "anonymoususer",
}  # fmt: skip
"""What Moodle puts in place of a name where marking is anonymous, squashed."""

_LISTED = 4


@dataclass(frozen=True)
class Chosen:
    """The notebook of one student that counts. ``notes`` tell what else this student sent.

    ``kept`` are other uploads with work of their own in them, which must not be lost. ``untouched`` says that there is
    no work in what counts.
    """

    student: str
    arrival: Arrival
    notes: tuple[str, ...] = ()
    kept: tuple[Arrival, ...] = ()
    untouched: bool = False


@dataclass(frozen=True)
class Sorted:
    """What is taken, and a line for all that is not: about a student or a sender, and files that are nobody's.

    ``derived`` maps student ids that were made up, for want of a roster, to what they were made from. ``mentioned`` are
    the students whom a file that was not taken may be of.
    """

    chosen: tuple[Chosen, ...]
    not_taken: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    derived: Mapping[str, str] = field(default_factory=dict)
    mentioned: frozenset[str] = frozenset()


def sort_out(
    download: Download,
    lms: Lms,
    release: Release,
    roster: Roster | None,
    *,
    others: Collection[Release] = (),
    earlier: Mapping[str, str] | None = None,
    on_time: bool = False,
) -> Sorted:
    """Match every file of ``download`` to a student, and choose one notebook for each.

    ``earlier`` are the numbers by which the LMS knew students in this assignment before. With ``on_time`` an upload
    that the LMS marked late counts only where there is none in time.
    """
    read = read_names(download.entries, lms)
    by_sender: dict[Sender, list[Arrival]] = {}
    for arrival in read.arrivals:
        by_sender.setdefault(arrival.sender, []).append(arrival)
    people = _identified(by_sender, roster, release.assignment, earlier or {})
    not_taken, chosen = people.lines, []
    mentioned = set(people.mentioned)
    for sender, student in people.students.items():
        picked = _pick(student, by_sender[sender], release, others, on_time=on_time)
        if isinstance(picked, str):
            not_taken.append(picked)
            mentioned.add(student)
        else:
            note = people.notes.get(sender)
            chosen.append(replace(picked, notes=(note, *picked.notes)) if note else picked)
    problems = [*download.problems]
    problems += [f"{shown(name)} is text typed into the LMS, not a notebook; ignored" for name in read.texts]
    problems += [f"{shown(name)} is not named as {lms.title()} names submissions; not taken" for name in read.strange]
    if download.junk:
        problems.append(f"{download.junk} files of the desktop (.DS_Store, __MACOSX) ignored")
    return Sorted(
        tuple(sorted(chosen, key=lambda one: one.student)),
        tuple(sorted(not_taken)),
        tuple(problems),
        {} if roster is not None else {student: sender.name for sender, student in people.students.items()},
        frozenset(mentioned),
    )


def assignment_of(download: Download, lms: Lms, releases: Iterable[Release]) -> Release:
    """The assignment that a download is of, going by file names: its first notebook that fits.

    Raises UsageError unless there is exactly one.
    """
    names = {_file(arrival) for arrival in read_names(download.entries, lms).arrivals}
    fitting = [one for one in releases if any(is_version(name, one.filename) for name in names)]
    if len({one.assignment for one in fitting}) != 1:
        raise UsageError(
            "The files do not say which assignment they were handed in for",
            "notebooks with the name of exactly one assignment",
            ", ".join(dict.fromkeys(release.assignment for release in fitting)) or "none",
            "Name it with --assignment",
        )
    return fitting[0]


def canvas_student(name: str, number: str) -> str:
    """The id derived for a person of Canvas: from the sortable name ("Lovelace, Ada" or as cleaned) and the user id."""
    return f"{ascii_word(squash(name)) or 'student'}-{number}"


@dataclass(frozen=True)
class _People:
    """Students by sender, notes on how they were recognised, and lines on the senders who were not."""

    students: dict[Sender, str] = field(default_factory=dict)
    notes: dict[Sender, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    mentioned: set[str] = field(default_factory=set)


def _identified(
    by_sender: Mapping[Sender, Sequence[Arrival]], roster: Roster | None, assignment: str, earlier: Mapping[str, str]
) -> _People:
    found, sure, agreed = _People(), set(), set()
    maybe: dict[str, list[Sender]] = defaultdict(list)
    meant: dict[str, list[Sender]] = defaultdict(list)
    named = set()
    anonymous = _anonymous(by_sender, roster)
    for sender, arrivals in by_sender.items():
        if roster is None:
            student, why = _derive(sender, anonymous=sender in anonymous)
            identity = None
        else:
            identity = _look_up(sender, arrivals, roster, assignment, anonymous=sender in anonymous)
            student, why = identity.person.student if identity.person else "", identity.why
            found.mentioned.update(person.student for person in identity.maybe)
        if identity is not None and identity.person is None:
            for person in identity.maybe:
                maybe[person.student].append(sender)
            for person in identity.meant:
                meant[person.student].append(sender)
        if not student:
            found.lines.append(f"{_files(arrivals)}: {why}; {_advice(sender, assignment)}")
            continue
        found.students[sender] = student
        if identity is not None:
            found.notes.update({sender: identity.note} if identity.note else {})
            sure |= {sender} if identity.sure else set()
            agreed |= {sender} if identity.agreed else set()
            named |= {sender} if identity.named else set()
    rivals = {
        sender: (meant if sender in named else maybe).get(student, []) for sender, student in found.students.items()
    }
    _one_each(found, by_sender, agreed, rivals, assignment)
    owners = {number: student for student, number in earlier.items()}
    for sender, student in list(found.students.items()):
        before, owner = earlier.get(student, sender.number), owners.get(sender.number, student)
        if sender.lms == "moodle" and sender not in sure and (before != sender.number or owner != student):
            found.students.pop(sender)
            why = f"earlier work of {student} in this assignment came under the number {before}"
            if owner != student:
                why = f"earlier work under this number, in this assignment, was {owner}'s"
            found.lines.append(
                f"{_files(by_sender[sender])}: the name is {student}'s, but {why}; {_advice(sender, assignment)}"
            )
            found.mentioned.update((student, owner))
    return found


def _one_each(
    found: _People,
    by_sender: Mapping[Sender, Sequence[Arrival]],
    agreed: Collection[Sender],
    rivals: Mapping[Sender, Sequence[Sender]],
    assignment: str,
) -> None:
    """Of several senders who may be one student, the only one of whom all signs agree; else none of them.

    ``rivals`` are, for a sender, others who were not taken and may be the same student.
    """
    claims: dict[str, list[Sender]] = defaultdict(list)
    for sender, student in found.students.items():
        claims[student].append(sender)
    for student, senders in claims.items():
        certain = [sender for sender in senders if sender in agreed]
        for sender in senders:
            if certain == [sender] or (len(senders) == 1 and not rivals[sender]):
                continue
            others = [arrival for rival in rivals[sender] for arrival in by_sender[rival]]
            which = f" ({_files(others[:_LISTED])} may be too)" if others else ""
            found.students.pop(sender)
            found.lines.append(
                f"{_files(by_sender[sender])}: not the only sender who may be {student}{which}; "
                f"{_advice(sender, assignment)}"
            )


def _anonymous(senders: Iterable[Sender], roster: Roster | None) -> frozenset[Sender]:
    """Those who have no name: the LMS says so, or uses its word for that, or gives everybody the same one."""
    senders = tuple(senders)
    named = Counter(squash(sender.name) for sender in senders)
    everybody = len(senders) > 2 and len(named) == 1
    return frozenset(
        sender
        for sender in senders
        if sender.anonymous
        or (sender.lms == "moodle" and not (roster and roster.named(sender.name))
            and (squash(sender.name) in _ANYBODY
                 or (everybody and not (roster and (roster.alike(sender.name) or roster.in_field(sender.name))))))
    )  # fmt: skip


def _look_up(
    sender: Sender, arrivals: Sequence[Arrival], roster: Roster, assignment: str, *, anonymous: bool
) -> Identity:
    """Whose the sender's files are, by all that the LMS says."""
    if sender.anonymous:
        return Identity(None, "handed in anonymously")
    identity = decide(_signs(sender, roster, assignment, anonymous=anonymous))
    if identity.person is None:
        return replace(identity, why=f"handed in anonymously, and {identity.why}") if anonymous else identity
    for other in {other for arrival in arrivals for other in arrival.others}:
        column = _column(other, roster, assignment)
        read_otherwise = roster.find(column, other.number)
        if read_otherwise and read_otherwise is not identity.person:
            who = f"{identity.person.student} and of {read_otherwise.student}"
            return Identity(None, f"the name can be read as that of {who}", maybe=(identity.person, read_otherwise))
    if anonymous:
        return replace(identity, note=f"anonymous: taken as {identity.person.student}'s by the number alone")
    return identity


def _signs(sender: Sender, roster: Roster, assignment: str, *, anonymous: bool) -> list[Sign]:
    column = _column(sender, roster, assignment)
    signs = []
    if roster.has(column):
        person = roster.find(column, sender.number)
        passing = column == "moodle_participant"
        signs.append(Sign("number", sender.number, (person,) if person else (), column, passing))
    name = sender.name.strip()
    if anonymous:
        return signs
    if "@" in name:
        spelt = {name, name.replace(" ", "_")}  # Moodle writes a space for "_"
        columns = ("email", "username", "sis_login_id")
        by_mail = {p.student: p for c in columns for one in spelt if (p := roster.find(c, one))}
        if by_mail:
            return [*signs, Sign("e-mail address", name, tuple(by_mail.values()), "email")]
        local = _in_field("e-mail address", name, name.partition("@")[0], roster)
        return [*signs, Sign("e-mail address", name, column="email"), *local]
    named = roster.named(name)
    fields = _in_field("name", name, name, roster)
    if named:
        unsettled = not any(sign.people for sign in signs)
        more = [sign for sign in fields if unsettled and not any(who in named for who in sign.people)]
        return [*signs, Sign("name", name, named), *more]
    return [*signs, *(fields or [Sign("name", name, alike=roster.alike(name))])]


def _in_field(kind: Kind, name: str, text: str, roster: Roster) -> list[Sign]:
    """The sign that a name is somebody's login, id or address, if it is."""
    found = roster.in_field(text)
    return (
        [Sign(kind, name, tuple(who for who, _ in found), fields=tuple(field for _, field in found))] if found else []
    )


def _column(sender: Sender, roster: Roster, assignment: str) -> str:
    return "canvas_id" if sender.lms == "canvas" else roster.participants(assignment)


def _advice(sender: Sender, assignment: str) -> str:
    """What to do about a sender who was not recognised for certain."""
    if sender.lms == "canvas":
        if sender.anonymous:
            return "show the names in Canvas and download again"
        return "correct the name or the canvas_id in the roster"
    return (
        "correct the roster: Moodle's numbers are other ones in each assignment, those of this one belong into a "
        f"column 'moodle_participant {assignment}'"
    )


def _derive(sender: Sender, *, anonymous: bool) -> tuple[str, str]:
    """A student id made of what the LMS says: the same for as long as that person is called the same there.

    Canvas's number is the person's. Moodle's is another one in each assignment, so it can't be part of an id, but for
    who is anonymous: there is nothing else.
    """
    if anonymous:
        return f"anon-{sender.number}", ""
    if sender.lms == "canvas":
        return canvas_student(sender.name, sender.number), ""
    return ascii_word(sender.name, between="-"), "this name has no letters for an id"


def _pick(
    student: str, arrivals: Sequence[Arrival], release: Release, others: Collection[Release], *, on_time: bool
) -> Chosen | str:
    """The notebook that counts, else a line that says why there is none."""
    in_time = [arrival for arrival in arrivals if not arrival.late]
    late = [arrival for arrival in arrivals if arrival.late]
    try:
        choice = choose([_candidate(arrival) for arrival in arrivals], release, others)
        if on_time and in_time and late:
            choice = _in_time(choice, in_time, release, others)
    except SubmissionError as error:
        return f"{student}: {error}"
    best = _arrival(choice.candidate)
    kept = tuple(_arrival(one) for one in choice.rivals)
    named = {_arrival(one).entry.name for one in choice.rivals} | {best.entry.name}
    notes = [*choice.notes]
    told = " ".join(notes)
    left = [arrival for arrival in arrivals if arrival.entry.name not in named and _file(arrival) not in told]
    if left:
        notes.append(f"left behind: {shown_all(map(_file, left))}")
    return Chosen(student, best, tuple(notes), kept, choice.worked is False)


def _in_time(choice: Choice, in_time: Sequence[Arrival], release: Release, others: Collection[Release]) -> Choice:
    """The choice among the uploads in time, where there is work in one of them."""
    try:
        earlier = choose([_candidate(arrival) for arrival in in_time], release, others)
        plain, _, _ = read_plain(earlier.candidate.read(), release, others)
    except SubmissionError:
        return choice
    if choice.candidate.key == earlier.candidate.key or is_untouched(plain, release):
        return choice
    rivals = [one for one in (choice.candidate, *choice.rivals) if one.key != earlier.candidate.key]
    names = shown_all(_arrival(one).entry.name for one in rivals)
    return replace(earlier, notes=(*earlier.notes, f"the last in time counts, not {names}"), rivals=tuple(rivals))


def _candidate(arrival: Arrival) -> Candidate:
    return Candidate(arrival.filename, arrival.entry.read, arrival.upload, arrival, shown(arrival.entry.name))


def _arrival(candidate: Candidate) -> Arrival:
    assert isinstance(candidate.key, Arrival)
    return candidate.key


def _file(arrival: Arrival) -> str:
    """The student's own name for the file, without folders."""
    return PurePosixPath(arrival.filename).name


def _files(arrivals: Sequence[Arrival]) -> str:
    return shown_all(arrival.entry.name for arrival in arrivals)
