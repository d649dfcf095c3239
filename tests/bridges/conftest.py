"""What every test of the bridges starts from: a small course, released and registered, with a scripted grader."""

from __future__ import annotations

import shutil

import pytest

from autograder.bridges.nbgrader import release as building
from autograder.bridges.nbgrader.register import register
from autograder.course import kit_zip
from autograder.grading.course import Course
from tests.bridges.small_course import ASSIGNMENT, KIT, write_sources


@pytest.fixture(scope="session")
def small_kit(tmp_path_factory):
    """The folder of a kit of a few files, for the place of the real one."""
    kit = tmp_path_factory.mktemp("repository") / "kit"
    for name in KIT:
        path = kit / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'"""{name}"""\n' + ("from . import checking\n" if name == "__init__.py" else ""))
    return kit


@pytest.fixture(scope="session")
def template(tmp_path_factory, small_kit):
    """A course that is made once and copied."""
    made = Course.at(tmp_path_factory.mktemp("course"))
    write_sources(made)
    with pytest.MonkeyPatch.context() as patch:  # and no longer: others ask for the real one in this process
        patch.setattr(kit_zip, "_KIT", small_kit)
        building.release(made)
    register(made, ASSIGNMENT)
    return made


@pytest.fixture
def course(template, small_kit, tmp_path, monkeypatch):
    """A course of the test's own: released, registered, nothing handed in."""
    monkeypatch.setattr(kit_zip, "_KIT", small_kit)
    return Course.at(shutil.copytree(template.root, tmp_path / "course"))
