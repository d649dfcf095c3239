"""``autograder intake``: what students handed in, whichever way, into submitted/: notebooks and times, nothing else."""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias

from rich.console import Console

from autograder.bridges.lms.archive import Download, opened
from autograder.bridges.lms.folders import whose
from autograder.bridges.lms.names import fit_for, shown, shown_all
from autograder.bridges.lms.receipts import Coming, Receipt, Receipts, compare, read_receipts, write_receipts
from autograder.bridges.lms.roster import Roster, read_roster
from autograder.bridges.lms.shapes import Arrival, Lms
from autograder.bridges.lms.sorting import Chosen, assignment_of, sort_out
from autograder.bridges.lms.sources import UNPACK, Kind, folder_with_students, kind_of, unwrapped
from autograder.bridges.nbgrader.settings import configured
from autograder.commands.released import releases_of
from autograder.errors import SubmissionError, UsageError
from autograder.grading._files import list_folder, read_regular, sha256
from autograder.grading.asked import asked
from autograder.grading.collect import Copied, read_timestamp, safe_copy
from autograder.grading.course import Course
from autograder.grading.earlier import EARLIER, keep, keep_what_is_there
from autograder.grading.handed_in import SECRET, TIMESTAMP
from autograder.grading.intake import Rejected
from autograder.grading.notebook_json import FILE_BYTES
from autograder.grading.release import Release
from autograder.grading.roster import Found, find_submissions, is_student_id
from autograder.grading.units import by_assignment
from autograder.grading.which import find_notebook, is_untouched, notebook_of, read_plain

Late: TypeAlias = Literal["last", "last-on-time"]


