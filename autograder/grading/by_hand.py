"""What people gave in the formgrader, put onto the feedback pages: they may do so long after a page was written.

The gradebook vouches for a page by its digest, so a page that is changed here gets its new one there. A run killed in
between leaves a page that the gradebook does not vouch for, and that is graded again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from autograder.grading._files import File, put, sha256
from autograder.grading.course import Course
from autograder.grading.gradebook import Ledger, open_ledger
from autograder.grading.marks import Completion, Mark, Total
from autograder.grading.release import CHECK, Release
from autograder.reports.by_hand import ByHand, Remark, with_marks


def show_marks(course: Course, release: Release, totals: Sequence[Total]) -> tuple[str, ...]:
    """Bring the pages of one notebook up to date with the ``totals`` of its assignment; whose page changed.

    Only pages that the gradebook vouches for are touched. Raises StorageError where one can't be written.
    """
    changed = []
    with open_ledger(course) as ledger:
        said = _comments(ledger, release.assignment)
        done = ledger.completions(release.unit)
        for total in totals:
            given = by_hand(release, total, said.get(total.student, {}))
            if total.student in done and _changed(course, ledger, release, done[total.student], given):
                changed.append(total.student)
    return tuple(changed)


def by_hand(release: Release, total: Total, comments: Mapping[str, str]) -> ByHand:
    """What a person gave one submission, in the order of the notebook. ``comments`` are by the answer's cell."""
    marks = {mark.cell.removesuffix(CHECK): mark for mark in total.marks}
    names = [name for name in (*release.exercises, *release.essays) if name in marks]
    waiting = [name for name in release.essays if name in marks and not marks[name].decided]
    score = max(total.score - total.penalty, 0.0)
    return ByHand(
        tuple(_remarks(names, marks, comments)), score, total.points, total.penalty, waiting, several=release.several
    )


def _remarks(names: Sequence[str], marks: Mapping[str, Mark], comments: Mapping[str, str]) -> Iterator[Remark]:
    for name in names:
        mark, comment = marks[name], comments.get(name, "").strip()
        extra = mark.credit if mark.extra_by_hand else 0.0
        if mark.manual is not None or extra or comment:
            yield Remark(name, mark.points, mark.manual, extra, comment)


def _changed(course: Course, ledger: Ledger, release: Release, done: Completion, given: ByHand) -> bool:
    page = course.feedback_page(done.student, release.assignment, release.notebook)
    path = course.below_results(page)
    try:
        data = page.read_bytes()
    except OSError:
        return False
    if done.files.get(path) != sha256(data):
        return False
    now = with_marks(data.decode(), given).encode()
    if now == data:
        return False
    files = {**done.files, **put(course.results, [File(path, now)])}
    with ledger.engine.begin() as connection:
        mine = {"who": done.student, "what": done.assignment, "now": files}
        connection.execute(ledger.statements.set_files, mine)
    return True


def _comments(ledger: Ledger, assignment: str) -> dict[str, dict[str, str]]:
    """Every comment by a person, by student and cell."""
    table = ledger.statements.table
    remark, cell, handed = table("comment"), table("base_cell"), table("submitted_assignment")
    books, work = table("submitted_notebook"), table("assignment")
    query = (
        sa.select(handed.c.student_id, cell.c.name, remark.c.manual_comment)
        .join(cell, cell.c.id == remark.c.cell_id)
        .join(books, books.c.id == remark.c.notebook_id)
        .join(handed, handed.c.id == books.c.assignment_id)
        .join(work, work.c.id == handed.c.assignment_id)
        .where(work.c.name == assignment, sa.func.coalesce(remark.c.manual_comment, "") != "")
    )
    found: dict[str, dict[str, str]] = {}
    with ledger.engine.begin() as connection:
        for student, name, text in connection.execute(query):
            found.setdefault(student, {})[name] = text
    return found
