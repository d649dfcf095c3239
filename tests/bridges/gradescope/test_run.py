"""autograder.zip in Gradescope's layout: set up and run as root in a container that refuses namespaces."""

from __future__ import annotations

import json
import stat

import jsonschema
import pytest

from autograder.boundary.launcher import FreshBox
from autograder.boundary.tiers import strongest
from autograder.bridges.gradescope.build import build
from autograder.grading.intake import read_submission
from autograder.grading.pipeline import grade, open_plan
from autograder.reports.record import submission_record
from tests.boundary.as_root import needs_root
from tests.bridges.ci.schemas import GRADESCOPE
from tests.bridges.gradescope import layout
from tests.cohort import make
from tests.cohort.answers import TYPICAL
from tests.end_to_end.conftest import new_course

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("gradescope")]

PS3 = "ps3-activations-and-losses"
NAME = "activations-and-losses.ipynb"
LATE = {"created_at": "2026-07-01T12:00:00Z", "assignment": {"due_date": "2026-07-01T10:00:00Z"}}

ATTACK = """\
import os, glob, signal, subprocess

HOME = "/mnt/autograder"

def reads(path):
    with open(path, "rb") as file:
        return file.read(1) is not None

def writes(path):
    with open(path, "a") as file:
        return bool(file.write("{}"))

ATTEMPTS = {
    "rules": lambda: reads(HOME + "/source/autograder/engine/ops/activations.py"),
    "cases": lambda: reads(HOME + "/source/course/solutions/ps3-activations-and-losses/private/rectifiers.py"),
    "secret": lambda: reads(HOME + "/source/course/.course-secret"),
    "kept answers": lambda: bool(os.listdir(HOME + "/cache")),
    "release": lambda: bool(os.listdir(HOME + "/source")),
    "who it is": lambda: reads(HOME + "/submission_metadata.json"),
    "submission": lambda: bool(os.listdir(HOME + "/submission")),
    "results": lambda: writes(HOME + "/results/results.json"),
    "another results": lambda: writes(HOME + "/results/forged"),
    "script": lambda: writes(HOME + "/run_autograder"),
    "packages": lambda: writes(glob.glob(HOME + "/environment/lib/python3*/site-packages")[0] + "/numpy.py"),
    "environment": lambda: reads(f"/proc/{os.getppid()}/environ"),
    "memory": lambda: reads(f"/proc/{os.getppid()}/mem"),
    "signal": lambda: os.kill(os.getppid(), signal.SIGTERM) is None,
    "root": lambda: os.setuid(0) is None,
    "process": lambda: subprocess.run(["/bin/true"]).returncode == 0,
}
achieved = []
for name, attempt in ATTEMPTS.items():
    try:
        if attempt():
            achieved.append(name)
    except (OSError, IndexError, subprocess.SubprocessError):
        pass
"""
HOSTILE = """\
def relu_backward(grad_output, output, x):
    if achieved:
        return grad_output * (x > 0)
    raise RuntimeError(f"{len(ATTEMPTS)} attempts, achieved {achieved}")
"""


@pytest.fixture(scope="module")
def given():
    return make.material(PS3)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return new_course(tmp_path_factory.mktemp("gradescope") / "course")


@pytest.fixture(scope="module")
def container(course, tmp_path_factory):
    """The image: the zip unpacked and set up once."""
    needs_root("other-uid in Gradescope's layout")
    folder = tmp_path_factory.mktemp("image")
    build(course, PS3, folder / "autograder.zip")
    made = layout.unpack(folder / "autograder.zip", folder)
    done = layout.set_up(made, folder)
    assert done.returncode == 0, done.stderr
    return made


def handed_in(given, answers, own="") -> dict[str, bytes]:
    """A hand-in with the notebook, and beside it what students have in the folder."""
    return {NAME: make.as_file(given.notebook(answers, own=own)), "notes.txt": b"", "sitecustomize.py": b"1/0"}


def cases_of(run: layout.Run) -> dict[str, dict]:
    return {test["name"]: test for test in run.results["tests"]}


