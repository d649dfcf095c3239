"""`make release`: from solutions/ to assignments/, the same bytes every time, verified before it takes a place."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from autograder.bridges.nbgrader._verify import verify
from autograder.bridges.nbgrader.release import complete, out_of_date, release
from autograder.bridges.pytest_plugin import shipped_conftest
from autograder.commands import lab
from autograder.course import kit_zip
from autograder.course.opening import opening
from autograder.errors import ReleaseError, UsageError
from autograder.grading.course import Course
from autograder.grading.plan import open_plan
from autograder.grading.release import load_release
from autograder.grading.released_cells import RECORD
from tests.bridges.small_course import ASSIGNMENT, BONUS, MUL, NOTEBOOK, source_json, with_bonus, write_sources
from tests.grading.notebooks import cell, exercise, find, given, inserted, without
from tests.this_course import COURSE

PUBLIC = """from kit.declare import Function, Stored
SUB = Function("sub_backward", "sub_backward(x)", "-x", stored=(Stored("one", {"x": [1.0]}, [-1.0]),))
"""
PRIVATE = """from autograder.course.declare import Exercise
from kit.declare import case
from ..public import subtraction as public
SUB = Exercise(public.SUB, reference=lambda x: -x, cases=(case("one", x=[1.0]),))
"""
ASKED = ("sub_backward", "def sub_backward(x):\n    ### BEGIN SOLUTION\n    return -x\n    ### END SOLUTION")
FOLDER = f"{ASSIGNMENT}/{NOTEBOOK}.ipynb"


def digest(folder):
    return {path.relative_to(folder): hashlib.sha256(path.read_bytes()).digest() for path in files(folder)}


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_release_has_a_notebook_its_kit_its_requirements_and_a_header(course):
    names = {path.relative_to(course.assignments / ASSIGNMENT).as_posix() for path in files(course.assignments)}

    assert names == {f"{NOTEBOOK}.ipynb", "kit.zip", "requirements.txt", "README.md", "conftest.py", RECORD}
    assert set(opened(course)) == {"kit/__init__.py", "kit/checking.py", "kit/public/__init__.py"}


def opened(course):
    """What kit.zip holds, by name."""
    with zipfile.ZipFile(course.assignments / ASSIGNMENT / "kit.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def replaced(course, files):
    """Put another archive in the place of kit.zip."""
    with zipfile.ZipFile(course.assignments / ASSIGNMENT / "kit.zip", "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)


def test_what_is_compiled_or_hidden_is_no_part_of_the_kit(course, tmp_path, monkeypatch):
    shipped = ("__init__.py", "tables.json")
    left_out = ("__pycache__/__init__.cpython-311.pyc", "__pycache__/notes.txt", "old.pyc", ".swap", "unused.py")
    for name in (*shipped, *left_out):
        (tmp_path / "kit" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "kit" / name).touch()
    monkeypatch.setattr(kit_zip, "_KIT", tmp_path / "kit")

    found = kit_zip.kit_files(course.content, ASSIGNMENT)

    assert sorted(found) == ["__init__.py", "public/__init__.py", "tables.json"]


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
        path = path.with_name(RECORD)
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


def declared(course, public="", private="", **data):
    """Content of the small course: one exercise that its notebook does not ask, and files of data."""
    folder = course.solutions / ASSIGNMENT
    for name, text in (("public", f"{PUBLIC}{public}"), ("private", f"{PRIVATE}{private}")):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "subtraction.py").write_text(text)
    for name, text in data.items():
        (folder / "public" / "data").mkdir(exist_ok=True)
        (folder / "public" / "data" / f"{name}.txt").write_text(text)


def test_an_exercise_that_is_declared_must_be_in_the_notebook(course):
    declared(course)

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
        verify(course.content, course.source(ASSIGNMENT), built, ASSIGNMENT, kit=())


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


MADE = ("README.md", "conftest.py", "kit.zip", "requirements.txt")


def test_in_a_fresh_clone_what_git_does_not_hold_is_no_difference_and_is_made_when_it_is_needed(course):
    folder = course.assignments / ASSIGNMENT
    before = digest(folder)
    for name in MADE:
        (folder / name).unlink()

    differing = out_of_date(release(course, check=True))
    left = sorted(path.name for path in files(folder))
    complete(course, ASSIGNMENT)

    assert differing == ()
    assert left == sorted([f"{NOTEBOOK}.ipynb", RECORD])
    assert digest(folder) == before


@pytest.mark.parametrize("make", [release, complete])
def test_a_kit_of_last_week_is_made_anew_and_is_nothing_to_commit(course, make):
    folder = course.assignments / ASSIGNMENT
    before = digest(folder)
    replaced(course, {**opened(course), "kit/checking.py": b"'of last week'"})

    differing = out_of_date(release(course, check=True))
    make(course, ASSIGNMENT)

    assert differing == ()
    assert digest(folder) == before


def test_the_lines_that_find_the_kit_stand_above_its_import(course):
    source = find(json.loads(course.release(ASSIGNMENT).read_text()), "given-imports")["source"]

    assert "".join(source) == f"import math\nimport numpy as np\n\n{opening()}\n\nfrom kit import check"


def test_with_an_address_the_cell_holds_the_digest_of_the_kit_and_the_kit_nothing_of_the_cell(course):
    manifest = course.root / "course.toml"
    manifest.write_text('kit_url = "https://example.org/kits"\n' + manifest.read_text())

    release(course)

    archive = (course.assignments / ASSIGNMENT / "kit.zip").read_bytes()
    place, known = f"https://example.org/kits/{ASSIGNMENT}/kit.zip", hashlib.sha256(archive).hexdigest()
    source = find(json.loads(course.release(ASSIGNMENT).read_text()), "given-imports")["source"]
    assert opening(place, known) in "".join(source)
    assert out_of_date(release(course, check=True)) == ()


def test_an_import_of_the_kit_within_other_code_is_told(course):
    made = source_json()
    find(made, "given-imports")["source"] = "try:\n    from kit import check\nexcept ImportError:\n    raise"
    write_sources(course, made)

    with pytest.raises(ReleaseError, match=r"given-imports.*within other code.*a line of its own"):
        release(course)


ANSWER = "def helper(grad_output):\n    grad_a = grad_output\n    grad_b = grad_output\n    return grad_a, grad_b\n"
PLANTED = {
    "an answer in a module of the kit": ({"kit/checking.py": ANSWER}, "holds a solution.*"),
    "an answer beside the data": ({"kit/public/data/draft.py": ANSWER}, "what it should not.*draft.py"),
    "an answer in words": ({"kit/checking.py": "# ### BEGIN SOLUTION"}, "mark of the source"),
    "a file of the grader": ({"engine/__init__.py": ""}, "what it should not.*engine"),
    "an import of the grader": ({"kit/checking.py": "from autograder.engine import ops"}, "imports the grader"),
    "a module less": ({"kit/checking.py": None}, "not whole.*kit/checking.py"),
}


@pytest.mark.parametrize(("planted", "said"), PLANTED.values(), ids=PLANTED.keys())
def test_what_is_planted_in_the_kit_is_found(course, planted, said):
    held = {**opened(course), **planted}
    replaced(course, {name: data for name, data in held.items() if data is not None})
    kit = [Path("kit", name) for name in kit_zip.kit_files(course.content, ASSIGNMENT)]

    with pytest.raises(ReleaseError, match=said):
        verify(course.content, course.source(ASSIGNMENT), course.release(ASSIGNMENT), ASSIGNMENT, kit=kit)


def test_an_answer_that_an_author_leaves_in_a_public_file_is_refused_and_the_old_release_stays(course):
    before = digest(course.assignments)
    declared(course, public=ANSWER)
    write_sources(course, inserted(source_json(), "essay-why", *exercise(*ASKED)))

    with pytest.raises(ReleaseError, match=r"holds a solution.*grad_a = grad_output"):
        release(course)

    assert digest(course.assignments) == before


def test_a_private_file_that_an_author_copied_into_the_public_half_is_refused(course):
    declared(course)
    shutil.copy(course.solutions / ASSIGNMENT / "private" / "subtraction.py", course.solutions / ASSIGNMENT / "public")
    (course.solutions / ASSIGNMENT / "private" / "subtraction.py").write_text("ANSWERS = 1, 2\n")
    shutil.copy(
        course.solutions / ASSIGNMENT / "private" / "subtraction.py", course.solutions / ASSIGNMENT / "public" / "a.py"
    )
    (course.solutions / ASSIGNMENT / "public" / "subtraction.py").write_text(PUBLIC)

    with pytest.raises(ReleaseError, match=r"a file of the private half.*kit/public/a.py, which is subtraction.py"):
        release(course)


def with_companions(course):
    """The small course with content: what stock nbgrader would copy beside the notebook."""
    declared(course, points="1 2 3")
    write_sources(course, inserted(source_json(), "essay-why", *exercise(*ASKED)))
    release(course)
    return digest(course.assignments)


def is_for_students(course):
    """Whether the release holds its six files and no companion of the source."""
    return {path.name for path in files(course.assignments)} == {f"{NOTEBOOK}.ipynb", RECORD, *MADE} and [
        path.name for path in course.assignments.iterdir()
    ] == [ASSIGNMENT]


def test_stock_generate_assignment_copies_no_file_of_the_content(course, monkeypatch):
    from nbgrader.converters import GenerateAssignment

    from tests.bridges.small_course import stock_config

    before = with_companions(course)
    monkeypatch.chdir(course.root)
    coursedir, config = stock_config(course)

    GenerateAssignment(coursedir=coursedir, config=config, force=True).start()

    assert is_for_students(course)
    assert digest(course.assignments) == before
    assert {"kit/public/subtraction.py", "kit/public/data/points.txt"} <= set(opened(course))


def test_the_formgraders_button_copies_no_file_of_the_content(course, monkeypatch):
    from nbgrader.apps.api import NbGraderAPI

    from tests.bridges.small_course import stock_config

    before = with_companions(course)
    shutil.rmtree(course.assignments / ASSIGNMENT)
    monkeypatch.chdir(course.root)
    coursedir, config = stock_config(course)

    said = NbGraderAPI(coursedir, config=config).generate_assignment(ASSIGNMENT)

    assert said["success"], said
    assert is_for_students(course)
    assert digest(course.assignments) == before


def test_the_lab_of_a_fresh_clone_makes_the_kit_before_it_opens(course, monkeypatch):
    for name in MADE:
        (course.assignments / ASSIGNMENT / name).unlink()
    monkeypatch.chdir(course.root)
    started = []
    monkeypatch.setattr(lab.os, "execv", lambda *line: started.append(line))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "")

    lab.run_lab(course, (), ())

    assert len(started) == 1
    assert {path.name for path in (course.root / "lab" / "student" / ASSIGNMENT).iterdir()} >= set(MADE)


def test_a_dropped_exercise_is_left_out_of_the_release_and_stays_in_the_source(tmp_path):
    """Somebody wrote `drop` into course.toml: `release` said that notebook and declarations differ."""
    name = "ps4-layers"
    shutil.copytree(COURSE.solutions / name, tmp_path / "solutions" / name)
    text = f'id = "c"\n[[assignment]]\nname = "{name}"\ndrop = ["glu_backward"]\n'
    (tmp_path / "course.toml").write_text(text)
    course = Course.at(tmp_path)

    release(course)

    given = load_release(course.release(name)).exercises
    assert "glu_backward" not in given
    assert {*given, "glu_backward"} == {one.name for one in course.content[name]}
    assert open_plan(course, name).exercises.keys() == given.keys()
    assert "glu_backward" in course.source(name).read_text()
