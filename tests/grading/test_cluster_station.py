"""A worker's side, without a cluster: what crosses, what it takes part in, and that it gives what a local run gives."""

from __future__ import annotations

import asyncio
import pickle
from dataclasses import replace
from types import SimpleNamespace

import pytest

from autograder.course.content import content_files
from autograder.errors import AutograderError, UsageError
from autograder.grading.cluster import client, dealing, freight, station, worker
from autograder.grading.cluster.freight import Batch, Order, Parcel, identity, parcel
from autograder.grading.cluster.station import Station
from autograder.grading.cluster.worker import StationPlugin
from autograder.grading.intake import Rejected
from autograder.grading.one import finish
from autograder.grading.roster import Found
from autograder.grading.run import Settings, run
from autograder.grading.walls import Walls
from tests.grading.small_run import (
    ASSIGNMENT,
    NOTEBOOK,
    ScriptedBox,
    copy_of,
    graded,
    hand_in,
    new_course,
    plan_of,
    release_json,
    state,
)
from tests.this_course import CATALOGUE

SECRET = bytes(range(32))
STUDENTS = 7


# What crosses


@pytest.fixture(scope="module")
def ungraded(tmp_path_factory):
    course = new_course(tmp_path_factory.mktemp("ungraded") / "course", STUDENTS)
    (course.submitted / "empty" / ASSIGNMENT).mkdir(parents=True)
    (course.submitted / "s0001" / ASSIGNMENT / "timestamp.txt").write_text("yesterday")
    return course


@pytest.fixture
def course(ungraded, tmp_path):
    return copy_of(ungraded, tmp_path / "course")


def test_a_submission_is_read_where_it_was_handed_in(course):
    path = hand_in(course, "alice", release_json())

    made = parcel(course, Found("alice", ASSIGNMENT, path, ("a note",)))

    assert (made.taken, made.notes) == (path.read_bytes(), ("a note",))
    assert made.timestamp.isoformat() == "2020-01-02T03:04:05"


def link(course):
    """A submission that is a link to another's."""
    path = course.submitted / "linked" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    path.parent.mkdir(parents=True)
    path.symlink_to(course.submitted / "s0000" / ASSIGNMENT / f"{NOTEBOOK}.ipynb")
    return path


def test_a_link_is_not_followed(course):
    path = link(course)

    made = parcel(course, Found("linked", ASSIGNMENT, path))

    assert isinstance(made.taken, Rejected)


def test_neither_the_secret_nor_a_submission_is_in_what_dask_may_log():
    order = Order({}, {}, {"a/b.ipynb": b"released"}, {"solutions/a/private/x.py": b"hidden case"}, SECRET)
    batch = Batch((Parcel("alice", "ps", b"answer = 42"),))

    logged = f"{order!r} {StationPlugin(order)!r} {batch!r} {batch.parcels[0]!r}"

    assert not any(text in logged for text in (repr(SECRET), "released", "answer", "hidden case"))


def test_other_files_of_ours_make_another_identity(tmp_path, monkeypatch):
    (tmp_path / "rule.py").write_text("g")
    monkeypatch.setattr(freight.autograder, "__file__", str(tmp_path / "__init__.py"))
    before = identity()

    (tmp_path / "rule.py").write_text("-g")

    assert {name for name, value in identity().items() if before[name] != value} == {"autograder's files"}


# A worker's side


@pytest.fixture
def opened(course, tmp_path, monkeypatch):
    """Open a station as a worker would that has nothing but the order."""
    plan = plan_of(course)
    box = ScriptedBox(plan, closed=tmp_path / "closed")
    walls = Walls(box, "scripted", weak=False)
    monkeypatch.setattr(station, "open_plan", lambda where, name, secret: plan_at(where))
    monkeypatch.setattr(station, "raise_walls", lambda **_: walls)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    all_made = []

    def make(**other):
        release = f"{ASSIGNMENT}/{NOTEBOOK}.ipynb"
        releases = {release: (course.assignments / release).read_bytes()}
        order = Order(identity(), {ASSIGNMENT: plan.fingerprint}, releases, {}, SECRET)
        made = Station(pickle.loads(pickle.dumps(replace(order, **other))), scratch)
        all_made.append(made)
        made.open()
        return made

    make.box, make.scratch = box, scratch
    yield make
    for made in all_made:
        made.close()


def plan_at(where):
    assert not where.secret.exists()
    return plan_of(where)


def through(made):
    """An ``each`` that sends everything to this station, as bytes."""

    def each(work, entries):
        for batch in dealing.batches((parcel(work.course, entry) for entry in entries), most=3):
            answer = pickle.loads(pickle.dumps(made.grade(pickle.loads(pickle.dumps(batch)))))
            for prepared in answer.prepared:
                yield finish(work.course, prepared)

    return each


