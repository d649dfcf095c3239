"""What holds of every workflow: it reads, it is pinned, and no text of anybody's becomes a command."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.workflows.workflow import ALL, DEPENDABOT, EXPRESSION, INSTRUCTOR, ROOT, STUDENT, load, steps

SHELLCHECK = Path(sys.executable).with_name("shellcheck")
ZIZMOR = Path(sys.executable).with_name("zizmor")
PINNED = re.compile(r"uses: (?P<action>actions/[a-z-]+)@(?P<commit>[0-9a-f]{40}) # (?P<version>v\d+\.\d+\.\d+)")
TRUSTED_ACTIONS = {"checkout", "setup-python", "upload-artifact", "download-artifact"}
TRIGGERS = {"push", "pull_request", "workflow_dispatch"}
TOP = {"name", "on", "permissions", "concurrency", "jobs"}
JOB = {"runs-on", "timeout-minutes", "steps", "needs", "if", "permissions", "strategy"}
STEP = {"name", "uses", "with", "run", "env", "if"}
CONTEXTS = re.compile(
    r"github\.ref|inputs\.(assignment|repositories)|matrix\.repository|strategy\.job-index|vars\.GRADER_COMMIT"
    r"|secrets\.(SUBMISSIONS_TOKEN|COURSE_SECRET)|fromJSON\(inputs\.repositories\)"
    r"|join\(fromJSON\(inputs\.repositories\), ' '\)|!cancelled\(\)( && needs\.names\.result == 'success')?"
)
each_workflow = pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)


@each_workflow
def test_it_has_only_keys_that_mean_something(path):
    workflow = load(path)

    assert set(workflow) <= TOP
    assert {key for job in workflow["jobs"].values() for key in job} <= JOB
    for step in steps(path):
        assert set(step.settings) <= STEP
        assert bool(step.script) != bool(step.action)


@each_workflow
def test_it_may_do_nothing_but_read(path):
    workflow = load(path)
    granted = [workflow["permissions"], *(job.get("permissions", {}) for job in workflow["jobs"].values())]

    assert all(one in ({}, {"contents": "read"}) for one in granted)


@each_workflow
def test_nothing_starts_it_with_more_rights_than_its_author_has(path):
    triggers = load(path)["on"]

    assert set(triggers) <= TRIGGERS


@each_workflow
def test_its_actions_are_githubs_own_and_pinned_by_commit_with_the_version_beside_it(path):
    lines = [line.strip().removeprefix("- ") for line in path.read_text().splitlines() if "uses:" in line]

    assert lines
    for line in lines:
        pinned = PINNED.fullmatch(line)
        assert pinned is not None, line
        assert pinned["action"].removeprefix("actions/") in TRUSTED_ACTIONS


def test_an_action_is_the_same_commit_in_every_workflow():
    used = {
        (found["action"], found["commit"], found["version"])
        for path in ALL
        for found in PINNED.finditer(path.read_text())
    }

    assert len({action for action, _, _ in used}) == len(used), sorted(used)


def test_what_is_pinned_is_moved_on_by_dependabot_and_not_on_the_day_of_its_release():
    updates = yaml.safe_load(DEPENDABOT.read_text())["updates"]
    looks = {one["package-ecosystem"]: {*one.get("directories", []), one.get("directory")} - {None} for one in updates}
    folders = {path.parent.relative_to(ROOT).as_posix() for path in ALL}

    assert looks["github-actions"] == {"/" if folder == ".github/workflows" else f"/{folder}" for folder in folders}
    assert looks["pip"] == {"/requirements"}
    assert all(one["cooldown"]["default-days"] >= 7 for one in updates)


def test_zizmor_finds_nothing():
    files = [*ALL, DEPENDABOT]

    done = subprocess.run(
        [ZIZMOR, "--offline", "--no-progress", "--color=never", *files],
        env={"PATH": os.defpath}, capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr


@each_workflow
def test_no_checkout_leaves_its_token_behind(path):
    checkouts = [step for step in steps(path) if "/checkout@" in step.action]

    assert checkouts
    assert [step.settings["with"]["persist-credentials"] for step in checkouts] == [False] * len(checkouts)


@each_workflow
def test_its_machines_are_named_and_its_jobs_end(path):
    for job in load(path)["jobs"].values():
        assert re.fullmatch(r"ubuntu-\d\d\.04", job["runs-on"])
        assert 0 < job["timeout-minutes"] <= 120


@each_workflow
def test_expressions_are_known_and_never_part_of_a_script(path):
    text = "\n".join(line for line in path.read_text().splitlines() if not line.lstrip().startswith("#"))

    assert all(CONTEXTS.fullmatch(found) for found in EXPRESSION.findall(text))
    assert not [step.script for step in steps(path) if "${{" in step.script]


@each_workflow
def test_its_scripts_are_sound_shell(path):
    for step in steps(path):
        if step.script:
            linted = subprocess.run(
                [SHELLCHECK, "--shell=bash", "-"], input=step.script, capture_output=True, text=True
            )
            assert linted.stdout == "", step.settings["name"]


def test_a_students_workflow_knows_no_secret_and_no_grader():
    text = STUDENT.read_text()

    assert "secrets." not in text
    assert "autograder" not in text


def secrets_of(job: str) -> set[str]:
    return set(re.findall(r"secrets\.(\w+)", str(load(INSTRUCTOR)["jobs"][job])))


def test_the_key_to_the_students_repositories_is_where_nothing_of_theirs_is_executed():
    keyed, grading = load(INSTRUCTOR)["jobs"]["collect"], load(INSTRUCTOR)["jobs"]["grade"]
    scripts = [step.script for step in steps(INSTRUCTOR, "collect") if step.script]
    programs = {word for script in scripts for word in re.findall(r"^\s*([a-z][\w./-]*) ", script, re.MULTILINE)}

    assert secrets_of("collect") == {"SUBMISSIONS_TOKEN"}
    assert keyed.get("permissions", {}) == {}
    assert programs <= {"mkdir", "if", "else", "find", "date", "rm"}
    assert secrets_of("grade") == {"COURSE_SECRET"}
    assert "handed-in" not in str(grading)


def test_the_grader_is_pinned_and_comes_from_nowhere_else():
    (checkout,) = [step.settings["with"] for step in steps(INSTRUCTOR, "grade") if "/checkout@" in step.action]

    assert checkout["ref"] == "${{ vars.GRADER_COMMIT }}"
    assert "repository" not in checkout
    assert "40" in next(steps(INSTRUCTOR, "grade")).script
