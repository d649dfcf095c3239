"""Writes down the answers to ps6's public cases: ``python -m tests.exercises.stored_ps6``, after a public case changed.

They come from the references, through the same adapters; a test compares what is written with what they say.
"""

from __future__ import annotations

import pprint
from pathlib import Path
from typing import Any

import numpy as np

from autograder.course.declare import Exercise
from autograder.kit import calling
from autograder.kit.adapters import adapted
from autograder.kit.declare import Function, Stored
from tests.this_course import exercises_of, module_of

DIGITS = 7
HEADER = '''"""The answers to the public cases of ps6: data, written by `python -m tests.exercises.stored_ps6`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ANSWERS: Mapping[str, Any] = '''


def right_answer(exercise: Exercise, of: Stored) -> tuple[Any, ...]:
    """What the reference gives for a public case, drawn as the notebook draws it."""
    public = exercise.public
    assert isinstance(public, Function)
    assert exercise.reference is not None
    rng = calling.generator(public.name, of.name)
    values = {name: calling.built(value, rng, lists_are_arrays=True) for name, value in of.inputs.items()}
    args = [values.pop(name) for name in public.arguments]
    return adapted(public.adapter, exercise.reference)(*args, **values)


def written_down(value: Any) -> Any:
    """An answer as literals: arrays as nested lists, seven digits, None as it is."""
    if value is None:
        return None
    array = np.asarray(value)
    if array.dtype.kind != "f":
        return array.tolist()
    digits = np.array([float(f"{entry:.{DIGITS}g}") for entry in array.reshape(-1)]).reshape(array.shape)
    return digits.tolist()


def main() -> None:
    """Write the file."""
    found = {
        f"{exercise.name}: {of.name}": tuple(written_down(part) for part in right_answer(exercise, of))
        for exercise in exercises_of("ps6").values()
        if isinstance(exercise.public, Function)
        for of in exercise.public.stored
    }
    text = HEADER + pprint.pformat(found, width=118, compact=True, sort_dicts=False) + "\n"
    Path(module_of("ps6", "public", "_answers").__file__).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
