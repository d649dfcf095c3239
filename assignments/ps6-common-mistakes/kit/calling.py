"""Calling an answer: fresh arguments, what came back, what it raised and where, what it changed."""

from __future__ import annotations

import inspect
import linecache
import traceback
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .draws import Draw, Generator
from .functions import Named


class UnfilledError(Exception):
    """The skeleton still raises NotImplementedError."""


@dataclass(frozen=True)
class Answered:
    """What one call gave: a value, or ``raised`` in words (None if it returned)."""

    value: Any = None
    raised: str | None = None


def generator(exercise: str, case: str) -> Generator:
    """The public generator of a case: the same for everybody, the same each time."""
    return np.random.default_rng([zlib.crc32(word.encode()) for word in ("public", exercise, case)])


def call(target: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Answered:
    """Call the answer; warnings of NumPy about overflow are not judged and not shown.

    Raises UnfilledError for NotImplementedError.
    """
    try:
        with np.errstate(all="ignore"):
            return Answered(target(*args, **kwargs))
    except NotImplementedError as error:
        raise UnfilledError from error
    except Exception as error:
        return Answered(raised=_in_words(error, target))


def _in_words(error: Exception, target: Callable[..., Any]) -> str:
    """The error's type and message, and the last line of the student's own that it passed through."""
    said = str(error).strip().split("\n")[0]
    words = f"raised {type(error).__name__}: {said}" if said else f"raised {type(error).__name__}"
    code = getattr(inspect.unwrap(target), "__code__", None)
    home = getattr(code, "co_filename", None)
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == home]
    if not own or own[-1].lineno is None:
        return words
    line = (linecache.getline(own[-1].filename, own[-1].lineno) or own[-1].line or "").strip()
    return f"{words} (line {own[-1].lineno}: {line})" if line else words


def built(value: Any, rng: Generator, *, lists_are_arrays: bool = False) -> Any:
    """A declared input as an answer receives it: drawn, copied, named functions built.

    With ``lists_are_arrays`` a list in the declaration stands for a float64 array.
    """
    if isinstance(value, Draw):
        drawn = value(rng)
        return drawn if isinstance(drawn, np.ndarray) else built(drawn, rng)
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, Named):
        return value.build()
    if isinstance(value, list):
        return np.array(value, dtype=np.float64) if lists_are_arrays else [built(part, rng) for part in value]
    if isinstance(value, tuple):
        return tuple(built(part, rng) for part in value)
    if isinstance(value, dict):
        return {name: built(part, rng, lists_are_arrays=lists_are_arrays) for name, part in value.items()}
    return value


def changed(now: Any, then: Any) -> bool:
    """Whether a value is not what it was: arrays, numbers, words, also in lists and dicts. Nothing else is compared."""
    if isinstance(then, np.ndarray):
        return not (isinstance(now, np.ndarray) and _same(now, then))
    if isinstance(then, (list, tuple)):
        return len(now) != len(then) or any(map(changed, now, then))
    if isinstance(then, dict):
        return list(now) != list(then) or any(changed(now[name], then[name]) for name in then)
    if isinstance(then, (bool, int, float, str)):
        return bool(now != then and then == then)
    return False


def _same(now: np.ndarray[Any, Any], then: np.ndarray[Any, Any]) -> bool:
    return now.dtype == then.dtype and np.array_equal(now, then, equal_nan=then.dtype.kind == "f")
