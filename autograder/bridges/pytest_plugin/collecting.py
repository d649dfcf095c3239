"""The plugin in the room: notebooks from our listing, and an item for each exercise and check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from autograder.bridges.pytest_plugin.judging import Notebook, Room
from autograder.bridges.pytest_plugin.listing import FILE, Listed, Listing
from autograder.bridges.pytest_plugin.outcomes import Outcome, checks_of, outcome
from autograder.grading.intake import Rejected
from autograder.kit.declare import Predict

NOTEBOOK = "notebook"
"""The one item of a notebook that can't be graded."""


class Submissions(pytest.File):
    """The listing. It has no name of its own, so that `-k` finds nothing in it."""

    def collect(self) -> Iterable[pytest.Collector]:
        """A node for each notebook."""
        listing = Listing.read(self.path)
        room = Room(listing)
        self.config.add_cleanup(room.close)
        for listed in listing.notebooks:
            yield Graded.from_parent(
                self,
                name="/".join(listed.shown.split("/")[-3:]),
                nodeid=listed.shown,
                notebook=Notebook(room, listed),
                many=len(listing.notebooks) > 1,
            )


class Graded(pytest.Collector):
    """One notebook."""

    def __init__(self, *, notebook: Notebook, many: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.notebook = notebook
        self.many = many

    @property
    def listed(self) -> Listed:
        """What the listing says of it."""
        return self.notebook.listed

    def collect(self) -> Iterable[pytest.Item]:
        """An item for each exercise and check, in the notebook's order, then the essays."""
        if isinstance(self.notebook.taken, Rejected):
            return [self._item(Refusal, NOTEBOOK, self.notebook.release.points)]
        return [item for item in self._items() if self.listed.wants(item.name)]

    def _items(self) -> Iterator[pytest.Item]:
        notebook, release = self.notebook, self.notebook.release
        hidden = notebook.room.listing.hidden
        for name, worth in release.exercises.items():
            exercise = notebook.exercises[name]
            for check, share in checks_of(exercise, hidden=hidden).items():
                made = self._item(Check, f"{name}::{check}", share * worth, exercise=name, check=check)
                yield made
            if isinstance(exercise.public, Predict) and not hidden:
                yield self._item(Later, name, worth, reason="predictions are judged with --hidden")
        for name, worth in release.essays.items():
            yield self._item(Later, name, worth, reason="a person reads it")

    def _item(self, kind: type[Told], name: str, worth: float, **more: Any) -> pytest.Item:
        return kind.from_parent(self, name=name, nodeid=f"{self.nodeid}::{name}", worth=worth, **more)


class Told(pytest.Item):
    """An item of ours: no traceback, its place is the notebook, its points are properties in JUnit's file."""

    parent: Graded

    def __init__(self, *, worth: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.listing = self.parent.notebook.room.listing
        if self.listing.hidden:
            self.user_properties.append(("max_points", f"{worth:.12g}"))
        if self.listing.weak:
            self.user_properties.append(("isolation", f"{self.listing.tier}: provisional"))

    def earns(self, points: float) -> None:
        """Say what it earned, where that is a score and no rehearsal."""
        if self.listing.hidden:
            self.user_properties.append(("points", f"{points:.12g}"))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it is told to come from: the notebook, by the name under which it is listed."""
        headline = f"{self.name} ({self.parent.listed.shown})" if self.parent.many else self.name
        return self.config.rootpath / self.parent.listed.shown, 0, headline

    def fails(self, text: str) -> NoReturn:
        """Say what was found, and nothing of how. In `setup` it is our error, in `runtest` the answer's failure."""
        pytest.fail(text, pytrace=False)

    def is_left_out(self, reason: str) -> NoReturn:
        """Skip it; the summary then names the notebook and not this file."""
        raise pytest.skip.Exception(reason, _use_item_location=True)


class Check(Told):
    """One check of one exercise."""

    def __init__(self, *, exercise: str, check: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.exercise = exercise
        self.check = check
        self.outcome = Outcome("error")

    def setup(self) -> None:
        """Have the exercise graded: what goes wrong here is our error, and no failure."""
        notebook = self.parent.notebook
        judged = notebook.judged(self.exercise)
        if isinstance(judged, str):
            self.fails(judged)
        verdict, words = judged
        self.outcome = outcome(notebook.exercises[self.exercise], verdict, self.check, words)
        if self.outcome.share is None:
            self.fails(self.outcome.text)
        release = notebook.release
        self.earns(self.outcome.share * (release.exercises[self.exercise] + release.bonuses.get(self.exercise, 0.0)))

    def runtest(self) -> None:
        """Report how the check ended."""
        if self.outcome.ended == "skipped":
            self.is_left_out(self.outcome.text)
        if self.outcome.ended == "failed":
            self.fails(self.outcome.text)


class Refusal(Told):
    """A notebook that intake did not let in: it earns nothing, and says why."""

    def runtest(self) -> None:
        """Fail with the reason."""
        self.earns(0.0)
        taken = self.parent.notebook.taken
        assert isinstance(taken, Rejected)
        self.fails(f"Not graded: {taken.reason}")


class Later(Told):
    """What is not judged here: an essay, or a prediction where only public checks run."""

    def __init__(self, *, reason: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.reason = reason

    def runtest(self) -> None:
        """Skip it, with the reason."""
        self.is_left_out(self.reason)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Our listing, and no other file."""
    return Submissions.from_parent(parent, path=file_path, name="") if file_path.name == FILE else None


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tell each notebook what was selected of it, so that one run of the box is enough."""
    wanted: dict[Notebook, set[str]] = {}
    for item in session.items:
        if isinstance(item, Check):
            wanted.setdefault(item.parent.notebook, set()).add(item.exercise)
    for notebook, names in wanted.items():
        notebook.wanted = names


def pytest_report_header(config: pytest.Config) -> str:
    """What is graded, and behind which walls."""
    listing = Listing.read(config.rootpath / FILE)
    cases = "hidden cases" if listing.hidden else "public rehearsal: the draws that feedback shows, no score"
    return f"autograder: {cases}; isolation: {listing.tier}{' (weak: provisional)' if listing.weak else ''}"
