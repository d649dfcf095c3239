"""nbgrader's gradebook, written fast: what stock `autograde` records, in one transaction per submission.

nbgrader's own objects take 37 ms a submission and its import seconds, so rows are written with bulk statements on
tables read from the database itself. What a human wrote (manual score, manual comment, extra credit) is never touched.
One table is ours: `autograder_completion`, what was graded and how, in the same transaction as the scores.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import sqlalchemy as sa

from autograder import __version__
from autograder.grading.annotate import CHECK, NO_RESPONSE, comment, score
from autograder.grading.course import Course, put_environment_first
from autograder.judging.verdict import Verdict

Penalty = Callable[[str, float, float], "float | None"]
"""(student, score, seconds late) -> points taken off, None for none: nbgrader's late submission plugin."""

NBGRADER_TABLES = (
    "course", "assignment", "notebook", "base_cell", "grade_cells", "solution_cells", "task_cells", "source_cell",
    "student", "submitted_assignment", "submitted_notebook", "grade", "comment",
)  # fmt: skip


class NotRegistered(LookupError):
    """The gradebook does not know an assignment, or not this notebook of it: `make register` first."""


class Taken(Protocol):
    """What is needed of a submission."""

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes that were handed in."""

    @property
    def essays(self) -> Mapping[str, bool]:
        """Grade id of each essay: was it changed?"""


class Graded(Protocol):
    """What is needed of `autograder.grading.pipeline.Graded`."""

    @property
    def student(self) -> str:
        """Whose it is."""

    @property
    def assignment(self) -> str:
        """Of which assignment."""

    @property
    def verdicts(self) -> Mapping[str, Verdict]:
        """The verdict on each exercise."""

    @property
    def submission(self) -> Taken:
        """What was graded."""

    @property
    def tier(self) -> str:
        """Which walls the box had."""

    @property
    def fingerprint(self) -> str:
        """Of the secret from which cases were drawn."""


class Rejected(Protocol):
    """What is needed of `autograder.grading.intake.Rejected`."""

    @property
    def student(self) -> str:
        """Whose it is."""

    @property
    def assignment(self) -> str:
        """Of which assignment."""

    @property
    def reason(self) -> str:
        """Why it could not be read."""

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, empty if there were none to read."""


@dataclass(frozen=True)
class Completion:
    """That a submission was dealt with, and how. ``state`` is graded, rejected or internal (which must be done again).

    ``files`` maps what was written for it (relative paths) to SHA-256; ``earlier`` holds the automatic scores that an
    internal failure replaced, by grade id.
    """

    student: str
    assignment: str
    state: str
    digest: str
    version: str
    tier: str
    fingerprint: str
    files: Mapping[str, str]
    finished: datetime.datetime
    earlier: Mapping[str, float]


@dataclass(frozen=True)
class Hidden:
    """A manual score that stands in front of an automatic one which has changed since."""

    student: str
    assignment: str
    cell: str
    manual: float
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Recorded:
    """What recording changed: the automatic scores there were before (by grade id), and manual scores to look at."""

    earlier: Mapping[str, float] = field(default_factory=dict)
    hidden: tuple[Hidden, ...] = ()


@dataclass(frozen=True)
class Mark:
    """One grade cell of one submission. ``score`` is nbgrader's: the manual one if there is one, plus extra credit."""

    cell: str
    points: float
    auto: float | None
    manual: float | None
    extra: float | None
    needs_human: bool

    @property
    def score(self) -> float:
        """What counts."""
        counted = self.manual if self.manual is not None else self.auto
        return 0.0 if counted is None else counted + (self.extra or 0.0)


@dataclass(frozen=True)
class Total:
    """A submission as the gradebook has it. ``score`` has no penalty taken off yet."""

    student: str
    marks: tuple[Mark, ...]
    penalty: float
    timestamp: datetime.datetime | None

    @property
    def score(self) -> float:
        """The sum of what counts."""
        return sum(mark.score for mark in self.marks)

    @property
    def points(self) -> float:
        """The most there was to earn."""
        return sum(mark.points for mark in self.marks)

    @property
    def needs_human(self) -> bool:
        """Whether anything waits to be read."""
        return any(mark.needs_human for mark in self.marks)