def test_a_station_knows_the_content_that_came_with_the_order(opened, monkeypatch):
    name = next(name for name in CATALOGUE if CATALOGUE.reused(name))
    loaded = []

    def plan(where, assignment, secret):
        loaded.append(where.content)
        return plan_at(where)

    monkeypatch.setattr(station, "open_plan", plan)
    made = opened(content=content_files(CATALOGUE, [name]))

    (content,) = loaded
    assert content.root.is_relative_to(opened.scratch)
    assert {one.name for one in content[name]} == {one.name for one in CATALOGUE[name]}
    made.close()


def test_a_station_gives_what_a_local_run_gives_byte_for_byte(course, opened, tmp_path):
    local = copy_of(course, tmp_path / "local")
    link(local)
    link(course)
    graded(local)

    elsewhere = run(
        course, {ASSIGNMENT: plan_of(course)}, Settings(client.NoBox(), "", workers=1), each=through(opened())
    )

    assert len(elsewhere.graded) + len(elsewhere.rejected) == STUDENTS + 2
    assert state(course) == state(local)


@pytest.mark.parametrize(
    "other, told",
    [
        ({"identity": {**identity(), "numpy": "1.0"}}, "other code.*Expected numpy 1.0 and got numpy 2"),
        ({"identity": {**identity(), "autograder's files": "cafe"}}, "other code.*autograder's files cafe"),
        ({"fingerprints": {ASSIGNMENT: "cafe0000.000000000000"}}, "another secret or release.*cafe0000"),
    ],
)
def test_a_worker_with_other_code_or_another_release_takes_no_part(opened, other, told):
    with pytest.raises(UsageError, match=told):
        opened(**other)

    assert not list(opened.scratch.iterdir())


def test_a_worker_with_weak_walls_takes_no_part(opened, monkeypatch):
    def weak(**_):
        raise UsageError("Only the process wall stands")

    monkeypatch.setattr(station, "raise_walls", weak)

    with pytest.raises(UsageError, match="process wall"):
        opened()


def test_a_station_that_is_not_open_grades_nothing(opened):
    made = opened()
    made.close()

    with pytest.raises(AutograderError, match="not part of this run"):
        made.grade(Batch(()))


def test_a_closed_station_leaves_nothing_behind(opened):
    made = opened()
    assert list(opened.scratch.iterdir())

    made.close()

    assert len(opened.box.closed.read_text().split()) == 1
    assert not list(opened.scratch.iterdir())


def test_a_station_closed_while_it_grades_stops_after_the_submission_and_takes_its_box_down(course, opened):
    made = opened()
    data = (course.submitted / "s0000" / ASSIGNMENT / f"{NOTEBOOK}.ipynb").read_bytes()
    original = opened.box.run
    opened.box.run = lambda job: (made.close(), original(job))[1]

    answer = made.grade(Batch(tuple(Parcel(f"s{number}", ASSIGNMENT, data) for number in range(3))))

    assert [prepared.result.student for prepared in answer.prepared] == ["s0"]
    assert len(opened.box.closed.read_text().split()) == 1


def task_in(monkeypatch, made):
    """The task, in a worker that has this station."""
    plugin = StationPlugin(Order({}, {}, {}, {}, SECRET))
    plugin._station, plugin._refusal = made, "The worker at tls://a:1 can't take part: weak walls"
    monkeypatch.setattr(worker, "get_worker", lambda: SimpleNamespace(plugins={"run": plugin}, address="tls://a:1"))
    return worker.grade_batch


def test_a_fault_of_ours_costs_one_submission_its_score_and_the_batch_nothing(opened, monkeypatch):
    def broken(work, taken, *rest):
        return 1 / 0 if taken.student == "bob" else judged(work, taken, *rest)

    judged, task = station.judged, task_in(monkeypatch, opened())
    monkeypatch.setattr(station, "judged", broken)
    batch = Batch(tuple(Parcel(student, ASSIGNMENT, b"{}") for student in ("alice", "bob", "cleo")))

    answer = pickle.loads(pickle.dumps(task("run", batch)))

    faults = {one.result.student: one.result.fault for one in answer.prepared}
    assert faults == {"alice": "", "bob": "grading", "cleo": ""}
    assert "ZeroDivisionError in test_cluster_station.py" in answer.prepared[1].result.reason


def test_a_worker_that_could_not_open_its_station_says_so(monkeypatch):
    task = task_in(monkeypatch, None)

    failure = task("run", Batch(()))

    assert "can't take part: weak walls. Stop it or mend it" in str(failure.error)


@pytest.mark.parametrize("here, scheduler", [("tcp://192.0.2.7:1", "tls://a:1"), ("tls://a:1", "tcp://192.0.2.7:1")])
def test_a_worker_that_others_can_talk_to_in_the_clear_takes_no_part(here, scheduler):
    plugin = StationPlugin(Order({}, {}, {}, {}, SECRET))
    there = SimpleNamespace(address=here, scheduler=SimpleNamespace(address=scheduler))

    with pytest.raises(UsageError, match="can't take part: Other machines could reach it over plain tcp"):
        asyncio.run(plugin.setup(there))
