"""Courses that are not whole: each command says what is missing, and nothing is changed before it has said so."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from autograder import cli
from autograder.commands import grade
from autograder.commands.check import run_check
from autograder.commands.course import run_register
from autograder.commands.grade import run_grade
from autograder.commands.intake import run_intake
from autograder.errors import UsageError
from autograder.grading.course import Course
from autograder.grading.secret import course_secret
from tests.grading.notebooks import half_released, release_json, write

PS1, PS5 = "ps1-chain-rule", "ps5-training-step"


@pytest.fixture
def course(tmp_path) -> Course:
    """Two assignments, of which one was released, and somebody who handed in."""
    made = half_released(tmp_path, PS1, PS5)
    write(made.submitted / "ada" / PS1 / "rules.ipynb", "{}")
    return made


def reseed(course) -> int:
    whole = {"submitted": None, "force": False, "workers": 1, "allow_weak": True}
    return run_grade(course, (PS5,), reseed=True, **whole)


@pytest.fixture
def opened(monkeypatch) -> list[bytes | None]:
    """The secrets of the plans that were opened, without any plan."""
    secrets: list[bytes | None] = []

    def open_plan(course, name, *, secret=None):
        secrets.append(secret)
        return SimpleNamespace(torch=False)

    def no_walls(*_, **__):
        raise UsageError("No wall stands")

    monkeypatch.setattr(grade, "open_plan", open_plan)
    monkeypatch.setattr(grade, "proven_box", no_walls)
    return secrets


def test_a_check_needs_no_other_assignment_than_its_own(course):
    path = write(course.root / "rules.ipynb", "{]")

    with pytest.raises(UsageError, match="not JSON"):
        run_check(course, path, ())


def test_an_intake_needs_no_assignment_that_was_not_released(course):
    write(course.root / "incoming" / "bo" / PS1 / "rules.ipynb", release_json())

    run_intake(course, course.root / "incoming", ())

    assert (course.submitted / "bo" / PS1 / "rules.ipynb").is_file()


def test_a_check_in_a_course_without_assignments_says_what_to_do(course, tmp_path):
    path = write(course.root / "rules.ipynb", "{}")

    with pytest.raises(UsageError, match=r"no released assignment.*make release"):
        run_check(Course.at(tmp_path / "empty"), path, ())


def test_nothing_is_registered_unless_everything_can_be(course):
    with pytest.raises(UsageError, match="make release"):
        run_register(course, ())

    assert not course.gradebook.exists()


def test_inputs_are_not_drawn_anew_for_an_assignment_that_was_not_released(course):
    before = course_secret(course.root)

    with pytest.raises(UsageError, match="make release"):
        reseed(course)

    assert course_secret(course.root) == before


def test_inputs_are_not_drawn_anew_where_the_configuration_fails(course, opened):
    before = course_secret(course.root)
    (course.root / "nbgrader_config.py").write_text("c = get_config(")

    with pytest.raises(UsageError, match="can't be used"):
        reseed(course)

    assert course_secret(course.root) == before


def test_the_inputs_drawn_anew_are_those_of_the_secret_that_is_kept(course, opened):
    before = course_secret(course.root)

    with pytest.raises(UsageError, match="No wall stands"):
        reseed(course)

    assert opened == [course_secret(course.root)]
    assert opened != [before]


def test_pytests_exit_code_for_a_wrong_command_outside_a_course(tmp_path):
    done = CliRunner().invoke(cli.commands, ["test", "rules.ipynb", "--course", str(tmp_path)])

    assert done.exit_code == 4


@pytest.mark.parametrize("start", ["x", "::x"])
def test_a_name_in_an_error_makes_no_line_of_its_own(capsys, start):
    with pytest.raises(SystemExit):
        cli._fail(UsageError(f"{start}\n::warning::pwned.ipynb\x1b[31m does not say which assignment it is"), cli.USAGE)

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert not lines[0].startswith("::")
    assert "\x1b" not in lines[0]
