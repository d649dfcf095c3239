"""A course as an author begins one, in a folder of the test's own: written by `init` and `new`, then changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.problems import Problem
from autograder.authoring.scaffold import assignment_files, course_files, exercise_files, write
from autograder.authoring.verify import check_declarations, check_exercise
from autograder.course.content import Content
from autograder.course.manifest import read_manifest
from autograder.grading.course import Course

ONE = "one"


@dataclass(frozen=True)
class Begun:
    """The course, and what is wrong with it."""

    course: Course

    @classmethod
    def at(cls, folder: Path, *kinds: str, torch: bool = False) -> Begun:
        """A course with one assignment, which has an exercise of each of these kinds: `my_rule_backward`, ..."""
        write(course_files(folder, "mine", ""))
        begun = cls(Course.at(folder))
        write(assignment_files(begun.course, ONE, "", torch=torch))
        for kind in kinds:
            write(exercise_files(begun.course, kind, f"my_{kind}", ONE, 5))
        return begun

    def path(self, half: str, topic: str = "my_rule") -> Path:
        """A file of the assignment."""
        return self.course.solutions / ONE / half / f"{topic}.py"

    def change(self, half: str, old: str, new: str, topic: str = "my_rule") -> int:
        """Put ``new`` for ``old``, which stands in the file once; the number of its line."""
        text = self.path(half, topic).read_text()
        assert text.count(old) == 1
        self.path(half, topic).write_text(text.replace(old, new))
        return text[: text.index(old)].count("\n") + 1

    def change_notebook(self, old: str, new: str) -> None:
        """Put ``new`` for ``old`` everywhere in the notebook's JSON."""
        path = self.course.source(ONE)
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def problems(self) -> list[Problem]:
        """All that is wrong, but for the release."""
        content = Content(self.course.root, read_manifest(self.course.root))
        problems, number = check_declarations(content, ONE)
        return problems + [one for index in range(number) for one in check_exercise(content, ONE, index)]
