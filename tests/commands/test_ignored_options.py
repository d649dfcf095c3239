"""An option that would change nothing is refused, before anything is read or written: whoever gave it expected more."""

from __future__ import annotations

import pytest

from autograder.bridges.lms.export import Request
from autograder.commands.ci import run_ci
from autograder.commands.ci_outputs import Outputs
from autograder.commands.cluster import check_scheduler
from autograder.commands.export import run_export
from autograder.errors import UsageError
from autograder.grading.course import Course


@pytest.mark.parametrize(
    "to, given, said",
    [
        ("csv", {"template": "x.csv"}, "--template says nothing with --to csv.*expected --to canvas"),
        ("csv", {"identify_by": "email"}, "--identify-by says nothing with --to csv.*expected --to moodle"),
        ("csv", {"titles": {"ps2": "PS 2"}}, "--item says nothing.*expected --to canvas or --to moodle"),
        ("moodle", {"template": "x.csv"}, "--template says nothing with --to moodle"),
        ("moodle", {"ids": {"ps2": "55"}}, "--assignment-id says nothing with --to moodle"),
        ("canvas", {"identify_by": "email"}, "--identify-by says nothing with --to canvas"),
    ],
)
def test_an_option_of_another_format_is_refused(tmp_path, to, given, said):
    with pytest.raises(UsageError, match=f"(?i){said}"):
        run_export(Course.at(tmp_path), Request(to, **given), tmp_path / "out.csv")


def test_workers_of_this_machine_are_refused_where_a_cluster_grades():
    with pytest.raises(UsageError, match="no --workers and got --workers 3"):
        check_scheduler("tcp://127.0.0.1:8786", workers=3)


def test_a_file_about_lateness_is_refused_where_no_format_tells_it(tmp_path):
    outputs = Outputs(metadata=tmp_path / "submission_metadata.json", junit=tmp_path / "junit.xml")

    with pytest.raises(UsageError, match="nothing without --gradescope"):
        run_ci(Course.at(tmp_path), tmp_path, (), outputs, fail_under=None, allow_weak=False)

    assert not outputs.junit.exists()
