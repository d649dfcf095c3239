"""nbgrader's gradebook, written fast: what stock `autograde` records, in one transaction per submission.

nbgrader's own objects take 37 ms a submission and their import seconds; these bulk statements take two. What a human
wrote (manual score, manual comment, extra credit) is never touched; a bonus is extra credit too, so what we wrote there
is remembered. What was graded, and how, goes with the scores.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import sqlalchemy as sa

from autograder import __version__
from autograder.errors import UsageError
from autograder.grading._bonus import Earn, earned_bonus, give_bonuses
from autograder.grading._database import COMPLETION, make_gradebook, open_engine, read_tables, tables_on
from autograder.grading._rows import TASK, RegisteredAssignment, RegisteredCell, Rows
from autograder.grading._statements import Statements
from autograder.grading.annotate import NO_RESPONSE, comment, not_graded, score
from autograder.grading.closed import Remembered
from autograder.grading.course import Course
from autograder.grading.intake import Rejected
from autograder.grading.marks import Changed, Completion, Hidden, Mark, Recorded, Reopened, Total, hidden
from autograder.grading.pipeline import Graded
from autograder.grading.release import CHECK
from autograder.grading.units import assignment_of, unit_of
from autograder.judging.verdict import Verdict

__all__ = [
    "Completion", "Hidden", "Ledger", "Mark", "NotRegisteredError", "Penalty", "Recorded", "Total", "open_ledger",
]  # fmt: skip

Penalty = Callable[[str, float, float], "float | None"]
"""(student, score, seconds late) -> points taken off, None for none: what nbgrader's late submission plugin does."""

_Decide = Callable[[RegisteredCell], "tuple[float | None, bool]"]
_Say = Callable[[RegisteredCell], "str | None"]


class NotRegisteredError(UsageError):
    """The gradebook does not know an assignment, or not this notebook of it."""


@dataclass(frozen=True)
class _Entry:
    """Everything about a recording except the scores."""

    student: str
    assignment: str
    notebook: str
    state: str
    digest: str = ""
    tier: str = ""
    fingerprint: str = ""
    timestamp: datetime.datetime | None = None
    files: Mapping[str, str] | None = None
    late: Penalty | None = None
    grader: str = ""
    answers: Mapping[str, str] | None = None
    """A digest of each answer, by exercise and essay; None where the answers are not known."""


