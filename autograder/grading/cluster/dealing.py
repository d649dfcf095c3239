"""Who gets what, without knowing what a cluster is: batches, what is under way, and who takes workers down.

A batch whose workers are lost again and again is taken apart. Its submissions wait until everything else is done and
then go out one at a time, nothing beside them, so that the one that takes its worker down is known, and no other one
is blamed for having been on the same machine. So do those that were waited for in vain: they are graded once more.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from autograder.grading.cluster.freight import Answer, Batch, Parcel
from autograder.grading.intake import Rejected
from autograder.grading.one import Prepared, failed
from autograder.grading.pipeline import Graded

FEWEST, MOST = 25, 100
"""How many submissions a batch holds: fewer, and handing it over shows; more, and much is done again if one is lost."""

BYTES = 4_000_000
"""How many bytes a batch holds, unless a single submission is larger."""

AHEAD = 2
"""Batches per worker that are under way: one being graded, one waiting."""


class Pool(Protocol):
    """Workers, as the dealer knows them."""

    def workers(self) -> int:
        """How many there are now."""
        ...

    def submit(self, batch: Batch) -> None:
        """Have some worker deal with a batch."""
        ...

    def next(self) -> tuple[Batch, Answer | None]:
        """Wait for the next batch to be done. No answer if it was given up because its workers were lost.

        Raises AutograderError where nothing will come any more.
        """
        ...


def size_for(submissions: int, workers: int) -> int:
    """How many submissions a batch should hold: enough batches for every worker to get a few, within the limits."""
    return max(FEWEST, min(MOST, math.ceil(submissions / (4 * max(1, workers)))))


def batches(parcels: Iterable[Parcel], most: int) -> Iterator[Batch]:
    """Batches of at most so many submissions and about BYTES bytes, made as they are asked for."""
    held: list[Parcel] = []
    size = 0
    for parcel in parcels:
        if held and (len(held) >= most or size + parcel.size > BYTES):
            yield Batch(tuple(held))
            held, size = [], 0
        held.append(parcel)
        size += parcel.size
    if held:
        yield Batch(tuple(held))


def deal(pool: Pool, parcels: Iterable[Parcel], most: int) -> Iterator[Prepared]:
    """Every submission dealt with somewhere, in the order in which batches are done.

    Raises what the pool raises. A submission that keeps taking its workers down is left to a person.
    """
    suspects: list[Parcel] = []
    slow: list[Parcel] = []
    waiting = batches(parcels, most)
    under_way = 0
    while True:
        while under_way < AHEAD * max(1, pool.workers()) and (batch := next(waiting, None)) is not None:
            pool.submit(batch)
            under_way += 1
        if not under_way:
            break
        batch, answer = pool.next()
        under_way -= 1
        if answer is None:
            suspects += batch.parcels
            continue
        by_name = {(one.student, one.unit): one for one in batch.parcels}
        for prepared in answer.prepared:
            if isinstance(prepared.result, Graded) and prepared.result.waited:
                slow.append(by_name[prepared.result.student, prepared.result.unit])
            else:
                yield prepared
    yield from _one_at_a_time(pool, suspects)
    yield from _one_at_a_time(pool, slow, again=True)


def _one_at_a_time(pool: Pool, suspects: Sequence[Parcel], *, again: bool = False) -> Iterator[Prepared]:
    for suspect in suspects:
        pool.submit(Batch((suspect,), again))
        _, answer = pool.next()
        if answer is None:
            entry = Rejected(suspect.student, suspect.assignment, "", part=suspect.part)
            yield failed(entry, "whichever worker graded it was lost. Are the workers short of memory? Grade it again")
        else:
            yield from answer.prepared
