"""Makes the example cohort's notebooks from the released notebooks and the solutions: ``python -m tests.cohort.make``.

A student is a function from an assignment's material to a file. The notebooks are committed, because `make grade`
grades them in a fresh clone; a test makes them anew and compares.
"""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cohort import attacks
from tests.cohort.answers import CRASHING, ENDLESS, FORGED, TYPICAL
from tests.cohort.standing_alone import StandingAlone
from tests.this_course import CATALOGUE

ROOT = Path(__file__).resolve().parents[2]
COHORT = Path(__file__).resolve().parent / "submitted"
ASSIGNMENTS = tuple(TYPICAL)

Notebook = dict[str, Any]


@dataclass(frozen=True)
class Material:
    """One assignment: the notebook as released, and the answers by exercise in the notebook's order."""

    assignment: str
    name: str
    released: Notebook
    answers: Mapping[str, str]

    def notebook(self, answers: Mapping[str, str], own: str = "") -> Notebook:
        """The released notebook with ``answers`` filled in, and a cell of the student's own after the imports."""
        filled = copy.deepcopy(self.released)
        for cell in filled["cells"]:
            if cell["id"] in answers:
                cell["source"] = answers[cell["id"]].splitlines(keepends=True)
        if own:
            place = next(i for i, cell in enumerate(filled["cells"]) if cell["id"] == "given-imports") + 1
            mine = {"cell_type": "code", "execution_count": None, "id": "my-own-cell", "metadata": {}, "outputs": []}
            filled["cells"].insert(place, mine | {"source": own.splitlines(keepends=True)})
        return filled


def material(assignment: str) -> Material:
    """Read one assignment from assignments/ and solutions/."""
    released = next((ROOT / "assignments" / assignment).glob("*.ipynb"))
    solved = json.loads((ROOT / "solutions" / assignment / released.name).read_bytes())
    answers = {}
    for cell in solved["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        if about.get("solution") and cell["cell_type"] == "code":
            lines = "".join(cell["source"]).splitlines(keepends=True)
            answers[cell["id"]] = "".join(line for line in lines if line.strip() not in MARKERS)
    return Material(assignment, released.name, json.loads(released.read_bytes()), answers)


MARKERS = ("### BEGIN SOLUTION", "### END SOLUTION")


def as_file(notebook: Notebook) -> bytes:
    """A notebook as its bytes."""
    return (json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def ada(given: Material) -> bytes:
    """Everything right, and an essay."""
    notebook = given.notebook(given.answers)
    for cell in notebook["cells"]:
        if cell["id"].startswith("essay-"):
            cell["source"] = ["Softmax and the logarithm cancel: what is left is p - y, which cannot overflow."]
    return as_file(notebook)


def bo(given: Material) -> bytes:
    """Everything right, written differently: the right answers beside the exercises, kept in a cell of helpers."""
    alone = StandingAlone()
    modules = CATALOGUE.modules(given.assignment, "private")
    answers = {
        exercise.name: f"{exercise.name} = {alone.answer(exercise, modules)}\n"
        for exercise in CATALOGUE[given.assignment]
        if exercise.right_answers
    }
    return as_file(given.notebook({**given.answers, **answers}, own=alone.text))


def chen(given: Material) -> bytes:
    """The first half done."""
    names = list(given.answers)
    return as_file(given.notebook({name: given.answers[name] for name in names[: len(names) // 2]}))


def dana(given: Material) -> bytes:
    """As handed out."""
    return as_file(given.released)


def emil(given: Material) -> bytes:
    """Typical mistakes; the other answers are right."""
    return as_file(given.notebook({**given.answers, **TYPICAL[given.assignment]}))


def fatima(given: Material) -> bytes:
    """Some answers end the process; the others are right."""
    return as_file(given.notebook({**given.answers, **CRASHING[given.assignment]}))


def goran(given: Material) -> bytes:
    """One answer never ends; the others are right."""
    return as_file(given.notebook({**given.answers, **ENDLESS[given.assignment]}))


def hana(given: Material) -> bytes:
    """Forged answers, patched libraries, lying objects; the other answers are right."""
    tricks = (attacks.PATCHES, attacks.LIAR, attacks.FRAMES, attacks.FILES, attacks.MESSAGE)
    return as_file(given.notebook({**given.answers, **FORGED[given.assignment]}, own="\n\n".join(tricks)))


def ivan(given: Material) -> bytes:
    """Nothing done, and every point claimed in the notebook's metadata; grade cells doubled and deleted."""
    notebook = given.notebook({}, own=attacks.HOOKS + "\n\n" + attacks.STACK)
    checks = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]
    for cell in checks:
        cell["metadata"]["nbgrader"]["points"] = 1000
        cell["metadata"]["tags"] = ["skip-execution"]
        if cell["cell_type"] == "code":
            output = {"output_type": "execute_result", "execution_count": 1, "metadata": {}}
            cell["outputs"] = [output | {"data": {"text/plain": ["100.0"]}}]
    notebook["cells"].remove(checks[0])
    notebook["cells"].append(copy.deepcopy(checks[1]))
    return as_file(notebook)


def jana(given: Material) -> bytes:
    """A file that was cut off while it was copied."""
    whole = as_file(given.notebook(given.answers))
    return whole[: len(whole) // 2]


STUDENTS: tuple[Callable[[Material], bytes], ...] = (ada, bo, chen, dana, emil, fatima, goran, hana, ivan, jana)


def files() -> Iterator[tuple[Path, bytes]]:
    """Every file of the cohort: its path below ``submitted/`` and its bytes."""
    for assignment in ASSIGNMENTS:
        given = material(assignment)
        for student in STUDENTS:
            yield Path(student.__name__) / assignment / given.name, student(given)


def main() -> None:
    """Write the cohort."""
    for path, data in files():
        target = COHORT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    print(f"{len(STUDENTS)} students, {len(ASSIGNMENTS)} assignments in {COHORT.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    main()