class Ledger:
    """An open gradebook, for one process. Close it, or use it in a ``with`` statement."""

    def __init__(self, url: str, *, keep: bool = False) -> None:
        """Open the gradebook at ``url``, as `open_engine`. Raises NotRegisteredError if it has no tables yet."""
        self._have(open_engine(url, keep=keep))

    def _have(self, engine: sa.Engine, connection: sa.Connection | None = None) -> None:
        tables = read_tables(engine) if connection is None else tables_on(connection)
        if tables is None:
            engine.dispose()
            raise NotRegisteredError("The gradebook has no tables yet", next_step="Run `make register`")
        self.engine = engine
        self.statements = Statements(tables)
        self._known: dict[str, RegisteredAssignment] = {}
        self._under_way: Rows | None = None if connection is None else Rows(connection, self.statements)

    @classmethod
    @contextmanager
    def unchanged(cls, url: str) -> Iterator[Ledger]:
        """A gradebook on a server, to be read: whatever is written within is undone at the end, our tables included.

        Raises NotRegisteredError.
        """
        engine = open_engine(url)
        try:
            with engine.connect() as connection:  # which is rolled back
                ledger = cls.__new__(cls)
                ledger._have(engine, connection)
                yield ledger
        finally:
            engine.dispose()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection back."""
        self.engine.dispose()

    def record(
        self,
        graded: Graded,
        notebook: str,
        *,
        timestamp: datetime.datetime | None = None,
        files: Mapping[str, str] | None = None,
        late: Penalty | None = None,
        grader: str = "",
    ) -> Recorded:
        """Record the verdicts on one submission: all of it or nothing.

        ``timestamp`` is when it was handed in (without a zone: UTC); without one an earlier one stays. ``files`` are
        those written for it, by path, with their SHA-256; ``grader`` is that of its plan. Raises NotRegisteredError.
        """
        known = self.registered(graded.assignment, notebook)
        essays = graded.submission.essays

        def decide(cell: RegisteredCell) -> tuple[float | None, bool]:
            if cell.name in known.written:
                return (None, True) if essays.get(cell.name, True) else (0.0, False)
            earned = None if cell.kind == TASK else score(_verdict_on(cell, graded.verdicts), known.points[cell.id])
            return earned, earned is None

        def say(cell: RegisteredCell) -> str | None:
            if known.answer(cell):
                return comment(graded.verdicts.get(cell.name))
            return NO_RESPONSE if not essays.get(cell.name, True) else None

        undecided = any(decide(cell)[0] is None for cell in known.cells[notebook] if known.automatic(cell))
        entry = _Entry(
            graded.student, graded.assignment, notebook, "internal" if undecided else "graded",
            graded.submission.digest, graded.tier, graded.fingerprint, timestamp, files, late, grader, graded.answers,
        )  # fmt: skip
        return self._write(entry, known, decide, say, lambda cell: earned_bonus(cell, graded))

    def record_rejected(
        self,
        rejected: Rejected,
        notebook: str,
        *,
        timestamp: datetime.datetime | None = None,
        files: Mapping[str, str] | None = None,
        late: Penalty | None = None,
        grader: str = "",
    ) -> Recorded:
        """Record a file that can't be graded: 0 everywhere, and a human is asked to look.

        Of a notebook that is missing beside another nobody is asked. Raises NotRegisteredError.
        """
        known = self.registered(rejected.assignment, notebook)
        entry = _Entry(
            rejected.student, rejected.assignment, notebook, "rejected",
            rejected.digest, timestamp=timestamp, files=files, late=late, grader=grader,
        )  # fmt: skip
        if rejected.missing:  # as nbgrader has it
            return self._write(
                replace(entry, late=None), known, lambda _: (0.0, False), lambda _: None, lambda _: 0.0
            )  # fmt: skip
        return self._write(entry, known, lambda _: (0.0, True), lambda _: not_graded(rejected.reason), lambda _: 0.0)

    def set_internal(self, student: str, assignment: str, notebook: str) -> Mapping[str, float]:
        """Take back the automatic scores of a submission and ask for a human, before anything else is tried.

        Manual scores stay, essays keep what they have; our bonus goes, a human's extra credit stays. Returns the last
        automatic scores, by grade id; they stay in the completion row until the submission is graded again. Raises
        NotRegisteredError.
        """
        known = self.registered(assignment, notebook)
        entry = _Entry(student, assignment, notebook, "internal")
        return self._write(
            entry, known, lambda _: (None, True), lambda _: None, lambda _: None, of_verdicts_only=True
        ).earlier

    def override(self, graded: Graded, notebook: str) -> Recorded:
        """After nbgrader saved its own: bonuses, our comments, and no score where a verdict is INTERNAL.

        nbgrader asks a human about every manual score; those that were closed and have no reason to be open are closed.
        """
        student, assignment, verdicts = graded.student, graded.assignment, graded.verdicts
        known = self.registered(assignment, notebook)
        cells = known.cells[notebook]
        undecided = [c for c in cells if known.automatic(c) and score(_verdict_on(c, verdicts), 1.0) is None]
        with self._transaction() as rows:
            place = rows.place(known, student, notebook)
            essays = [c for c in cells if c.graded and c.name in known.written and graded.submission.essays.get(c.name)]
            rows.set_grades(place, [(cell, None, True) for cell in (*undecided, *essays)])  # nbgrader: unchanged is 0
            said = [(cell, comment(verdicts.get(cell.name))) for cell in cells if known.answer(cell)]
            unsaid = {cell.name for cell in essays}
            rows.set_comments(place, [*said, *((c, None) for c in cells if c.commented and c.name in unsaid)])
            before = rows.marks(place, cells)
            unit = _unit(known, assignment, notebook)
            earlier, last = self._last(rows, student, unit)
            now = Remembered(graded.submission.digest, _worth(known, cells, graded.answers))
            reasons = {mark.cell: last.reason(mark, now) for mark in before if last.was_closed(mark)}
            rows.set_asked(
                place, [(cell, bool(reasons[cell.name])) for cell in cells if cell.graded and cell.name in reasons]
            )
            marks = give_bonuses(rows, place, known, cells, before, lambda cell: earned_bonus(cell, graded))
            shut = {mark.cell: mark.manual for mark in before if reasons.get(mark.cell) == ""}
            mine = {
                "who": student,
                "what": unit,
                "file": now.file,
                "given": dict(now.answers or {}),
                "shut": shut,
            }
            rows.connection.execute(self.statements.set_remembered, mine)
            reopened = _reopened(student, assignment, reasons)
            before, marks = known.of_verdicts(before), known.of_verdicts(marks)
            return Recorded(earlier, hidden(student, assignment, earlier, before, marks), reopened)

    def move(
        self,
        student: str,
        assignment: str,
        notebook: str,
        *,
        timestamp: datetime.datetime | None,
        files: Mapping[str, str],
        late: Penalty | None = None,
    ) -> None:
        """Record that what was graded was handed in at another time, and what being late then costs.

        ``timestamp``, ``files`` and ``late`` are as for `record`; scores and comments stay. Raises NotRegisteredError.
        """
        known = self.registered(assignment, notebook)
        entry = _Entry(student, assignment, notebook, "graded", late=late)
        with self._transaction() as rows:
            place = rows.place(known, student, notebook, _naive(timestamp))
            marks = rows.marks(place, known.cells[notebook])
            rows.set_penalty(place, _penalty(entry, rows.seconds_late(known, student), marks))
            mine = {"who": student, "what": _unit(known, assignment, notebook), "now": dict(files)}
            rows.connection.execute(self.statements.set_files, mine)

    def whose_lateness_counts(self, assignment: str, notebook: str, late: Penalty | None) -> frozenset[str]:
        """Who may have to pay for being late, or has to pay: everybody if there is a due date and a policy."""
        due = late is not None and self.registered(assignment, notebook).duedate is not None
        return frozenset(total.student for total in self.totals(assignment) if due or total.penalty)

    def count_late_again(self, student: str, assignment: str, notebook: str, late: Penalty | None) -> bool:
        """Bring the late penalty up to date with today's due date, extension and policy; whether it changed.

        Nothing else is touched. Raises NotRegisteredError.
        """
        known = self.registered(assignment, notebook)
        entry = _Entry(student, assignment, notebook, "graded", late=late)
        with self._transaction() as rows:
            place = rows.place(known, student, notebook)
            now = _penalty(entry, rows.seconds_late(known, student), rows.marks(place, known.cells[notebook]))
            if (now or 0.0) == (rows.penalty(place) or 0.0):
                return False
            rows.set_penalty(place, now)
            return True

    def completions(self, unit: str) -> dict[str, Completion]:
        """Every completion of an assignment, or of one of its notebooks, that the gradebook still has, by student."""
        done = self.statements.table(COMPLETION)
        with self._transaction() as rows:
            there = {student for student, *_ in rows.submissions(assignment_of(unit))}
            found = rows.connection.execute(sa.select(done).where(done.c.assignment == unit)).mappings().all()
        return {row["student"]: Completion(**row) for row in found if row["student"] in there}

    def completed(self, unit: str) -> dict[str, Completion]:
        """The submissions that need not be graded again while digest, version and files are the same, by student."""
        with self._transaction() as rows:
            known = rows.registered(assignment_of(unit))
            undecided = rows.undecided(known) if known else set()
            notebooks = known.notebooks.items() if known else ()
            books = {key for name, key in notebooks if assignment_of(unit) == unit or unit.endswith(f"/{name}")}
            whole = {
                student
                for student, _, place, _, book in rows.submissions(assignment_of(unit))
                if place not in undecided and book in books
            }
        done = self.completions(unit)
        return {name: one for name, one in done.items() if one.state in ("graded", "rejected") and name in whole}

    def totals(self, assignment: str) -> tuple[Total, ...]:
        """Every submission of ``assignment`` as the gradebook has it now, all its notebooks together, by student."""
        with self._transaction() as rows:
            marks = rows.marks_by_place(assignment)
            found: dict[str, Total] = {}
            for student, timestamp, place, penalty, _ in rows.submissions(assignment):
                here = Total(student, tuple(marks.get(place, ())), penalty or 0.0, timestamp)
                found[student] = found[student] + here if student in found else here
            return tuple(found.values())

    def registered(self, assignment: str, notebook: str) -> RegisteredAssignment:
        """What is registered of ``assignment``, from memory after the first time. Raises NotRegisteredError."""
        if assignment not in self._known:
            with self._transaction() as rows:
                found = rows.registered(assignment)
            if found is None:
                raise NotRegisteredError(f"The gradebook does not know {assignment}", next_step="Run `make register`")
            self._known[assignment] = found
        known = self._known[assignment]
        if notebook not in known.notebooks:
            raise NotRegisteredError(
                f"The gradebook does not know this notebook of {assignment}",
                expected=f"{', '.join(known.notebooks)}.ipynb",
                got=f"{notebook}.ipynb",
                next_step="Run `make register`",
            )
        return known

    def forget_registered(self) -> None:
        """Read assignments anew: they may have been registered again."""
        self._known.clear()

    @contextmanager
    def together(self) -> Iterator[None]:
        """One transaction for all that is recorded within: all of it is there afterwards, or nothing."""
        with self.engine.begin() as connection:
            self._under_way = Rows(connection, self.statements)
            try:
                yield
            finally:
                self._under_way = None

    @contextmanager
    def _transaction(self) -> Iterator[Rows]:
        if self._under_way is not None:
            yield self._under_way
            return
        with self.engine.begin() as connection:
            yield Rows(connection, self.statements)

    def _write(
        self,
        entry: _Entry,
        known: RegisteredAssignment,
        decide: _Decide,
        say: _Say,
        earn: Earn,
        *,
        of_verdicts_only: bool = False,
    ) -> Recorded:
        cells = known.cells[entry.notebook]
        graded = [c for c in cells if (known.automatic(c) if of_verdicts_only else c.graded)]
        commented = [c for c in cells if (known.answer(c) if of_verdicts_only else c.commented)]
        with self._transaction() as rows:
            place = rows.place(known, entry.student, entry.notebook, _naive(entry.timestamp))
            before = rows.marks(place, cells)
            unit = _unit(known, entry.assignment, entry.notebook)
            last, past = self._last(rows, entry.student, unit)
            last |= {mark.cell: mark.auto for mark in before if mark.auto is not None}
            by_hand = {mark.cell: mark for mark in before if mark.manual is not None}
            now_known = past if of_verdicts_only else Remembered(entry.digest, _worth(known, cells, entry.answers))
            reasons = {name: past.reason(mark, now_known) for name, mark in by_hand.items() if past.was_closed(mark)}
            decided = [
                (cell, auto, bool(reasons.get(cell.name, "open")) if cell.name in by_hand else ask)
                for cell, auto, ask in ((cell, *decide(cell)) for cell in graded)
            ]
            rows.set_grades(place, decided)
            rows.set_comments(place, [(cell, say(cell)) for cell in commented])
            now = {cell.name: auto for cell, auto, _ in decided}
            marks = give_bonuses(rows, place, known, cells, before, earn)
            marks = tuple(replace(mark, auto=now.get(mark.cell, mark.auto)) for mark in marks)
            rows.set_penalty(place, _penalty(entry, rows.seconds_late(known, entry.student), marks))
            taken_back = {mark.cell: last[mark.cell] for mark in marks if mark.auto is None and mark.cell in last}
            unread = entry.state == "rejected"  # so nothing says yet whether an answer is another one
            shut = {
                mark.cell: mark.manual
                for mark in before
                if mark.manual is not None and (reasons.get(mark.cell) == "" or (unread and mark.cell in reasons))
            }
            if unread:
                now_known = replace(now_known, answers=past.answers)
            self._complete(rows, entry, unit, taken_back, replace(now_known, closed=shut))
        who = entry.student, entry.assignment
        same = bool(entry.digest) and entry.digest == past.file
        changed = [
            Changed(*who, mark.cell, last.get(mark.cell), mark.auto, mark.manual)
            for mark in marks
            if same and mark.cell in now and last.get(mark.cell) != mark.auto
        ]
        seen = hidden(*who, last, known.of_verdicts(before), known.of_verdicts(marks))
        return Recorded(last, seen, _reopened(*who, reasons), tuple(changed))

    def _last(self, rows: Rows, student: str, unit: str) -> tuple[dict[str, float], Remembered]:
        """The scores that were taken back, and what was kept for this recording.

        A notebook that was alone in its assignment, and has company now, was recorded under the assignment's name.
        """
        for name in dict.fromkeys((unit, assignment_of(unit))):
            found = rows.connection.execute(self.statements.completion, {"who": student, "what": name}).one_or_none()
            if found is not None:
                break
        else:
            return {}, Remembered()
        answers = {cell: (str(digest), float(points)) for cell, (digest, points) in (found.answers or {}).items()}
        unread = found.state == "rejected"
        return dict(found.earlier or {}), Remembered(found.digest, answers, dict(found.closed or {}), unread)

    def _complete(
        self, rows: Rows, entry: _Entry, unit: str, taken_back: Mapping[str, float], kept: Remembered
    ) -> None:
        rows.connection.execute(self.statements.drop_completion, {"who": entry.student, "what": unit})
        row = {
            "student": entry.student,
            "assignment": unit,
            "state": entry.state,
            "digest": kept.file,
            "version": __version__,
            "tier": entry.tier,
            "fingerprint": entry.fingerprint,
            "files": dict(entry.files or {}),
            "finished": datetime.datetime.now(datetime.UTC).replace(tzinfo=None),
            "earlier": dict(taken_back),
            "answers": dict(kept.answers or {}),
            "closed": dict(kept.closed or {}),
            "grader": entry.grader,
        }
        rows.connection.execute(self.statements.add_completion, row)


def open_ledger(course: Course) -> Ledger:
    """The gradebook of ``course``, made by nbgrader if there is none yet; the caller closes it."""
    course.results.mkdir(parents=True, exist_ok=True)
    make_gradebook(course.gradebook_url, course.id)
    return Ledger(course.gradebook_url, keep=True)


def _unit(known: RegisteredAssignment, assignment: str, notebook: str) -> str:
    """What the completion of a notebook goes by."""
    return unit_of(assignment, notebook if len(known.notebooks) > 1 else "")


def _verdict_on(cell: RegisteredCell, verdicts: Mapping[str, Verdict]) -> Verdict | None:
    return verdicts.get(cell.name.removesuffix(CHECK))


def _worth(
    known: RegisteredAssignment, cells: Sequence[RegisteredCell], answers: Mapping[str, str] | None
) -> dict[str, tuple[str, float]]:
    """The digest of each answer and what its cell is worth, by grade cell; nothing where the answers are not known."""
    found = {}
    for cell in cells:
        digest = (answers or {}).get(cell.name.removesuffix(CHECK))
        if cell.graded and digest is not None:
            found[cell.name] = (digest, known.points.get(cell.id, 0.0))
    return found


def _reopened(student: str, assignment: str, reasons: Mapping[str, str]) -> tuple[Reopened, ...]:
    return tuple(Reopened(student, assignment, cell, why) for cell, why in reasons.items() if why)


def _naive(moment: datetime.datetime | None) -> datetime.datetime | None:
    """As nbgrader stores times: in UTC, and not saying so."""
    return moment if moment is None or moment.tzinfo is None else moment.astimezone(datetime.UTC).replace(tzinfo=None)


def _penalty(entry: _Entry, seconds: float, marks: tuple[Mark, ...]) -> float | None:
    """As nbgrader's AssignLatePenalties: none, or the plugin's, between 0 and the score."""
    if seconds <= 0 or entry.late is None:
        return None
    reached = sum(mark.score for mark in marks)
    penalty = entry.late(entry.student, reached, seconds)
    return (
        None if penalty is None else min(max(float(penalty), 0.0), reached)
    )  # a number of NumPy's is no number to a driver