@dataclass(frozen=True)
class _Cell:
    """A registered cell; ``kind`` is nbgrader's class name."""

    id: str
    name: str
    kind: str

    @property
    def graded(self) -> bool:
        return self.kind in ("GradeCell", "TaskCell")

    @property
    def commented(self) -> bool:
        return self.kind in ("SolutionCell", "TaskCell")


@dataclass(frozen=True)
class _Registered:
    """An assignment as registered: its notebooks and cells, the points, and which grade cells a human grades."""

    id: str
    duedate: datetime.datetime | None
    notebooks: Mapping[str, str]  # name -> id
    cells: Mapping[str, tuple[_Cell, ...]]  # notebook name -> cells
    points: Mapping[str, float]  # cell id -> max_score
    manual: frozenset[str]  # grade ids that are answers themselves


Decide = Callable[[_Cell], "tuple[float | None, bool]"]
Say = Callable[[_Cell], "str | None"]


class Ledger:
    """An open gradebook. One per process and thread of grading; `close` it, or use it in a `with` statement."""

    def __init__(self, url: str) -> None:
        """Open the existing gradebook at ``url``. Raises NotRegistered if nbgrader has not made its tables there."""
        self.engine = _engine(url)
        self.tables = sa.MetaData()
        if not sa.inspect(self.engine).has_table("grade"):
            self.engine.dispose()
            raise NotRegistered("the gradebook has no tables yet: run `make register`")
        self.tables.reflect(self.engine, only=NBGRADER_TABLES)
        self._completion = _completion_table(self.tables)
        self._completion.create(self.engine, checkfirst=True)
        self._registered: dict[str, _Registered] = {}

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
    ) -> Recorded:
        """Record the verdicts on one submission: all of it or nothing.

        ``timestamp`` is when it was handed in (UTC, naive); without one an earlier one stays. Raises NotRegistered.
        """
        known = self.registered(graded.assignment, notebook)
        essays = graded.submission.essays

        def decide(cell: _Cell) -> tuple[float | None, bool]:
            if cell.name in known.manual:
                changed = essays.get(cell.name, True)
                return (None, True) if changed else (0.0, False)
            if cell.kind == "TaskCell":
                return None, True
            earned = score(graded.verdicts.get(cell.name.removesuffix(CHECK)), known.points[cell.id])
            return earned, earned is None

        def say(cell: _Cell) -> str | None:
            if cell.name in known.manual:
                return None if essays.get(cell.name, True) else NO_RESPONSE
            return None if cell.kind == "TaskCell" else comment(graded.verdicts.get(cell.name))

        undecided = any(
            decide(cell)[0] is None for cell in known.cells[notebook] if self._automatic(known, cell)
        )
        return self._write(
            _Entry(
                graded.student, graded.assignment, notebook, "internal" if undecided else "graded",
                graded.submission.digest, graded.tier, graded.fingerprint, timestamp, files or {}, late,
            ),
            known, decide, say,
        )  # fmt: skip

    def record_rejected(
        self,
        rejected: Rejected,
        notebook: str,
        *,
        timestamp: datetime.datetime | None = None,
        files: Mapping[str, str] | None = None,
        late: Penalty | None = None,
    ) -> Recorded:
        """Record a file that could not be read: 0 everywhere, and a human is asked to look. Raises NotRegistered."""
        known = self.registered(rejected.assignment, notebook)
        entry = _Entry(
            rejected.student, rejected.assignment, notebook, "rejected", rejected.digest, "", "", timestamp, files or {}, late
        )
        return self._write(entry, known, lambda _: (0.0, True), lambda _: f"Not graded: {rejected.reason}")

    def set_internal(self, student: str, assignment: str, notebook: str) -> Mapping[str, float]:
        """Take back the automatic scores of a submission and ask for a human, before anything else is tried.

        Manual scores stay, essays keep what they have. Returns the last automatic scores, by grade id; they stay in the
        completion row until the submission is graded again. Raises NotRegistered.
        """
        known = self.registered(assignment, notebook)
        entry = _Entry(student, assignment, notebook, "internal", "", "", "", None, {}, None)
        recorded = self._write(entry, known, lambda _: (None, True), lambda _: None, automatic_only=True)
        return recorded.earlier

    def override(self, student: str, assignment: str, notebook: str, judged: Mapping[str, Verdict]) -> Recorded:
        """After nbgrader saved its own: our comments on the answers, and no score where the verdict is INTERNAL."""
        known = self.registered(assignment, notebook)

        def undecided(cell: _Cell) -> bool:
            return score(judged.get(cell.name.removesuffix(CHECK)), 1.0) is None

        with self._transaction() as connection:
            place = self._place(connection, known, student, notebook)
            grade, remark = self.tables.tables["grade"], self.tables.tables["comment"]
            for cell in known.cells[notebook]:
                if self._automatic(known, cell) and undecided(cell):
                    at = sa.and_(grade.c.cell_id == cell.id, grade.c.notebook_id == place)
                    connection.execute(sa.update(grade).where(at).values(auto_score=None, needs_manual_grade=True))
                if cell.kind == "SolutionCell" and cell.name not in known.manual:
                    at = sa.and_(remark.c.cell_id == cell.id, remark.c.notebook_id == place)
                    text = comment(judged.get(cell.name))
                    connection.execute(sa.update(remark).where(at).values(auto_comment=text))
            earlier = self._earlier(connection, student, assignment)
            marks = self._marks(connection, place)
        return Recorded(earlier, _hidden(student, assignment, marks, earlier, {m.cell: m.auto for m in marks}))

    def completions(self, assignment: str) -> dict[str, Completion]:
        """Every completion row of ``assignment`` whose submission is still in the gradebook, by student."""
        done = self._completion
        handed, work = self.tables.tables["submitted_assignment"], self.tables.tables["assignment"]
        still = sa.select(sa.literal(1)).where(
            handed.c.student_id == done.c.student, handed.c.assignment_id == work.c.id, work.c.name == done.c.assignment
        )
        query = sa.select(done).where(done.c.assignment == assignment, still.exists())
        with self.engine.connect() as connection:
            return {row.student: Completion(**row._mapping) for row in connection.execute(query)}

    def completed(self, assignment: str) -> dict[str, Completion]:
        """The submissions that need not be graded again while digest, version and files are the same, by student."""
        with self.engine.connect() as connection:
            holes = {mark.student for mark in self._undecided(connection, assignment)}
        return {
            student: done
            for student, done in self.completions(assignment).items()
            if done.state in ("graded", "rejected") and student not in holes
        }

    def totals(self, assignment: str) -> tuple[Total, ...]:
        """Every submission of ``assignment`` as the gradebook has it now, by student."""
        t = self.tables.tables
        handed, book = t["submitted_assignment"], t["submitted_notebook"]
        query = (
            sa.select(handed.c.student_id, handed.c.timestamp, book.c.id, book.c.late_submission_penalty)
            .join(book, book.c.assignment_id == handed.c.id)
            .join(t["assignment"], t["assignment"].c.id == handed.c.assignment_id)
            .where(t["assignment"].c.name == assignment)
            .order_by(handed.c.student_id)
        )
        with self.engine.connect() as connection:
            return tuple(
                Total(student, self._marks(connection, place), penalty or 0.0, timestamp)
                for student, timestamp, place, penalty in connection.execute(query).all()
            )

    def registered(self, assignment: str, notebook: str) -> _Registered:
        """What is registered of ``assignment``, from memory after the first time. Raises NotRegistered."""
        if assignment not in self._registered:
            with self.engine.connect() as connection:
                self._registered[assignment] = self._read_registered(connection, assignment)
        known = self._registered[assignment]
        if notebook not in known.notebooks:
            raise NotRegistered(f"{assignment}: the gradebook does not know {notebook}.ipynb; run `make register`")
        return known

    def forget_registered(self) -> None:
        """Read assignments anew: they were registered again."""
        self._registered.clear()

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        with self.engine.begin() as connection:
            yield connection

    @staticmethod
    def _automatic(known: _Registered, cell: _Cell) -> bool:
        return cell.kind == "GradeCell" and cell.name not in known.manual

    def _read_registered(self, connection: sa.Connection, assignment: str) -> _Registered:
        t = self.tables.tables
        work, books, cells = t["assignment"], t["notebook"], t["base_cell"]
        row = connection.execute(sa.select(work.c.id, work.c.duedate).where(work.c.name == assignment)).one_or_none()
        if row is None:
            raise NotRegistered(f"the gradebook does not know {assignment}; run `make register`")
        here = connection.execute(sa.select(books.c.id, books.c.name).where(books.c.assignment_id == row.id)).all()
        found: dict[str, tuple[_Cell, ...]] = {}
        for book in here:
            query = sa.select(cells.c.id, cells.c.name, cells.c.type).where(cells.c.notebook_id == book.id)
            found[book.name] = tuple(_Cell(*cell) for cell in connection.execute(query))
        points: dict[str, float] = {}
        for table in (t["grade_cells"], t["task_cells"]):
            points.update((i, p) for i, p in connection.execute(sa.select(table.c.id, table.c.max_score)))
        every = [cell for group in found.values() for cell in group]
        answers = {cell.name for cell in every if cell.kind == "SolutionCell"}
        manual = frozenset(cell.name for cell in every if cell.kind == "GradeCell" and cell.name in answers)
        return _Registered(row.id, row.duedate, {book.name: book.id for book in here}, found, points, manual)

    def _write(
        self, entry: _Entry, known: _Registered, decide: Decide, say: Say, *, automatic_only: bool = False
    ) -> Recorded:
        with self._transaction() as connection:
            place = self._place(connection, known, entry.student, entry.notebook, entry.timestamp)
            earlier = self._earlier(connection, entry.student, entry.assignment)
            before = {mark.cell: mark.auto for mark in self._marks(connection, place)}
            last = {**earlier, **{name: auto for name, auto in before.items() if auto is not None}}
            cells = [c for c in known.cells[entry.notebook] if not automatic_only or self._automatic(known, c)]
            self._grade(connection, place, [(cell, *decide(cell)) for cell in cells if cell.graded])
            answers = [c for c in known.cells[entry.notebook] if c.commented]
            if automatic_only:
                answers = [cell for cell in answers if cell.kind == "SolutionCell" and cell.name not in known.manual]
            self._comment(connection, place, [(cell, say(cell)) for cell in answers])
            self._charge(connection, known, place, entry)
            marks = self._marks(connection, place)
            undecided = {mark.cell: last[mark.cell] for mark in marks if mark.auto is None and mark.cell in last}
            self._complete(connection, entry, undecided)
        changed = {name: last.get(name, before[name]) for name in before}
        return Recorded(last, _hidden(entry.student, entry.assignment, marks, changed, {m.cell: m.auto for m in marks}))

    def _place(
        self,
        connection: sa.Connection,
        known: _Registered,
        student: str,
        notebook: str,
        timestamp: datetime.datetime | None = None,
    ) -> str:
        """The id of the student's copy of ``notebook``, with every row that nbgrader expects below it made if missing."""
        t = self.tables.tables
        people, handed, books = t["student"], t["submitted_assignment"], t["submitted_notebook"]
        if connection.execute(sa.select(people.c.id).where(people.c.id == student)).first() is None:
            connection.execute(sa.insert(people).values(id=student))
        mine = sa.and_(handed.c.student_id == student, handed.c.assignment_id == known.id)
        submission = connection.execute(sa.select(handed.c.id).where(mine)).scalar_one_or_none()
        if submission is None:
            submission = _new_id()
            row = {"id": submission, "assignment_id": known.id, "student_id": student, "timestamp": timestamp}
            connection.execute(sa.insert(handed).values(row))
        elif timestamp is not None:
            connection.execute(sa.update(handed).where(handed.c.id == submission).values(timestamp=timestamp))
        query = sa.select(books.c.notebook_id, books.c.id).where(books.c.assignment_id == submission)
        copies = {source: copy for source, copy in connection.execute(query)}
        for name, source in known.notebooks.items():
            if source not in copies:
                copies[source] = _new_id()
                row = {"id": copies[source], "assignment_id": submission, "notebook_id": source, "flagged": False}
                connection.execute(sa.insert(books).values(row))
            self._fill(connection, copies[source], known.cells[name])
        return str(copies[known.notebooks[notebook]])

    def _fill(self, connection: sa.Connection, place: str, cells: tuple[_Cell, ...]) -> None:
        """Make the grade and comment rows that are missing at ``place``, empty as nbgrader makes them."""
        grade, remark = self.tables.tables["grade"], self.tables.tables["comment"]
        graded = set(connection.scalars(sa.select(grade.c.cell_id).where(grade.c.notebook_id == place)))
        commented = set(connection.scalars(sa.select(remark.c.cell_id).where(remark.c.notebook_id == place)))
        rows = [
            {"id": _new_id(), "cell_id": cell.id, "notebook_id": place, "needs_manual_grade": True}
            for cell in cells
            if cell.graded and cell.id not in graded
        ]
        if rows:
            connection.execute(sa.insert(grade), rows)
        remarks = [
            {"id": _new_id(), "cell_id": cell.id, "notebook_id": place}
            for cell in cells
            if cell.commented and cell.id not in commented
        ]
        if remarks:
            connection.execute(sa.insert(remark), remarks)

    def _grade(
        self, connection: sa.Connection, place: str, decided: list[tuple[_Cell, float | None, bool]]
    ) -> None:
        grade = self.tables.tables["grade"]
        ask = sa.case((grade.c.manual_score.is_not(None), sa.true()), else_=sa.bindparam("ask"))
        statement = (
            sa.update(grade)
            .where(grade.c.cell_id == sa.bindparam("cell"), grade.c.notebook_id == place)
            .values(auto_score=sa.bindparam("auto"), needs_manual_grade=ask)
        )
        rows = [{"cell": cell.id, "auto": auto, "ask": human} for cell, auto, human in decided]
        if rows:
            connection.execute(statement, rows)

    def _comment(self, connection: sa.Connection, place: str, said: list[tuple[_Cell, str | None]]) -> None:
        remark = self.tables.tables["comment"]
        statement = (
            sa.update(remark)
            .where(remark.c.cell_id == sa.bindparam("cell"), remark.c.notebook_id == place)
            .values(auto_comment=sa.bindparam("text"))
        )
        rows = [{"cell": cell.id, "text": text} for cell, text in said]
        if rows:
            connection.execute(statement, rows)

    def _charge(self, connection: sa.Connection, known: _Registered, place: str, entry: _Entry) -> None:
        """The late penalty, as nbgrader's AssignLatePenalties: none, or the plugin's, between 0 and the score."""
        t = self.tables.tables
        handed, books = t["submitted_assignment"], t["submitted_notebook"]
        mine = sa.and_(handed.c.student_id == entry.student, handed.c.assignment_id == known.id)
        row = connection.execute(sa.select(handed.c.timestamp, handed.c.extension).where(mine)).one()
        seconds = _seconds_late(known.duedate, row.timestamp, row.extension)
        penalty = None
        if seconds > 0 and entry.late is not None:
            reached = sum(mark.score for mark in self._marks(connection, place))
            penalty = entry.late(entry.student, reached, seconds)
            penalty = None if penalty is None else min(max(penalty, 0.0), reached)
        connection.execute(sa.update(books).where(books.c.id == place).values(late_submission_penalty=penalty))

    def _marks(self, connection: sa.Connection, place: str) -> tuple[Mark, ...]:
        t = self.tables.tables
        grade, cell, graded, task = t["grade"], t["base_cell"], t["grade_cells"], t["task_cells"]
        points = sa.func.coalesce(graded.c.max_score, task.c.max_score, 0.0)
        query = (
            sa.select(
                cell.c.name, points, grade.c.auto_score, grade.c.manual_score, grade.c.extra_credit,
                grade.c.needs_manual_grade,
            )
            .select_from(grade)
            .join(cell, cell.c.id == grade.c.cell_id)
            .outerjoin(graded, graded.c.id == cell.c.id)
            .outerjoin(task, task.c.id == cell.c.id)
            .where(grade.c.notebook_id == place)
            .order_by(cell.c.name)
        )  # fmt: skip
        return tuple(Mark(*row) for row in connection.execute(query))

    def _undecided(self, connection: sa.Connection, assignment: str) -> list[Any]:
        """Students with an automatic grade cell that has no automatic score."""
        t = self.tables.tables
        grade, books, handed, work = t["grade"], t["submitted_notebook"], t["submitted_assignment"], t["assignment"]
        cell, twin = t["base_cell"], t["base_cell"].alias()
        answer = sa.select(sa.literal(1)).where(
            twin.c.notebook_id == cell.c.notebook_id, twin.c.name == cell.c.name, twin.c.type == "SolutionCell"
        )
        query = (
            sa.select(handed.c.student_id.label("student"))
            .distinct()
            .select_from(grade)
            .join(cell, cell.c.id == grade.c.cell_id)
            .join(books, books.c.id == grade.c.notebook_id)
            .join(handed, handed.c.id == books.c.assignment_id)
            .join(work, work.c.id == handed.c.assignment_id)
            .where(
                work.c.name == assignment,
                cell.c.type == "GradeCell",
                grade.c.auto_score.is_(None),
                ~answer.exists(),
            )
        )
        return list(connection.execute(query))

    def _earlier(self, connection: sa.Connection, student: str, assignment: str) -> dict[str, float]:
        done = self._completion
        query = sa.select(done.c.earlier).where(done.c.student == student, done.c.assignment == assignment)
        return dict(connection.execute(query).scalar_one_or_none() or {})

    def _complete(self, connection: sa.Connection, entry: _Entry, earlier: Mapping[str, float]) -> None:
        done = self._completion
        mine = sa.and_(done.c.student == entry.student, done.c.assignment == entry.assignment)
        connection.execute(sa.delete(done).where(mine))
        row = {
            "student": entry.student,
            "assignment": entry.assignment,
            "state": entry.state,
            "digest": entry.digest,
            "version": __version__,
            "tier": entry.tier,
            "fingerprint": entry.fingerprint,
            "files": dict(entry.files),
            "finished": datetime.datetime.now(datetime.UTC).replace(tzinfo=None),
            "earlier": dict(earlier),
        }
        connection.execute(sa.insert(done).values(row))


