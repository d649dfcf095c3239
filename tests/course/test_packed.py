"""A course as one zip: what goes in comes out, for this user alone, and nothing that leads elsewhere does."""

from __future__ import annotations

import shutil
import stat
import zipfile

import pytest

from autograder.authoring.packing import pack
from autograder.course.packed import MOST_BYTES, folder_of
from autograder.errors import UsageError
from autograder.grading.course import Course
from autograder.grading.secret import course_secret
from tests.authoring.course import ONE, Begun

TOML = 'id = "mine"\n'


@pytest.fixture
def course(tmp_path) -> Course:
    begun = Begun.at(tmp_path / "course", "rule")
    released = begun.course.assignments / ONE / "one.ipynb"
    released.parent.mkdir(parents=True)
    shutil.copy(begun.course.source(ONE), released)
    return begun.course


def test_it_holds_content_and_release_and_neither_sources_nor_submissions(course, tmp_path):
    for stray in ("submitted/ann/one/one.ipynb", "gradebook.db", "solutions/one/notes.txt", "assignments/one/kit.zip"):
        (course.root / stray).parent.mkdir(parents=True, exist_ok=True)
        (course.root / stray).write_text("stays at home")

    names = pack(course, tmp_path / "a.zip", with_secret=False)

    halves = (f"solutions/one/{half}/my_rule.py" for half in ("public", "private"))
    assert set(names) == {"course.toml", "assignments/one/one.ipynb", *halves}
    assert not course.secret.exists()


def test_it_is_for_its_owner_and_the_same_bytes_each_time(course, tmp_path):
    pack(course, tmp_path / "a.zip", with_secret=True)
    pack(course, tmp_path / "b.zip", with_secret=True)

    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert stat.S_IMODE((tmp_path / "a.zip").stat().st_mode) == 0o600


def test_unpacked_it_is_the_course_and_nobody_else_can_read_it(course, tmp_path):
    pack(course, tmp_path / "a.zip", with_secret=True)

    folder = folder_of(tmp_path / "a.zip")

    there = Course.at(folder)
    assert [one.name for one in there.content[ONE]] == ["my_rule_backward"]
    assert there.assignment_names() == (ONE,)
    assert course_secret(folder) == course_secret(course.root)
    folders = [path for path in (folder, *folder.rglob("*")) if path.is_dir() and path.name != "__pycache__"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
    assert stat.S_IMODE(there.secret.stat().st_mode) == 0o600
    assert folder_of(tmp_path / "a.zip") == folder


def test_without_a_release_there_is_nothing_to_pack(course, tmp_path):
    shutil.rmtree(course.assignments)

    with pytest.raises(UsageError, match=r"Nothing is released.*autograder release"):
        pack(course, tmp_path / "a.zip", with_secret=False)


def odd_zip(path, name="course.toml", data=TOML, mode=0o100644):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        if name != "course.toml":
            archive.writestr("course.toml", TOML)
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, data)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "../outside.py", "/tmp/outside.py", "solutions/../../x.py", "solutions/one/private/../../../x.py",
        "solutions/one/private/.hidden.py", "solutions/one/other/x.py", "nbgrader_config.py",
        "solutions\\one\\private\\x.py",
        "course.toml/x", "assignments/one/kit/x.py",
    ],
)  # fmt: skip
def test_a_name_that_has_no_place_in_a_course_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match=r"is not the zip of a course.*no place in one.*autograder pack"):
        folder_of(odd_zip(tmp_path / "odd.zip", name))


def test_a_link_is_refused(tmp_path):
    path = odd_zip(tmp_path / "odd.zip", "solutions/one/private/x.py", "/etc/passwd", stat.S_IFLNK | 0o777)

    with pytest.raises(UsageError, match="no ordinary file"):
        folder_of(path)


def test_what_unpacks_to_more_than_a_course_can_be_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "odd.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("course.toml", TOML)
        with archive.open("solutions/one/public/data/zeros", "w", force_zip64=True) as file:
            for _ in range(MOST_BYTES // (1 << 20) + 1):
                file.write(bytes(1 << 20))

    with pytest.raises(UsageError, match="more than"):
        folder_of(path)


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04 cut off"])
def test_what_is_no_zip_is_told(tmp_path, data):
    (tmp_path / "no.zip").write_bytes(data)

    with pytest.raises(UsageError, match=r"can't be read as the zip of a course.*autograder pack"):
        folder_of(tmp_path / "no.zip")


def test_a_zip_without_a_course_in_it_is_told(tmp_path):
    path = tmp_path / "no.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("solutions/one/public/x.py", "")

    with pytest.raises(UsageError, match=r"no course\.toml"):
        folder_of(path)


def test_a_zip_that_anybody_may_write_is_refused(course, tmp_path):
    pack(course, tmp_path / "a.zip", with_secret=False)
    (tmp_path / "a.zip").chmod(0o666)

    with pytest.raises(UsageError, match="Anybody on this machine may write"):
        folder_of(tmp_path / "a.zip")
