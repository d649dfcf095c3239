"""Many rows in one test: every row is tried, and the failure lists each one that failed, by name.

@for_each("exercise, mistake", MISTAKES)        takes what `pytest.mark.parametrize` takes, and is one test
def test_a_known_mistake_is_caught(exercise, mistake): ...

with collected() as each:                       the same inside a test
    for name, row in rows.items():
        with each(name):
            assert ...

A row costs microseconds here and milliseconds as a parameter: where thousands say one thing they are one test. What a
test shares with the other rows, a fixture or an array, it must leave as it was.
"""

from __future__ import annotations

import functools
import inspect
import os
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

Parameters = type(pytest.param())
Each = Callable[[object], AbstractContextManager[None]]
MOST_LINES = 8
"""Lines of one row's message that are repeated."""


@contextmanager
def collected() -> Iterator[Each]:
    """Fail at the end with the name of every row that failed and why; fail too if there was no row to try."""
    tried: set[str] = set()
    failed: dict[str, BaseException] = {}

    @contextmanager
    def each(name: object) -> Iterator[None]:
        row = str(name)
        if row in tried:
            raise ValueError(f"two rows are called {row!r}")
        tried.add(row)
        try:
            yield
        except (Exception, pytest.fail.Exception) as error:
            failed[row] = error

    yield each
    if not tried:
        raise ValueError("no row was tried")
    if failed:
        listed = "\n".join(f"* {row}: {_why(error)}" for row, error in failed.items())
        first = next(iter(failed.values()))
        raise AssertionError(f"{len(failed)} of {len(tried)} rows failed:\n{listed}") from first


def for_each(names: str, rows: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Try the test with every row; ``names`` and ``rows`` are those of `pytest.mark.parametrize`."""
    wanted = [name.strip() for name in names.split(",")]
    named = list(_named(rows, len(wanted)))

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(test)
        fixtures = [one for name, one in signature.parameters.items() if name not in wanted]

        @functools.wraps(test)
        def tries_all(**fixtures: Any) -> None:
            with collected() as each:
                for values, name in named:
                    with each(name):
                        test(**dict(zip(wanted, values, strict=True)), **fixtures)

        tries_all.__signature__ = signature.replace(parameters=fixtures)  # type: ignore[attr-defined]
        return tries_all

    return decorate


def _named(rows: Iterable[Any], count: int) -> Iterator[tuple[tuple[Any, ...], str]]:
    """The values of each row, and a name that no other row has."""
    used: set[str] = set()
    for number, row in enumerate(rows):
        values = tuple(row.values) if isinstance(row, Parameters) else (row,) if count == 1 else tuple(row)
        if isinstance(row, Parameters) and row.marks:
            raise ValueError(f"a row of a loop can't have marks of its own: {row.id}")
        name = str(row.id) if isinstance(row, Parameters) and row.id else "-".join(map(_word, values))
        yield values, f"{name} ({number})" if name in used else name
        used.add(name)


def _word(value: Any) -> str:
    return str(value) if isinstance(value, (str, int, float, type(None))) else type(value).__name__


def _why(error: BaseException) -> str:
    """Where it failed, in the test's own words."""
    frames = traceback.extract_tb(error.__traceback__)
    here = [frame for frame in frames if os.path.basename(frame.filename).startswith("test_")] or frames[-1:]
    lines = "".join(traceback.format_exception_only(error)).strip().splitlines()
    more = [f"... {len(lines) - MOST_LINES} lines more"] if len(lines) > MOST_LINES else []
    where = f"{os.path.basename(here[-1].filename)}:{here[-1].lineno}: " if here else ""
    return where + "\n    ".join([*lines[:MOST_LINES], *more])
