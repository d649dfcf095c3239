"""Pictures of a class as inline SVG, the same bytes for the same numbers and nothing to load: where everything goes.

`pictures.html` draws them. Words stay words, ink takes the page's colour, and states differ by hatching as well as by
colour. They are rectangles on an axis, made at the end of every run, which would wait a second for a plotting library.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from autograder.reports.pages import template

STATES: Mapping[str, tuple[str, str, str]] = {
    "passed": ("right", "#2e8b57", ""),
    "partial": ("partly right", "#e6b450", "M-1 1l2-2M0 8l8-8M7 9l2-2"),
    "failed": ("not right", "#c8553d", "M-1 7l2 2M0 0l8 8M7-1l2 2"),
    "crashed": ("crashed", "#7a1f1f", "M0 0l8 8M0 8l8-8"),
    "internal": ("could not be graded", "#7b5ea7", "M4 0v8M0 4h8"),
    "not_attempted": ("not attempted", "none", ""),
}
"""A status in the report: its words, colour and hatching (a path in a square of eight)."""

WIDTH, RIGHT = 692, 14  # of a picture, in pixels, and what it leaves free on the right for half a number
TICKS = 10  # on an axis, at most and besides its 0
LETTER = 6.9  # pixels for a letter of an exercise's name
LEAST = 260  # pixels for the bars beside names of any length
ROW, BAR, HEAD = 20, 14, 30  # pixels from bar to bar, of a bar, and above the first
ENTRIES, ENTRY, LINE = 4, 170, 18  # of the legend: in a line, and the pixels from one to the next and line to line


def histogram(counts: Sequence[int]) -> Markup:
    """How many scores lie in each of equal parts of the points."""
    left, top, ground = 56, 12, 198
    most = 1.15 * max([*counts, 1])
    width, part = WIDTH - RIGHT - left, (WIDTH - RIGHT - left) / len(counts)
    bars = []
    for number, count in enumerate(counts):
        height = (ground - top) * count / most
        bars.append((left + part * (number + 0.04), ground - height, part * 0.92, height, count))
    return _drawn(
        "histogram",
        height=236,
        left=left,
        right=WIDTH - RIGHT,
        top=top,
        ground=ground,
        across=[(left + width * percent / 100, percent) for percent in range(0, 101, 10)],
        up=[(ground - (ground - top) * tick / most, tick) for tick in _ticks(most)],
        bars=_path(bar[:4] for bar in bars if bar[4]),
        numbers=[(x + wide / 2, y - 4, count) for x, y, wide, _, count in bars if count],
    )


def outcomes(exercises: Sequence[Mapping[str, Any]]) -> Markup:
    """One bar for each exercise, divided by how it ended; in the notebook's order, from the top."""
    names = [str(row["exercise"]) for row in exercises]
    left = round(min(LETTER * max(map(len, names), default=0) + 12, WIDTH - RIGHT - LEAST))
    most = max([*(sum(int(row[state]) for state in STATES) for row in exercises), 1])
    scale = (WIDTH - RIGHT - left) / most
    found = [state for state in STATES if any(row[state] for row in exercises)]
    ground = HEAD + ROW * len(names)
    return _drawn(
        "outcomes",
        height=ground + LINE * -(-len(found) // ENTRIES) + 8,
        left=left,
        right=WIDTH - RIGHT,
        top=HEAD,
        ground=ground,
        across=[(left + scale * tick, tick) for tick in _ticks(most)],
        names=[(HEAD + ROW * (place + 0.5) + 4, name) for place, name in enumerate(names)],
        hatches=[(state, *STATES[state][1:]) for state in found if STATES[state][2]],
        bars=[(_fill(state), _path(_parts(exercises, state, left, scale))) for state in found],
        legend=[
            (8 + ENTRY * (n % ENTRIES), ground + 10 + LINE * (n // ENTRIES), _fill(state), STATES[state][0])
            for n, state in enumerate(found)
        ],
    )


Box = tuple[float, float, float, float]
"""A rectangle: left, top, width, height."""


def _parts(exercises: Iterable[Mapping[str, Any]], state: str, left: float, scale: float) -> Iterator[Box]:
    """What the bars have of one state: it stands behind the states before it."""
    before = list(STATES)[: list(STATES).index(state)]
    for place, row in enumerate(exercises):
        if row[state]:
            start = sum(int(row[other]) for other in before)
            yield left + scale * start, HEAD + ROW * place + (ROW - BAR) / 2, scale * int(row[state]), BAR


def _path(boxes: Iterable[Box]) -> str:
    """Rectangles as one path."""
    return "".join(f"M{x:.6g} {y:.6g}h{width:.6g}v{height:.6g}h{-width:.6g}z" for x, y, width, height in boxes)


def _fill(state: str) -> str:
    _, colour, hatch = STATES[state]
    return f"url(#outcomes-{state})" if hatch else colour


def _ticks(most: float) -> range:
    """Whole numbers from 0 up to ``most`` in steps of 1, 2 or 5 times a power of ten."""
    steps = (digit * 10**power for power in itertools.count() for digit in (1, 2, 5))
    step = next(step for step in steps if most / step <= TICKS)
    return range(0, int(most) + 1, step)


def _drawn(picture: str, **given: Any) -> Markup:
    macro = getattr(template("pictures.html").module, picture)
    return Markup(macro({"width": WIDTH, **given}))
