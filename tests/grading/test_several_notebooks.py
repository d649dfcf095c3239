"""An assignment with two notebooks: which file is which, what is missing, and what its units are called."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from autograder.errors import NotOneNotebookError, ReleaseError, UsageError
from autograder.grading.asked import asked
from autograder.grading.course import Course
from autograder.grading.intake import Rejected, read_submission
from autograder.grading.release import load_assignment, load_releases, whole
from autograder.grading.roster import find_submissions
from tests.grading.notebooks import essay, exercise, given, notebook, with_sources, write

TOML = 'id = "two"\n\n[[assignment]]\nname = "num"\n\n[[assignment]]\nname = "one"\n'
STUB = "def {name}(x):\n    raise NotImplementedError"


def stub(name):
    return exercise(name, STUB.format(name=name))


ROOTS = notebook(given("given-imports", "import math"), *stub("newton"), *stub("secant"), essay("essay-stop", "When?"))
SYSTEMS = notebook(given("given-imports", "import math"), *stub("jacobi"), *stub("condition"))


@pytest.fixture
def course(tmp_path):
    """Two assignments, released: `num` with two notebooks and `one` with one."""
    course = Course.at(tmp_path)
    (tmp_path / "course.toml").write_text(TOML)
    for path, made in (("num/roots", ROOTS), ("num/systems", SYSTEMS), ("one/only", notebook(*stub("add")))):
        write(course.assignments / f"{path}.ipynb", made)
    return course


def worked(made, name):
    return with_sources(json.loads(json.dumps(made)), {name: f"def {name}(x):\n    return x"})


def hand_in(course, **files):
    for name, made in files.items():
        write(course.submitted / "ada" / "num" / f"{name.replace('__', '.')}.ipynb", made)


def found(course):
    listing = find_submissions(course.submitted, load_releases(course))
    return {one.unit: one.path.name for one in listing.found}, {one.unit: one for one in listing.rejected}


def test_a_unit_is_the_assignment_or_one_of_its_notebooks(course):
    assert list(load_releases(course)) == ["num/roots", "num/systems", "one"]
    assert course.units("num") == ("num/roots", "num/systems")
    assert course.units("one") == ("one",)


def test_a_notebook_alone_keeps_the_names_of_its_files(course):
    assert course.record("ada", "one") == course.reports / "one" / "students" / "ada.json"
    assert course.record("ada", "num/roots") == course.reports / "num" / "roots" / "students" / "ada.json"


@pytest.mark.parametrize(
    "words, expected",
    [
        ((), ("num/roots", "num/systems", "one")),
        (("num",), ("num/roots", "num/systems")),
        (("num/systems", "one"), ("num/systems", "one")),
        (("num", "num/roots"), ("num/roots", "num/systems")),
    ],
)
def test_an_assignments_name_means_all_its_notebooks(course, words, expected):
    assert asked(load_releases(course), words) == expected


def test_a_notebook_that_there_is_not_is_no_unit(course):
    with pytest.raises(UsageError, match="no assignment 'num/limits'"):
        asked(load_releases(course), ("num/limits",))


def test_both_are_found_by_their_names(course):
    hand_in(course, roots=worked(ROOTS, "newton"), systems=worked(SYSTEMS, "jacobi"))

    assert found(course) == ({"num/roots": "roots.ipynb", "num/systems": "systems.ipynb"}, {})


def test_both_are_found_by_their_cells_whatever_they_are_called(course):
    hand_in(course, systems=worked(ROOTS, "newton"), last=worked(SYSTEMS, "jacobi"))

    assert found(course) == ({"num/roots": "systems.ipynb", "num/systems": "last.ipynb"}, {})


def test_one_that_is_missing_beside_the_other_is_not_handed_in_and_nobody_is_asked(course):
    hand_in(course, roots=worked(ROOTS, "newton"))

    files, rejected = found(course)

    assert files == {"num/roots": "roots.ipynb"}
    assert rejected["num/systems"].missing
    assert "systems.ipynb" in rejected["num/systems"].reason


def test_where_nothing_is_of_the_assignment_a_person_is_asked_about_both(course):
    hand_in(course, unknown=notebook(*stub("something")))

    files, rejected = found(course)

    assert files == {}
    assert {unit: one.missing for unit, one in rejected.items()} == {"num/roots": False, "num/systems": False}


def test_a_file_that_cannot_be_read_counts_by_its_name_alone(course):
    hand_in(course, roots=worked(ROOTS, "newton"), systems="{")

    files, rejected = found(course)
    taken = read_submission(
        course.submitted / "ada" / "num" / files["num/systems"], load_releases(course)["num/systems"], "ada"
    )

    assert files == {"num/roots": "roots.ipynb", "num/systems": "systems.ipynb"}
    assert rejected == {}
    assert isinstance(taken, Rejected)
    assert (taken.unit, taken.missing) == ("num/systems", False)


def test_two_with_work_in_one_of_them_leave_the_other_alone(course):
    hand_in(
        course, first=worked(ROOTS, "newton"), second=worked(ROOTS, "secant"), systems=worked(SYSTEMS, "jacobi")
    )  # fmt: skip

    files, rejected = found(course)

    assert files == {"num/systems": "systems.ipynb"}
    assert "A person has to decide" in rejected["num/roots"].reason


def test_both_are_taken_out_of_one_archive(course):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("work/roots.ipynb", json.dumps(worked(ROOTS, "newton")))
        archive.writestr("work/systems.ipynb", json.dumps(worked(SYSTEMS, "jacobi")))
    place = course.submitted / "ada" / "num"
    place.mkdir(parents=True)
    (place / "work.zip").write_bytes(made.getvalue())

    releases = load_releases(course)
    others = tuple(releases.values())
    files, rejected = found(course)
    taken = {
        unit: read_submission(place / "work.zip", releases[unit], "ada", others=others).attempted for unit in files
    }

    assert rejected == {}
    assert taken == {"num/roots": {"newton"}, "num/systems": {"jacobi"}}


def test_the_other_notebook_under_this_ones_name_says_so(course):
    releases = load_releases(course)
    path = write(course.root / "roots.ipynb", worked(SYSTEMS, "jacobi"))

    taken = read_submission(path, releases["num/roots"], "ada", others=tuple(releases.values()))

    assert "another notebook of the assignment" in taken.reason


def test_as_one_it_has_the_exercises_essays_and_points_of_both(course):
    both = load_assignment(course, "num")

    one = whole(both)

    assert list(one.exercises) == ["newton", "secant", "jacobi", "condition"]
    assert one.points == sum(release.points for release in both) == 21
    assert one.units == ("num/roots", "num/systems")
    (alone,) = load_assignment(course, "one")
    assert whole([alone]) is alone


def test_a_cell_in_two_notebooks_is_named_with_both(course):
    write(course.assignments / "num" / "roots-Copy1.ipynb", ROOTS)

    with pytest.raises(
        NotOneNotebookError, match=r"holds 3 notebooks, and newton is in two.*roots-Copy1.*roots\.ipynb"
    ):
        load_assignment(course, "num")


def test_a_name_that_the_gradebook_has_no_room_for_is_refused(course):
    write(course.assignments / "num" / f"{'n' * 140}.ipynb", notebook(*stub("limits")))

    with pytest.raises(ReleaseError, match="too long"):
        load_assignment(course, "num")