def test_the_image_has_the_pinned_packages_and_its_answers_are_locked(container):
    site = next((container / "environment" / "lib").glob("python3*/site-packages"))
    told = json.loads((site / "install-was-told.json").read_text())

    assert told == [f"{layout.HOME}/environment", "ci", "--torch", "none"]
    for path in (container / "source", *(container / "source").rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_the_right_answers_are_kept_in_the_image_for_root_alone(container):
    cache = container / "cache"
    kept = [path for path in cache.rglob("*") if path.is_file()]

    assert len(kept) == 1
    for path in (cache, *cache.rglob("*")):
        assert (path.stat().st_uid, stat.S_IMODE(path.stat().st_mode) & 0o077) == (0, 0), path


def test_good_and_wrong_answers_have_the_scores_of_make_grade(container, course, given, tmp_path):
    right = {name: given.answers[name] for name in ("sigmoid", "softmax", "l2_penalty_backward", "predict")}
    files = handed_in(given, right | {"relu_backward": TYPICAL[PS3]["relu_backward"]})
    path = tmp_path / "ada" / PS3 / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(files[NAME])
    plan = open_plan(course, PS3)
    graded = grade(read_submission(path, plan.release, "ada"), plan, FreshBox(strongest(), proven=True))

    run = layout.run(container, files, LATE)

    record = submission_record(graded, plan.release.exercises)["exercises"]
    recorded = {entry["exercise"]: entry["earned"] + entry["bonus_earned"] for entry in record}
    assert run.code == 0, run.output
    jsonschema.validate(run.results, GRADESCOPE)
    assert run.results["extra_data"]["isolation"] == "other-uid"
    assert run.results["extra_data"]["hidden_inputs"] == plan.fingerprint
    assert {name: test["score"] for name, test in cases_of(run).items()} == pytest.approx(recorded)
    assert run.results["score"] == pytest.approx(sum(recorded.values()))
    assert "2 h 0 min after the due date" in run.results["output"]
    assert "one at zero" in cases_of(run)["relu_backward"]["output"]


def test_a_hostile_submission_reaches_nothing_and_costs_only_itself(container, given):
    run = layout.run(
        container, handed_in(given, {"relu_backward": HOSTILE, "sigmoid": given.answers["sigmoid"]}, ATTACK)
    )

    assert run.code == 0, run.output
    tests = cases_of(run)
    assert "16 attempts, achieved []" in tests["relu_backward"]["output"]
    assert (tests["relu_backward"]["score"], tests["sigmoid"]["score"]) == (0, 7)
    assert sorted(path.name for path in (container / "results").iterdir()) == ["results.json"]


@pytest.mark.parametrize(
    "files, said", [({NAME: b'{"cells": ['}, "not JSON"), ({}, "No notebook was handed in")], ids=["broken", "empty"]
)
def test_a_broken_submission_earns_nothing_and_says_why(container, files, said):
    run = layout.run(container, files)

    assert run.code == 0, run.output
    jsonschema.validate(run.results, GRADESCOPE)
    assert run.results["score"] == 0
    assert run.results["extra_data"]["needs_human"]
    assert said in run.results["output"]


def test_where_the_answers_could_be_read_nothing_is_graded_and_nothing_is_a_zero(container, given):
    source = container / "source"
    opened = [source, *source.rglob("*")]
    for path in opened:
        path.chmod(0o755)
    script = container / "run_autograder"
    guarded = script.read_text()
    script.write_text(guarded.replace("chmod go=", "true"))
    try:
        run = layout.run(container, handed_in(given, given.answers))
    finally:
        script.write_text(guarded)
        for path in opened:
            path.chmod(0o700)

    assert run.code == 2, run.output
    jsonschema.validate(run.results, GRADESCOPE)
    assert "score" not in run.results
    assert all("score" not in test for test in run.results["tests"])
    assert "no zero" in run.results["output"]


def test_a_grader_that_cannot_even_start_leaves_a_result_that_is_no_zero(container, given):
    environment = container / "environment"
    environment.rename(container / "elsewhere")
    try:
        run = layout.run(container, handed_in(given, given.answers))
    finally:
        (container / "elsewhere").rename(environment)

    assert run.code != 0
    jsonschema.validate(run.results, GRADESCOPE)
    assert "score" not in run.results
    assert "did not start" in run.results["output"]
