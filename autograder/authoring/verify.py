"""The proof of one assignment, but for its release: every problem at once, each with file, line and next step."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from autograder.authoring.answers import check_cases, check_mistakes, check_nearly_right, check_right_answers
from autograder.authoring.authorities import check_authorities
from autograder.authoring.imports import check_imports
from autograder.authoring.notebooks import check_notebooks
from autograder.authoring.problems import Places, Problem, found_in
from autograder.authoring.stored import stale_answers
from autograder.course.content import Content
from autograder.course.declare import Exercise, Expected
from autograder.errors import UsageError

SEED = 0


def check_declarations(content: Content, assignment: str) -> tuple[list[Problem], int]:
    """What can be said without running an exercise, and how many exercises there are to run."""
    problems = list(check_imports(content.root, assignment))
    places = Places(content, assignment)
    try:
        number = len(content[assignment])
    except UsageError as error:
        said = [problem for problem in problems if problem.where in str(error)]  # a file that is not Python
        return problems if said else [*problems, Problem(f"solutions/{assignment}", str(error))], 0
    problems += check_notebooks(places)
    with found_in(problems, places, f"solutions/{assignment}", "working out the stored answers"):
        for stale in stale_answers(content, assignment):
            where, _, wrong = stale.partition(": ")
            problems.append(Problem(places.shown(where), wrong))
    return problems, number


def check_exercise(content: Content, assignment: str, index: int, *, seed: int = SEED) -> list[Problem]:
    """Everything that is wrong with one exercise, found by running it."""
    exercise = content[assignment][index]
    places = Places(content, assignment)
    where = places.exercise(exercise.name)
    problems: list[Problem] = []
    if exercise.prepare is not None:
        exercise.prepare()
    with found_in(problems, places, where, f"{exercise.name}: reading its cases"):
        problems += check_cases(places, exercise)
    with found_in(problems, places, where, f"{exercise.name}: comparing it with PyTorch"):
        problems += check_authorities(places, exercise, seed)
    with found_in(problems, places, where, f"{exercise.name}: working out what is right"):
        expected = exercise.expect(seed=seed)
        for check in (check_mistakes, check_right_answers, check_nearly_right):
            problems += _found(check, places, exercise, expected)
    return list(dict.fromkeys(problems))


def _found(
    check: Callable[[Places, Exercise, Expected], Iterator[Problem]],
    places: Places,
    exercise: Exercise,
    expected: Expected,
) -> list[Problem]:
    problems: list[Problem] = []
    doing = f"{exercise.name}: {check.__name__.removeprefix('check_').replace('_', ' ')}"
    with found_in(problems, places, places.exercise(exercise.name), doing):
        for problem in check(places, exercise, expected):
            problems.append(problem)  # noqa: PERF402 - what was found before something raised is kept
    return problems
