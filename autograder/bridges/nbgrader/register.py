"""`make register`: an assignment into the gradebook, as `nbgrader generate_assignment` would put it there.

nbgrader refuses to change cells once there are submissions, and has deleted the release by then. Here cells may change:
points follow the release, new cells get empty grades in every submission, and a cell goes only if no human graded it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from autograder.errors import UsageError
from autograder.grading._database import BONUS
from autograder.grading._rows import GRADE, SOLUTION, TASK, Rows, new_id
from autograder.grading.course import Course
from autograder.grading.gradebook import open_ledger

Json = dict[str, Any]

Named = tuple[str, str]
"""Name and kind of a cell: a written answer is registered as two kinds under one name."""

_TABLE_OF = {GRADE: "grade_cells", SOLUTION: "solution_cells", TASK: "task_cells"}


@dataclass(frozen=True)
class Registered:
    """What `register` found to do: in one notebook, or in all that an assignment has."""

    assignment: str
    notebook: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


class HumanGradesError(UsageError):
    """A cell that a human graded is no longer in the release: it can't be taken out without losing that work."""


@dataclass(frozen=True)
class _Wanted:
    """What nbgrader keeps of one cell of the release."""

    name: str
    cell_type: str
    points: float | None  # of a grade cell
    solution: bool
    locked: bool
    source: str
    checksum: str | None

    @property
    def kinds(self) -> tuple[str, ...]:
        return (*((GRADE,) if self.points is not None else ()), *((SOLUTION,) if self.solution else ()))


def register(course: Course, assignment: str) -> Registered:
    """Register the released notebooks of ``assignment`` in one transaction; again and again, if need be.

    Raises NotOneNotebookError where there is no release, HumanGradesError where manual grades stand in the way.
    """
    documents = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in course.releases(assignment)}
    with open_ledger(course) as ledger, ledger.engine.begin() as connection:
        rows = Rows(connection, ledger.statements)
        writer = _Writer(rows)
        work = writer.assignment(assignment, course.id)
        writer.drop_notebooks(work, keep=documents)
        done = []
        for name, document in documents.items():
            wanted = {cell.name: cell for cell in map(_wanted, document["cells"]) if cell is not None}
            done.append(writer.cells(assignment, name, writer.notebook(name, work, document), wanted))
        known = rows.registered(assignment)
        assert known is not None
        for submission in rows.submission_ids(known) if any(one.added for one in done) else ():
            rows.fill(known, submission)
    return Registered(
        assignment,
        ", ".join(documents),
        tuple(name for one in done for name in one.added),
        tuple(name for one in done for name in one.removed),
        tuple(name for one in done for name in one.changed),
    )


