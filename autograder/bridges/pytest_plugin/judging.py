"""The verdicts behind the items: a notebook is read when items are collected and graded when the first of them is run.

A run that keeps to one process, or gives whole notebooks to its workers, grades what was selected of a notebook in one
go, as `make grade` does; workers that share a notebook grade exercise by exercise, each those that it was given. Either
way an exercise is in the box once for all its checks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from autograder.boundary import tiers
from autograder.boundary.job import Box
from autograder.bridges.ci.results import Item, from_graded
from autograder.bridges.pytest_plugin.listing import Listed, Listing
from autograder.course.declare import Exercise, Expected
from autograder.errors import AutograderError
from autograder.grading.course import Course
from autograder.grading.intake import Rejected, Submission, read_submission
from autograder.grading.pipeline import grade
from autograder.grading.plan import Plan, open_plan
from autograder.grading.release import Release, load_releases
from autograder.judging.verdict import Verdict

Judged = tuple[Verdict, Item]
"""A verdict, and the words for it that all bridges share."""


class Room:
    """What the notebooks of one run share in this process: the course, its releases and plans, and a box."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.course = Course.at(listing.root)
        self._box: Box | None = None
        self._plans: dict[str, Plan] = {}
        self._parts: dict[tuple[str, frozenset[str]], Plan] = {}

    @property
    def box(self) -> Box:
        """The strongest box of this machine, made when it is first asked for.

        Raises AutograderError where it is not of the tier that the run was announced with.
        """
        if self._box is None:
            names = {one.assignment for one in self.listing.notebooks}
            chosen = tiers.choose(torch=self.course.needs_torch(names), data=self.course.data(sorted(names)))
            if chosen.tier != self.listing.tier:
                chosen.box.close()
                raise AutograderError(
                    "Other walls stand than when the run began",
                    expected=self.listing.tier,
                    got=chosen.tier,
                    next_step="`make doctor` says why; nothing was graded",
                )
            self._box = chosen.box
        return self._box

    def close(self) -> None:
        """Close the box, if there is one."""
        if self._box is not None:
            self._box.close()
            self._box = None

    @cached_property
    def releases(self) -> Mapping[str, Release]:
        """Every released notebook of the course."""
        return load_releases(self.course)

    def plan(self, assignment: str) -> Plan:
        """What is expected of one assignment; without hidden cases, on the draws that may be shown."""
        if assignment not in self._plans:
            plan = open_plan(self.course, assignment)
            self._plans[assignment] = plan if self.listing.hidden else _shown(plan)
        return self._plans[assignment]

    def part(self, assignment: str, names: frozenset[str]) -> Plan:
        """The plan for some exercises of an assignment; the same one for every notebook, as are its tasks."""
        plan = self.plan(assignment)
        if names >= plan.exercises.keys():
            return plan
        return self._parts.setdefault((assignment, names), _narrowed(plan, names))


class Notebook:
    """One submission: read at once, graded when it is first asked for a verdict."""

    def __init__(self, room: Room, listed: Listed) -> None:
        self.room = room
        self.listed = listed
        self.release = room.releases[listed.assignment]
        self.exercises: Mapping[str, Exercise] = room.plan(listed.assignment).exercises
        self.wanted: Collection[str] = ()
        """The exercises with an item that was selected."""
        self._judged: dict[str, Judged] = {}
        self._trouble = ""

    @cached_property
    def taken(self) -> Submission | Rejected:
        """What intake makes of the file."""
        one = self.listed
        if one.rejected:
            return Rejected(one.student, self.release.assignment, one.rejected, part=self.release.part)
        others = [release for name, release in self.room.releases.items() if name != one.assignment]
        return read_submission(
            Path(one.path), self.release, one.student, within=Path(one.within), others=others, notes=one.notes
        )

    def judged(self, exercise: str) -> Judged | str:
        """The verdict on one exercise; where the grader itself fails, each time, why."""
        if exercise not in self._judged and not self._trouble:
            try:
                self._grade([exercise] if self.room.listing.alone else [*self.wanted, exercise])
            except AutograderError as error:
                self._trouble = str(error)
        return self._trouble or self._judged[exercise]

    def _grade(self, names: Collection[str]) -> None:
        assert isinstance(self.taken, Submission)
        room = self.room
        plan = room.part(self.listed.assignment, frozenset(names))
        graded = grade(self.taken, plan, room.box, tier=room.listing.tier)
        account = from_graded(graded, plan, student="", file="", lines={}, weak=room.listing.weak)
        self._judged |= {item.exercise: (graded.verdicts[item.exercise], item) for item in account.items}


def _narrowed(plan: Plan, names: frozenset[str]) -> Plan:
    """The same plan for some of its exercises, in its own order."""
    release = plan.release
    return replace(
        plan,
        release=replace(release, exercises={name: p for name, p in release.exercises.items() if name in names}),
        exercises={name: exercise for name, exercise in plan.exercises.items() if name in names},
        expected={name: expected for name, expected in plan.expected.items() if name in names},
    )


def _shown(plan: Plan) -> Plan:
    """The same plan with the draws alone that feedback may print."""
    shown = {
        name: Expected(expected.exercise, tuple(case for case in expected.cases if case.draw == "shown"))
        for name, expected in plan.expected.items()
    }
    return replace(plan, expected=shown)
