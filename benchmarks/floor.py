"""The floor: the same cells and calls in a bare forked interpreter, with nothing of a grader around them.

Imports are done before; then for each submission a fork runs the cells, makes the calls with inputs that it inherited
and writes the answers to a pipe as raw bytes; the parent reads and compares. No walls, no limits, no diagnosis, no
files. It is the plain way to do the work, so it is what the grader's verdicts are measured against. They can cost less:
the grader copies and compares large answers in fewer steps.

Inputs and right answers are worked out in another process and come in a file: a process in which PyTorch has run
cannot be forked from.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pickle
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from autograder.course.declare import fresh
from autograder.grading.intake import Submission
from autograder.grading.plan import Plan
from autograder.kit.declare import Function, Instance, Predict

COUNT = struct.Struct("<q")
NOTHING = -1


@dataclass(frozen=True)
class Question:
    """One exercise: what is called or read, and what must come back."""

    exercise: str
    adapter: str
    several: bool
    instances: tuple[Instance | None, ...]
    expected: tuple[Any, ...]
    scales: tuple[float, ...]
    rtol: float
    floor: float


def prepare(submission: Submission, plan: Plan, file: Path) -> None:
    """Write down what the forked interpreters need. The file is ours alone: it is a pickle."""
    questions = []
    for name, expected in plan.kept.items():
        exercise, public = expected.exercise, expected.exercise.public
        predict = isinstance(public, Predict)
        questions.append(
            Question(
                exercise=name,
                adapter=exercise.adapter,
                several=not isinstance(public, Function) or len(public.results) > 1,
                instances=() if predict else tuple(_plain(case.instance) for case in expected.cases),
                expected=(dict(exercise.answers),) if predict else tuple(case.arrays for case in expected.cases),
                scales=tuple(case.scale for case in expected.cases),
                rtol=exercise.rtol,
                floor=exercise.floor,
            )
        )
    sources = [(cell.id, cell.source) for cell in submission.cells if cell.offers is None]  # no demonstrations
    file.write_bytes(pickle.dumps((plan.torch, sources, questions)))


def _plain(instance: Instance | None) -> Instance | None:
    """Without the case, whose recipes are closures."""
    return instance and Instance(None, instance.args, instance.kwargs, instance.labels)  # type: ignore[arg-type]


def serve(file: Path, rounds: int) -> None:
    """Fork, answer, compare, as many times as asked. Raises AssertionError for a wrong answer."""
    torch, sources, questions = pickle.loads(file.read_bytes())
    _warm_up(torch)
    for _ in range(rounds):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            status = 1
            try:
                with os.fdopen(writing, "wb") as pipe:
                    _answer(sources, questions, pipe)
                status = 0
            finally:
                os._exit(status)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            data = pipe.read()
        _, ended = os.waitpid(child, 0)
        assert ended == 0, "a forked interpreter failed"
        _compare(memoryview(data), questions)


def _warm_up(torch: bool) -> None:
    """All imports, and not one operation."""
    for name in ("numpy.random", "numpy.ma"):
        importlib.import_module(name)
    kit = importlib.import_module("autograder.kit")
    settings: Any = importlib.import_module("autograder.kit._settings")
    settings.quiet = True
    sys.modules["kit"] = kit
    importlib.import_module("autograder.kit.adapters").load_all()
    if torch:
        importlib.import_module("torch").set_num_threads(1)
        importlib.import_module("torch._dynamo")  # what PyTorch would import with the first optimizer
    gc.collect()
    gc.freeze()


def _answer(sources: Sequence[tuple[str, str]], questions: Sequence[Question], pipe: BinaryIO) -> None:
    from autograder.kit.adapters import adapted

    names: dict[str, Any] = {"__name__": "__main__"}
    for cell, source in sources:
        exec(compile(source, cell, "exec"), names)
    with np.errstate(all="ignore"):
        for question in questions:
            if not question.instances:
                text = json.dumps({name: names[name] for name in question.expected[0]}).encode()
                pipe.write(COUNT.pack(len(text)) + text)
                continue
            function = adapted(question.adapter, names[question.exercise])
            for instance in question.instances:
                assert instance is not None
                args, kwargs = (instance.args, instance.kwargs) if _is_data(instance) else fresh(instance)
                value = function(*args, **kwargs)
                several = question.several and isinstance(value, (tuple, list))
                for part in value if several else (value,):
                    _write(part, pipe)


def _is_data(instance: Instance) -> bool:
    """Whether the inputs can be used as they were inherited: arrays and plain values, no functions to be built."""
    return all(isinstance(value, (np.ndarray, float, int, str, bool, type(None))) for _, value in instance.named())


def _write(part: Any, pipe: BinaryIO) -> None:
    if part is None:
        pipe.write(COUNT.pack(NOTHING))
        return
    array = np.asarray(part.detach() if hasattr(part, "detach") else part, dtype=np.float64)
    pipe.write(struct.pack(f"<{array.ndim + 1}q", array.ndim, *array.shape))
    pipe.write(array.tobytes())


def _compare(data: memoryview, questions: Sequence[Question]) -> None:
    place = 0

    def take(count: int) -> memoryview:
        nonlocal place
        place += count
        return data[place - count : place]

    for question in questions:
        if not question.instances:
            (length,) = COUNT.unpack(take(COUNT.size))
            assert json.loads(bytes(take(length))) == json.loads(json.dumps(question.expected[0])), question.exercise
            continue
        for wanted, scale in zip(question.expected, question.scales, strict=True):
            for want in wanted:
                (dimensions,) = COUNT.unpack(take(COUNT.size))
                if dimensions == NOTHING:
                    assert want is None, question.exercise
                    continue
                shape = struct.unpack(f"<{dimensions}q", take(COUNT.size * dimensions))
                got = np.frombuffer(take(8 * int(np.prod(shape))), np.float64).reshape(shape)
                assert shape == want.shape, question.exercise
                near = np.abs(got - want) <= question.floor * scale + question.rtol * np.abs(want)
                if not near.all():
                    near |= (got == want) | (np.isnan(got) & np.isnan(want))
                assert near.all(), question.exercise
    assert place == len(data), "more came back than was asked for"
