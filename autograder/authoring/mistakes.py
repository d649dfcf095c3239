"""Where a known mistake is seen, and what is wrong with those that nothing exposes or tells apart.

Both are found by running the cases, so nobody writes them down, and neither is asked when a declaration is read.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

from autograder.boundary.job import Returned
from autograder.course.declare import Exercise, Expected, ExpectedCase, Mistake
from autograder.judging._judge import changed_in, findings_of
from autograder.judging.diagnosis import same_arrays
from autograder.judging.predictions import same_answer
from autograder.judging.source import normalised
from autograder.kit.declare import Predict

SEED = 0


def seen_in(exercise: Exercise, mistake: Mistake, expected: Expected | None = None) -> str | None:
    """The first kept case, in declared order, that exposes a mistake; None if none does.

    A case exposes it if the judge finds the answer not right, or an argument changed. For a predict exercise it is the
    first variable whose wrong answer differs. ``expected`` is what `Exercise.expect` gives, if it is at hand.
    """
    kept = (expected or exercise.expect(seed=SEED, draws=("kept",))).kept
    answers = {case.label: kept.wrong(mistake, case) for case in kept.cases}
    if isinstance(exercise.public, Predict):
        declared = exercise.public.answers
        return next(
            (
                name
                for name, got in answers.items()
                if not same_answer(declared[name], exercise.answers[name], got.value)
            ),
            None,
        )
    wrong = findings_of(kept, answers)
    return next(
        (
            case.name
            for case in kept.cases
            if wrong[case.label] is not None or changed_in(exercise, case, answers[case.label])
        ),
        None,
    )


def problems_of(exercise: Exercise, file: Path | None = None, expected: Expected | None = None) -> list[str]:
    """A sentence for every known mistake that is none, or that is the same as another; each with file and line.

    ``file`` is the private file of the exercise: mistakes that are no function of their own are looked for there.
    """
    kept = (expected or exercise.expect(seed=SEED, draws=("kept",))).kept
    return [*_names(exercise, file), *_unseen(exercise, kept, file), *_twins(exercise, kept, file)]


def _names(exercise: Exercise, file: Path | None) -> Iterator[str]:
    names = [mistake.name for mistake in exercise.mistakes]
    for mistake in exercise.mistakes:
        told = f"{place_of(mistake, file)}{exercise.name}: the mistake {mistake.name}"
        if names.count(mistake.name) > 1:
            yield f"{told} is declared {names.count(mistake.name)} times. Give each a name of its own."
        if "?" not in mistake.hint:
            yield f"{told} has a hint that asks nothing. Write it as a question."
        if (
            mistake.source
            and callable(mistake.wrong)
            and not re.search(mistake.source, normalised(written(mistake, exercise)))
        ):
            yield f"{told} has a pattern that its own source does not hold. Mend source=..., or the function."


def _unseen(exercise: Exercise, kept: Expected, file: Path | None) -> Iterator[str]:
    for mistake in exercise.mistakes:
        if seen_in(exercise, mistake, kept) is None:
            yield (
                f"{place_of(mistake, file)}{exercise.name}: no case exposes the mistake {mistake.name}. "
                f"Add a hidden case in which it is wrong, or take it out."
            )


def _twins(exercise: Exercise, kept: Expected, file: Path | None) -> Iterator[str]:
    for one, other in combinations(exercise.mistakes, 2):
        alike = all(_same(exercise, case, kept.wrong(one, case), kept.wrong(other, case)) for case in kept.cases)
        if alike and not _told_apart_by_source(exercise, one, other):
            yield (
                f"{place_of(other, file)}{exercise.name}: the mistake {other.name} answers the same as {one.name} "
                f"in every case. Add a case that tells them apart, give both a pattern of the student's source, "
                f"or take one out."
            )


def _same(exercise: Exercise, case: ExpectedCase, one: Returned, other: Returned) -> bool:
    """Whether what came back for a case is no ground to tell two mistakes apart."""
    if isinstance(exercise.public, Predict):
        return same_answer(exercise.public.answers[case.name], one.value, other.value)
    if one.status != other.status or sorted(one.changed) != sorted(other.changed):
        return False
    if one.status != "returned":
        return (one.raised and one.raised.type) == (other.raised and other.raised.type)
    return same_arrays(exercise, case, one.value, other.value)


def _told_apart_by_source(exercise: Exercise, one: Mistake, other: Mistake) -> bool:
    """Whether each is found by its own pattern, and not by the other's."""
    if not one.source or not other.source:
        return False
    mine, theirs = (normalised(written(mistake, exercise)) for mistake in (one, other))
    return not re.search(other.source, mine) and not re.search(one.source, theirs)


def written(mistake: Mistake, exercise: Exercise) -> str:
    """A mistake as a student would have written it, under the exercise's name; empty if it has no text of its own."""
    return text_of(mistake.wrong, exercise.name) if callable(mistake.wrong) else ""


def text_of(function: Callable[..., Any], name: str = "") -> str:
    """A function or class without its decorators, called ``name`` if one is given; empty for what has no text."""
    try:
        text = textwrap.dedent(inspect.getsource(function))
        node = ast.parse(text).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return ""
    if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return text
    bare = "".join(text.splitlines(keepends=True)[node.lineno - 1 :])
    return re.sub(rf"^(def|class) {node.name}\b", rf"\1 {name or node.name}", bare)


def place_of(mistake: Mistake, file: Path | None = None) -> str:
    """``file, line 12: ``: where a mistake is written, by its function or else by its name in ``file``."""
    code = getattr(mistake.wrong, "__code__", None)
    if code is not None and (file is None or Path(code.co_filename) == file):
        return f"{code.co_filename}, line {code.co_firstlineno}: "
    if file is None:
        return ""
    lines = file.read_text(encoding="utf-8").splitlines()
    found = (number for number, line in enumerate(lines, 1) if f'"{mistake.name}"' in line)
    number = next(found, None)
    return f"{file}, line {number}: " if number else f"{file}: "
