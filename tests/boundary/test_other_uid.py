"""Without namespaces, where the grader is root: a box of another user, which can't read the answers or write results.

Each test grades in a mount namespace of its own, where this Python can be read by everyone and a copy of the package
stands in a folder whose answers are closed or, to see the probe refuse, open.
"""

import json
import os
import shutil
from pathlib import Path

import pytest

import autograder
from tests.boundary.as_root import BASE, SITE, in_own_mounts, needs_root

SCRIPT = """
import json, os, sys
import numpy as np
from autograder.boundary import probe
from autograder.boundary.job import Call, Cell, Job, Task
from autograder.boundary.launcher import FreshBox

cells = (Cell("a", "import os, numpy as np\\nuser = os.getuid()\\ndef f(x):\\n    return x + 1"),)
job = Job(cells, (Task("read", "read", names=("user",)), Task("f", calls=(Call("one", (np.ones(2),)),))))
outcome = FreshBox("other-uid").run(job)
attack = probe.attack(lambda job: FreshBox("other-uid", proven=True).run_once(job).outcome)
print(json.dumps({
    "ended": outcome.ended,
    "detail": outcome.detail,
    "user": outcome.replies["read"].returned[0].value if outcome.replies else None,
    "value": outcome.replies["f"].returned[0].value.tolist() if outcome.replies else None,
    "achieved": sorted(attack.achieved),
    "complete": attack.complete,
}))
"""


@pytest.fixture
def package(tmp_path_factory):
    """A copy of this package in a folder that everyone can reach."""
    folder = Path("/var/tmp") / f"other-uid-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(
        Path(autograder.__file__).parent, folder / "autograder", ignore=shutil.ignore_patterns("__pycache__")
    )
    yield folder
    shutil.rmtree(folder)


def graded(package: Path) -> dict[str, object]:
    """What the script finds, in a mount namespace where Python can be read by everyone."""
    needs_root("other-uid")
    environment = {"PYTHONPATH": f"{package}:{SITE}", "SCRIPT": SCRIPT, "PATH": os.environ["PATH"]}
    done = in_own_mounts(f'exec {BASE} -B -c "$SCRIPT"', environment)
    assert done.returncode == 0, done.stderr
    result: dict[str, object] = json.loads(done.stdout)
    return result


def test_a_box_of_another_user_answers_and_cannot_reach_the_answers(package):
    for room in ("engine", "course", "judging", "grading"):
        (package / "autograder" / room).chmod(0o700)

    result = graded(package)

    assert (result["ended"], result["value"]) == ("finished", [2.0, 2.0]), result
    assert result["user"] > 60_000
    assert result["complete"]
    assert not {"reads the reference rules", "writes the results", "signals the grader", "becomes root"} & set(
        result["achieved"]
    )


def test_where_the_answers_can_be_read_the_box_is_refused(package):
    for folder in (package / "autograder").rglob("*"):
        folder.chmod(0o755 if folder.is_dir() else 0o644)

    result = graded(package)

    assert result["ended"] == "refused"
    assert "reads the reference rules" in result["detail"]
