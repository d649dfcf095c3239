"""A plan: everything about one assignment that is computed once per run and serves every submission."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from autograder.boundary.job import Call, NamedFunction, Task, Value
from autograder.course.declare import COST, Array, Exercise, Expected, derive
from autograder.errors import ReleaseError, UsageError
from autograder.grading.course import Course
from autograder.grading.decides import verdict_digest
from autograder.grading.release import Release, load_assignment
from autograder.grading.secret import course_secret, fingerprint
from autograder.grading.units import assignment_of
from autograder.kit.declare import Predict
from autograder.kit.functions import Named

Known: TypeAlias = Mapping[str, Mapping[str, tuple[Array | None, ...]]]
"""Right answers that need not be worked out: exercise to the label of a case to its arrays."""


class Drawn(Mapping[str, Expected]):
    """What is expected for each exercise, drawn when it is looked up: who has everything right needs no shown cases."""

    def __init__(self, exercises: Mapping[str, Exercise], seed: bytes, known: Known) -> None:
        self._exercises = exercises
        self._seed = seed
        self._known = known
        self._kept: dict[str, Expected] = {}
        self._whole: dict[str, Expected] = {}

    def kept(self, name: str) -> Expected:
        """The kept cases of one exercise."""
        if name not in self._kept:
            exercise, known = self._exercises[name], self._known.get(name)
            self._kept[name] = exercise.expect(seed=self._seed, known=known, draws=("kept",))
        return self._kept[name]

    def __getitem__(self, name: str) -> Expected:
        if name not in self._whole:
            exercise, known = self._exercises[name], self._known.get(name)
            self._whole[name] = exercise.expect(seed=self._seed, known=known, drawn=self.kept(name).cases)
        return self._whole[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._exercises)

    def __len__(self) -> int:
        return len(self._exercises)


GRADER = 16
"""Hexadecimal digits of the digest of what decides that are kept with a result."""


@dataclass(frozen=True)
class Plan:
    """The release, the exercises with their expected answers, and what the box is asked to call.

    ``expected`` never leaves the trusted process; a task holds inputs only. ``fingerprint`` tells secret and release
    apart: eight digits of the one, a dot, twelve of the other.
    """

    release: Release
    exercises: Mapping[str, Exercise]
    expected: Mapping[str, Expected]
    fingerprint: str
    torch: bool = False
    grader: str = ""
    """The beginning of `verdict_digest`: another one may come to another verdict."""
    few: bool = False
    """Whether it serves few submissions: shown cases are then drawn and written when something has failed."""

    @cached_property
    def tasks(self) -> Mapping[str, Task]:
        """What the box does for each exercise: calls with inputs, or variables to read."""
        return {name: task(expected) for name, expected in self.expected.items()}

    @cached_property
    def kept(self) -> Mapping[str, Expected]:
        """What decides whether an exercise has passed: its kept cases. The shown ones serve to explain a failure."""
        if isinstance(self.expected, Drawn):
            return {name: self.expected.kept(name) for name in self.expected}
        return {name: expected.kept for name, expected in self.expected.items()}

    @cached_property
    def small(self) -> Mapping[str, Expected]:
        """All but the large cases, which count only where these are right."""
        return {
            name: Expected(expected.exercise, tuple(case for case in expected.cases if case.check != COST))
            for name, expected in self.expected.items()
        }

    @cached_property
    def small_tasks(self) -> Mapping[str, Task]:
        """The tasks of all but the large cases: parts of the whole ones."""
        return {name: _part(whole, self.small[name]) for name, whole in self.tasks.items()}

    @cached_property
    def kept_tasks(self) -> Mapping[str, Task]:
        """The tasks of the kept cases alone: parts of the whole ones, where there are many submissions."""
        if self.few:
            return {name: task(expected) for name, expected in self.kept.items()}
        return {name: _part(whole, self.kept[name]) for name, whole in self.tasks.items()}


def task(expected: Expected) -> Task:
    """The exercise as the box sees it, its large inputs last: what they take down was answered before."""
    exercise = expected.exercise
    if isinstance(exercise.public, Predict):
        return Task(exercise.name, "read", names=tuple(exercise.public.answers))
    cases = sorted(expected.cases, key=lambda case: case.check == COST)
    calls = []
    for case in cases:
        assert case.instance is not None
        args = tuple(outward(value) for value in case.instance.args)
        kwargs = {name: outward(value) for name, value in case.instance.kwargs.items()}
        calls.append(Call(case.label, args, kwargs))
    return Task(exercise.name, "call", calls=tuple(calls), adapter=exercise.adapter)


def _part(whole: Task, expected: Expected) -> Task:
    """The calls of these cases alone."""
    labels = {case.label for case in expected.cases}
    return whole.part([number for number, call in enumerate(whole.calls) if call.case in labels])


def outward(value: Any) -> Value:
    """An argument in the form that crosses the boundary: functions go by name."""
    if isinstance(value, Named):
        return NamedFunction(value.name, {name: outward(part) for name, part in value.params.items()})
    if isinstance(value, (list, tuple)):
        return type(value)(outward(part) for part in value)
    if isinstance(value, dict):
        return {name: outward(part) for name, part in value.items()}
    return value  # type: ignore[no-any-return]


def open_plan(
    course: Course,
    unit: str,
    *,
    secret: bytes | None = None,
    known: Callable[[bytes, Release], Known] | None = None,
) -> Plan:
    """The plan for one unit of ``course``, whose secret is ``secret`` or else the one in its folder.

    A unit is an assignment, or one of its notebooks where it has several (`grading.units`).

    ``known`` gives the right answers that were worked out before, for a secret and a release.

    Raises UsageError for an assignment that is not in the catalogue, ReleaseError where the released notebook and the
    declared exercises are not about the same exercises.
    """
    content, assignment = course.content, assignment_of(unit)
    if assignment not in content:
        raise UsageError(
            f"There is no assignment {assignment!r}",
            expected=f"one of {', '.join(content)}",
            next_step="Check the name given with ASSIGNMENT= or --assignment",
        )
    path = course.release(unit)
    releases = load_assignment(course, assignment)
    release = next(one for one in releases if one.notebook == path.stem)
    dropped = course.manifest[assignment].drop
    exercises = {exercise.name: exercise for exercise in content[assignment] if exercise.name not in dropped}
    asked = {name for one in releases for name in one.exercises}
    if set(exercises) != asked:
        raise ReleaseError(
            f"The notebook{'s' if release.several else ''} and the declared exercises differ",
            expected=f"every declared exercise; missing: {sorted(set(exercises) - asked)}",
            got=f"undeclared ones: {sorted(asked - set(exercises))}",
            next_step="Run `autograder release`; if that does not help, compare the notebook in "
            f"solutions/{assignment} with what is declared in private/ beside it",
            path=path,
        )
    exercises = {name: exercise for name, exercise in exercises.items() if name in release.exercises}
    secret = secret or course_secret(course.root)
    seed = derive(secret, assignment)
    expected = Drawn(exercises, seed, known(secret, release) if known else {})
    mark = f"{fingerprint(secret)}.{release.digest[:12]}"
    grader = verdict_digest(content, assignment)[:GRADER]
    return Plan(release, exercises, expected, mark, course.needs_torch([assignment]), grader)
