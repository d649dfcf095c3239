"""A Dask cluster that grades: this process reads what was handed in, and alone writes files and gradebook.

Theory of operation. To join is to hand every worker the order for the run, as a plugin: each works out the plans,
proves a box, and only then takes batches. Batches and answers go through the scheduler as ordinary tasks. Dask runs
those of a lost worker elsewhere, and gives them up where that happens too often (`dealing` says what then). Answers
are fetched one at a time and let go of, so that memory does not grow with the class.

Nothing is recorded anywhere but here. So where workers, the scheduler or this process are lost, what was recorded
stays, and the next run goes on from there.
"""

from __future__ import annotations

import hashlib
import os
import queue
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

import dask
from distributed import Client, KilledWorker, Security

from autograder.boundary.job import Job, Outcome
from autograder.course.content import content_files
from autograder.errors import AutograderError, UsageError
from autograder.grading.cluster.address import checked_address, is_safe
from autograder.grading.cluster.dealing import deal, size_for
from autograder.grading.cluster.freight import Answer, Batch, Failure, Order, identity, parcel
from autograder.grading.cluster.worker import StationPlugin, grade_batch, walls_of
from autograder.grading.course import Course
from autograder.grading.one import finish
from autograder.grading.plan import Plan
from autograder.grading.release import Release
from autograder.grading.released_cells import RECORD
from autograder.grading.secret import course_secret
from autograder.grading.units import assignment_of, by_assignment
from autograder.grading.work import Done, Entry, Work

CONNECT = 30.0
"""Seconds until a scheduler that does not answer is said not to, or one without workers to have none."""

PATIENCE = 60.0
"""Seconds without any worker until the run ends; a worker that was lost and is started again is back by then."""

TRIES = 3
"""How often the order is handed out if a worker is lost meanwhile."""

_GLANCE = 1.0
_LOST = (OSError, TimeoutError, CancelledError)
_SAME = "Install this version of autograder there and on the scheduler's machine, and restart both"
_GO_ON = "Then run the same command again: what was recorded stays, and it goes on from there"


def order_of(
    course: Course, plans: Mapping[str, Plan], releases: Mapping[str, Release], *, accept_weak: bool = False
) -> Order:
    """What a worker needs for a run of these ``plans``; ``releases`` are all the course's, in the run's order."""
    return Order(
        identity(),
        {name: plan.fingerprint for name, plan in plans.items()},
        {
            f"{assignment_of(unit)}/{path.name}": path.read_bytes()
            for unit in releases
            for path in (course.release(unit).with_name(RECORD), course.release(unit))
            if path.exists()
        },
        content_files(course.content, by_assignment(plans)),
        course_secret(course.root),
        torch=any(plan.torch for plan in plans.values()),
        accept_weak=accept_weak,
    )


@contextmanager
def joined(
    address: str,
    course: Course,
    plans: Mapping[str, Plan],
    releases: Mapping[str, Release],
    *,
    accept_weak: bool = False,
) -> Iterator[Cluster]:
    """The workers of the scheduler at ``address``, ready for this run, and let go at its end.

    ``releases`` are all the course's, in the run's order. Raises UsageError where the address is not safe, nobody
    answers there, or a worker can't take part.
    """
    where = checked_address(address)
    order = order_of(course, plans, releases, accept_weak=accept_weak)
    quiet = {"distributed.admin.large-graph-warning-threshold": "1 GiB"}  # one submission may be larger than its 10 MB
    with dask.config.set(quiet), _connected(where) as client:
        _check_ways(client)
        name = _name(course)
        _hand_out(client, StationPlugin(order), name)
        try:
            yield Cluster(client, name)
        finally:
            if client.status == "running":  # a scheduler that is gone, and its workers, have let go of it already
                with suppress(Exception):
                    client.unregister_worker_plugin(name)


class Cluster:
    """The workers of one run. Stands where the walls of this machine would, and deals with submissions as they do."""

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self._name = name
        found = client.run(walls_of, name, on_error="ignore").values()  # what is lost now is missed by the dealer
        self.tier = ", ".join(sorted({tier for tier, _ in found}))
        self.weak = any(weak for _, weak in found)
        self.box = NoBox()

    def each(self, work: Work, entries: Sequence[Entry]) -> Iterator[Done]:
        """As `workers.each`: every submission dealt with on some worker, its files put in place here."""
        if not entries:
            return
        with _Pool(self._client, self._name) as pool:
            parcels = (parcel(work.course, entry) for entry in entries)
            for prepared in deal(pool, parcels, size_for(len(entries), pool.workers())):
                self.weak |= pool.weak
                yield finish(work.course, prepared)


class NoBox:
    """The box of the machine that only hands out: it runs nothing."""

    def run(self, job: Job) -> Outcome:
        """Refuse."""
        return Outcome(ended="refused", detail="submissions are run by the workers of the cluster, not here")

    def close(self) -> None:
        """There is nothing to let go of."""