@dataclass(frozen=True)
class _Writer:
    """One registration under way."""

    rows: Rows

    @property
    def connection(self) -> sa.Connection:
        return self.rows.connection

    def table(self, name: str) -> sa.Table:
        return self.rows.table(name)

    def assignment(self, name: str, course_id: str) -> str:
        """The id of the assignment's row, made if missing."""
        courses, table = self.table("course"), self.table("assignment")
        for known in ("default_course", course_id):
            if self._one(sa.select(courses.c.id).where(courses.c.id == known)) is None:
                self.connection.execute(sa.insert(courses).values(id=known))
        return self._made(table, {"name": name}, {"course_id": course_id})

    def notebook(self, name: str, work: str, document: Json) -> str:
        """The id of the notebook's row, made if missing, with the release's kernel."""
        table = self.table("notebook")
        kernel = json.dumps(document["metadata"].get("kernelspec", {}))
        book = self._made(table, {"name": name, "assignment_id": work}, {})
        self.connection.execute(sa.update(table).where(table.c.id == book).values(kernelspec=kernel))
        return book

    def drop_notebooks(self, work: str, *, keep: Collection[str]) -> None:
        """Take out notebooks of the assignment that are released no more: one was renamed, say."""
        books, copies, sources = self.table("notebook"), self.table("submitted_notebook"), self.table("source_cell")
        others = sa.select(books.c.id).where(books.c.assignment_id == work, books.c.name.not_in(list(keep)))
        for book in list(self.connection.scalars(others)):
            self._replace_cells(book, [])
            for table in (sources, copies):
                self.connection.execute(sa.delete(table).where(table.c.notebook_id == book))
            self.connection.execute(sa.delete(books).where(books.c.id == book))

    def cells(self, assignment: str, notebook: str, book: str, wanted: Mapping[str, _Wanted]) -> Registered:
        """Make the registered cells of ``book`` those of the release."""
        due = [(cell.name, kind) for kind in (GRADE, SOLUTION) for cell in wanted.values() if kind in cell.kinds]
        there, gone = self._replace_cells(book, due)
        new = [pair for pair in due if pair not in there]
        for name, kind in new:
            there[name, kind] = self._add(book, wanted[name], kind)
        changed = self._follow_points(there, wanted) | self._follow_sources(book, wanted)
        return Registered(
            assignment,
            notebook,
            tuple(sorted({name for name, _ in new})),
            tuple(sorted({name for name, _ in gone} - wanted.keys())),
            tuple(sorted(changed - {name for name, _ in new})),
        )

    def _replace_cells(self, book: str, due: list[Named]) -> tuple[dict[Named, str], list[Named]]:
        """Take out the cells of ``book`` that are not ``due``: ids of those that stay, and what went."""
        base = self.table("base_cell")
        query = sa.select(base.c.name, base.c.type, base.c.id).where(base.c.notebook_id == book)
        there: dict[Named, str] = {(name, kind): key for name, kind, key in self.connection.execute(query)}
        gone = [pair for pair in there if pair not in due]
        self._refuse_to_lose({there[pair]: pair[0] for pair in gone})
        for pair in gone:
            self._remove(there.pop(pair), pair[1])
        return there, gone

    def _refuse_to_lose(self, going: Mapping[str, str]) -> None:
        grade, remark, given = self.table("grade"), self.table("comment"), self.table(BONUS)
        ours = sa.exists().where(
            given.c.place == grade.c.notebook_id, given.c.cell == grade.c.cell_id,
            given.c.ours, given.c.bonus == grade.c.extra_credit,
        )  # fmt: skip
        human = sa.or_(grade.c.manual_score.is_not(None), sa.and_(grade.c.extra_credit.is_not(None), ~ours))
        keys = list(going)
        marked = set(self.connection.scalars(sa.select(grade.c.cell_id).where(grade.c.cell_id.in_(keys), human)))
        said = sa.select(remark.c.cell_id).where(remark.c.cell_id.in_(keys), remark.c.manual_comment.is_not(None))
        names = sorted({going[key] for key in marked | set(self.connection.scalars(said))})
        if names:
            raise HumanGradesError(
                f"The release no longer has {', '.join(names)}, where a human gave scores or comments",
                next_step="Put them back into solutions/ (for 0 points, say), then `make release` and `make register`",
            )

    def _remove(self, key: str, kind: str) -> None:
        for name in ("grade", "comment"):
            table = self.table(name)
            self.connection.execute(sa.delete(table).where(table.c.cell_id == key))
        given = self.table(BONUS)
        self.connection.execute(sa.delete(given).where(given.c.cell == key))
        for name in (_TABLE_OF[kind], "base_cell"):
            table = self.table(name)
            self.connection.execute(sa.delete(table).where(table.c.id == key))

    def _add(self, book: str, cell: _Wanted, kind: str) -> str:
        key = new_id()
        row: Json = {"id": key, "name": cell.name, "notebook_id": book, "type": kind}
        self.connection.execute(sa.insert(self.table("base_cell")).values(row))
        if kind == GRADE:
            row = {"id": key, "max_score": cell.points, "cell_type": cell.cell_type}
            self.connection.execute(sa.insert(self.table("grade_cells")).values(row))
        else:
            self.connection.execute(sa.insert(self.table("solution_cells")).values(id=key))
        return key

    def _follow_points(self, there: Mapping[Named, str], wanted: Mapping[str, _Wanted]) -> set[str]:
        """Points and cell types as released; the names that differed."""
        table = self.table("grade_cells")
        changed = set()
        for cell in wanted.values():
            if cell.points is None:
                continue
            at = table.c.id == there[cell.name, GRADE]
            was = self.connection.execute(sa.select(table.c.max_score, table.c.cell_type).where(at)).one()
            if tuple(was) != (cell.points, cell.cell_type):
                row = {"max_score": cell.points, "cell_type": cell.cell_type}
                self.connection.execute(sa.update(table).where(at).values(row))
                changed.add(cell.name)
        return changed

    def _follow_sources(self, book: str, wanted: Mapping[str, _Wanted]) -> set[str]:
        """Sources and checksums as released, in the notebook's order; the names that differed."""
        table = self.table("source_cell")
        columns = (table.c.name, table.c.cell_type, table.c.locked, table.c.source, table.c.checksum)
        query = sa.select(*columns).where(table.c.notebook_id == book)
        was = {row.name: tuple(row)[1:] for row in self.connection.execute(query)}
        now = {c.name: (c.cell_type, c.locked, c.source, c.checksum) for c in wanted.values()}
        if list(was) == list(now) and was == now:
            return set()
        self.connection.execute(sa.delete(table).where(table.c.notebook_id == book))
        names = ("cell_type", "locked", "source", "checksum")
        rows = [
            {"id": new_id(), "name": name, "notebook_id": book, **dict(zip(names, values, strict=True))}
            for name, values in now.items()
        ]
        if rows:
            self.connection.execute(sa.insert(table), rows)
        return {name for name in now if name in was and was[name] != now[name]}

    def _made(self, table: sa.Table, key: Mapping[str, str], more: Mapping[str, str]) -> str:
        at = sa.and_(*(table.c[name] == value for name, value in key.items()))
        found = self._one(sa.select(table.c.id).where(at))
        if found is not None:
            return found
        made = new_id()
        self.connection.execute(sa.insert(table).values({"id": made, **key, **more}))
        return made

    def _one(self, query: sa.Select[tuple[Any]]) -> str | None:
        found = self.connection.execute(query).scalar_one_or_none()
        return None if found is None else str(found)


def _wanted(cell: Json) -> _Wanted | None:
    """What the gradebook keeps of ``cell``: of every cell that is graded, an answer or locked. Tasks we have none."""
    flags = cell["metadata"].get("nbgrader", {})
    grade, solution = bool(flags.get("grade")), bool(flags.get("solution"))
    locked = not solution and (grade or bool(flags.get("locked")))  # as nbgrader.utils.is_locked
    if not (grade or solution or locked):
        return None
    return _Wanted(
        name=str(flags["grade_id"]),
        cell_type=cell["cell_type"],
        points=float(flags["points"]) if grade else None,
        solution=solution,
        locked=locked,
        source=cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"]),
        checksum=flags.get("checksum"),
    )
