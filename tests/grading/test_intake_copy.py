"""`autograder intake` brings the notebook and the time of submission, and nothing else, into submitted/."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, datetime, timedelta

import nbformat
import pytest

from autograder.errors import UsageError
from autograder.grading.collect import Copied, parse_timestamp, safe_copy
from autograder.grading.intake import Rejected, read_submission
from tests.grading.notebooks import ANSWER, ASSIGNMENT, answered, exercise, notebook, released, write

NOW = datetime(2030, 1, 31, 12)


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "download" / "ada"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def target(tmp_path):
    return tmp_path / "submitted" / "ada" / ASSIGNMENT


@pytest.fixture
def copy(source, target, release):
    """Hand in a notebook with companions, and take it in."""

    def copy(made=None, companions=None, **options):
        if made is not None:
            write(source / release.filename, made)
        for name, text in (companions or {}).items():
            write(source / name, text)
        return safe_copy(source, target, release, now=NOW, **options)

    return copy


def test_a_sound_notebook_is_copied_byte_by_byte(copy, source, target, release):
    copied = copy(answered(add_backward=ANSWER))

    assert copied.notebook.read_bytes() == (source / release.filename).read_bytes()
    assert copied.notebook == target / release.filename


def test_only_the_notebook_is_copied(copy, source, target, release):
    (source / "gradebook.db").symlink_to("/dev/zero")
    companions = [
        "conftest.py",
        "kit.zip",
        "kit/__init__.py",
        "nbgrader_config.py",
        "numpy.py",
        "pytest.ini",
        "sitecustomize.py",
    ]

    copied = copy(answered(), dict.fromkeys(companions, "raise SystemExit"))

    assert os.listdir(target) == [release.filename]
    assert copied.left_behind == (
        "'conftest.py'", "'gradebook.db'", "'kit'", "'kit.zip'", "'nbgrader_config.py'", "'numpy.py'", "'pytest.ini'",
        "'sitecustomize.py'",
    )  # fmt: skip


def test_a_renamed_notebook_gets_the_right_name(copy, target, release):
    copied = copy(companions={"hw (2).ipynb": json.dumps(answered(add_backward=ANSWER))})

    assert os.listdir(target) == [release.filename]
    assert copied.problems == (f"the file is called 'hw (2).ipynb'; it was read as {release.filename}",)


def test_the_copy_can_be_read_by_everyone_and_written_by_its_owner(copy):
    copied = copy(answered())

    assert stat.S_IMODE(copied.notebook.stat().st_mode) == 0o644


def test_a_notebook_that_had_to_be_repaired_is_rewritten(copy):
    copied = copy(json.dumps({**answered(), "nbformat": 5, "metadata": {"x": float("nan")}}).encode("utf-16"))

    nbformat.validate(json.loads(copied.notebook.read_bytes()))
    assert copied.problems[-1] == "the notebook was rewritten, so that every tool can read it"


def test_what_was_rewritten_is_graded_like_the_original(copy, source, release):
    copied = copy(json.dumps(answered(add_backward=ANSWER, essay_sums="Paths.")).encode("utf-16"))

    original, rewritten = (
        read_submission(path, release, "ada", within=path.parent)
        for path in (source / release.filename, copied.notebook)
    )

    assert (rewritten.cells, rewritten.attempted, rewritten.essays, rewritten.notebook) == (
        original.cells, original.attempted, original.essays, original.notebook,
    )  # fmt: skip


@pytest.mark.parametrize("data", [b"", b"[]", b'{"cells": 7}'])
def test_nothing_is_written_for_a_notebook_that_cannot_be_read(copy, target, data):
    rejected = copy(data)

    assert (isinstance(rejected, Rejected), rejected.student, target.exists()) == (True, "ada", False)


def test_a_linked_notebook_is_rejected(tmp_path, copy, source, release):
    (source / release.filename).symlink_to(write(tmp_path / "solution.ipynb", answered(add_backward=ANSWER)))

    rejected = copy()

    assert "got a symbolic link" in rejected.reason


def test_a_linked_folder_is_rejected(tmp_path, source, target, release):
    (tmp_path / "download" / "grace").symlink_to(source)

    rejected = safe_copy(tmp_path / "download" / "grace", target, release)

    assert "got a symbolic link" in rejected.reason


def test_the_notebook_of_another_assignment_is_rejected(tmp_path, copy):
    relu = notebook(*exercise("relu_backward", "def relu_backward(grad_output, output, x): ..."))
    other = released(tmp_path, relu, assignment="ps3", name="activations")

    rejected = copy(relu, others=[other])

    assert "another assignment" in rejected.reason


# The time of submission


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2030-01-31 10:30:00.000000 UTC", "2030-01-31T10:30:00"),
        ("2030-01-31 10:30:00.123 +0130", "2030-01-31T09:00:00.123000"),
        ("2030-01-31T10:30:00-05:00\n", "2030-01-31T15:30:00"),
        ("2030-01-31 10:30:00 Europe/Berlin", "2030-01-31T09:30:00"),
        ("2030-01-31 10:30 Z", "2030-01-31T10:30:00"),
        ("2030-01-31 10:30:00", "2030-01-31T10:30:00"),
        ("2030-01-31 10:30:00.000000 GMT", "2030-01-31T10:30:00"),
        ("2030-01-31 10:30:00.000000 -03", "2030-01-31T13:30:00"),
        ("2030-01-31 10:30:00.000000 +0530", "2030-01-31T05:00:00"),
    ],
)
def test_a_time_as_nbgrader_writes_it_is_understood(text, expected):
    moment = parse_timestamp(text)

    assert moment.isoformat() == expected


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2030-02-30 10:00:00 UTC", "2030-01-31", "0001-01-01 00:00:00 +1400", "2030-01-31 10:30:00 BST",
     "2030-01-31 10:30:00 Europe/Nowhere", "2030-01-31 10:30:00 etc/../passwd", "٢٠٣٠-01-31 10:30:00 UTC",
     "2030-01-31 10:30:00 UTC\n<script>"],
)  # fmt: skip
def test_anything_else_is_no_time(text):
    assert parse_timestamp(text) is None


def test_a_legitimate_timestamp_is_written_anew_in_utc(copy, target):
    copied = copy(answered(), {"timestamp.txt": "2030-01-31T10:30:00+01:00"})

    assert (target / "timestamp.txt").read_text() == "2030-01-31 09:30:00.000000 UTC\n"
    assert (copied.submitted_at, copied.left_behind) == (datetime(2030, 1, 31, 9, 30), ())


@pytest.mark.parametrize(
    "text, problem",
    [
        ("tomorrow", "holds no time"),
        ("2030-01-31 13:00:00 UTC", "in the future"),
        ("2030-01-31 10:30:00 UTC" + " " * 100, "not a small text file"),
        (b"\xff\xfe", "not a small text file"),
    ],
)
def test_a_timestamp_that_is_none_is_dropped_and_told(copy, target, text, problem):
    copied = copy(answered(), {"timestamp.txt": text})

    assert (copied.submitted_at, (target / "timestamp.txt").exists()) == (None, False)
    assert problem in copied.problems[0]


def test_a_linked_timestamp_is_dropped(tmp_path, copy, source):
    (source / "timestamp.txt").symlink_to(write(tmp_path / "t", "2030-01-31 10:30:00 UTC"))

    copied = copy(answered())

    assert copied.submitted_at is None


def test_a_slightly_fast_clock_is_forgiven(copy):
    copied = copy(answered(), {"timestamp.txt": (NOW + timedelta(minutes=2)).isoformat()})

    assert copied.submitted_at == NOW + timedelta(minutes=2)


@pytest.mark.parametrize("known", [NOW, NOW.replace(tzinfo=UTC)])
def test_the_collectors_time_counts_more_than_the_students(copy, known):
    copied = copy(answered(), {"timestamp.txt": "2029-01-01 00:00:00 UTC"}, submitted_at=known)

    assert copied.submitted_at == NOW


def test_the_time_of_an_earlier_submission_does_not_stay(copy, source, target):
    copy(answered(), {"timestamp.txt": "2030-01-31 10:30:00 UTC"})
    (source / "timestamp.txt").unlink()

    copy(answered(add_backward=ANSWER))

    assert not (target / "timestamp.txt").exists()


# The target


def test_a_second_copy_replaces_the_first(copy, target, release):
    copy(answered())

    copied = copy(answered(add_backward=ANSWER))

    assert (isinstance(copied, Copied), os.listdir(target)) == (True, [release.filename])
    assert read_submission(copied.notebook, release, "ada").attempted == {"add_backward"}


def test_a_link_in_place_of_the_notebook_is_replaced_not_followed(tmp_path, copy, target, release):
    victim = write(tmp_path / "victim.ipynb", "untouched")
    target.mkdir(parents=True)
    (target / release.filename).symlink_to(victim)

    copy(answered())

    assert victim.read_text() == "untouched"


def test_a_linked_target_is_refused(tmp_path, copy, target):
    target.parent.mkdir(parents=True)
    target.symlink_to(tmp_path)

    with pytest.raises(UsageError, match="is a symbolic link"):
        copy(answered())


def test_a_target_that_cannot_be_written_is_refused(copy, target, release):
    (target / release.filename).mkdir(parents=True)

    with pytest.raises(UsageError, match="can't be written"):
        copy(answered())


def test_a_failed_write_leaves_no_temporary_file(copy, target, release):
    (target / release.filename).mkdir(parents=True)

    with pytest.raises(UsageError):
        copy(answered())

    assert os.listdir(target) == [release.filename]


def test_other_files_in_the_target_are_told(copy, target):
    write(target / "conftest.py", "")

    copied = copy(answered())

    assert copied.problems == ("the target already held other files, which nbgrader would copy: 'conftest.py'",)


def test_a_folder_is_not_copied_into_itself(source, release):
    with pytest.raises(UsageError, match="into itself"):
        safe_copy(source, source, release)