class _Pool:
    """The workers as the dealer knows them."""

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self._name = name
        self._run = os.urandom(6).hex()
        self._numbers = count()
        self._under_way: dict[str, tuple[Batch, Any]] = {}
        self._finished: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.weak = False

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_: object) -> None:
        futures = [future for _, future in self._under_way.values()]
        self._under_way.clear()
        if futures and self._client.status == "running":
            with suppress(Exception):
                self._client.cancel(futures, force=True)

    def workers(self) -> int:
        with _scheduler_needed():
            return len(self._client.nthreads())

    def submit(self, batch: Batch) -> None:
        key = f"{self._name}-{self._run}-{next(self._numbers)}"
        with _scheduler_needed():
            future = self._client.submit(grade_batch, self._name, batch, key=key, pure=False)
        self._under_way[key] = batch, future
        future.add_done_callback(lambda done: self._finished.put(done.key))

    def next(self) -> tuple[Batch, Answer | None]:
        batch, future = self._under_way.pop(self._wait())
        try:
            if future.status == "error":
                _check_lost(future.exception())
                return batch, None
            with _scheduler_needed():
                answer: Answer | Failure = future.result()
        finally:
            future.release()
        if isinstance(answer, Failure):
            raise answer.error
        self.weak |= answer.weak
        return batch, answer

    def _wait(self) -> str:
        """The key of the next batch that is done, or will not be."""
        alone_since: float | None = None
        while True:
            try:
                return self._finished.get(timeout=_GLANCE)
            except queue.Empty:
                pass
            if self.workers():
                alone_since = None
                continue
            alone_since = alone_since or time.monotonic()
            if time.monotonic() - alone_since > PATIENCE:
                raise AutograderError(
                    f"No worker has been left for {PATIENCE:.0f} seconds", next_step=f"Start some. {_GO_ON}"
                )


def _check_lost(error: BaseException) -> None:
    """Raise UsageError unless the task failed because its workers were lost: they could make nothing of it then."""
    if not isinstance(error, KilledWorker):
        raise UsageError(
            "A worker could not read what it was sent", got=f"{type(error).__name__}: {error}", next_step=_SAME
        ) from error


@contextmanager
def _scheduler_needed() -> Iterator[None]:
    try:
        yield
    except _LOST as error:
        raise AutograderError(
            "The connection to the scheduler was lost",
            got=f"{type(error).__name__}",
            next_step=f"Start scheduler and workers again. {_GO_ON}",
        ) from error


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    security = _security() if address.startswith("tls:") else None
    try:
        client = Client(address, security=security, timeout=CONNECT, set_as_default=False, name="autograder")
    except (*_LOST, ValueError) as error:
        raise UsageError(
            f"No scheduler answers at {address}",
            got=str(error) or type(error).__name__,
            next_step="Start `dask scheduler` there, with a certificate of the same authority as yours",
        ) from error
    try:
        yield client
    finally:
        client.close(timeout=CONNECT)


def _security() -> Security:
    """What proves who we are, from Dask's own configuration. Raises UsageError where there is none."""
    security = Security(require_encryption=True)
    files = security.get_tls_config_for_role("client")
    missing = [name for name in ("ca_file", "cert") if not files[name]]
    gone = [path for name in ("ca_file", "cert", "key") if (path := files[name]) and not os.path.isfile(path)]
    if missing or gone:
        raise UsageError(
            "A tls:// address needs a certificate",
            expected="distributed.comm.tls.ca-file, client.cert and client.key in Dask's configuration",
            got=f"no {' and no '.join(missing)}" if missing else f"no such file: {', '.join(gone)}",
            next_step="Set DASK_DISTRIBUTED__COMM__TLS__CA_FILE, …TLS__CLIENT__CERT and …TLS__CLIENT__KEY "
            "(docs/scaling.md says how)",
        )
    return security


def _check_ways(client: Client) -> None:
    """Raise UsageError where there are no workers, or one of the ways between the machines is not safe."""
    try:
        client.wait_for_workers(1, timeout=CONNECT)
    except TimeoutError:
        raise UsageError(
            "The scheduler has no workers", next_step="Start some with `dask worker`, as docs/scaling.md says"
        ) from None
    with _scheduler_needed():
        info = client.scheduler_info()
    for what, address in [("The scheduler", info["address"]), *(("A worker", address) for address in info["workers"])]:
        if not is_safe(address):
            raise UsageError(
                f"{what} of the cluster can be reached over plain tcp from other machines",
                expected="tls://, or tcp:// on this machine alone",
                got=address,
                next_step="Start scheduler and workers with tls:// addresses, or with --host 127.0.0.1",
            )


def _hand_out(client: Client, plugin: StationPlugin, name: str) -> None:
    """Give every worker the order; they open their stations side by side. Raises what one of them raises."""
    for left in reversed(range(TRIES)):
        try:
            client.register_plugin(plugin, name=name)
        except AutograderError:
            raise
        except _LOST as error:
            if left:
                continue  # a worker was lost meanwhile
            raise AutograderError("Workers are lost as soon as they begin", got=str(error), next_step=_GO_ON) from error
        except Exception as error:
            raise UsageError(
                "A worker could not take up its work",
                got=f"{type(error).__name__}: {error}",
                next_step=_SAME,
            ) from error
        else:
            return


def _name(course: Course) -> str:
    """What the order is called: the same for every run of a course, so that a killed run's is replaced by the next."""
    words = f"{socket.gethostname()}\0{course.results}"
    return f"autograder-{hashlib.sha256(words.encode()).hexdigest()[:12]}"
