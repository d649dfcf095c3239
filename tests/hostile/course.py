"""A small course to attack: two rules and a prediction in NumPy, two programs in PyTorch.

write(course)          course.toml, solutions/ and assignments/
RULES.answered({...})  a student's notebook: right answers, but for those given
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass

from autograder.course.content import PRIVATE, PUBLIC
from autograder.course.manifest import FILE
from autograder.grading.course import Course
from tests.grading import notebooks as made
from tests.grading.notebooks import Json
from tests.this_course import COURSE

STUB = 'raise NotImplementedError("your answer here")'
ESSAY = "Why is the chain rule read backwards?"


@dataclass(frozen=True)
class Assignment:
    """One assignment: right answers and points by exercise, and which assignment declares these exercises."""

    name: str
    notebook: str
    imports: str
    declared_in: str
    answers: Mapping[str, str]
    points: Mapping[str, int]
    torch: bool = False

    def json(self, sources: Mapping[str, str]) -> Json:
        """A notebook with these sources in its answer cells."""
        cells = [made.given("given-imports", self.imports), made.cell("markdown", "text-opening", "# Attack this")]
        for name in self.answers:
            cells += made.exercise(name, sources[name], self._check(name), self.points[name])
        return made.notebook(*cells, made.essay("essay-why", ESSAY))

    def answered(self, sources: Mapping[str, str]) -> Json:
        """A student's notebook: right answers, but for those given."""
        return self.json({**self.answers, **sources})

    @property
    def file(self) -> str:
        """The name of the notebook's file."""
        return f"{self.notebook}.ipynb"

    def skeleton(self, name: str) -> str:
        """What students get to fill in."""
        lines = self.answers[name].splitlines()
        if self._is_rule(name):
            return f"{lines[0]}\n    {STUB}"
        return "\n".join(f"{line.split(' = ')[0]} = ..." for line in lines)

    def solution(self, name: str) -> str:
        """What the instructor wrote."""
        head, body = self.answers[name].split("\n", 1) if self._is_rule(name) else ("", self.answers[name])
        return f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION" if head else body

    def _is_rule(self, name: str) -> bool:
        return self.answers[name].startswith("def ")

    def _check(self, name: str) -> str:
        if self._is_rule(name):
            return f"check({name})"
        variables = [line.split(" = ")[0] for line in self.answers[name].splitlines()]
        return f'check("{name}", {", ".join(f"{one}={one}" for one in variables)})'


RULES = Assignment(
    name="rules",
    notebook="rules",
    imports="import math\nimport numpy as np\nfrom kit import check",
    declared_in="ps2-vector-jacobian-products",
    answers={
        "exp_backward": "def exp_backward(grad_output, output, x):\n    return grad_output * output",
        "sin_backward": "def sin_backward(grad_output, output, x):\n    return grad_output * np.cos(x)",
        "multiplications": "reverse_multiplications = 50 * 100 + 100 * 300 + 300 * 200\n"
        "forward_multiplications = 100 * 300 * 200 + 50 * 100 * 200 + 50 * 200",
    },
    points={"exp_backward": 4, "sin_backward": 3, "multiplications": 2},
)

PROGRAMS = Assignment(
    name="programs",
    notebook="programs",
    imports="import numpy as np\nimport torch\nfrom torch import nn\nfrom kit import check",
    declared_in="ps6-common-mistakes",
    answers={
        "to_columns": "def to_columns(x):\n    return x.t()",
        "evaluate": """def evaluate(model, x):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            return model(x)
    finally:
        for module, training in modes.items():
            module.training = training""",
    },
    points={"to_columns": 2, "evaluate": 3},
    torch=True,
)

ASSIGNMENTS: Mapping[str, Assignment] = {one.name: one for one in (RULES, PROGRAMS)}


def write(course: Course) -> None:
    """What instructors wrote and what students got: content borrowed from assignments of this repository."""
    lines = ['id = "attacked"']
    for one in ASSIGNMENTS.values():
        borrowed = COURSE.content.folder(one.declared_in)
        for half in (PUBLIC, PRIVATE):
            left_out = shutil.ignore_patterns("__pycache__")
            shutil.copytree(borrowed / half, course.solutions / one.name / half, ignore=left_out)
        dropped = [other.name for other in COURSE.content[one.declared_in] if other.name not in one.answers]
        lines += ["[[assignment]]", f'name = "{one.name}"', f"torch = {str(one.torch).lower()}", f"drop = {dropped!r}"]
    (course.root / FILE).write_text("\n".join(lines) + "\n")
    for one in ASSIGNMENTS.values():
        made.write(course.solutions / one.name / one.file, one.json({name: one.solution(name) for name in one.answers}))
        made.write(course.assignments / one.name / one.file, one.json({n: one.skeleton(n) for n in one.answers}))
