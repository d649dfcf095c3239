"""Handing out grading, without any machine: what may be talked to, who gets what, and what the command refuses."""

from __future__ import annotations

from collections import deque
from concurrent.futures import CancelledError
from types import SimpleNamespace

import dask
import pytest
from distributed import KilledWorker

from autograder.commands import cluster as command
from autograder.commands.grade import run_grade
from autograder.errors import AutograderError, UsageError
from autograder.grading.cluster import client, dealing
from autograder.grading.cluster.address import checked_address, is_safe
from autograder.grading.cluster.freight import Answer, Batch, Failure, Parcel
from autograder.grading.course import Course
from autograder.grading.intake import Rejected
from autograder.grading.one import Prepared

# Addresses


@pytest.mark.parametrize(
    "text, address",
    [
        ("tls://grader.example.org:9000", "tls://grader.example.org:9000"),
        ("tls://10.0.0.7", "tls://10.0.0.7:8786"),
        ("tcp://127.0.0.1:8786", "tcp://127.0.0.1:8786"),
        ("tcp://localhost:8786/", "tcp://localhost:8786"),
        ("tcp://[::1]:8786", "tcp://[::1]:8786"),
    ],
)
def test_a_scheduler_is_reached_over_tls_or_on_this_machine(text, address):
    assert checked_address(text) == address


@pytest.mark.parametrize(
    "text", ["tcp://10.0.0.7:8786", "tcp://0.0.0.0:8786", "tcp://localhost.example.org:1", "tcp://127.0.0.1.nip.io:1"]
)
def test_plain_tcp_to_another_machine_is_refused_and_told_what_to_do(text):
    with pytest.raises(UsageError, match=r"could read .*secret.*tls://host:8786.*docs/scaling.md"):
        checked_address(text)


