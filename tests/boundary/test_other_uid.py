"""Without namespaces, where the grader is root: a box of another user, which can't read the answers or write results.

Each test grades in a mount namespace of its own, where this Python can be read by everyone and a copy of the package
stands in a folder whose answers are closed or, to see the probe refuse, open.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import autograder

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

OPEN_THE_PATHS = """
set -e
mount -t tmpfs none /mnt
for path in "$@"; do
    mkdir -p "/mnt/kept$path"
    mount --bind "$path" "/mnt/kept$path"
done
for closed in $CLOSED; do mount -t tmpfs -o mode=755 none "$closed"; done
for path in "$@"; do
    mkdir -p "$path"
    mount --bind "/mnt/kept$path" "$path"
done
"""


def closed_folders(*paths: Path) -> set[str]:
    """The topmost folders on the way to `paths` that others may not pass through."""
    ways = ([*reversed(path.parents)] for path in paths)
    closed = ([folder for folder in way if not folder.stat().st_mode & 0o001][:1] for way in ways)
    return {str(folder) for found in closed for folder in found}


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
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode != 0:
        pytest.skip("wall not tested: other-uid (only root can start a process as another user)")
    base = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    site = next(path for path in sys.path if path.endswith("site-packages"))
    paths = [base.parent.parent, Path(site)]
    line = [
        "unshare",
        "--mount",
        "sh",
        "-c",
        f'{OPEN_THE_PATHS}\nexec {base} -B -c "$SCRIPT"',
        "sh",
    ]
    environment = {"PYTHONPATH": f"{package}:{site}", "SCRIPT": SCRIPT, "PATH": os.environ["PATH"]}
    environment["CLOSED"] = " ".join(sorted(closed_folders(*paths)))
    done = subprocess.run([*line, *map(str, paths)], env=environment, capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stderr
    result: dict[str, object] = json.loads(done.stdout)
    return result


def test_a_box_of_another_user_answers_and_cannot_reach_the_answers(package):
    for room in ("engine", "exercises", "judging", "grading"):
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
