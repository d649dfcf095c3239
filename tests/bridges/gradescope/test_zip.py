"""What is in autograder.zip, and what its scripts say."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import autograder
from autograder.authoring.scaffold import assignment_files, write
from autograder.bridges.gradescope.build import SCRIPTS, build
from autograder.errors import UsageError
from autograder.grading.course import Course
from autograder.grading.secret import course_secret
from tests.authoring.course import ONE, Begun
from tests.this_course import CATALOGUE

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(autograder.__file__).parent / "bridges" / "gradescope"
SHELLCHECK = Path(sys.executable).with_name("shellcheck")
PS3 = "ps3-activations-and-losses"


IMPORTED = {"click", "ipython", "jinja2", "matplotlib", "msgspec", "numpy", "platformdirs", "rich"}
"""What `autograder ci` imports, and what the box offers."""


def requirements(archive: zipfile.ZipFile) -> list[str]:
    """The files in the folder of that name."""
    return sorted(name.split("/")[1] for name in archive.namelist() if name.startswith("requirements/"))


def pinned(archive: zipfile.ZipFile) -> list[str]:
    """The packages in all locks of the zip."""
    locks = [archive.read(f"requirements/{name}").decode() for name in requirements(archive) if name.endswith(".txt")]
    return re.findall(r"^([a-z0-9._-]+)==", "".join(locks), re.MULTILINE)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The released assignments, and besides them what must stay at home."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "assignments" / PS3, root / "assignments" / PS3)
    shutil.copytree(ROOT / "requirements", root / "requirements")
    for name in ("solutions/ps3/secret.ipynb", "submitted/ada/ps3/x.ipynb", "gradebook.db", "tests/test_a.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("stays at home")
    return Course.at(root)


@pytest.fixture(scope="module")
def archive(course, tmp_path_factory):
    path = tmp_path_factory.mktemp("zip") / "sub" / "autograder.zip"
    build(course, PS3, path)
    with zipfile.ZipFile(path) as content:
        yield content


def test_the_scripts_are_at_the_top_and_executable(archive):
    for name in SCRIPTS:
        mode = archive.getinfo(name).external_attr >> 16

        assert mode & 0o111 == 0o111
        assert archive.read(name).startswith(b"#!/usr/bin/env bash\n")


def test_of_the_course_only_what_grading_needs_is_in_it(archive, course):
    inside = {name for name in archive.namelist() if not name.startswith("autograder/")}

    assert inside == {
        *SCRIPTS,
        *(f"requirements/{name}" for name in requirements(archive)),
        "course/.course-secret",
        f"course/assignments/{PS3}/activations-and-losses.ipynb",
        f"course/assignments/{PS3}/released-cells.json",
        "course/course.toml",
        *(f"course/{path.relative_to(ROOT).as_posix()}" for path in CATALOGUE.files(PS3)),
    }
    assert f"course/solutions/{PS3}/private/rectifiers.py" in inside
    assert bytes.fromhex(archive.read("course/.course-secret").decode()) == course_secret(course.root)


def test_what_an_assignment_asks_again_comes_along_with_its_data_and_without_notebooks(tmp_path):
    begun = Begun.at(tmp_path / "course", "function")
    write(assignment_files(begun.course, "two", "", torch=False))
    private = begun.course.solutions / "two" / "private" / "again.py"
    private.parent.mkdir()
    private.write_text(f'from autograder.course.declare import reuse\n\nAGAIN = reuse("{ONE}", "my_function")\n')
    data = begun.course.solutions / "two" / "public" / "data" / "names.txt"
    data.parent.mkdir(parents=True)
    data.write_text("ada\n")
    released = begun.course.assignments / "two" / "two.ipynb"
    released.parent.mkdir(parents=True)
    shutil.copy(begun.course.source("two"), released)
    shutil.copytree(ROOT / "requirements", begun.course.requirements)

    build(begun.course, "two", tmp_path / "a.zip")

    with zipfile.ZipFile(tmp_path / "a.zip") as content:
        inside = {name.removeprefix("course/") for name in content.namelist() if name.startswith("course/")}
    assert inside == {
        ".course-secret", "course.toml", "assignments/two/two.ipynb", "solutions/two/private/again.py",
        "solutions/two/public/data/names.txt",
        *(f"solutions/{ONE}/{half}/my_function.py" for half in ("public", "private")),
    }  # fmt: skip


def test_the_package_is_whole_and_nothing_but_the_package(archive):
    inside = {Path(name) for name in archive.namelist() if name.startswith("autograder/")}
    package = {path.relative_to(ROOT) for path in (ROOT / "autograder").rglob("*.py")}

    assert package <= inside
    assert {path.suffix for path in inside} <= {".py", ".html", ".css", ".json"}


def test_no_path_of_this_machine_and_no_address_of_a_registry_is_in_it(archive):
    here = rf"{re.escape(str(ROOT))}|{re.escape(str(Path.home()))}/"
    registry = r"://[^\s/]*(pypi|pytorch|pythonhosted)|(index-url|find-links)[ =]+[\w/.:]"
    places = re.compile(f"{here}|{registry}".encode())

    found = [(name, hit[0]) for name in archive.namelist() if (hit := places.search(archive.read(name)))]

    assert found == []


def test_the_zip_is_for_its_owner_and_the_same_each_time(course, tmp_path):
    first, second = tmp_path / "a.zip", tmp_path / "b.zip"

    build(course, PS3, first)
    build(course, PS3, second)

    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert first.read_bytes() == second.read_bytes()


def test_pytorch_is_installed_only_where_the_assignment_is_about_it(course, archive, tmp_path):
    shutil.copytree(ROOT / "assignments" / "ps6-common-mistakes", course.assignments / "ps6-common-mistakes")

    build(course, "ps6-common-mistakes", tmp_path / "ps6.zip")

    with zipfile.ZipFile(tmp_path / "ps6.zip") as content:
        more = set(requirements(content)) - set(requirements(archive))
        assert more == {"ci-torch.txt", "torch.txt"}
    assert "torch" not in pinned(archive)


def test_every_package_is_pinned_with_its_hashes_and_none_is_of_cuda(archive):
    locks = [name for name in requirements(archive) if name.endswith(".txt")]

    assert locks == ["ci.txt", "uv.txt"]
    for name in locks:
        blocks = re.split(r"^(?=[a-z])", archive.read(f"requirements/{name}").decode(), flags=re.MULTILINE)[1:]
        assert all("--hash=sha256:" in block for block in blocks), name
    assert [name for name in pinned(archive) if re.match("nvidia|cuda|triton|nbgrader|jupyter", name)] == []


def test_what_ci_imports_is_what_the_image_has():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]

    assert {*groups["ci"], *groups["ci-torch"]} <= set(project["project"]["dependencies"])
    assert {re.split("[>=<]", one)[0] for one in groups["ci"]} == IMPORTED


def test_the_installer_in_it_is_whole(archive, tmp_path):
    archive.extractall(tmp_path)
    modules = [Path(name).stem for name in requirements(archive) if name.endswith(".py")]

    done = subprocess.run(
        [sys.executable, "-c", f"import {', '.join(modules)}"],
        capture_output=True, text=True, cwd=tmp_path / "requirements",
    )  # fmt: skip
    helped = subprocess.run(
        [sys.executable, "-E", "-s", tmp_path / "requirements" / "install.py", "--help"], capture_output=True, text=True
    )

    assert "lock" not in modules
    assert done.stderr == ""
    assert "ci-torch" in helped.stdout


def test_what_was_not_released_is_told(course, tmp_path):
    with pytest.raises(UsageError, match="make release"):
        build(course, "ps9-nothing", tmp_path / "a.zip")


def test_a_zip_that_cannot_be_written_is_told(course, tmp_path):
    (tmp_path / "taken").write_text("")

    with pytest.raises(UsageError, match=r"a\.zip can't be written.*--to"):
        build(course, PS3, tmp_path / "taken" / "a.zip")


@pytest.mark.parametrize("name", ["install.py", "ci.txt", "uv.txt"])
def test_missing_pins_are_told(course, tmp_path, name):
    bare = Course.at(tmp_path)
    shutil.copytree(course.assignments, bare.assignments)
    shutil.copytree(course.requirements, bare.requirements)
    (bare.requirements / name).unlink()

    with pytest.raises(UsageError, match=rf"{name} can't be read.*--course"):
        build(bare, PS3, tmp_path / "a.zip")


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_scripts_are_sound_shell(name):
    parsed = subprocess.run(["bash", "-n", str(HERE / name)], capture_output=True, text=True)
    linted = subprocess.run([SHELLCHECK, str(HERE / name)], capture_output=True, text=True)

    assert parsed.stderr == ""
    assert linted.stdout == ""


def test_the_scripts_name_no_fixed_place():
    for name in SCRIPTS:
        text = (HERE / name).read_text()

        assert not re.search(r"^[^#]*\s/autograder\b", text, re.MULTILINE)
