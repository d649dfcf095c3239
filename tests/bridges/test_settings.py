"""nbgrader's configuration: what our commands honour, and what they refuse. Nothing is passed over."""

from __future__ import annotations

import json

import pytest

from autograder.bridges.nbgrader.settings import configured
from autograder.errors import UsageError
from autograder.grading.course import Course

OURS = "from autograder.bridges.nbgrader.config import configure\n\nconfigure(get_config())\n"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A folder with our configuration, and a home of nobody's."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "nbgrader_config.py").write_text(OURS)
    return Course.at(tmp_path / "course")


def add(course, line):
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(f"c = get_config()\n{line}\n")


def test_our_own_configuration_changes_nothing(course):
    assert configured(course) == course


@pytest.mark.parametrize(
    "url, wanted",
    [
        ("sqlite:////elsewhere/grades.db", "sqlite:////elsewhere/grades.db"),
        ("sqlite:///grades.db", "sqlite:///{root}/grades.db"),
        ("sqlite+pysqlite:///my grades.db", "sqlite:///{root}/my grades.db"),
        ("postgresql://grader@/grades?host=/run/pg", "postgresql://grader@/grades?host=/run/pg"),
    ],
)
def test_the_gradebook_is_where_nbgrader_keeps_it(course, url, wanted):
    add(course, f"c.CourseDirectory.db_url = {url!r}")

    assert configured(course).gradebook_url == wanted.format(root=course.root)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///grades.db?timeout=5", "sqlite:///my%20grades.db",
        "mysql://grader:secret@host/grades", "no address", "SQLITE:///grades.db",
    ],
)  # fmt: skip
def test_an_address_that_nbgrader_would_read_in_another_way_or_not_at_all_is_refused(course, url):
    add(course, f"c.CourseDirectory.db_url = {url!r}")

    with pytest.raises(UsageError, match=r"The gradebook can't be .*Mend .*nbgrader_config.py") as raised:
        configured(course)

    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("name", ["50% done", "which?"])
def test_a_course_in_a_folder_that_no_address_can_name_is_refused(course, name):
    moved = Course.at(course.root.rename(course.root.with_name(name)))

    with pytest.raises(UsageError, match="Move the course to a folder without them"):
        configured(moved)


def test_a_configuration_in_jupyters_folder_counts_as_it_does_for_nbgrader(course, tmp_path):
    (tmp_path / "jupyter").mkdir()
    said = {"CourseDirectory": {"db_url": "sqlite:////of-the-user.db", "course_id": "calculus"}}
    (tmp_path / "jupyter" / "nbgrader_config.json").write_text(json.dumps(said))

    found = configured(course)

    assert found.gradebook_url == "sqlite:////of-the-user.db"
    assert found.id == "backpropagation"  # the course's own file says so, and comes last


REFUSED = (
    "c.CourseDirectory.submitted_directory = 'handed-in'",
    "c.CourseDirectory.directory_structure = '{student_id}/{nbgrader_step}/{assignment_id}'",
    "c.CourseDirectory.student_id_exclude = 'ada'",
    "c.Autograde.autograde_preprocessors = ['nbgrader.preprocessors.Execute']",
    "c.ClearSolutions.code_stub = {'python': 'pass'}",
    "c.LimitOutput.max_lines = 3",
)


@pytest.mark.parametrize("line", REFUSED)
def test_a_setting_that_would_be_passed_over_is_refused_by_its_name(course, line):
    add(course, line)

    with pytest.raises(UsageError, match=r"c\.\w+\.\w+") as raised:
        configured(course)

    assert line.split(" = ")[0] in str(raised.value)


def test_settings_of_what_we_have_no_part_in_are_nbgraders_own(course):
    add(course, "c.Exchange.root = '/srv/exchange'\nc.LateSubmissionPlugin.penalty_method = 'zero'")
    add(course, "c.SubmissionExporter.grader = 'my.grader'")

    assert configured(course) == course


def test_a_configuration_that_fails_is_told_with_its_place(course):
    add(course, "1 / 0")

    with pytest.raises(UsageError, match=r"nbgrader_config\.py can't be used.*ZeroDivisionError"):
        configured(course)


def test_the_exchanges_time_zone_explains_the_names_of_clocks(course):
    add(course, "c.Exchange.timezone = 'Asia/Kolkata'")

    assert configured(course).zone == "Asia/Kolkata"
