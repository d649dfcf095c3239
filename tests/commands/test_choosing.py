"""Which course a command is about, and what a person is told where a folder may not be one."""

from __future__ import annotations

import os

import pytest

from autograder.commands.choosing import course_here, course_to_judge
from autograder.commands.grade import run_grade
from autograder.course import owners
from autograder.course.content import content_anew
from autograder.errors import UsageError
from tests.authoring.course import ONE, Begun


@pytest.fixture
def begun(tmp_path, monkeypatch):
    monkeypatch.delenv("AUTOGRADER_COURSE", raising=False)
    made = Begun.at(tmp_path / "course", "rule")
    monkeypatch.chdir(made.course.root)
    content_anew(made.course.root)  # it was read while it was written
    return made


def loaded(course):
    return [one.name for one in course.content[ONE]]


def test_the_current_folder_is_the_course_if_a_course_toml_lies_in_it(begun):
    assert loaded(course_here(None)) == ["my_rule_backward"]


def test_elsewhere_the_course_that_the_variable_names_is_meant(begun, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUTOGRADER_COURSE", str(begun.course.root))

    assert course_to_judge(None, [tmp_path / "anywhere.ipynb"]).root == begun.course.root


def test_elsewhere_without_it_there_is_none(begun, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UsageError, match=r"There is no course in .*autograder init.*--course"):
        course_here(None)


def test_a_course_that_is_not_there_is_told(begun, tmp_path):
    with pytest.raises(UsageError, match=r"There is no .*nowhere"):
        course_here(tmp_path / "nowhere")


def test_a_course_inside_of_another_is_not_believed_unless_it_is_named(begun, monkeypatch):
    inner = Begun.at(begun.course.submitted / "eve" / ONE)
    monkeypatch.chdir(inner.course.root)

    with pytest.raises(UsageError, match=r"and so has .*course: what somebody hands in may look like a course"):
        course_here(None)
    assert course_here(inner.course.root).root == inner.course.root


@pytest.mark.parametrize(
    "place", ["course.toml", "solutions", "solutions/one/private", "solutions/one/public/my_rule.py"]
)
def test_content_that_anybody_may_write_is_not_loaded(begun, place):
    path = begun.course.root / place
    path.chmod(path.stat().st_mode | 0o002)

    with pytest.raises(UsageError, match=r"Anybody on this machine may write .*chmod -R o-w"):
        loaded(course_here(None))


def test_what_a_group_may_write_is_loaded_with_a_word(begun, monkeypatch, capsys):
    path = begun.path("private")
    path.chmod(0o664)
    if os.getuid() == 0:
        os.chown(path, -1, os.getgid() + 1)

    loaded(course_here(None))

    assert os.getuid() != 0 or "members of a group may change" in capsys.readouterr().err


def test_a_course_of_somebody_else_is_not_loaded_unless_it_is_named(begun, monkeypatch):
    monkeypatch.setattr(owners, "is_ones_own", lambda path: path.name != "course.toml")

    with pytest.raises(UsageError, match=r"course\.toml belongs to somebody else.*--course"):
        course_here(None)
    assert loaded(course_here(begun.course.root))


@pytest.mark.parametrize(
    "place", ["solutions", "solutions/one", "solutions/one/private", "solutions/one/private/my_rule.py"]
)
def test_content_behind_a_link_is_not_loaded(begun, tmp_path, place):
    path = begun.course.root / place
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(UsageError, match=r"is a link, and the content of a course is code"):
        loaded(course_here(None))


def test_a_course_toml_that_is_no_plain_text_file_is_told_in_a_paragraph(begun, tmp_path):
    path = begun.course.root / "course.toml"
    text = path.read_bytes()

    def link():
        (tmp_path / "real.toml").write_bytes(text)
        path.symlink_to(tmp_path / "real.toml")

    odd = {
        "is a link": link,
        "a folder, a pipe": lambda: os.mkfifo(path),
        "a folder, a pipe ": path.mkdir,
        "at most 1048576 bytes": lambda: path.write_bytes(text + b"# " + bytes(1 << 20)),
        "not UTF-8 from byte": lambda: path.write_bytes(text + "# é".encode("latin-1")),
        "line": lambda: path.write_bytes(text + b"id = \n"),
    }
    for words, make in odd.items():
        path.rmdir() if path.is_dir() else path.unlink()
        make()
        with pytest.raises(UsageError, match=words.strip()) as told:
            assert course_here(None).manifest
        assert "\n\n" not in str(told.value)


@pytest.mark.parametrize("path", ["submitted/a/one/one.ipynb", "assignments/one/one.ipynb", "solutions/one/one.ipynb"])
def test_what_a_course_keeps_is_judged_by_it(begun, path):
    assert course_to_judge(None, [begun.course.root / path]).root == begun.course.root


def test_a_link_to_what_it_keeps_is_not_what_it_keeps(begun):
    link = begun.course.root / "mine.ipynb"
    link.symlink_to(begun.course.source(ONE))

    with pytest.raises(UsageError, match="which nobody has named"):
        course_to_judge(None, [link])


def test_with_nothing_handed_in_and_no_example_a_sentence_says_so(begun):
    with pytest.raises(UsageError, match=r"Nobody has handed in anything.*names no example.*autograder intake"):
        run_grade(begun.course, (), submitted=None, force=False, workers=1, reseed=False, allow_weak=False)
