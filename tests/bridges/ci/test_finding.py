"""What a path holds, in every shape that people have it in."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from autograder.bridges.ci.finding import Entry, find, find_single
from autograder.errors import UsageError
from autograder.grading.intake import Rejected, read_submission
from autograder.grading.release import load_release
from tests.grading.notebooks import ANSWER, answered, cell, notebook, release_json, write

PS2, PS3 = "ps2-rules", "ps3-losses"
FILES = {PS2: "rules.ipynb", PS3: "losses.ipynb"}


@pytest.fixture(scope="module")
def releases(tmp_path_factory):
    root = tmp_path_factory.mktemp("assignments")
    return {name: load_release(write(root / name / file, release_json())) for name, file in FILES.items()}


@pytest.fixture
def lay(tmp_path):
    def laid(*names: str):
        for name in names:
            path = tmp_path / "handed" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("{}")
        return tmp_path / "handed"

    return laid


def held(path, releases, *, only=None):
    """(student, assignment, path below, whether rejected) of everything found."""
    found = find(path, {only: releases[only]} if only else releases).entries
    top = path if path.is_dir() else path.parent
    return [
        (e.student, e.assignment, e.path.relative_to(top).as_posix() if isinstance(e, Entry) else "rejected")
        for e in found
    ]


def test_a_notebook_is_of_the_assignment_that_it_is_named_after(lay, releases):
    path = lay("losses.ipynb") / "losses.ipynb"

    assert held(path, releases) == [("", PS3, "losses.ipynb")]


def test_a_renamed_notebook_is_taken_where_the_assignment_is_given(lay, releases):
    path = lay("final (2).ipynb") / "final (2).ipynb"

    assert held(path, releases, only=PS2) == [("", PS2, "final (2).ipynb")]
    with pytest.raises(UsageError, match="which assignment"):
        find(path, releases)


def test_a_folder_with_notebooks_in_it(lay, releases):
    path = lay("rules.ipynb", "losses.ipynb", "notes.txt", "kit/__init__.py")

    assert held(path, releases) == [("", PS2, "rules.ipynb"), ("", PS3, "losses.ipynb")]


@pytest.mark.parametrize("name", ["unpacked/rules.ipynb", "unpacked/final.ipynb"])
def test_a_folder_that_was_handed_in_as_a_whole(lay, releases, name):
    path = lay(name, "__MACOSX/._rules.ipynb", "data/a.csv")

    assert held(path, releases, only=PS2) == [("", PS2, name)]


def test_a_students_folder_of_assignments(lay, releases):
    path = lay(f"{PS2}/rules.ipynb", f"{PS3}/a.ipynb", f"{PS3}/b.ipynb", "README.md")

    assert held(path, releases) == [("", PS2, f"{PS2}/rules.ipynb"), ("", PS3, "rejected")]


def test_a_class(lay, releases):
    path = lay(f"ada/{PS2}/rules.ipynb", f"bo/{PS2}/rules.ipynb", f"bo/{PS3}/notes.txt", f"..c/{PS2}/rules.ipynb")

    assert held(path, releases) == [
        ("ada", PS2, f"ada/{PS2}/rules.ipynb"),
        ("bo", PS2, f"bo/{PS2}/rules.ipynb"),
        ("bo", PS3, "rejected"),
    ]


@pytest.mark.parametrize(
    "names",
    [
        ["ada/rules.ipynb", "bo/rules.ipynb"],
        ["ada/ps2/rules.ipynb", "bo/ps2/final.ipynb"],
        ["ada/rules.ipynb", "bo/ps2/rules.ipynb"],
        ["class/ada/rules.ipynb", "class/bo/rules.ipynb"],
        ["a/b/c/class/ada/rules.ipynb", "a/b/c/class/bo/rules.ipynb"],
    ],
)
@pytest.mark.parametrize("only", [PS2, None])
def test_a_class_in_other_folders_is_no_single_submission(lay, releases, names, only):
    path = lay(*names)

    with pytest.raises(UsageError, match=r"several folders.*ps2-rules.*Rename the folders"):
        held(path, releases, only=only)


@pytest.mark.parametrize("beside", [f".git/{PS2}/config", f".backup/{PS2}/rules.ipynb"])
def test_a_hidden_folder_makes_no_class_of_a_repository(lay, releases, beside):
    path = lay("rules.ipynb", beside)

    assert held(path, releases, only=PS2) == [("", PS2, "rules.ipynb")]


@pytest.mark.parametrize("name", ["ada/ps2/rules.ipynb", "repository/drafts/final.ipynb", "a/b/c/d/rules.ipynb"])
def test_the_only_folder_with_a_notebook_may_lie_deeper(lay, releases, name):
    assert held(lay(name, "data/a/b.csv"), releases, only=PS2) == [("", PS2, name)]


def test_an_assignments_folder_without_a_notebook_hides_none_beside_it(lay, releases):
    path = lay("rules.ipynb", f"{PS2}/kit/__init__.py", f"{PS3}/losses.ipynb")

    assert held(path, releases, only=PS2) == [("", PS2, "rules.ipynb")]
    assert held(path, releases) == [("", PS2, "rules.ipynb"), ("", PS3, f"{PS3}/losses.ipynb")]


def test_a_notebook_beside_the_assignments_folder_is_told(lay, releases):
    (entry,) = find(lay("rules.ipynb", f"{PS2}/rules.ipynb"), {PS2: releases[PS2]}).entries

    assert entry.notes == (f"'rules.ipynb' beside the folder {PS2} was not read",)


# ---- What one student laid out


@pytest.mark.parametrize(
    "names, taken",
    [
        (["rules.ipynb", f"backup/{PS2}/rules.ipynb"], "rules.ipynb"),
        ([f"assignments/{PS2}/rules.ipynb"], f"assignments/{PS2}/rules.ipynb"),
        (["ps2/rules.ipynb", "ps3/losses.ipynb"], "ps2/rules.ipynb"),
        ([f"{PS2}/rules.ipynb", f"{PS3}/losses.ipynb"], f"{PS2}/rules.ipynb"),
        ([f"a/{PS2}/notes.txt", f"b/{PS2}/rules.ipynb"], f"b/{PS2}/rules.ipynb"),
        ([f"My work/{PS2}/final.ipynb"], f"My work/{PS2}/final.ipynb"),
        ([f"mine/{PS2}/final.ipynb", f"mine/{PS3}/losses.ipynb"], f"mine/{PS2}/final.ipynb"),
        (["final.ipynb"], "final.ipynb"),
        ([f"{PS2}/notes.txt"], "rejected"),
    ],
)
def test_the_submission_is_found_in_what_a_student_laid_out(lay, releases, names, taken):
    path = lay(*names)

    (entry,) = find_single(path, releases[PS2]).entries

    assert entry.student == ""
    assert (entry.path.relative_to(path).as_posix() if isinstance(entry, Entry) else "rejected") == taken


HANDOUT, WORKED, OTHER_WORK = answered(), answered(add_backward=ANSWER), answered(add_backward=f"{ANSWER}  # again")
SCRATCH = notebook(cell("code", "scratch", "print(1)"))


def zipped(**content) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, made in content.items():
            archive.writestr(f"{name}.ipynb", json.dumps(made))
    return data.getvalue()


def test_the_notebook_is_found_wherever_it_lies_and_whatever_it_is_called(tmp_path, releases):
    """Each of these was "No notebook was handed in", "Several submissions" or another file, and so no points."""
    layouts = {
        "deep": {"a/b/c/d/rules.ipynb": WORKED},
        "deeper": {"1/2/3/4/5/6/7/rules.ipynb": WORKED, "1/README.md": ""},
        "hidden ending": {"rules.ipynb.txt": WORKED},
        "hidden ending, deep": {"a/b/c/rules.ipynb.json": WORKED},
        "capitals": {"a/RULES.IPYNB": WORKED},
        "content only": {"rules.json": WORKED, "package.json": "{}"},
        "an archive": {"homework/rules.zip": zipped(rules=WORKED)},
        "an archive of copies": {"rules.zip": zipped(rules=HANDOUT, mine=WORKED)},
        "the handout beside it": {"rules.ipynb": HANDOUT, "mine/final.ipynb": WORKED},
        "the handout in the right folder": {f"{PS2}/rules.ipynb": HANDOUT, "work/rules.ipynb": WORKED},
        "a scratch notebook in another folder": {"notes/try.ipynb": SCRATCH, "a/b/c/d/final.ipynb": WORKED},
        "Jupyter's copy of an earlier state": {
            "x/.ipynb_checkpoints/rules-checkpoint.ipynb": HANDOUT,
            "x/rules.ipynb": WORKED,
        },
        "the same work twice": {"a/rules.ipynb": WORKED, "b/rules.ipynb": WORKED},
    }
    wrong = {}

    for name, files in layouts.items():
        path = tmp_path / name
        for file, content in files.items():
            write(path / file, content)
        (entry,) = find_single(path, releases[PS2], tuple(releases.values())).entries
        if isinstance(entry, Rejected):
            wrong[name] = entry.reason
            continue
        taken = read_submission(entry.path, releases[PS2], "ada", within=entry.within, notes=entry.notes)
        if isinstance(taken, Rejected) or "add_backward" not in taken.attempted:
            wrong[name] = taken

    assert wrong == {}


def test_of_several_with_work_in_them_the_place_decides_if_it_is_a_prescribed_one(tmp_path, releases):
    work = {"rules.ipynb": WORKED, "old/rules.ipynb": OTHER_WORK}
    mixed = {f"{PS2}/rules.ipynb": WORKED, "rules.ipynb": OTHER_WORK, f"backup/{PS2}/rules.ipynb": OTHER_WORK}

    for name, files in (("top", work), ("folder", mixed)):
        for file, content in files.items():
            write(tmp_path / name / file, content)
        (entry,) = find_single(tmp_path / name, releases[PS2]).entries

        assert entry.path == tmp_path / name / next(iter(files))
        assert "notebooks in other folders were not graded: 'old/rules.ipynb'" in entry.notes or name == "folder"


@pytest.mark.parametrize("files", [
    {f"a/{PS2}/rules.ipynb": WORKED, f"b/{PS2}/rules.ipynb": OTHER_WORK},
    {"a/rules.ipynb": WORKED, "b/rules.ipynb": OTHER_WORK},
    {"a/first.ipynb": WORKED, "b/c/d/e/final.ipynb": OTHER_WORK},
])  # fmt: skip
def test_several_submissions_of_one_student_are_for_a_person(tmp_path, releases, files):
    for file, content in files.items():
        write(tmp_path / "handed" / file, content)

    (entry,) = find_single(tmp_path / "handed", releases[PS2]).entries

    assert isinstance(entry, Rejected)
    assert entry.student == ""
    assert "Several notebooks with work in them" in entry.reason
    assert all(file.rsplit("/", 1)[-1] in entry.reason for file in files)


def test_what_is_there_instead_of_a_notebook_is_named(tmp_path, releases):
    write(tmp_path / "handed" / "homework" / "rules.pdf", b"%PDF-1.7")
    write(tmp_path / "handed" / "rules.py", b"print(1)")

    (entry,) = find_single(tmp_path / "handed", releases[PS2]).entries

    assert isinstance(entry, Rejected)
    assert "No notebook was handed in" in entry.reason
    assert "rules.pdf" in entry.reason
    assert "rules.py'" in entry.reason


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_nothing_handed_in_is_a_submission_that_could_not_be_read(lay, releases, tmp_path, name):
    (tmp_path / "empty").mkdir()

    (entry,) = find(tmp_path / name, {PS2: releases[PS2]}).entries

    assert isinstance(entry, Rejected)
    assert "No notebook was handed in" in entry.reason


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_nothing_at_all_for_no_assignment_in_particular_is_a_wrong_command(tmp_path, releases, name):
    (tmp_path / "empty").mkdir()

    with pytest.raises(UsageError, match="--assignment"):
        find(tmp_path / name, releases)


def test_no_link_is_followed(lay, releases, tmp_path):
    path = lay("rules.ipynb")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "losses.ipynb").write_text("{}")
    (path / PS3).symlink_to(tmp_path / "elsewhere")
    (path / "inside").symlink_to(tmp_path / "elsewhere")

    assert held(path, releases) == [("", PS2, "rules.ipynb")]