@dataclass(frozen=True)
class _Entry:
    """Everything about a recording except the scores."""

    student: str
    assignment: str
    notebook: str
    state: str
    digest: str
    tier: str
    fingerprint: str
    timestamp: datetime.datetime | None
    files: Mapping[str, str]
    late: Penalty | None


def open_ledger(course: Course) -> Ledger:
    """The gradebook of ``course``, made by nbgrader if there is none yet."""
    make_gradebook(course.gradebook_url, course.course_id)
    return Ledger(course.gradebook_url)


def make_gradebook(url: str, course_id: str) -> None:
    """Let nbgrader make its tables at ``url``, if they are not there, with the two course rows that it always has."""
    engine = _engine(url)
    try:
        if sa.inspect(engine).has_table("grade"):
            return
    finally:
        engine.dispose()
    put_environment_first()
    from nbgrader.api import Gradebook  # seconds of import, once in a course's life

    for name in ("default_course", course_id):
        Gradebook(url, name).close()


def _engine(url: str) -> sa.Engine:
    """An engine whose transactions take SQLite's write lock at the start, and wait for it while the formgrader writes."""
    if not url.startswith("sqlite"):
        return sa.create_engine(url)
    engine = sa.create_engine(url, connect_args={"timeout": 60})

    @sa.event.listens_for(engine, "connect")
    def _no_implicit_begin(connection: Any, _: object) -> None:
        connection.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _completion_table(tables: sa.MetaData) -> sa.Table:
    return sa.Table(
        "autograder_completion",
        tables,
        sa.Column("student", sa.String(128), primary_key=True),
        sa.Column("assignment", sa.String(128), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("tier", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
        sa.Column("finished", sa.DateTime, nullable=False),
        sa.Column("earlier", sa.JSON, nullable=False),
    )


def _hidden(
    student: str,
    assignment: str,
    marks: tuple[Mark, ...],
    before: Mapping[str, float | None],
    after: Mapping[str, float | None],
) -> tuple[Hidden, ...]:
    return tuple(
        Hidden(student, assignment, mark.cell, mark.manual, before.get(mark.cell), after[mark.cell])
        for mark in marks
        if mark.manual is not None and before.get(mark.cell) != after[mark.cell]
    )


def _seconds_late(
    duedate: datetime.datetime | None, timestamp: datetime.datetime | None, extension: datetime.timedelta | None
) -> float:
    if duedate is None or timestamp is None:
        return 0.0
    return max(0.0, (timestamp - duedate - (extension or datetime.timedelta())).total_seconds())


def _new_id() -> str:
    """A key as nbgrader makes them."""
    return uuid.uuid4().hex
