"""A small course, a box that does what comments in the answers say, and runs in processes that can be killed.

new_course(folder, students)     a course of two exercises and an essay, registered, with these notebooks handed in
plan_of(course)                  its plan
ScriptedBox(plan)                right answers, but: `# wrong`, `# sleep`, `# lost` (its process), `# fault` (it raises)
graded(course)                   a run in this process
Stable()                         runs in processes of their own, forked off one that has the imports done
state(course)                    gradebook and files, comparable: no random keys, no moments
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.boundary.job import Call, Job, Outcome, Reply, Returned
from autograder.boundary.launcher import FreshBox
from autograder.boundary.limits import Limits
from autograder.course.declare import Exercise, answer_with
from autograder.errors import StorageError
from autograder.grading import _files, workers
from autograder.grading import run as running
from autograder.grading._files import UNFINISHED
from autograder.grading.course import Course
from autograder.grading.gradebook import Ledger
from autograder.grading.hold import hold
from autograder.grading.plan import Plan
from autograder.grading.release import load_release
from autograder.grading.run import Settings, Summary, run
from tests.grading.notebooks import Json, essay, exercise, given, notebook, write
from tests.judging.test_judge import SCALE
from tests.this_course import write_manifest

ASSIGNMENT, NOTEBOOK = "tiny-rules", "rules"
ROOT = Path(__file__).resolve().parents[2]
OTHER = Exercise(
    public=SCALE.public.__class__(
        name="other_backward", statement="the same again", forward=SCALE.public.forward, oracle=SCALE.public.oracle,
        cases=SCALE.public.cases,
    ),
    op=SCALE.op,
    cases=SCALE.cases,
)  # fmt: skip
EXERCISES = {SCALE.name: SCALE, OTHER.name: OTHER}
STUB = "def {}(grad_output, output, a, b):\n    raise NotImplementedError"


def release_json() -> Json:
    """The released notebook."""
    cells = [cell for name in EXERCISES for cell in exercise(name, STUB.format(name), points=4)]
    return notebook(given("given-imports", "import numpy as np"), *cells, essay("essay-why", "Why?"))


def answer(name: str, remark: str = "") -> str:
    """An answer with a comment that the box understands."""
    return f"def {name}(grad_output, output, a, b):\n    return grad_output * b, grad_output * a  {remark}"


def submission(number: int) -> Json | str:
    """What one student hands in: right, half right, wrong, blank or broken, in turn."""
    made = release_json()
    remarks = [("", ""), ("", "# wrong"), ("# wrong", "# wrong"), None, "{"][number % 5]
    if remarks is None:
        return made
    if isinstance(remarks, str):
        return remarks
    for cell in made["cells"]:
        if cell["id"] in EXERCISES:
            cell["source"] = answer(cell["id"], remarks[list(EXERCISES).index(cell["id"])])
    made["cells"][-1]["source"] = f"Because. Student {number}."
    return made


def new_course(folder: Path, students: int, made: Callable[[int], Json | str] = submission, *, url: str = "") -> Course:
    """A registered course in which so many students handed in what ``made`` says; its gradebook may be elsewhere."""
    from autograder.bridges.nbgrader.register import register

    course = replace(Course.at(folder), db_url=url)
    write_manifest(course.root, ASSIGNMENT)
    write(course.assignments / ASSIGNMENT / f"{NOTEBOOK}.ipynb", release_json())
    course.submitted.mkdir()
    for number in range(students):
        hand_in(course, f"s{number:04d}", made(number))
    register(course, ASSIGNMENT)
    return course


def hand_in(course: Course, student: str, made: Json | str, when: str = "2030-01-02 03:04:05.000000 UTC") -> Path:
    """One student's notebook, and when it was handed in."""
    path = write(course.submitted / student / ASSIGNMENT / f"{NOTEBOOK}.ipynb", made)
    path.with_name("timestamp.txt").write_text(when.replace("2030", "2020") + "\n")
    return path


def copy_of(course: Course, folder: Path) -> Course:
    """The same course somewhere else."""
    return Course.at(shutil.copytree(course.root, folder))


def plan_of(course: Course) -> Plan:
    """What the run must know of the assignment."""
    release = load_release(course.assignments / ASSIGNMENT / f"{NOTEBOOK}.ipynb")
    expected = {name: one.expect(seed=0) for name, one in EXERCISES.items()}
    return Plan(release, EXERCISES, expected, f"seed0000.{release.digest[:12]}")


@dataclass
class ScriptedBox:
    """A box in the grader's own process, that answers from the expected values. It counts its runs in ``seen``."""

    plan: Plan
    delay: float = 0.0
    seen: int = 0
    lost: Path | None = None
    """There from the first time that `# lost` took the process down; then it does so no more."""
    closed: Path | None = None
    """Where each process that closes it puts its id."""
    others_done: Callable[[], bool] = lambda: True
    """What `# last` waits for."""

    def run(self, job: Job) -> Outcome:
        """What the comments say."""
        self.seen += 1
        time.sleep(self.delay)
        written = {cell.id: cell.source for cell in job.cells}
        if any("# fault" in source for source in written.values()):
            raise RuntimeError("our own code failed")
        if any("# lost" in source for source in written.values()) and not (self.lost and self.lost.exists()):
            if self.lost:
                self.lost.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if any("# sleep" in source for source in written.values()):
            time.sleep(60)
        if any("# gone when idle" in source for source in written.values()):
            threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGKILL)).start()
        if any("# last" in source for source in written.values()):
            wait_until(self.others_done)
        replies = {}
        for task in job.tasks:
            returned = tuple(self._one(task.exercise, call, written[task.exercise]) for call in task.calls)
            replies[task.exercise] = Reply(task.exercise, returned, True)
        return Outcome(replies=replies)

    def close(self) -> None:
        """Leave a note."""
        if self.closed:
            with self.closed.open("a") as file:
                print(os.getpid(), file=file)

    def _one(self, name: str, call: Call, source: str) -> Returned:
        if "# wrong" in source:
            return Returned(call.case, value=0.0)
        case = next(case for case in self.plan.expected[name].cases if case.label == call.case)
        return answer_with(lambda *args: case.arrays, case)