@pytest.mark.parametrize(
    "text",
    ["", "host:8786", "10.0.0.7", "ws://127.0.0.1:1", "tls://", "tls://host:port", "tls://host/x", "tls://a@b:1"],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(UsageError, match="no address of a scheduler"):
        checked_address(text)


@pytest.mark.parametrize("address", ["inproc://10.0.0.7/1/1", "ucx://10.0.0.7:1", "wss://10.0.0.7:1", "", "tcp://["])
def test_no_other_way_between_machines_is_safe(address):
    assert not is_safe(address)


# Who gets what


class Workers:
    """A pool that deals with everything, but for submissions that are ``deadly``; it knows what it was given."""

    def __init__(self, count=2, deadly=()):
        self.count, self.deadly = count, set(deadly)
        self.waiting = deque()
        self.given = []
        self.most = 0

    def workers(self):
        return self.count

    def submit(self, batch):
        self.waiting.append(batch)
        self.given.append([parcel.student for parcel in batch.parcels])
        self.most = max(self.most, len(self.waiting))

    def next(self):
        batch = self.waiting.popleft()
        if any(parcel.student in self.deadly for parcel in batch.parcels):
            return batch, None
        return batch, Answer(
            tuple(Prepared(Rejected(one.student, one.assignment, ""), (), None) for one in batch.parcels)
        )


def parcels(count, size=10):
    return (Parcel(f"s{number}", "ps", b"x" * size) for number in range(count))


def students(dealt):
    return [done.result.student for done in dealt]


@pytest.mark.parametrize(
    "count, workers, size", [(10, 2, 25), (200, 2, 25), (400, 2, 50), (2000, 2, 100), (2000, 10, 50)]
)
def test_a_batch_holds_25_to_100_submissions(count, workers, size):
    assert dealing.size_for(count, workers) == size


def test_a_batch_of_large_submissions_holds_fewer():
    made = list(dealing.batches(parcels(6, size=1_500_000), most=25))

    assert [len(batch.parcels) for batch in made] == [2, 2, 2]


def test_a_submission_larger_than_a_batch_goes_alone():
    made = list(dealing.batches(parcels(2, size=5_000_000), most=25))

    assert [len(batch.parcels) for batch in made] == [1, 1]


def test_everything_is_dealt_with_once():
    pool = Workers()

    dealt = students(dealing.deal(pool, parcels(47), most=5))

    assert sorted(dealt) == sorted(f"s{number}" for number in range(47))


def test_no_more_is_read_than_two_batches_for_every_worker():
    pool = Workers(count=3)
    read = []

    dealt = dealing.deal(pool, (read.append(one) or one for one in parcels(100)), most=5)
    next(dealt)

    assert pool.most == 6
    assert len(read) <= 6 * 5 + 1


def test_a_batch_that_was_given_up_is_taken_apart_at_the_end_and_nothing_else_is_lost():
    pool = Workers(deadly=["s3"])

    kept = list(dealing.deal(pool, parcels(20), most=5))

    others = students(one for one in kept if not one.result.fault)
    assert sorted(others) == sorted(f"s{number}" for number in range(20) if number != 3)
    assert left_to_a_person(kept) == ["s3"]
    assert pool.given[4:] == [["s0"], ["s1"], ["s2"], ["s3"], ["s4"]]


def left_to_a_person(kept):
    return students(one for one in kept if one.result.fault == "grading")


def test_who_was_only_beside_it_is_not_blamed():
    pool = Workers(deadly=["s3"])
    unlucky = pool.next

    def next_one():  # everything under way beside it goes down with it
        batch, answer = unlucky()
        return (batch, None) if len(batch.parcels) > 1 else (batch, answer)

    pool.next = next_one

    assert left_to_a_person(dealing.deal(pool, parcels(10), most=5)) == ["s3"]


# A cluster as the dealer knows it


def pool_of(*futures, workers=1):
    """A pool whose tasks end like these."""
    waiting = deque(futures)

    def submit(function, name, batch, *, key, pure):
        future = waiting.popleft()
        future.key, future.released = key, 0
        future.release = lambda: setattr(future, "released", future.released + 1)
        future.add_done_callback = lambda told: told(future)
        return future

    return client._Pool(SimpleNamespace(submit=submit, nthreads=lambda: dict.fromkeys(range(workers), 1)), "run")


def ended(status, error=None, answer=None):
    """A task that ended like this."""

    def result():
        if answer is None:
            raise error
        return answer

    return SimpleNamespace(status=status, exception=lambda: error, result=result)


def test_an_answer_is_fetched_and_let_go_of():
    future = ended("finished", answer=Answer(("prepared",), weak=True))
    pool = pool_of(future)
    pool.submit(Batch(()))

    assert pool.next() == (Batch(()), Answer(("prepared",), weak=True))
    assert (pool.weak, future.released) == (True, 1)


def test_a_batch_that_dask_gave_up_has_no_answer():
    pool = pool_of(ended("error", KilledWorker("key", "worker", 3)))
    pool.submit(Batch(()))

    assert pool.next() == (Batch(()), None)


def test_what_a_worker_raises_is_raised_here():
    pool = pool_of(ended("finished", answer=Failure(UsageError("weak walls"))))
    pool.submit(Batch(()))

    with pytest.raises(UsageError, match="weak walls"):
        pool.next()


def test_a_worker_that_does_not_know_our_code_is_a_matter_of_installing():
    pool = pool_of(ended("error", ModuleNotFoundError("No module named 'autograder'")))
    pool.submit(Batch(()))

    with pytest.raises(UsageError, match=r"could not read .*No module named.*Install this version of autograder"):
        pool.next()


@pytest.mark.parametrize("error", [CancelledError(), OSError("stream closed"), TimeoutError()])
def test_a_lost_scheduler_is_said_in_our_words(error):
    pool = pool_of(ended("cancelled", error))
    pool.submit(Batch(()))

    with pytest.raises(AutograderError, match=r"connection to the scheduler was lost.*what was recorded stays"):
        pool.next()


def test_a_cluster_without_workers_is_not_waited_for_in_vain(monkeypatch):
    monkeypatch.setattr(client, "_GLANCE", 0.01)
    monkeypatch.setattr(client, "PATIENCE", 0.0)

    with pytest.raises(AutograderError, match="No worker has been left"):
        pool_of(workers=0).next()


def test_a_scheduler_without_workers_is_refused_and_told_what_to_start():
    def wait_for_workers(number, timeout):
        raise TimeoutError

    with pytest.raises(UsageError, match=r"has no workers.*dask worker"):
        client._check_ways(SimpleNamespace(wait_for_workers=wait_for_workers, scheduler_info=lambda: None))


# The command


def test_an_unsafe_scheduler_is_refused_before_anything_is_done(tmp_path):
    whole = {"submitted": None, "force": False, "workers": 0, "reseed": True, "allow_weak": False}

    with pytest.raises(UsageError, match="plain tcp"):
        run_grade(Course.at(tmp_path), (), **whole, scheduler="tcp://192.0.2.7:8786")

    assert not list(tmp_path.iterdir())


def test_without_dask_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(command, "find_spec", lambda name: None)

    with pytest.raises(UsageError, match=r"install\.py \.venv grade cluster"):
        command.check_scheduler("tls://host:8786")


@pytest.mark.parametrize("ca, told", [(None, "no ca_file"), ("absent.pem", "no such file: absent.pem")])
def test_tls_without_certificates_is_refused_and_told_what_to_set(ca, told):
    with (
        dask.config.set({"distributed.comm.tls.ca-file": ca, "distributed.comm.tls.client.cert": ca}),
        pytest.raises(UsageError, match=rf"{told}.*DASK_DISTRIBUTED__COMM__TLS__CA_FILE"),
    ):
        client._security()
