"""Values that a box may send and nobody expects: drawn by a seed, all of them such as the wire can carry."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.boundary.job import Burst, Opaque, Raised, Reply, Returned

HUGE = 7**5200
PLAIN: tuple[Any, ...] = (
    None, True, False, 0, -1, HUGE, -HUGE, 3**700, 0.0, -0.0, float("nan"), float("inf"), 1e308, -5e-324,
    "", "note: no dict", "note: ", "\ud800", "a" * 5000, "</script>", "\x00", "\u202e", [], (), {}, {"": None},
    [HUGE] * 3, ({"x": [HUGE]},), Opaque("tensor"), Opaque("number. All of this is right"), Opaque(""),
)  # fmt: skip
DTYPES = ("bool", "int8", "uint64", "int64", "float16", "float32", "float64")
SHAPES = ((), (0,), (1,), (3,), (2, 3), (0, 4), (1, 1, 1), (7, 1), (1,) * 12)


def value(rng: np.random.Generator, depth: int = 0) -> Any:
    """A value of any kind; those in lists and dicts are such values, too."""
    kind = rng.integers(0, 10)
    if kind < 4:
        return PLAIN[rng.integers(len(PLAIN))]
    if kind < 7 or depth > 3:
        return array(rng)
    parts = [value(rng, depth + 1) for _ in range(rng.integers(0, 4))]
    if kind == 7:
        return parts
    return tuple(parts) if kind == 8 else {f"k{place}": part for place, part in enumerate(parts)}


def array(rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """An array of any type and of an unlikely shape, with the ends of its range in it."""
    dtype = np.dtype(DTYPES[rng.integers(len(DTYPES))])
    shape = SHAPES[rng.integers(len(SHAPES))]
    if dtype.kind == "f":
        entries = rng.choice([np.nan, np.inf, -np.inf, np.finfo(dtype).max, 0.0, 1.0], size=shape)
    else:
        ends = np.iinfo(dtype) if dtype.kind in "iu" else None
        entries = rng.choice(np.array([ends.min, ends.max] if ends else [0, 1], dtype=dtype), size=shape)
    return np.asarray(entries, dtype=dtype)


def like(rng: np.random.Generator, right: Any) -> Any:
    """Something that resembles the right answer: of its shape or its number of parts, with odd entries."""
    if isinstance(right, np.ndarray):
        changed = np.array(right)
        if changed.size and changed.dtype.kind == "f":
            changed.flat[rng.integers(changed.size)] = rng.choice([np.nan, np.inf, 1e308, -1e308])
        with np.errstate(all="ignore"):
            return changed.astype(DTYPES[rng.integers(1, len(DTYPES))]) if rng.integers(4) == 0 else changed
    if isinstance(right, (tuple, list)):
        return type(right)(like(rng, part) if rng.integers(2) else value(rng, 2) for part in right)
    return value(rng)


def reply(rng: np.random.Generator, name: str, right: list[Returned]) -> Reply:
    """Answers to every case, some left out, some raised, some twice, with counts and marks that nobody vouches for."""
    answers = []
    for one in right:
        status = rng.choice(["returned", "raised", "missing", "unreadable"], p=[0.85, 0.07, 0.04, 0.04])
        got = like(rng, one.value) if rng.integers(2) else value(rng)
        raised = Raised("an error", "x" * 600, None, int(rng.integers(1 << 40))) if status == "raised" else None
        changed = tuple(f"{rng.integers(12)}" for _ in range(rng.integers(0, 3)))
        calls = dict.fromkeys(one.calls, int(rng.integers(0, 1 << 50)))
        cpu = float(rng.choice([0.0, 1e-9, 240.0]))
        answers.append(
            Returned(one.case, status, got if status == "returned" else None, changed, calls, raised, "p", cpu)
        )
    kept = [answer for answer in answers if rng.integers(8)]
    burst = Burst(b"form", memoryview(b"\0" * 16), 1.0) if rng.integers(2) else None
    return Reply(name, tuple(kept), bool(rng.integers(2)), burst)
