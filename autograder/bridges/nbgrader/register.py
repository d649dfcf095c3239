"""`make register`: an assignment into the gradebook, as `nbgrader generate_assignment` would put it there.

nbgrader refuses to change cells once there are submissions, and has deleted the release by then. Here cells may change:
points follow the release, new cells get empty grades in every submission, and a cell goes only if no human graded it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from autograder.errors import UsageError
from autograder.grading.course import Course
from autograder.grading.gradebook import Ledger, open_ledger

Json = dict[str, Any]

GRADE, SOLUTION = "GradeCell", "SolutionCell"
_TABLE_OF = {GRADE: "grade_cells", SOLUTION: "solution_cells", "TaskCell": "task_cells"}


@dataclass(frozen=True)
class Registered:
    """What `register` found to do."""

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
    """Register the released notebook of ``assignment`` in one transaction; again and again, if need be.

    Raises LookupError where there is no release, HumanGradesError where manual grades stand in the way.
    """
    path = course.release(assignment)
    document = json.loads(path.read_text(encoding="utf-8"))
    wanted = {cell.name: cell for cell in map(_wanted, document["cells"]) if cell is not None}
    with open_ledger(course) as ledger, ledger.engine.begin() as connection:
        writer = _Writer(connection, ledger.tables)
        work = writer.assignment(assignment, course.course_id)
        book = writer.notebook(path.stem, work, document)
        return writer.cells(assignment, path.stem, book, wanted)


@dataclass(frozen=True)
class _Writer:
    """One registration under way."""

    connection: sa.Connection
    metadata: sa.MetaData

    def table(self, name: str) -> sa.Table:
        return self.metadata.tables[name]

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

    def cells(self, assignment: str, notebook: str, book: str, wanted: Mapping[str, _Wanted]) -> Registered:
        """Make the registered cells of ``book`` those of the release."""
        base = self.table("base_cell")
        query = sa.select(base.c.name, base.c.type, base.c.id).where(base.c.notebook_id == book)
        there = {(name, kind): key for name, kind, key in self.connection.execute(query)}
        due = [(cell.name, kind) for kind in (GRADE, SOLUTION) for cell in wanted.values() if kind in cell.kinds]
        gone = [pair for pair in there if pair not in due]
        self._refuse_to_lose({there[pair]: pair[0] for pair in gone})
        for pair in gone:
            self._remove(there[pair], pair[1])
        new = [pair for pair in due if pair not in there]
        for name, kind in new:
            there[name, kind] = self._add(book, wanted[name], kind)
        changed = self._follow_points(there, wanted) | self._follow_sources(book, wanted)
        self._fill_submissions(book, [(there[pair], pair[1]) for pair in new])
        return Registered(
            assignment,
            notebook,
            tuple(sorted({name for name, _ in new})),
            tuple(sorted({name for name, _ in gone} - wanted.keys())),
            tuple(sorted(changed - {name for name, _ in new})),
        )

    def _refuse_to_lose(self, going: Mapping[str, str]) -> None:
        grade, remark = self.table("grade"), self.table("comment")
        human = sa.or_(grade.c.manual_score.is_not(None), grade.c.extra_credit.is_not(None))
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
        for name in (_TABLE_OF[kind], "base_cell"):
            table = self.table(name)
            self.connection.execute(sa.delete(table).where(table.c.id == key))

    def _add(self, book: str, cell: _Wanted, kind: str) -> str:
        key = _new_id()
        row: Json = {"id": key, "name": cell.name, "notebook_id": book, "type": kind}
        self.connection.execute(sa.insert(self.table("base_cell")).values(row))
        if kind == GRADE:
            row = {"id": key, "max_score": cell.points, "cell_type": cell.cell_type}
            self.connection.execute(sa.insert(self.table("grade_cells")).values(row))
        else:
            self.connection.execute(sa.insert(self.table("solution_cells")).values(id=key))
        return key

    def _follow_points(self, there: Mapping[tuple[str, str], str], wanted: Mapping[str, _Wanted]) -> set[str]:
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
            {"id": _new_id(), "name": name, "notebook_id": book, **dict(zip(names, values, strict=True))}
            for name, values in now.items()
        ]
        if rows:
            self.connection.execute(sa.insert(table), rows)
        return {name for name in now if name in was and was[name] != now[name]}

    def _fill_submissions(self, book: str, new: list[tuple[str, str]]) -> None:
        """Empty grades and comments for the ``new`` cells in every submission that there is."""
        books, grade, remark = self.table("submitted_notebook"), self.table("grade"), self.table("comment")
        places = list(self.connection.scalars(sa.select(books.c.id).where(books.c.notebook_id == book)))
        for place in places:
            for key, kind in new:
                row = {"id": _new_id(), "cell_id": key, "notebook_id": place}
                if kind == GRADE:
                    self.connection.execute(sa.insert(grade).values(row | {"needs_manual_grade": True}))
                else:
                    self.connection.execute(sa.insert(remark).values(row))

    def _made(self, table: sa.Table, key: Mapping[str, str], more: Mapping[str, str]) -> str:
        at = sa.and_(*(table.c[name] == value for name, value in key.items()))
        found = self._one(sa.select(table.c.id).where(at))
        if found is not None:
            return found
        made = _new_id()
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


def _new_id() -> str:
    return uuid.uuid4().hex


__all__ = ["HumanGradesError", "Ledger", "Registered", "register"]
