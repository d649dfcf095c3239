"""The answers to public cases that are generated: written to ``public/_answers.json``, and what is stale in it.

They come from the references, through the same adapters as a student's answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograder.course.content import PUBLIC, Content
from autograder.course.declare import Exercise
from autograder.kit import calling
from autograder.kit.adapters import adapted
from autograder.kit.declare import Function, Stored
from autograder.kit.stored import FILE

DIGITS, SINGLE_DIGITS = 13, 7
SINGLE = 1e-5
"""From this tolerance on the answer comes from single precision, and holds no more digits than that has."""


def right_answer(exercise: Exercise, of: Stored) -> Any:
    """What the reference gives for a public case, drawn as the notebook draws it."""
    public = exercise.public
    assert isinstance(public, Function)
    assert exercise.reference is not None
    if exercise.prepare is not None:
        exercise.prepare()
    rng = calling.generator(public.name, of.name)
    values = {name: calling.built(value, rng, lists_are_arrays=True) for name, value in of.inputs.items()}
    args = [values.pop(name) for name in public.arguments]
    with np.errstate(all="ignore"):
        return adapted(public.adapter, exercise.reference)(*args, **values)


def written_down(value: Any, tolerance: float) -> Any:
    """An answer as JSON: arrays as nested lists, rounded, None as it is; several results are a list of them."""
    if isinstance(value, (tuple, list)):
        return [written_down(part, tolerance) for part in value]
    if isinstance(value, Mapping):
        return {name: written_down(part, tolerance) for name, part in value.items()}
    if value is None or isinstance(value, (str, bool)):
        return value
    array = np.asarray(value)
    if array.dtype.kind != "f":
        return array.tolist()
    digits = SINGLE_DIGITS if tolerance >= SINGLE else DIGITS
    return np.array([float(f"{entry:.{digits}g}") for entry in array.reshape(-1)]).reshape(array.shape).tolist()


def generated_answers(content: Content, assignment: str) -> dict[str, dict[str, Any]]:
    """Exercise to case to answer, for every public case that asks for a generated one."""
    found: dict[str, dict[str, Any]] = {}
    for exercise in content[assignment]:
        for of in exercise.public.stored if isinstance(exercise.public, Function) else ():
            if of.generated:
                answer = written_down(right_answer(exercise, of), of.tolerance)
                found.setdefault(exercise.name, {})[of.name] = answer
    return found


def answers_file(content: Content, assignment: str) -> Path:
    """Where the generated answers of an assignment lie, if it has any."""
    return content.folder(assignment) / PUBLIC / FILE


def write_stored_answers(content: Content, assignment: str) -> Path | None:
    """Write the generated answers of an assignment; None, and no file, for one that asks for none.

    What was loaded before still holds the old answers: load the course anew to use the new ones.
    """
    path, found = answers_file(content, assignment), generated_answers(content, assignment)
    if not found:
        path.unlink(missing_ok=True)
        return None
    lines = (
        f" {json.dumps(name)}: {{\n"
        + ",\n".join(f"  {json.dumps(case)}: {json.dumps(answer)}" for case, answer in cases.items())
        + "\n }"
        for name, cases in found.items()
    )
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    return path


def stale_answers(content: Content, assignment: str) -> list[str]:
    """A sentence for every generated answer that is missing, is not the reference's, or that no case asks for."""
    return list(_stale(content, assignment))


def _stale(content: Content, assignment: str) -> Iterator[str]:
    path, found = answers_file(content, assignment), generated_answers(content, assignment)
    there: Mapping[str, Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    again = "Run `autograder verify --write`."
    stored = {
        (exercise.name, of.name): of
        for exercise in content[assignment]
        if isinstance(exercise.public, Function)
        for of in exercise.public.stored
        if of.generated
    }
    for (name, case), of in stored.items():
        if case not in there.get(name, {}):
            yield f"{path}: {name} has no answer to the public case {case!r}. {again}"
        elif not _same(there[name][case], found[name][case], of.tolerance):
            yield f"{path}: the answer of {name} to the public case {case!r} is not the reference's. {again}"
    for name, cases in there.items():
        for case in cases:
            if (name, case) not in stored:
                yield f"{path}: no public case of {name} is called {case!r}. {again}"


def _same(one: Any, other: Any, tolerance: float) -> bool:
    """Whether two written answers are the same, but for what a machine's arithmetic may differ in."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(part, other[name], tolerance) for name, part in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other, [tolerance] * len(one)))
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return bool(np.isclose(one, other, rtol=tolerance / 4, atol=tolerance / 10, equal_nan=True))
    return bool(one == other)