def run_intake(
    course: Course,
    source: Path,
    assignments: Sequence[str],
    *,
    kind: Kind | None = None,
    roster: Path | None = None,
    replace: bool = False,
    late: Late = "last",
) -> int:
    """Take in everything that ``source`` holds; tell what was left behind, what was not taken, and why.

    With ``late`` "last-on-time" an upload that the LMS marked late counts only where there is none in time.
    """
    course = configured(course)
    known = releases_of(course)
    names = asked(known, assignments)
    people = read_roster(roster) if roster else None
    desk = _Desk(course, {name: known[name] for name in names}, tuple(known.values()), replace, late)
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

    def __init__(
        self, course: Course, releases: dict[str, Release], known: tuple[Release, ...], replace: bool, late: Late
    ) -> None:
        self._console = Console(soft_wrap=True, highlight=False)
        self._course, self._releases, self._known, self._replace = course, releases, known, replace
        self._receipts: dict[str, Receipts] = {}
        self._times: dict[tuple[str, str], datetime | None] = {}
        self._on_time = late == "last-on-time"
        self._taken = self._same = self._kept = 0
        self._late: list[str] = []
        self._spellings: dict[str, str] | None = None
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
        any_name = None if roster is None else (lambda name: True)
        listing = find_submissions(folder, {release.unit: release for release in self._known}, any_name)
        self._problems += listing.problems
        here: dict[str, set[str]] = {}
        folders_of: dict[tuple[str, str], list[Found]] = {}
        entries: list[Found | Rejected] = [*listing.rejected, *listing.found]
        for one in entries:
            if one.unit not in self._releases:
                continue
            identity = whose(one.student, roster)
            mentioned = here.setdefault(one.assignment, set())
            mentioned |= {person.student for person in identity.maybe}
            if identity.person is None:
                self._refuse(one.student, one.unit, identity.why)
            elif isinstance(one, Rejected):
                self._refuse(one.student, one.unit, one.reason)
            else:
                folders_of.setdefault((identity.person.student, one.unit), []).append(one)
        for (student, unit), folders in folders_of.items():
            self._take_newest(student, self._releases[unit], folder, folders, kind)
        for assignment, students in sorted(here.items()):
            self._tell_missing(roster, students, assignment, f"{assignment}: ")

    def take_download(self, path: Path, kind: Lms | None, roster: Roster | None) -> None:
        """A download from Canvas or Moodle. What counts goes through a folder of its own, as if a student had one."""
        with opened(path) as packed:
            download = unwrapped(packed)
            lms = kind or kind_of(download, path, [release.assignment for release in self._known])
            only = next(iter(self._releases.values())) if len(by_assignment(self._releases)) == 1 else None
            first = only or assignment_of(download, lms, self._releases.values())
            if not only:
                self._say(f"{first.assignment}, going by the names of the notebooks")
            for release in self._releases.values():
                if release.assignment == first.assignment:
                    self._take_part(download, lms, release, roster)

    def _take_part(self, download: Download, lms: Lms, release: Release, roster: Roster | None) -> None:
        """One notebook of everybody whose work is in a download."""
        receipts = self._receipts_of(release.unit)
        earlier = {name: one.sender for name, one in receipts.items() if one.source == lms and one.sender}
        found = sort_out(
            download, lms, release, roster, others=self._known, earlier=earlier, on_time=self._on_time
        )  # fmt: skip
        for student, made_from in found.derived.items():
            self._say(f"{student}: an id made from {shown(made_from)}; a roster would give your own")
        self._problems += [problem for problem in found.problems if problem not in self._problems]
        self._not_taken += found.not_taken
        for one in found.chosen:
            self._take_arrival(one, lms, release)
        self._tell_missing(roster, {one.student for one in found.chosen} | found.mentioned, release.assignment)

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
        kept = f", {self._kept} earlier kept in {self._course.submitted.name}/{EARLIER}/" if self._kept else ""
        self._say(f"{self._taken} taken into {self._course.submitted.name}/{unchanged}{not_taken}{kept}")

    def _take_newest(self, student: str, release: Release, within: Path, folders: Sequence[Found], kind: Kind) -> None:
        """One student's work, where folders of our id and of an LMS's may both be there.

        A folder without work in it counts only where there is no other; of several, times say which.
        """
        counting = self._with_work(folders, within, release) if len(folders) > 1 else folders
        times = [read_timestamp(found.folder, within, zone=self._course.zone)[0] for found in counting]
        known = sorted({time for time in times if time is not None})
        if len(known) < len(counting) > 1:
            names = " and ".join(shown(found.student) for found in counting)
            self._refuse(
                student, release.unit,
                f"the folders {names} are both this student's, and no times say which counts; move one away",
            )  # fmt: skip
            return
        at = times.index(known[-1]) if len(counting) > 1 else 0
        newest = counting[at]
        notes = [f"from the folder {shown(newest.student)}"] if newest.student != student else []
        older = [found.student for found in counting if found is not newest]
        notes += [f"not taken, the newest counts: {shown_all(older)}"] if older else []
        blank = [found.student for found in folders if found not in counting]
        notes += [f"not taken, there is no work in it: {shown_all(blank)}"] if blank else []
        try:
            digest = sha256(read_regular(newest.path, within, FILE_BYTES))
        except SubmissionError as error:
            self._refuse(student, release.unit, str(error), notes)
            return
        coming = Coming(Receipt(kind, newest.path.name, digest), times[at])
        self._take(student, release, newest.folder, coming, notes)

    def _with_work(self, folders: Sequence[Found], within: Path, release: Release) -> Sequence[Found]:
        """Those in which there is more than the handout, or something that can't be read; all where it is in none."""
        found = []
        for one in folders:
            try:
                plain, _, _ = read_plain(read_regular(one.path, within, FILE_BYTES), release, self._known)
            except SubmissionError:
                found.append(one)
                continue
            if not is_untouched(plain, release):
                found.append(one)
        return found or folders

    def _tell_missing(self, roster: Roster | None, here: Collection[str], assignment: str, of: str = "") -> None:
        """Who is in the roster and not in what was given: with work in submitted/ already, or with nothing at all."""
        absent = [person.student for person in roster or () if person.student not in here]
        there = [student for student in absent if self._has_work(student, assignment)]
        nothing = [student for student in absent if student not in there]
        if there:
            self._problems.append(f"{of}not in this download, already in submitted/: {', '.join(there)}")
        if nothing:
            self._problems.append(f"{of}nothing here from {', '.join(nothing)}, and nothing in submitted/")

    def _has_work(self, student: str, assignment: str) -> bool:
        """Whether there is something of the student's to grade."""
        try:
            names = list_folder(self._course.submitted / student / assignment, self._course.submitted)
        except (SubmissionError, OSError):
            return False
        return any(not name.startswith(".") and name not in (TIMESTAMP, SECRET) for name in names)

    def _take_arrival(self, one: Chosen, lms: Lms, release: Release) -> None:
        arrival = one.arrival
        try:
            data = arrival.entry.read()
        except SubmissionError as error:
            self._refuse(one.student, release.unit, f"{shown(arrival.entry.name)}: {error}", one.notes)
            return
        digest = sha256(data)
        receipt = Receipt(lms, arrival.entry.name, digest, arrival.sender.number, arrival.upload, arrival.late)
        with tempfile.TemporaryDirectory(prefix="autograder-intake-") as folder:
            (Path(folder) / release.filename).write_bytes(data)
            taken = self._take(one.student, release, Path(folder), Coming(receipt), one.notes)
        for other in one.kept if taken else ():
            self._keep_upload(one.student, release, other)

    def _keep_upload(self, student: str, release: Release, other: Arrival) -> None:
        """Another upload with work in it, which does not count: kept all the same."""
        try:
            self._kept_away(student, release, other.entry.read(), other.entry.name)
        except SubmissionError as error:
            self._problems.append(f"{student}: {shown(other.entry.name)} was not kept: {error}")

    def _kept_away(self, student: str, release: Release, data: bytes, name: str) -> None:
        folder = keep(self._course.submitted, student, release.assignment, release.filename, data, None)
        self._kept += 1
        self._say(f"  {shown(name)} is kept in {folder.relative_to(self._course.submitted.parent)}")

    def _take(
        self,
        student: str,
        release: Release,
        folder: Path,
        coming: Coming,
        notes: Sequence[str] = (),
    ) -> bool:
        """One submission through `safe_copy`, unless the same, or what may be newer, is there. Whether it is."""
        name = release.unit
        target = self._course.submitted / student / release.assignment
        receipts = self._receipts_of(name)
        earlier = receipts.get(student)
        time = self._time_there(student, release.assignment)
        objection = self._objection(student)
        if objection:
            self._refuse(student, name, objection, notes)
            return False
        change, there = compare(target, release.filename, coming, earlier, time)
        if change not in ("same", "new", "newer") and self._compared(student, release, folder) == (True, False):
            change = "newer"  # a handout that nobody worked on is no work
        if change == "same":
            self._same += 1
        elif change not in ("new", "newer") and not self._replace:
            self._refuse(student, name, f"other work is there already, and {change}; --replace takes this one", notes)
            return False
        elif change == "newer" and not self._replace and (why := self._counts_less(student, release, folder, coming)):
            self._refuse(student, name, why, notes)
            return True
        else:
            copied = self._copied(student, release, folder, coming)
            if isinstance(copied, Rejected):
                self._refuse(student, name, copied.reason, notes)
                return False
            self._taken += 1
            self._kept += change != "new"
            there = copied.digest
            left = [f"left behind: {', '.join(copied.left_behind)}"] if copied.left_behind else []
            late = ["marked late"] if coming.receipt.late else []
            replaced = ["replaces the earlier one, which is kept"] if change != "new" else []
            self._say("; ".join((f"{student}, {name}", *late, *replaced, *left, *notes)))
            for problem in copied.problems:
                self._say(f"  {problem}")
        if coming.receipt.late:
            self._late.append(student)
        if change != "same" or earlier is None or coming.receipt.upload >= earlier.upload:
            receipts[student] = dataclasses.replace(coming.receipt, written=there)
        return True

    def _time_there(self, student: str, assignment: str) -> datetime | None:
        """When what is in ``submitted/`` was handed in, as it was before any of its notebooks was taken in here."""
        key = student, assignment
        if key not in self._times:
            self._times[key], _ = read_timestamp(
                self._course.submitted / student / assignment, zone=self._course.zone
            )  # fmt: skip
        return self._times[key]

    def _objection(self, student: str) -> str:
        """Why nobody may have a folder of that name: there is one that is the same on some systems."""
        if self._spellings is None:
            try:
                there = list_folder(self._course.submitted, self._course.submitted, limit=None)
            except (SubmissionError, OSError):
                there = {}
            self._spellings = {name.casefold(): name for name, kind in there.items() if kind == "folder"}
        other = self._spellings.setdefault(student.casefold(), student)
        if other == student:
            return ""
        return f"there is {other} already, an id that differs in small and capital letters only: rename one of them"

    def _counts_less(self, student: str, release: Release, folder: Path, coming: Coming) -> str:
        """Why newer work does not replace what is there, or nothing."""
        earlier = self._receipts_of(release.unit).get(student)
        if self._compared(student, release, folder) == (False, True):
            return "newer, but as it was handed out: what is there has work in it and stays; --replace takes this one"
        if self._on_time and coming.receipt.late and earlier is not None and not earlier.late:
            path, _ = find_notebook(folder, folder.parent, release, self._known)
            data, _ = notebook_of(read_regular(path, folder.parent, FILE_BYTES), release, self._known)
            self._kept_away(student, release, data, coming.receipt.file)
            return "it was uploaded late, and the last in time counts; --replace takes this one"
        return ""

    def _compared(self, student: str, release: Release, folder: Path) -> tuple[bool, bool] | None:
        """Whether there is work in what is coming and in what is there, None where one of them can't be read."""
        place = self._course.submitted / student / release.assignment
        found = []
        try:
            for where in (folder, place):
                path, _ = find_notebook(where, where.parent, release, self._known)
                plain, _, _ = read_plain(read_regular(path, where.parent, FILE_BYTES), release, self._known)
                found.append(not is_untouched(plain, release))
        except SubmissionError:
            return None
        return found[0], found[1]

    def _copied(self, student: str, release: Release, folder: Path, coming: Coming) -> Copied | Rejected:
        """What `safe_copy` did; a target that can't be written keeps no other student's work from being taken in.

        What is there is kept before it is replaced, and only by what can be read.
        """
        submitted = self._course.submitted
        target = submitted / student / release.assignment

        def copy_to(place: Path) -> Copied | Rejected:
            return safe_copy(
                folder, place, release, student=student, others=self._known, submitted_at=coming.time,
                zone=self._course.zone,
            )  # fmt: skip

        try:
            if os.path.lexists(target / release.filename) and not target.is_symlink():
                with tempfile.TemporaryDirectory(prefix="autograder-intake-") as apart:
                    trial = copy_to(Path(apart) / student / release.assignment)
                if isinstance(trial, Rejected):
                    return trial
                time = self._time_there(student, release.assignment)
                keep_what_is_there(submitted, student, release.assignment, release.filename, time)
            return copy_to(target)
        except UsageError as error:
            return Rejected(student, release.assignment, str(error), part=release.part)

    def _receipts_of(self, unit: str) -> dict[str, Receipt]:
        if unit not in self._receipts:
            self._receipts[unit] = read_receipts(self._course.submitted, unit)
        return self._receipts[unit].by_student

    def _refuse(self, student: str, assignment: str, why: str, notes: Sequence[str] = ()) -> None:
        who = student if is_student_id(student) else shown(student)
        self._not_taken.append("; ".join((f"{who}, {assignment}: {why}", *notes)))

    def _say(self, line: str) -> None:
        self._console.print(fit_for(self._console.encoding, line), markup=False)
