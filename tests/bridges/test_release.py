"""`make release`: from solutions/ to assignments/, the same bytes every time, verified before it takes a place."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

import autograder
from autograder.bridges.nbgrader import release as building
from autograder.bridges.nbgrader._verify import verify
from autograder.bridges.nbgrader.release import kit_files, out_of_date, release
from autograder.bridges.pytest_plugin import shipped_conftest
from autograder.errors import ReleaseError, UsageError
from autograder.grading.release import load_release
from autograder.grading.released_cells import RECORD
from tests.bridges.small_course import ASSIGNMENT, BONUS, KIT, MUL, NOTEBOOK, source_json, with_bonus, write_sources
from tests.grading.notebooks import cell, find, given, without

FOLDER = f"{ASSIGNMENT}/{NOTEBOOK}.ipynb"


def digest(folder):
    return {path.relative_to(folder): hashlib.sha256(path.read_bytes()).digest() for path in files(folder)}


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_release_has_a_notebook_its_kit_its_requirements_and_a_header(course):
    names = {path.relative_to(course.assignments / ASSIGNMENT).as_posix() for path in files(course.assignments)}

    kit = {f"kit/{name}" for name in KIT if name != "public/other/__init__.py"}
    assert names == {f"{NOTEBOOK}.ipynb", "requirements.txt", "README.md", "conftest.py", RECORD} | kit


def test_what_is_compiled_or_hidden_is_no_part_of_the_kit(tmp_path, monkeypatch):
    shipped = ("__init__.py", "public/__init__.py", "public/ps2/__init__.py", "tables.json")
    left_out = ("__pycache__/__init__.cpython-311.pyc", "__pycache__/notes.txt", "old.pyc", ".swap", "public/ps3.py")
    for name in (*shipped, *left_out):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.setattr(building, "_KIT", tmp_path)

    found = kit_files("ps2-vector-jacobian-products")

    assert tuple(path.as_posix() for path in found) == shipped


def test_the_header_says_what_it_was_made_from(course):
    header = (course.assignments / ASSIGNMENT / "README.md").read_text().splitlines()[0]

    assert header == f"<!-- Generated from solutions/{FOLDER} by `make release`; edit there. -->"


def test_the_conftest_says_what_it_was_made_from_and_knows_the_demonstrations(course):
    lines = (course.assignments / ASSIGNMENT / "conftest.py").read_text().splitlines()

    assert lines[0] == (
        "# Generated from autograder/bridges/pytest_plugin/shipped_conftest.py "
        f"and solutions/{FOLDER} by `make release`; edit there."
    )
    assert f'    "{shipped_conftest.digest("print(np.ones(2))")}",' in lines


def test_requirements_are_the_pinned_versions(course):
    lines = (course.assignments / ASSIGNMENT / "requirements.txt").read_text().splitlines()

    assert lines[0] == "# Generated from requirements/ by `make release`; edit there."
    assert [line for line in lines if not line.startswith("#")] == [
        "numpy==2.4.6",
        "torch==2.13.0",
        "matplotlib==3.11.2",
        "ipython==9.18.1",
        "jupyterlab==4.6.6",
    ]


def test_a_release_holds_stubs_and_no_answers(course):
    text = course.release(ASSIGNMENT).read_text()

    assert text.count("raise NotImplementedError") == 2
    assert "Paths." not in text
    assert "SOLUTION" not in text


def test_only_this_assignments_public_half_of_the_real_kit_ships(monkeypatch):
    monkeypatch.setattr(building, "_KIT", Path(autograder.__file__).parent / "kit")

    shipped = {path.as_posix() for path in kit_files("ps2-vector-jacobian-products") if path.parts[0] == "public"}

    assert "public/__init__.py" in shipped
    assert all(name.startswith("public/ps2") for name in shipped - {"public/__init__.py"})


def test_releasing_again_gives_the_same_bytes(course):
    before = digest(course.assignments)
    shutil.rmtree(course.assignments)

    release(course)

    assert digest(course.assignments) == before


def test_a_check_finds_nothing_to_change_after_a_release(course):
    assert out_of_date(release(course, check=True)) == ()


def test_what_use_leaves_behind_is_no_difference(course):
    for name in ("__pycache__", ".pytest_cache", ".ipynb_checkpoints"):
        (course.assignments / ASSIGNMENT / name).mkdir()
        (course.assignments / ASSIGNMENT / name / "file.py").write_text("")

    assert out_of_date(release(course, check=True)) == ()


@pytest.mark.parametrize("damage", ["edited", "deleted", "added"])
def test_a_check_tells_what_differs_and_changes_nothing(course, damage):
    path = course.release(ASSIGNMENT)
    if damage == "edited":
        path.write_text(path.read_text() + " ")
    elif damage == "deleted":
        path = path.with_name("requirements.txt")
        path.unlink()
    else:
        path = path.with_name("extra.py")
        path.write_text("")
    before = digest(course.assignments)

    differing = out_of_date(release(course, check=True))

    assert differing == (f"{ASSIGNMENT}/{path.name}",)
    assert digest(course.assignments) == before


def test_a_release_leaves_nothing_else_behind(course):
    before = sorted(path.name for path in course.root.iterdir())

    release(course)

    assert sorted(path.name for path in course.root.iterdir()) == before
    assert [path.name for path in course.assignments.iterdir()] == [ASSIGNMENT]


def test_a_release_does_not_touch_the_gradebook(course):
    before = course.gradebook.read_bytes()

    release(course)

    assert course.gradebook.read_bytes() == before


def test_an_unknown_assignment_is_told(course):
    with pytest.raises(UsageError, match=ASSIGNMENT):
        release(course, "ps9-nothing")


def repeated_in_a_demonstration():
    made = source_json()
    text = "def helper(grad_output):\n    if True:\n        grad_a = grad_output\n        grad_b = grad_output\n"
    made["cells"].insert(3, cell("code", "demo-leak", text + "        return grad_a, grad_b"))
    return made


def without_ids():
    made = source_json()
    for entry in made["cells"]:
        entry.pop("id")
    return made


def half_an_exercise():
    return without(source_json(), "mul_backward-check")


def unclosed_region():
    made = source_json()
    find(made, "mul_backward")["source"] = MUL.replace("    ### END SOLUTION", "")
    return made


def region_in_a_given_cell():
    made = source_json()
    made["cells"].insert(2, given("given-more", "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"))
    return made


BROKEN = {
    "no ids": without_ids,
    "half an exercise": half_an_exercise,
    "unclosed region": unclosed_region,
    "region in a given cell": region_in_a_given_cell,
}


@pytest.mark.parametrize("made", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_source_is_refused_and_the_old_release_stays(course, made):
    before = digest(course.assignments)
    write_sources(course, made())

    with pytest.raises(ReleaseError):
        release(course)

    assert digest(course.assignments) == before


@pytest.mark.parametrize("made", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_wrong_is_told_of_the_source_and_of_no_temporary_folder(course, made):
    write_sources(course, made())

    with pytest.raises(ReleaseError) as raised:
        release(course)

    assert str(raised.value).startswith(str(course.solutions / ASSIGNMENT))
    assert ".release-" not in str(raised.value)


@pytest.mark.parametrize("place", [0, 3])
def test_a_source_cell_without_an_id_is_told(course, place):
    made = source_json()
    made["cells"][place].pop("id")
    write_sources(course, made)

    with pytest.raises(ReleaseError, match=rf"rules\.ipynb: Cells without an id: the first is number {place + 1}\."):
        release(course)


def test_a_source_that_is_no_notebook_is_told(course):
    course.source(ASSIGNMENT).write_text("{")

    with pytest.raises(ReleaseError, match="can't be read as a notebook"):
        release(course)


@pytest.mark.parametrize("lock", ["grade.txt", "lab.txt", "torch.txt"])
def test_a_course_without_pins_is_told(course, lock):
    (course.requirements / lock).unlink()

    with pytest.raises(UsageError, match=rf"{lock} can't be read.*Copy the folder requirements"):
        release(course)


def test_a_package_that_is_not_pinned_is_told(course):
    (course.requirements / "grade.txt").write_text("numpy==2.4.6\n# ipython==9.18.1\n")

    with pytest.raises(UsageError, match=r"does not pin matplotlib, ipython, jupyterlab.*make lock"):
        release(course)


def test_a_package_with_another_version_for_another_python_is_pinned_for_each(course):
    lines = [
        "numpy==2.3.0 ; python_full_version < '3.12' \\",
        "    --hash=sha256:0",
        "numpy==2.4.6 ; python_full_version >= '3.12'",
    ]
    lock = course.requirements / "grade.txt"
    lock.write_text(lock.read_text().replace("numpy==2.4.6 \\", "\n".join(lines)))

    release(course)

    required = (course.assignments / ASSIGNMENT / "requirements.txt").read_text().splitlines()
    assert [line for line in required if line.startswith("numpy")] == [line.removesuffix(" \\") for line in lines[::2]]


def test_a_copy_that_jupyter_made_beside_the_source_is_told(course):
    source = course.source(ASSIGNMENT)
    shutil.copy(source, source.with_name(f"{NOTEBOOK}-Copy1.ipynb"))

    with pytest.raises(UsageError, match=r"holds 2 notebooks.*rules-Copy1\.ipynb"):
        release(course)


def test_a_solution_outside_its_region_is_refused(course):
    made = source_json()
    draft = "\n\ndef draft(grad_output):\n    grad_a = grad_output\n    grad_b = grad_output\n    return grad_a, grad_b"
    find(made, "add_backward")["source"] += draft
    write_sources(course, made)

    with pytest.raises(ReleaseError, match="holds a solution"):
        release(course)


def test_a_stated_worked_example_may_be_repeated_in_an_answer(course):
    write_sources(course, repeated_in_a_demonstration())

    release(course)

    assert "demo-leak" in course.release(ASSIGNMENT).read_text()


def test_an_exercise_that_is_declared_must_be_in_the_notebook(course, monkeypatch):
    from autograder.bridges.nbgrader import _verify

    class Declared:
        name = "sub_backward"

    monkeypatch.setattr(_verify, "CATALOGUE", {ASSIGNMENT: (Declared,)})

    with pytest.raises(ReleaseError, match="sub_backward"):
        release(course)


def test_a_bonus_survives_the_release(course):
    write_sources(course, with_bonus())

    release(course)

    assert load_release(course.release(ASSIGNMENT)).bonuses == {"sum_backward": BONUS}


def test_a_release_that_lost_a_bonus_is_refused(course):
    write_sources(course, with_bonus())
    release(course)
    built = course.release(ASSIGNMENT)
    built.write_text(built.read_text().replace('"bonus": 5', '"bonus": 6'))

    with pytest.raises(ReleaseError, match="bonus was lost or gained"):
        verify(course.source(ASSIGNMENT), built, ASSIGNMENT, kit=())


def test_stock_generate_assignment_releases_the_same(course):
    from nbgrader.converters import GenerateAssignment

    from tests.bridges.small_course import stock_config

    before = digest(course.assignments)
    coursedir, config = stock_config(course)

    GenerateAssignment(coursedir=coursedir, config=config, force=True).start()

    assert digest(course.assignments) == before


def test_a_release_remembers_the_cells_of_those_before_it(course):
    before = json.loads(course.release(ASSIGNMENT).read_text())
    made = source_json()
    find(made, "text-opening")["source"] = "# Two other rules"
    find(made, "add_backward-check")["metadata"]["nbgrader"]["points"] = 2
    write_sources(course, made)

    release(course, ASSIGNMENT)

    ever = load_release(course.release(ASSIGNMENT)).ever
    assert [cell["id"] for cell in before["cells"] if ever.cell_of("".join(cell["source"])) != cell["id"]] == []
    assert ever.had(find(before, "add_backward-check")["metadata"]["nbgrader"])
    assert ever.cell_of("# Two other rules") == "text-opening"


def test_the_record_of_released_cells_outlives_the_release(course):
    record = course.solutions / ASSIGNMENT / RECORD
    before = record.read_bytes()
    shutil.rmtree(course.assignments)

    release(course, ASSIGNMENT)

    assert record.read_bytes() == before == (course.assignments / ASSIGNMENT / RECORD).read_bytes()
