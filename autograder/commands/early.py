"""The box of a command for one notebook, begun before most of the command is imported: both take as long.

Which kind of box it will be is guessed from the names on the command line. The command looks again when it has read
the notebook: a guess that was wrong costs time and nothing else.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.boundary import nurseries
from autograder.grading import allow_list_cache
from autograder.grading.course import Course

if TYPE_CHECKING:
    from autograder.boundary.warm import WarmBox

RARELY = 100_000
"""New objects between two looks for what can go: nearly all that one notebook needs is imported, and stays."""

SOON = 0.0005
"""Seconds after which a thread gives way to another: one of two waits for the box most of the time."""

MOST = 100
"""Files of a folder that are looked at for a guess."""


@contextmanager
def begun(course: Course, path: Path, assignments: Sequence[str]) -> Iterator[WarmBox | None]:
    """A box for what is at ``path``, which is made and proven meanwhile; None where there is nothing to guess by."""
    gc.set_threshold(RARELY)
    sys.setswitchinterval(SOON)
    torch = guess(course, path, assignments)
    if torch is None:
        yield None
        return
    recalled = allow_list_cache.recall(course, torch=torch)
    nursery = nurseries.begin(torch=torch, few=path.is_file(), data=course.data())
    if not recalled:
        allow_list_cache.keep(course, torch=torch)
    if nursery is None:
        yield None
        return
    try:
        from autograder.boundary.warm import WarmBox  # with much else, which the nursery need not wait for

        with closing(WarmBox(begun=nursery)) as box:
            box.prove(torch=torch)
            yield box
    finally:
        nursery.close()


def guess(course: Course, path: Path, assignments: Sequence[str]) -> bool | None:
    """Whether the assignment of what is at ``path`` needs PyTorch, as far as names tell."""
    released = course.released_names()
    if len(assignments) == 1:
        released = tuple(name for name in released if name == assignments[0] or name.startswith(f"{assignments[0]}-"))
    if len(released) == 1:
        return course.needs_torch(released)
    try:
        if path.is_file():
            stems = {path.stem}
        else:
            stems = {entry.stem for entry, _ in zip(path.glob("*.ipynb"), range(MOST), strict=False)}
    except OSError:
        return None
    if not stems:
        return None
    wanting = {one.name for one in course.manifest.assignments if one.torch}
    known = {file.stem for name in wanting for file in (course.assignments / name).glob("*.ipynb")}
    return any(stem in known or wanting & {*path.absolute().parts} for stem in stems)
