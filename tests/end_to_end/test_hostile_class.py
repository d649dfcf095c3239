"""A class of 60 honest submissions and 6 hostile ones, as root and as another user: everybody honest as if alone."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

import autograder
from autograder.bridges.nbgrader.register import register
from autograder.grading.course import Course
from tests.boundary.as_root import BASE, SITE, in_own_mounts, needs_root

ASSIGNMENT, FILE = "ps2-vector-jacobian-products", "vector-jacobian-products.ipynb"
ROOT = Path(__file__).resolve().parents[2]
HONEST = 60
NOBODY = 65_534

HOSTILE_ANSWERS = {
    "sleeps-in-answers": "import time; time.sleep(3600)",
    "returns-huge-numbers": "return 3 ** 70_000, [3 ** 70_000] * 1000",
    "small-types-that-grow": "import numpy; v = numpy.ones(31_000_000, dtype=numpy.int8); return v, v",
    "floods": "import os\n    for number in range(3, 64):\n        try:\n            [os.write(number, b'x' * 65536) "
    "for _ in range(100)]\n        except OSError:\n            pass",
}
HOSTILE_CELLS = {
    "sleeps-in-a-cell": "import time\ntime.sleep(3600)",
    "marks-devices": """
import fcntl, os, stat
held = []
for path in ("/dev/null", "/dev/zero", "/dev/urandom", os.__file__, "/"):
    held.append(os.open(path, os.O_RDONLY))
    for act in (
        lambda: os.chmod(path, stat.S_IMODE(os.stat(path).st_mode)),
        lambda: os.utime(path),
        lambda: os.fchmod(held[-1], stat.S_IMODE(os.stat(path).st_mode)),
        lambda: fcntl.flock(held[-1], fcntl.LOCK_EX | fcntl.LOCK_NB),
    ):
        try:
            act()
        except OSError:
            pass
""",
}

SCRIPT = """
import json, os, resource
from dataclasses import replace
from pathlib import Path
from autograder.boundary.limits import NUMPY, Allowance
from autograder.boundary.warm import WarmBox
from autograder.grading.course import Course
from autograder.grading.plan import open_plan
from autograder.grading.run import Settings, run

course, name = Course.at(Path(os.environ["COURSE"])), os.environ["ASSIGNMENT"]
plan = open_plan(course, name)
box = WarmBox(replace(NUMPY, glance_wall=1.0))
allowances = {"allowance": Allowance(waiting=12.0), "again": Allowance(waiting=6.0, waits=2)}
summary = run(course, {name: plan}, Settings(box, "namespaces", workers=2, **allowances))
box.close()
print(json.dumps({
    "user": os.geteuid(),
    "scores": {total.student: total.score for total in summary.totals[name]},
    "graded": len(summary.graded), "internal": summary.internal, "failed": [one.reason for one in summary.failed],
    "largest": max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)),
}))
"""


def solved():
    """The released notebook with every exercise right."""
    source = json.loads((ROOT / "solutions" / ASSIGNMENT / FILE).read_text())
    right = {cell["id"]: "".join(cell["source"]) for cell in source["cells"]}
    notebook = json.loads((ROOT / "assignments" / ASSIGNMENT / FILE).read_text())
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = re.sub(r"^[ \t]*### (BEGIN|END) SOLUTION[^\n]*\n?", "", right[cell["id"]], flags=re.M)
    return notebook


def bent(name):
    notebook = solved()
    if name in HOSTILE_CELLS:
        cell = {"cell_type": "code", "id": "mine", "metadata": {}, "source": HOSTILE_CELLS[name], "outputs": []}
        notebook["cells"].insert(0, {**cell, "execution_count": None})
        return notebook
    for cell in notebook["cells"]:
        if cell["id"] in ("add_backward", "mul_backward"):
            head = re.search(r"^def .*?:$", cell["source"], re.M).group()
            cell["source"] = f"{head}\n    {HOSTILE_ANSWERS[name]}\n"
    return notebook


@pytest.fixture
def course():
    """A course that everybody can reach, with the class in it."""
    folder = Path("/var/tmp") / f"hostile-class-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(Path(autograder.__file__).parent, folder / "package" / "autograder")
    made = Course.at(folder / "course")
    made.root.mkdir()
    shutil.copy(ROOT / "course.toml", made.root)
    for kind in ("assignments", "solutions"):
        shutil.copytree(ROOT / kind / ASSIGNMENT, made.root / kind / ASSIGNMENT)
    handed_in = {f"honest-{number:02d}": solved() for number in range(HONEST)}
    handed_in |= {name: bent(name) for name in (*HOSTILE_ANSWERS, *HOSTILE_CELLS)}
    for student, notebook in handed_in.items():
        place = made.submitted / student / ASSIGNMENT / FILE
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(notebook))
    register(made, ASSIGNMENT)
    yield made
    shutil.rmtree(folder)


def marks():
    places = ("/dev/null", "/dev/zero", "/dev/urandom", os.__file__)
    return [(found.st_mode, found.st_uid, found.st_gid) for found in map(os.stat, places)]


@pytest.mark.slow
@pytest.mark.parametrize("user", [0, NOBODY])
def test_everybody_honest_is_graded_as_if_alone_and_the_machine_is_as_before(course, user):
    needs_root("a class as root and as another user")
    before = marks()
    for path in (course.root, *course.root.rglob("*")):
        os.chown(path, user, user)
    package = course.root.parent / "package"
    environment = {
        "PYTHONPATH": f"{package}:{SITE}", "SCRIPT": SCRIPT, "PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1",
        "COURSE": str(course.root), "ASSIGNMENT": ASSIGNMENT, "HOME": str(course.root),
    }  # fmt: skip

    become = f"setpriv --reuid {user} --regid {user} --clear-groups"
    done = in_own_mounts(f'exec {become} {BASE} -B -c "$SCRIPT"', environment)

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    honest = {score for student, score in found["scores"].items() if student.startswith("honest")}
    hostile = {student: score for student, score in found["scores"].items() if not student.startswith("honest")}
    assert (found["user"], found["graded"], found["internal"], found["failed"]) == (user, HONEST + 6, [], [])
    assert len(honest) == 1
    assert honest == {max(found["scores"].values())} == {hostile["marks-devices"]}
    assert all(0 < score < max(honest) for student, score in hostile.items() if student in HOSTILE_ANSWERS)
    assert found["largest"] < 1024 * 1024  # kilobytes
    assert marks() == before
