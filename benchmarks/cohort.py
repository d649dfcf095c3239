"""Generated classes: what students hand in, the same each time. Files are made from it for ours and for stock nbgrader.

Of every twenty students twelve have everything right (some answers written in another way), six have one to three
mistakes of the bank, two have left the second half blank, one of these with a mistake before.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.course.declare import Exercise
from autograder.kit.declare import Predict
from benchmarks.this_course import CATALOGUE
from benchmarks.written import definition
from tests.cohort.make import Material, as_file, material

MODULES = frozenset({"np", "math", "torch", "F", "nn"})
CYCLE = (0, 0, 1, 0, 0, 2, 0, 0, 3, -1, 0, 0, 1, 0, 2, 0, 3, 0, 0, -2)
"""Mistakes of each student in twenty: 0 is all right, -1 half blank, -2 half blank with a mistake."""


@dataclass(frozen=True)
class Student:
    """One student's answers by exercise; those that are wrong; those that are not there stay as handed out."""

    name: str
    answers: Mapping[str, str]
    wrong: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether every answer is right."""
        return not self.wrong and not self.blank


class Bank:
    """The texts of one assignment: right answers, differently written ones, and known mistakes, by exercise."""

    def __init__(self, given: Material) -> None:
        """Read the known mistakes and the right answers that stand beside the exercises."""
        self.right = given.answers
        self.names = list(given.answers)
        exercises = {exercise.name: exercise for exercise in CATALOGUE[given.assignment]}
        known = MODULES | frozenset(self.names)
        self.variants = {
            name: [
                text
                for function in exercises[name].right_answers
                if (text := definition(function, name, MODULES)) and text.startswith("def ")
            ]
            for name in self.names
        }
        for name in self.names:  # variants of what others call may only fit variants of these others
            if any(f"{name}(" in text for other, text in self.right.items() if other != name):
                self.variants[name] = []
        self.mistakes = {name: _mistakes(exercises[name], known) for name in self.names}
        self.mistaken = [name for name in self.names if self.mistakes[name]]

    def answer(self, name: str, turn: int) -> str:
        """A right answer: the solution two times out of three, else one written in another way."""
        others = self.variants[name]
        return others[turn // 3 % len(others)] if others and turn % 3 == 2 else self.right[name]

    def mistake(self, name: str, turn: int) -> str:
        """A wrong answer."""
        return self.mistakes[name][turn % len(self.mistakes[name])]


@functools.cache
def bank_of(assignment: str) -> Bank:
    """The texts of an assignment, put together once."""
    return Bank(material(assignment))


def _mistakes(exercise: Exercise, known: frozenset[str]) -> list[str]:
    texts = []
    for mistake in exercise.mistakes:
        if isinstance(exercise.public, Predict):
            assert isinstance(mistake.wrong, Mapping)
            values = {**exercise.answers, **mistake.wrong}
            texts.append("".join(f"{name} = {value!r}\n" for name, value in values.items()))
        elif callable(mistake.wrong):
            text = definition(mistake.wrong, exercise.name, known)
            texts += [text] if text else []
    return texts


def a_class(given: Material, size: int) -> Iterator[Student]:
    """The mixture that a real class hands in."""
    bank = bank_of(given.assignment)
    for number in range(size):
        kind = CYCLE[number % len(CYCLE)]
        name = student_name(number)
        blank = tuple(bank.names[len(bank.names) // 2 :]) if kind < 0 else ()
        places = [name for name in bank.mistaken if name not in blank]
        count = min(max(kind, -kind - 1), len(places))
        wrong = tuple(sorted(random.Random(number).sample(places, count)))
        answers = {
            exercise: bank.mistake(exercise, number) if exercise in wrong else bank.answer(exercise, number + place)
            for place, exercise in enumerate(bank.names)
            if exercise not in blank
        }
        yield Student(name, signed(answers, name), wrong, blank)


def all_right(given: Material, size: int) -> Iterator[Student]:
    """Students whose answers are the solutions."""
    for number in range(size):
        name = student_name(number)
        yield Student(name, signed(given.answers, name))


def student_name(number: int) -> str:
    """s0001, s0002, ..."""
    return f"s{number + 1:04d}"


def signed(answers: Mapping[str, str], name: str) -> dict[str, str]:
    """The answers with the student's name in the first of them: no two files are alike."""
    first = next(iter(answers))
    return {**answers, first: f"# {name}\n{answers[first]}"}


def hand_in(given: Material, students: Iterator[Student], submitted: Path) -> list[Student]:
    """Write every student's notebook below ``submitted``, in nbgrader's layout."""
    there = []
    for student in students:
        path = submitted / student.name / given.assignment / given.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_file(given.notebook(student.answers)))
        there.append(student)
    return there
