"""``autograder intake``: what students handed in, whichever way, into submitted/: notebooks and times, nothing else."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

from rich.console import Console

from autograder.bridges.lms.archive import opened
from autograder.bridges.lms.names import fit_for, shown, shown_all
from autograder.bridges.lms.receipts import Coming, Receipt, Receipts, compare, read_receipts, write_receipts
from autograder.bridges.lms.roster import Roster, read_roster
from autograder.bridges.lms.shapes import Lms
from autograder.bridges.lms.sorting import Chosen, assignment_of, sort_out
from autograder.bridges.lms.sources import UNPACK, Kind, folder_with_students, kind_of, unwrapped
from autograder.commands.released import releases_of
from autograder.errors import SubmissionError, UsageError
from autograder.grading._files import read_regular, sha256
from autograder.grading.asked import asked
from autograder.grading.collect import Copied, read_timestamp, safe_copy
from autograder.grading.course import Course
from autograder.grading.intake import Rejected
from autograder.grading.notebook_json import FILE_BYTES
from autograder.grading.release import Release
from autograder.grading.roster import Found, find_submissions


def run_intake(
    course: Course,
    source: Path,
    assignments: Sequence[str],
    *,
    kind: Kind | None = None,
    roster: Path | None = None,
    replace: bool = False,
) -> int:
    """Take in everything that ``source`` holds; tell what was left behind, what was not taken, and why."""
    known = releases_of(course)
    names = asked(known, assignments)
    people = read_roster(roster) if roster else None
    desk = _Desk(course, {name: known[name] for name in names}, tuple(known.values()), replace)
    if not source.exists():
        raise UsageError(f"{source} is not a folder or a zip archive", next_step="Check the path")
    with_students = folder_with_students(source, tuple(known))
    try:
        if kind in ("folder", "nbgrader") or (kind is None and with_students):
            folder, found = with_students or (source, "folder")
            desk.take_folder(folder, kind or found, people)
        else:
            desk.take_download(source, kind if kind in ("canvas", "moodle") else None, people)
    finally:
        desk.keep_receipts()
    desk.finish()
    return 0


class _Desk:
    """One intake: says what happens to each submission, and counts."""

    def __init__(self, course: Course, releases: dict[str, Release], known: tuple[Release, ...], replace: bool) -> None:
        self._console = Console(soft_wrap=True, highlight=False)
        self._course, self._releases, self._known, self._replace = course, releases, known, replace
        self._receipts: dict[str, Receipts] = {}
        self._taken = self._same = 0
        self._late: list[str] = []
        self._not_taken: list[str] = []
        self._problems: list[str] = []

    def take_folder(self, folder: Path, kind: Kind, roster: Roster | None) -> None:
        """Students' folders, with the times that nbgrader collected where there are any."""
        if not folder.is_dir():
            raise UsageError(
                f"{folder} is not a folder",
                expected="a folder with <student>/<assignment>/<notebook>.ipynb in it",
                next_step=UNPACK if folder.is_file() else "Check the path",
            )
        listing = find_submissions(folder, {release.assignment: release for release in self._known})
        self._problems += listing.problems
        here: dict[str, set[str | None]] = {}
        for rejected in listing.rejected:
            if rejected.assignment in self._releases:
                self._refuse(rejected.student, rejected.assignment, rejected.reason)
                here.setdefault(rejected.assignment, set()).add(_whose(rejected.student, roster))
        folders_of: dict[tuple[str, str], list[Found]] = {}
        for found in listing.found:
            if found.assignment not in self._releases:
                continue
            student = _whose(found.student, roster)
            here.setdefault(found.assignment, set()).add(student)
            if student is None:
                self._refuse(found.student, found.assignment, "nobody in the roster")
            else:
                folders_of.setdefault((student, found.assignment), []).append(found)
        for (student, assignment), folders in folders_of.items():
            self._take_newest(student, self._releases[assignment], folder, folders, kind)
        for assignment, students in sorted(here.items()):
            self._tell_missing(roster, students, f"{assignment}: ")

    def take_download(self, path: Path, kind: Lms | None, roster: Roster | None) -> None:
        """A download from Canvas or Moodle. What counts goes through a folder of its own, as if a student had one."""
        with opened(path) as packed:
            download = unwrapped(packed)
            lms = kind or kind_of(download, path, [release.assignment for release in self._known])
            only = next(iter(self._releases.values())) if len(self._releases) == 1 else None
            release = only or assignment_of(download, lms, self._releases.values())
            found = sort_out(download, lms, release, roster)
            if not only:
                self._say(f"{release.assignment}, going by the names of the notebooks")
            for student, made_from in found.derived.items():
                self._say(f"{student}: an id made from {shown(made_from)}; a roster would give your own")
            self._problems += found.problems
            self._not_taken += found.not_taken
            for one in found.chosen:
                self._take_arrival(one, lms, release)
            self._tell_missing(roster, {one.student for one in found.chosen})

    def keep_receipts(self) -> None:
        """Remember what was taken so far, also if the rest can't be."""
        for assignment, receipts in self._receipts.items():
            write_receipts(self._course.submitted, assignment, receipts)

    def finish(self) -> None:
        """Everything that was not taken, and the count."""
        for line in self._not_taken:
            self._say(f"not taken: {line}")
        for line in self._problems:
            self._say(line)
        if self._late:
            self._say(f"marked late by the LMS: {', '.join(self._late)}. It does not say when they were handed in, so "
                      "no late penalty is taken off by itself")  # fmt: skip
        unchanged = f", {self._same} there already" if self._same else ""
        not_taken = f", {len(self._not_taken)} not taken" if self._not_taken else ""
        self._say(f"{self._taken} taken into {self._course.submitted.name}/{unchanged}{not_taken}")

    def _take_newest(self, student: str, release: Release, within: Path, folders: Sequence[Found], kind: Kind) -> None:
        """One student's work, where folders of our id and of an LMS's may both be there: times say which counts."""
        times = [read_timestamp(found.path.parent)[0] for found in folders]
        known = sorted({time for time in times if time is not None})
        if len(known) < len(folders) > 1:
            names = " and ".join(shown(found.student) for found in folders)
            self._refuse(
                student, release.assignment,
                f"the folders {names} are both this student's, and no times say which counts; move one away",
            )  # fmt: skip
            return
        newest = folders[times.index(known[-1])] if len(folders) > 1 else folders[0]
        notes = [f"from the folder {shown(newest.student)}"] if newest.student != student else []
        older = [found.student for found in folders if found is not newest]
        notes += [f"not taken, the newest counts: {shown_all(older)}"] if older else []
        try:
            digest = sha256(read_regular(newest.path, within, FILE_BYTES))
        except SubmissionError as error:
            self._refuse(student, release.assignment, str(error), notes)
            return
        coming = Coming(Receipt(kind, newest.path.name, digest), times[folders.index(newest)])
        self._take(student, release, newest.path.parent, coming, notes)

    def _tell_missing(self, roster: Roster | None, here: Collection[str | None], of: str = "") -> None:
        """Who is in the roster, and not here."""
        missing = [person.student for person in roster or () if person.student not in here]
        if missing:
            self._problems.append(f"{of}nothing here from {', '.join(missing)}")

    def _take_arrival(self, one: Chosen, lms: Lms, release: Release) -> None:
        arrival = one.arrival
        try:
            data = arrival.entry.read()
        except SubmissionError as error:
            self._refuse(one.student, release.assignment, f"{shown(arrival.entry.name)}: {error}", one.notes)
            return
        digest = sha256(data)
        receipt = Receipt(lms, arrival.entry.name, digest, arrival.sender.number, arrival.upload, arrival.late)
        with tempfile.TemporaryDirectory(prefix="autograder-intake-") as folder:
            (Path(folder) / release.filename).write_bytes(data)
            self._take(one.student, release, Path(folder), Coming(receipt), one.notes)

    def _take(self, student: str, release: Release, folder: Path, coming: Coming, notes: Sequence[str] = ()) -> None:
        """One submission through `safe_copy`, unless what is there is the same, or may be newer."""
        name = release.assignment
        target = self._course.submitted / student / name
        receipts = self._receipts_of(name)
        earlier = receipts.get(student)
        change, there = compare(target, release.filename, coming, earlier)
        if change == "same":
            self._same += 1
        elif change not in ("new", "newer") and not self._replace:
            self._refuse(student, name, f"other work is there already, and {change}; --replace takes this one", notes)
            return
        else:
            copied = self._copied(student, release, folder, coming)
            if isinstance(copied, Rejected):
                self._refuse(student, name, copied.reason, notes)
                return
            self._taken += 1
            there = copied.digest
            left = [f"left behind: {', '.join(copied.left_behind)}"] if copied.left_behind else []
            late = ["marked late"] if coming.receipt.late else []
            replaced = ["replaces the earlier one"] if change != "new" else []
            self._say("; ".join((f"{student}, {name}", *late, *replaced, *left, *notes)))
            for problem in copied.problems:
                self._say(f"  {problem}")
        if coming.receipt.late:
            self._late.append(student)
        if change != "same" or earlier is None or coming.receipt.upload >= earlier.upload:
            receipts[student] = dataclasses.replace(coming.receipt, written=there)

    def _copied(self, student: str, release: Release, folder: Path, coming: Coming) -> Copied | Rejected:
        """What `safe_copy` did; a target that can't be written keeps no other student's work from being taken in."""
        target = self._course.submitted / student / release.assignment
        try:
            return safe_copy(folder, target, release, student=student, others=self._known, submitted_at=coming.time)
        except UsageError as error:
            return Rejected(student, release.assignment, str(error))

    def _receipts_of(self, assignment: str) -> dict[str, Receipt]:
        if assignment not in self._receipts:
            self._receipts[assignment] = read_receipts(self._course.submitted, assignment)
        return self._receipts[assignment].by_student

    def _refuse(self, student: str, assignment: str, why: str, notes: Sequence[str] = ()) -> None:
        self._not_taken.append("; ".join((f"{student}, {assignment}: {why}", *notes)))

    def _say(self, line: str) -> None:
        self._console.print(fit_for(self._console.encoding, line), markup=False)


def _whose(folder: str, roster: Roster | None) -> str | None:
    """Whose folder it is: named by our id or, where there is a roster, by an id of an LMS. None for nobody in it."""
    if roster is None:
        return folder
    for column in ("student", "username", "sis_login_id", "email", "sis_user_id", "idnumber"):
        person = roster.find(column, folder)
        if person is not None:
            return person.student
    return None
