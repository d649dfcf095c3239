"""A worker's side of a run: plans that it works out itself, a box that it proves itself, and one submission at a time.

The order brings the course's content, the releases and the secret, never a plan: plans hold functions, and are worked
out where they are needed. A station that arrives at other ones than the client, that runs other code, or whose walls
are not what the client accepts does not open, and grades nothing.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.boundary import tiers
from autograder.errors import AutograderError, UsageError
from autograder.grading.cluster.freight import Answer, Batch, Order, Parcel, identity
from autograder.grading.course import RELEASE, Course
from autograder.grading.intake import Rejected, Submission, take
from autograder.grading.one import Prepared, fenced, judged
from autograder.grading.plan import open_plan
from autograder.grading.release import load_release
from autograder.grading.released_cells import RECORD
from autograder.grading.walls import raise_walls
from autograder.grading.work import Settings, Work

_SAME = "Install the same checkout with the same requirements/ on every machine, and restart scheduler and workers"


@dataclass(frozen=True)
class _Held:
    """What a station has while it is open."""

    work: Work
    folder: tempfile.TemporaryDirectory[str]


class Station:
    """One worker process's place in a run. Open it, let it grade, close it; safe to use from several threads."""

    def __init__(self, order: Order, scratch: Path) -> None:
        """``scratch`` is a folder in which it may make one."""
        self._order = order
        self._scratch = scratch
        self._turn = threading.Lock()
        self._over = threading.Event()
        self._held: _Held | None = None

    @property
    def settings(self) -> Settings:
        """The box in use, and what stands around it. Raises AutograderError unless open."""
        return self._opened().work.settings

    def open(self) -> None:
        """Work out the plans and prove a box.

        Raises UsageError if this machine is not like the client's or has weak walls only, and as `raise_walls`.
        """
        _compare("The worker runs other code than the client", self._order.identity, identity())
        with self._turn:
            folder = tempfile.TemporaryDirectory(dir=self._scratch, prefix="autograder-")
            try:
                self._held = _Held(self._take_up(Path(folder.name)), folder)
            except BaseException:
                folder.cleanup()
                raise

    def grade(self, batch: Batch) -> Answer:
        """Deal with the submissions of a batch, one after the other. Ends early once the station is closed."""
        with self._turn:
            work = self._opened().work
            if batch.again:
                work = replace(work, settings=replace(work.settings, allowance=work.settings.again))
            prepared = []
            for parcel in batch.parcels:
                if self._over.is_set():
                    break
                prepared.append(_prepared(work, parcel))
        if self._over.is_set():
            self._let_go()
        return Answer(tuple(prepared), work.settings.weak)

    def close(self) -> None:
        """Take the box down: at once, or when the submission that is being graded is done."""
        self._over.set()
        self._let_go()

    def _take_up(self, folder: Path) -> Work:
        course = Course.at(folder)
        for name, data in self._order.content.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        paths = {name: folder / RELEASE / name for name in self._order.releases}
        for name, path in paths.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self._order.releases[name])
        releases = [load_release(path) for path in paths.values() if path.name != RECORD]
        with ExitStack() as stack:
            begun = stack.enter_context(
                closing(tiers.begin(torch=self._order.torch, data=course.data(self._order.fingerprints)))
            )
            plans = {name: open_plan(course, name, secret=self._order.secret) for name in self._order.fingerprints}
            arrived = {name: plan.fingerprint for name, plan in plans.items()}
            _compare("The worker has another secret or release than the client", self._order.fingerprints, arrived)
            for each in plans.values():
                _ = each.tasks, each.kept_tasks, each.small_tasks
            walls = raise_walls(accept_weak=self._order.accept_weak, torch=self._order.torch, begun=begun)
            stack.pop_all()
        return Work(course, plans, Settings(walls.box, walls.tier, weak=walls.weak, workers=1), tuple(releases))

    def _opened(self) -> _Held:
        if self._held is None or self._over.is_set():
            raise AutograderError(
                "The worker is not part of this run", next_step="Run it again; what was recorded stays"
            )
        return self._held

    def _let_go(self) -> None:
        """Close the box unless a thread is grading in it, which then does so itself."""
        if not self._turn.acquire(blocking=False):
            return
        try:
            if self._held is not None:
                self._held.work.settings.box.close()
                self._held.folder.cleanup()
                self._held = None
        finally:
            self._turn.release()


def _prepared(work: Work, parcel: Parcel) -> Prepared:
    """What `one.prepare` makes of a submission, made of its bytes."""
    try:
        taken: Submission | Rejected
        if isinstance(parcel.taken, Rejected):
            taken = parcel.taken
        else:
            release = work.plans[parcel.unit].release
            taken = take(parcel.taken, release, parcel.student, others=work.releases, notes=parcel.notes)
        return judged(work, taken, parcel.timestamp, parcel.problems)
    except Exception as error:
        return fenced(error, Rejected(parcel.student, parcel.assignment, "", part=parcel.part))


def _compare(wrong: str, expected: Mapping[str, str], got: Mapping[str, str]) -> None:
    """Raise UsageError where two mappings differ."""
    names = [name for name in {**expected, **got} if expected.get(name) != got.get(name)]
    if names:
        raise UsageError(
            wrong,
            expected=", ".join(f"{name} {expected.get(name, 'none')}" for name in names),
            got=", ".join(f"{name} {got.get(name, 'none')}" for name in names),
            next_step=_SAME,
        )
