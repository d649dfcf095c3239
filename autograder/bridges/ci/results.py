"""What was graded, before any format: our own words, the student's words apart from them, and places.

Nothing here says more than the feedback page, and of predictions it says less: CI runs as often as a student pushes,
so which of several predictions is right would be found by trying. One exercise, one verdict, one number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from autograder.boundary.text import clean
from autograder.grading.annotate import score
from autograder.grading.intake import Rejected
from autograder.grading.pipeline import Graded
from autograder.grading.plan import Plan
from autograder.grading.release import Release
from autograder.grading.units import assignment_of
from autograder.judging.verdict import Status, Verdict
from autograder.kit.declare import Predict
from autograder.reports.feedback import WORDS
from autograder.reports.values import as_lines, compared, named_values

State: TypeAlias = Literal["graded", "rejected", "not graded"]

SENTENCE = 1_000  # characters of one piece of our own words
QUOTED = 2_000  # characters of one piece of a student's
NOTICE = "Graded with weak isolation: the scores are provisional."
NOT_GRADED = (
    "The grader could not do its work. This is not the fault of the submission, and it is no zero: no score was "
    "written. An instructor has to look at it."
)
NO_VERDICT = "the grader could not run this exercise; this is not the fault of the answer"
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Quote:
    """Text that is not ours, or numbers in columns: to be shown literally, line by line."""

    title: str
    text: str


@dataclass(frozen=True)
class Item:
    """One exercise. ``earned`` is None where the grader could not decide; the points of a ``bonus`` are extra credit.

    ``line`` is where in the notebook's file the answer stands, or the line of it that raised an error.
    """

    exercise: str
    status: Status
    earned: float | None
    points: float
    bonus: bool = False
    said: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    line: int | None = None
    seconds: float = 0.0

    @property
    def word(self) -> str:
        """The status in words."""
        return WORDS[self.status]

    @property
    def told(self) -> bool:
        """Whether there is more to say than the status."""
        return self.status not in (Status.PASSED, Status.NOT_ATTEMPTED)


@dataclass(frozen=True)
class Essay:
    """A question that a person grades."""

    name: str
    points: float
    written: bool


@dataclass(frozen=True)
class Result:
    """One submission. ``student`` is empty where nobody said whose it is; ``file`` is the notebook as CI names it.

    ``reason`` says why a submission was rejected (then it earns nothing) or not graded (then it has no score).
    """

    state: State
    assignment: str
    student: str = ""
    file: str = ""
    items: tuple[Item, ...] = ()
    essays: tuple[Essay, ...] = ()
    points: float = 0.0
    problems: tuple[str, ...] = ()
    reason: str = ""
    isolation: str = ""
    fingerprint: str = ""
    notices: tuple[str, ...] = field(default=())

    @property
    def title(self) -> str:
        """Whose submission for what."""
        return f"{self.student}, {self.assignment}" if self.student else self.assignment or "submission"

    @property
    def decided(self) -> bool:
        """Whether there is a score: a rejected submission has one, one that the grader failed on has none."""
        return self.state == "rejected" or (
            self.state == "graded" and all(item.status is not Status.INTERNAL for item in self.items)
        )

    @property
    def earned(self) -> float:
        """The automatic points, bonus included: what `make grade` records. Of no meaning where nothing is decided."""
        return sum(item.earned or 0.0 for item in self.items)

    @property
    def right(self) -> int:
        """How many exercises are right."""
        return sum(item.status is Status.PASSED for item in self.items)

    @property
    def needs_human(self) -> bool:
        """Whether a person has to look at it: an essay, a rejected file, or our own failure."""
        return self.state != "graded" or not self.decided or any(essay.written for essay in self.essays)

    def reaches(self, fraction: float) -> bool:
        """Whether the automatic score is at least ``fraction`` of the automatic points."""
        return self.decided and self.earned >= fraction * self.points - TOLERANCE


def from_graded(
    graded: Graded, plan: Plan, *, student: str, file: str, lines: Mapping[str, tuple[int, int]], weak: bool
) -> Result:
    """The account of a graded submission. ``lines`` maps a cell to its first line in the file and how many it has."""
    release, submission = plan.release, graded.submission
    return Result(
        state="graded",
        assignment=graded.unit,
        student=student,
        file=file,
        items=tuple(_item(graded.verdicts[name], plan, lines) for name in release.exercises),
        essays=tuple(Essay(name, worth, submission.essays.get(name, False)) for name, worth in release.essays.items()),
        points=automatic_points(release),
        problems=tuple(_sentence(problem) for problem in submission.problems),
        isolation=graded.tier,
        fingerprint=graded.fingerprint,
        notices=(NOTICE,) if weak else (),
    )


def from_rejected(rejected: Rejected, release: Release, *, student: str, file: str) -> Result:
    """The account of a submission that could not be read: it earns nothing, and a person should look at it."""
    return Result(
        state="rejected",
        assignment=rejected.unit,
        student=student,
        file=file,
        points=automatic_points(release),
        reason=_sentence(rejected.reason),
    )


def together(results: Sequence[Result]) -> Result:
    """The notebooks of one submission as one result: for formats that hold one. Of a single one, itself.

    One of them that was rejected earns nothing, and says why; one that we could not grade leaves all without a score.
    """
    first = results[0]
    if len(results) == 1:
        return first
    assignment = assignment_of(first.assignment)
    if failed := [one for one in results if one.state == "not graded"]:
        return replace(failed[0], assignment=assignment)
    graded = [one for one in results if one.state == "graded"]
    shown = graded[0] if graded else first
    rejected = [f"{one.assignment}: {one.reason}" for one in results if one.state == "rejected"]
    problems = [f"{one.assignment}: {problem}" for one in results for problem in one.problems]
    return replace(
        shown,
        assignment=assignment,
        items=tuple(replace(item, line=None) for one in results for item in one.items),  # which file, no format says
        essays=tuple(essay for one in results for essay in one.essays),
        points=sum(one.points for one in results),
        problems=(*rejected, *problems) if graded else tuple(problems),
        reason="" if graded else " ".join(rejected),
    )


def not_graded(assignment: str = "", *, student: str = "", file: str = "", reason: str = NOT_GRADED) -> Result:
    """The account of our own failure: no score, in our own words and without the cause, which is for instructors."""
    return Result("not graded", assignment, student, file, reason=reason)


def automatic_points(release: Release) -> float:
    """What all exercises are worth together, without essays and without extra credit."""
    return sum(release.exercises.values())


def _item(verdict: Verdict, plan: Plan, lines: Mapping[str, tuple[int, int]]) -> Item:
    name = verdict.exercise
    release = plan.release
    worth = release.exercises[name] or release.bonuses.get(name, 0.0)
    public = plan.exercises[name].public
    prediction = isinstance(public, Predict)
    return Item(
        exercise=name,
        status=verdict.status,
        earned=score(verdict, worth),
        points=worth,
        bonus=name in release.bonuses,
        said=_of_predictions(verdict) if prediction else _said(verdict),
        quotes=() if prediction else tuple(_quotes(verdict)),
        line=_line(verdict, lines),
        seconds=verdict.cpu_seconds,
    )


def _said(verdict: Verdict) -> tuple[str, ...]:
    """Our own words: the message, what failed, the hint or where the answers differ, and notes."""
    if verdict.status is Status.PASSED:
        return ()
    if verdict.status is Status.INTERNAL:
        return (NO_VERDICT,)
    words = [verdict.message]
    words += [f"{check.name}: {check.message}" for check in verdict.checks if not check.passed and check.message]
    if verdict.hint is not None:
        words.append(f"{verdict.hint.name.replace('-', ' ')}: {verdict.hint.text}")
    elif verdict.where:
        words.append(verdict.where)
    words += verdict.notes
    return tuple(dict.fromkeys(sentence for word in words if (sentence := _sentence(word))))


def _of_predictions(verdict: Verdict) -> tuple[str, ...]:
    """Of predictions only as much as the score tells."""
    return {
        Status.PARTIAL: ("some of the predictions are right; which ones is not said here",),
        Status.FAILED: ("none of the predictions is right yet, or none was read",),
    }.get(verdict.status, _said(verdict))


def _quotes(verdict: Verdict) -> list[Quote]:
    """What the student's code raised and printed, and the smallest failing case that may be shown."""
    found = []
    if verdict.student_text:
        found.append(Quote("The code raised", _literal(verdict.student_text)))
    if verdict.shown is not None:
        matrices = [one for name, value in verdict.shown.inputs for one in named_values(name, value)]
        shown = [line for one in (*compared(verdict.shown.finding), *matrices) for line in as_lines(one)]
        found.append(
            Quote(f"Smallest failing case, {_sentence(verdict.shown.case)}", _literal("\n".join(shown), 4 * QUOTED))
        )
    if verdict.printed:
        found.append(Quote("The code printed on this case", _literal(verdict.printed)))
    return found


def _line(verdict: Verdict, lines: Mapping[str, tuple[int, int]]) -> int | None:
    """The line of the file that raised the error, else the first line of the answer."""
    if verdict.cell is not None and verdict.line is not None and verdict.cell in lines:
        first, count = lines[verdict.cell]
        if 1 <= verdict.line <= count:
            return first + verdict.line - 1
    return lines[verdict.exercise][0] if verdict.exercise in lines else None


def _sentence(text: str) -> str:
    """Our own words on one line. They may name what a student named, so they are cleaned too."""
    return clean(" ".join(text.split()), SENTENCE)


def _literal(text: str, limit: int = QUOTED) -> str:
    return clean(text.replace("\r\n", "\n"), limit, keep="\n\t").expandtabs(4).rstrip()