def wait_until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for it, but not for ever."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def graded(course: Course, box: Any = None, **settings: Any) -> Summary:
    """One run in this process, or in as many workers as ``settings`` say."""
    plan = plan_of(course)
    return run(course, {ASSIGNMENT: plan}, Settings(box or ScriptedBox(plan), "scripted", **{"workers": 1, **settings}))


def state(course: Course) -> dict[str, Any]:
    """All tables and all files of the results."""
    from tests.bridges.small_course import rows, sql

    done = sql(
        course,
        "SELECT student, assignment, state, digest, version, tier, fingerprint, files, earlier"
        " FROM autograder_completion ORDER BY student",
    )
    bonus = sql(course, "SELECT count(*), sum(bonus), sum(CASE WHEN ours THEN 1 ELSE 0 END) FROM autograder_bonus")
    return {
        "rows": rows(course),
        "completions": [(*row[:7], json.loads(row[7]), json.loads(row[8])) for row in done],
        "bonuses": bonus,
        "files": files(course),
    }


def files(course: Course) -> dict[str, bytes]:
    """Everything that a run writes, by path; half-written files too."""
    found = {}
    for folder in (course.autograded, course.feedback, course.reports):
        found |= {str(path.relative_to(course.results)): path.read_bytes() for path in folder.rglob("*.*")}
    found |= {path.name: b"" for path in course.results.glob(f".*{UNFINISHED}")}
    return found


def whole(course: Course) -> bool:
    """Whether SQLite finds nothing wrong with the gradebook."""
    from tests.bridges.small_course import sql

    return sql(course, "PRAGMA integrity_check") == [("ok",)]


class Stable:
    """A process with the imports done, off which runs are forked: each can be killed, and starts at once."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.grading.small_run"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def start(self, course: Course, **order: Any) -> int:
        """Begin a run and return its process id. ``order`` is as for `_serve_run`."""
        self._tell({"root": str(course.root), **order})
        return int(self._hear()["pid"])

    def wait(self) -> int:
        """How the run ended: its exit code, or minus the signal."""
        self._tell("wait")
        return int(self._hear()["status"])

    def run(self, course: Course, **order: Any) -> int:
        """A whole run; how it ended."""
        self.start(course, **order)
        return self.wait()

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _tell(self, order: Any) -> None:
        assert self._process.stdin is not None
        print(json.dumps(order), file=self._process.stdin, flush=True)

    def _hear(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


@contextmanager
def stable() -> Iterator[Stable]:
    """A stable, closed at the end."""
    made = Stable()
    try:
        yield made
    finally:
        made.close()


def _main() -> None:
    pid = 0
    for line in sys.stdin:
        order = json.loads(line)
        if order == "wait":
            _, status = os.waitpid(pid, 0)
            print(json.dumps({"status": os.waitstatus_to_exitcode(status)}), flush=True)
            continue
        pid = os.fork()
        if not pid:
            sys.stdin.close()
            os.dup2(2, 1)
            _serve_run(**order)
            os._exit(0)
        print(json.dumps({"pid": pid}), flush=True)


def _serve_run(
    root: str,
    workers: int = 2,
    delay: float = 0.0,
    die: str = "",
    nth: int = 1,
    real: int = 0,
    memory: str = "",
    largest: int = 0,
    together: int = 2,
    url: str = "",
) -> None:
    """A run that kills itself where ``die`` says, when it comes there for the ``nth`` time.

    It records ``together`` submissions in each transaction, in the gradebook at ``url`` if it has none of its own.
    With ``real`` it uses real boxes, in whose command line that number is found. The peak memory in kB of the run and
    of its largest worker goes into the file ``memory``. With ``largest`` no file may grow beyond so many bytes; exit
    code 3 says that this was told.
    """
    if largest:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    course = replace(Course.at(root), db_url=url)
    plan = plan_of(course)
    box: Any = FreshBox("namespaces", Limits(tmpfs=real), proven=True) if real else ScriptedBox(plan, delay)
    settings = Settings(box, "scripted", workers=workers)
    progress = _set_trap(die, nth)
    vars(running)["TOGETHER"] = together
    try:
        with hold(course):
            run(course, {ASSIGNMENT: plan}, settings, progress)
    except StorageError as error:
        os._exit(3 if "Make room on the disk" in str(error) else 4)
    if memory:
        peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        Path(memory).write_text(json.dumps(peaks))


def _set_trap(die: str, nth: int) -> Callable[[int, int], None]:
    main = os.getpid()

    def kill(*_: object) -> None:
        nonlocal nth
        nth -= 1
        if not nth:
            os.kill(main, signal.SIGKILL)
            time.sleep(60)  # where a worker killed its parent, it must not get any further by itself

    def before(owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def trapped(*args: Any, **kwargs: Any) -> Any:
            kill()
            return original(*args, **kwargs)

        setattr(owner, name, trapped)

    traps: Mapping[str, Callable[[], None]] = {
        "": lambda: None,
        "while a file is written": lambda: before(_files.os, "fchmod"),
        "before the files are in place": lambda: before(workers, "one"),
        "before the transaction": lambda: before(Ledger, "record"),
        "inside the transaction": lambda: before(Ledger, "_complete"),
        "between transactions": lambda: None,
    }
    traps[die]()
    return kill if die == "between transactions" else lambda done, total: None


if __name__ == "__main__":
    _main()
