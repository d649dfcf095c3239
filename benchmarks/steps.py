"""The steps of the throughput benchmark: each makes what it needs in an empty folder, measures, checks the results."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import measure
from benchmarks.cohort import Student, a_class, all_right, hand_in
from benchmarks.machine import ROOT
from benchmarks.stock import Form, StockCourse
from tests.cohort.make import Material, as_file, material

PYTHON = sys.executable
SECRET = "5eed" * 16
"""The course secret of every course that is measured: the same inputs each time."""

HOUR = 3600.0
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
Entry = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One measurement. ``key`` is part/assignment/what/.../repeat; ``take(folder)`` makes and measures it."""

    key: str
    take: Callable[[Path], Entry]

    @property
    def part(self) -> str:
        """The part of the benchmark that it belongs to."""
        return self.key.partition("/")[0]


class CheckError(AssertionError):
    """What was measured gave wrong results."""


def environment(folder: Path) -> dict[str, str]:
    """What every measured command finds: this interpreter's scripts first, and a home of its own without settings."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    scripts = str(Path(PYTHON).parent)
    path = os.pathsep.join([scripts, "/usr/local/bin", "/usr/bin", "/bin"])
    return {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8", "TMPDIR": str(folder)}


def command(folder: Path, *words: str | Path, cwd: Path, more: Mapping[str, str] | None = None) -> measure.Cost:
    """Run and measure; what is printed goes into a log of the folder."""
    found = environment(folder) | dict(more or {})
    return measure.run(words, cwd=cwd, environment=found, log=folder / "log", timeout=HOUR)


def course(root: Path) -> None:
    """A course like this repository, with a secret that is the same each time and without submissions."""
    root.mkdir(parents=True)
    for name in ("assignments", "requirements", "solutions"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "nbgrader_config.py", root)
    secret = root / ".course-secret"
    secret.touch(mode=0o600)
    secret.write_text(f"{SECRET}\n", encoding="ascii")
    (root / "submitted").mkdir()


def graded(folder: Path, assignment: str, kind: str, size: int) -> Entry:
    """Ours, complete: the command line on a class that was never graded before."""
    given, root = material(assignment), folder / "course"
    course(root)
    students = hand_in(given, _students(given, kind, size), root / "submitted")
    words = (PYTHON, "-I", "-m", "autograder", "grade", "--assignment", assignment, "--force")
    cost = command(folder, *words, cwd=root)
    records = {path.stem: json.loads(path.read_bytes()) for path in root.glob(f"reports/{assignment}/students/*.json")}
    passed = {
        name: all(entry["status"] == "passed" for entry in record["exercises"]) for name, record in records.items()
    }
    _check({student.name: student.right for student in students}, passed)
    for made in (f"autograded/*/{assignment}/{given.name}", f"feedback/*/{assignment}/*.html"):
        if len(list(root.glob(made))) != size:
            raise CheckError(f"{made}: not one for each of {size} submissions")
    isolation = next(iter(records.values())).get("isolation", "")
    return {"size": size, "cost": cost.plain(), "right": sum(passed.values()), "isolation": isolation}


def stock(folder: Path, assignment: str, form: Form, size: int) -> Entry:
    """Stock nbgrader: autograde and generate_feedback on the same class, and once more on one submission alone."""
    given, root = material(assignment), folder / "stock"
    made = StockCourse(root, given, form)
    made.write()
    nbgrader = Path(PYTHON).with_name("nbgrader")

    def run(*words: str) -> measure.Cost:
        return command(folder, nbgrader, *words, cwd=root, more=made.environment)

    run("generate_assignment", assignment)
    students = list(_students(given, "class", size))
    made.hand_in(students)
    costs = {name: run(name, assignment).plain() for name in ("autograde", "generate_feedback")}
    caught = _stock_caught(students, made.full_marks())
    if len(list(root.glob(f"feedback/*/{assignment}/*.html"))) != size:
        raise CheckError("not one feedback page for each submission")
    again = (assignment, f"--student={students[0].name}", "--force")
    alone = {name: run(name, *again).plain() for name in ("autograde", "generate_feedback")}
    return {"size": size, "costs": costs, "alone": alone, "caught": caught}


def verdicts(folder: Path, assignment: str, gradings: int) -> Entry:
    """Verdicts alone, everything right: the cost of ``gradings`` more of them in one process."""
    root = folder / "course"
    course(root)
    hand_in(material(assignment), all_right(material(assignment), 1), root / "submitted")
    words = (PYTHON, "-m", "benchmarks.inside", "verdicts", "--root", root, "--assignment", assignment)
    return _more_of(folder, gradings, *words)


def floor(folder: Path, assignment: str, gradings: int) -> Entry:
    """The same cells and calls in a bare forked interpreter."""
    return _more_of(folder, gradings, *_floor(folder, assignment))


def _floor(folder: Path, assignment: str) -> tuple[str | Path, ...]:
    """The command that is the floor, with what it needs made."""
    root, file = folder / "course", folder / "questions"
    course(root)
    hand_in(material(assignment), all_right(material(assignment), 1), root / "submitted")
    inside = (PYTHON, "-m", "benchmarks.inside")
    command(folder, *inside, "prepare", "--root", root, "--assignment", assignment, "--file", file, cwd=ROOT)
    return (*inside, "floor", "--file", file)


def _more_of(folder: Path, gradings: int, *words: str | Path) -> Entry:
    """One submission graded once, and ``gradings`` times more: the difference is free of all that is done once."""
    few = command(folder, *words, "--rounds", "1", cwd=ROOT, more=ONE_THREAD)
    many = command(folder, *words, "--rounds", str(1 + gradings), cwd=ROOT, more=ONE_THREAD)
    return {"gradings": gradings, "few": few.plain(), "many": many.plain()}


def stages(folder: Path, assignment: str, size: int) -> Entry:
    """The pipeline in one process with a stopwatch around its stages."""
    root, file = folder / "course", folder / "stages.json"
    course(root)
    hand_in(material(assignment), a_class(material(assignment), size), root / "submitted")
    words = (PYTHON, "-m", "benchmarks.inside", "stages", "--root", root, "--assignment", assignment, "--file", file)
    cost = command(folder, *words, cwd=ROOT)
    found: Entry = json.loads(file.read_bytes())
    return found | {"cost": cost.plain()}


def latency(folder: Path, assignment: str, times: int) -> Entry:
    """One notebook by a new process of each command, and `import torch`, in turns. Raises CheckError for a wrong score.

    The first turn of each command works out and keeps the right answers; it is measured on its own.
    """
    given, root, notebook = material(assignment), folder / "course", folder / "one" / material(assignment).name
    course(root)
    notebook.parent.mkdir()
    notebook.write_bytes(as_file(given.notebook(given.answers)))
    ours = (PYTHON, "-I", "-m", "autograder")
    commands: dict[str, tuple[str | Path, ...]] = {
        "check": (*ours, "check", notebook, "--assignment", assignment),
        "ci": (*ours, "ci", notebook, "--assignment", assignment, "--no-github"),
        "import torch": (PYTHON, "-c", "import torch"),
    }
    first = {"check, first run": [command(folder, *commands["check"], cwd=root).plain()]}
    lists: dict[str, list[Entry]] = {what: [] for what in commands}
    for _ in range(times):
        for what, words in commands.items():  # ci's exit code says that everything is right
            lists[what].append(command(folder, *words, cwd=root).plain())
    return {"turns": lists | first}


def engine(folder: Path) -> Entry:
    """The engine's own benchmark; its table as it prints it."""
    done = subprocess.run(
        [PYTHON, "-m", "benchmarks.engine"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=HOUR
    )
    if done.returncode:
        raise CheckError(f"benchmarks.engine: exit code {done.returncode}\n{done.stderr[-2000:]}")
    return {"table": done.stdout}


def _students(given: Material, kind: str, size: int) -> Any:
    return a_class(given, size) if kind == "class" else all_right(given, size)


def _check(right: Mapping[str, bool], found: Mapping[str, bool]) -> None:
    """Every right submission has full marks, and no other."""
    if right != found:
        names = sorted(name for name in right.keys() | found.keys() if right.get(name) != found.get(name))
        raise CheckError(f"marks are not what they must be for {', '.join(names[:10])} ({len(names)} of {len(right)})")


def _stock_caught(students: list[Student], full_marks: Mapping[str, bool]) -> tuple[int, int]:
    """How many of the submissions that are not right do not have full marks; every right one must have them.

    A few get away with it: hidden tests as instructors write them do not see, for one, that an input was changed.
    """
    right = [student.name for student in students if student.right]
    wrong = [student.name for student in students if not student.right]
    _check(dict.fromkeys(right, True), {name: full_marks.get(name, False) for name in right})
    missed = [name for name in wrong if full_marks.get(name, True)]
    if len(missed) > len(wrong) / 4:
        raise CheckError(f"the hidden tests miss {len(missed)} of {len(wrong)} submissions that are not right")
    return len(wrong) - len(missed), len(wrong)


__all__ = ["CheckError", "Step", "Student", "engine", "floor", "graded", "latency", "stages", "stock", "verdicts"]
