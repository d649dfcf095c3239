"""`autograder ci` writes a result whatever happens, and its exit code says what happened."""

from __future__ import annotations

import json
import shutil
from types import SimpleNamespace

import pytest

from autograder.commands import ci
from autograder.commands.ci import BELOW, NOT_GRADED, run_ci
from autograder.commands.ci_outputs import Outputs
from autograder.errors import AutograderError, UsageError
from autograder.grading.release import load_release
from tests.bridges.ci.schemas import check_junit
from tests.bridges.ci.test_formats import ENVIRONMENT
from tests.bridges.small_course import ASSIGNMENT, NOTEBOOK, RIGHT_ADD, RIGHT_MUL, answered, hand_in, scripted
from tests.grading.notebooks import write
from tests.this_course import write_manifest

ALL_RIGHT = {"add_backward": RIGHT_ADD, "mul_backward": RIGHT_MUL}


@pytest.fixture
def outputs(tmp_path, monkeypatch):
    """Every format at once, in a folder that is not there yet."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    out = tmp_path / "out"
    return Outputs(out / "results.json", out / "junit.xml", out / "report.md", out / "result.json", github=True)


@pytest.fixture
def grader(course, monkeypatch):
    """The scripted grader in the place of plan, box and pipeline."""

    def plan(course, name):
        release = load_release(course.release(name))
        exercises = {exercise: SimpleNamespace(public=None) for exercise in release.exercises}
        return SimpleNamespace(release=release, exercises=exercises, torch=False, kept_tasks={})

    grade = scripted(course, ASSIGNMENT)
    box = SimpleNamespace(close=lambda: None)
    monkeypatch.setattr(ci.AnswerCache, "plan", lambda self, name: plan(self.course, name))
    monkeypatch.setattr(ci, "proven_box", lambda *_, **__: SimpleNamespace(box=box, tier="test", weak=False))
    monkeypatch.setattr(ci, "grade", lambda submission, plan, box, tier, allowance: grade(submission))


def run(course, path, outputs=None, *, fail_under=None) -> int:
    return run_ci(course, path, (), outputs or Outputs(), fail_under=fail_under, allow_weak=False)


def scores(outputs) -> tuple[object, object]:
    """The score in results.json and in result.json, None where there is none."""
    first = json.loads(outputs.gradescope.read_text()).get("score")
    return first, json.loads(outputs.classroom50.read_text())["score"] if outputs.classroom50.exists() else None


def test_everything_right_is_exit_code_0_and_the_same_score_everywhere(course, grader, outputs, capsys, tmp_path):
    path = hand_in(course, "alice", answered(course, **ALL_RIGHT))

    code = run(course, path, outputs, fail_under=1.0)

    assert code == 0
    assert scores(outputs) == (7.0, 700)
    assert check_junit(outputs.junit.read_bytes()).get("failures") == "0"
    assert "7 of 7 points" in outputs.markdown.read_text()
    assert "7 of 7 points" in (tmp_path / "summary.md").read_text()
    assert "7 of 7 points" in capsys.readouterr().out


@pytest.mark.parametrize("fail_under, code", [(None, BELOW), (1.0, BELOW), (4 / 7, 0), (0.0, 0)])
def test_too_few_points_are_exit_code_1(course, grader, fail_under, code):
    path = hand_in(course, "alice", answered(course, add_backward=RIGHT_ADD, mul_backward=f"{RIGHT_MUL}  # wrong"))

    assert run(course, path, fail_under=fail_under) == code


def test_formats_with_a_score_of_their_own_are_told_of_points_by_it_and_not_by_the_exit_code(course, grader, outputs):
    path = hand_in(course, "alice", answered(course))

    assert run(course, path, outputs) == 0
    assert scores(outputs) == (0.0, 0)


def test_a_broken_notebook_earns_nothing_and_says_why(course, grader, outputs):
    path = hand_in(course, "alice", "{]")

    code = run(course, path, outputs)

    assert code == 0
    assert scores(outputs) == (0.0, 0)
    assert "not JSON" in outputs.markdown.read_text()
    assert run(course, path) == BELOW


@pytest.mark.parametrize("mark", ["# internal", "# raise"], ids=["one exercise", "the whole submission"])
def test_where_the_grader_fails_there_is_no_score_and_exit_code_3(course, grader, outputs, capsys, mark):
    outputs.gradescope.parent.mkdir()
    outputs.classroom50.write_text('{"score": 999}')  # a student's own, or an earlier one
    path = hand_in(course, "alice", answered(course, **{**ALL_RIGHT, "mul_backward": f"{RIGHT_MUL}  {mark}"}))

    code = run(course, path, outputs, fail_under=0.0)

    assert code == NOT_GRADED
    assert scores(outputs) == (None, None)
    assert check_junit(outputs.junit.read_bytes()).get("errors") == "1"
    assert "the grader broke" not in outputs.markdown.read_text()
    assert "not graded" in capsys.readouterr().err


def test_one_failure_of_ours_keeps_no_other_from_its_score(course, grader, outputs):
    hand_in(course, "alice", answered(course, add_backward=f"{RIGHT_ADD}  # raise"))
    hand_in(course, "bob", answered(course, **ALL_RIGHT))
    outputs = Outputs(junit=outputs.junit)

    code = run(course, course.submitted, outputs)

    suites = check_junit(outputs.junit.read_bytes()).findall("testsuite")
    assert code == NOT_GRADED
    assert [(suite.get("name"), suite.get("errors")) for suite in suites] == [
        (f"alice, {ASSIGNMENT}", "1"),
        (f"bob, {ASSIGNMENT}", "0"),
    ]


def broken_plan(course, name):
    raise AutograderError("The release is broken", got="/secret/path")


def no_walls(*_, **__):
    raise UsageError("Only the process wall stands")


@pytest.mark.parametrize(
    "name, broken, code",
    [
        ("AnswerCache.plan", broken_plan, NOT_GRADED),
        ("find_single", broken_plan, NOT_GRADED),
        ("proven_box", no_walls, None),
    ],
)
def test_whatever_breaks_the_files_are_there_and_hold_no_score(
    course, grader, outputs, monkeypatch, capsys, name, broken, code
):
    path = hand_in(course, "alice", answered(course, **ALL_RIGHT))
    monkeypatch.setattr(f"autograder.commands.ci.{name}", broken)

    if code is None:
        with pytest.raises(UsageError):
            run(course, path, outputs)
    else:
        assert run(course, path, outputs) == code

    assert scores(outputs) == (None, None)
    assert check_junit(outputs.junit.read_bytes()).get("errors") == "1"
    assert "/secret/path" not in outputs.gradescope.read_text() + outputs.markdown.read_text()
    assert "could not be graded" in capsys.readouterr().out


def test_a_grader_that_is_killed_leaves_files_without_a_score(course, grader, outputs, monkeypatch):
    def killed(*_, **__):
        raise SystemExit(137)

    outputs.gradescope.parent.mkdir()
    outputs.gradescope.write_text('{"score": 100}')
    monkeypatch.setattr(ci, "grade", killed)

    with pytest.raises(SystemExit):
        run(course, hand_in(course, "alice", answered(course, **ALL_RIGHT)), outputs)

    assert scores(outputs) == (None, None)
    assert check_junit(outputs.junit.read_bytes()).get("errors") == "1"


def test_a_format_for_one_submission_is_not_written_for_several_assignments(course, grader, outputs):
    shutil.copytree(course.assignments / ASSIGNMENT, course.assignments / "other-rules")
    write_manifest(course.root, ASSIGNMENT, "other-rules")
    for assignment in (ASSIGNMENT, "other-rules"):
        write(course.root / "mine" / assignment / f"{NOTEBOOK}.ipynb", answered(course, **ALL_RIGHT))

    with pytest.raises(UsageError, match="holds 2 submissions"):
        run(course, course.root / "mine", outputs)

    assert scores(outputs) == (None, None)


def test_several_notebooks_of_one_student_are_a_submission_that_could_not_be_read(course, grader, outputs):
    for folder in ("first", "final"):
        hand_in(course, folder, answered(course, **{**ALL_RIGHT, "add_backward": f"{RIGHT_ADD}  # {folder}"}))

    code = run(course, course.submitted, outputs)

    assert code == 0
    assert scores(outputs) == (0.0, 0)
    assert "Several notebooks with work in them were handed in" in outputs.markdown.read_text()
    assert "not the fault" not in outputs.gradescope.read_text()


def test_a_folder_that_a_student_made_is_nobodys_name(course, grader, outputs):
    hand_in(course, "assignments", answered(course, **ALL_RIGHT))

    run(course, course.submitted, outputs)

    assert scores(outputs) == (7.0, 700)
    assert "assignments," not in outputs.markdown.read_text()


def test_a_summary_that_cannot_be_written_costs_no_verdict(course, grader, outputs, monkeypatch, capsys):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(course.root / "nowhere" / "summary.md"))
    path = hand_in(course, "alice", answered(course, **ALL_RIGHT))

    code = run(course, path, outputs)

    told = capsys.readouterr()
    assert code == 0
    assert scores(outputs) == (7.0, 700)
    assert "7 of 7 points" in told.out
    assert "could not be graded" not in told.out
    assert told.err == "The job's summary can't be written: No such file or directory\n"


@pytest.mark.parametrize("given, name", [("", f"{NOTEBOOK}.ipynb"), ("work.json", "work.json"), ("", "OTHER.IPYNB")])
def test_a_submission_is_not_overwritten_by_its_result(course, grader, given, name):
    path = hand_in(course, "alice", answered(course, **ALL_RIGHT))
    if given:
        path = path.rename(path.with_name(given))
    before = {file: file.read_bytes() for file in path.parent.iterdir()}

    with pytest.raises(UsageError, match="would be overwritten"):
        run(course, path if given else path.parent, Outputs(gradescope=path.with_name(name)))

    assert {file: file.read_bytes() for file in path.parent.iterdir()} == before


def test_a_file_that_cannot_be_written_is_told_before_anything_is_graded(course, grader, tmp_path, monkeypatch):
    (tmp_path / "taken").write_text("")
    monkeypatch.setattr(ci, "grade", None)

    with pytest.raises(UsageError, match="can't be written"):
        run(course, hand_in(course, "alice", answered(course)), Outputs(junit=tmp_path / "taken" / "junit.xml"))


def test_a_course_without_sources_is_enough(course, grader, tmp_path):
    path = hand_in(course, "alice", answered(course, **ALL_RIGHT))
    course.solutions.rename(tmp_path / "elsewhere")

    assert run(course, path) == 0


def test_the_log_has_nothing_of_a_students_in_it(course, grader, capsys):
    path = hand_in(course, "alice", answered(course, add_backward=f"{RIGHT_ADD}  # wrong"), name=NOTEBOOK)

    run(course, path)

    assert "error::" not in capsys.readouterr().out
