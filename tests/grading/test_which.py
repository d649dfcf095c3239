"""Which file is the notebook: the one with work in it, whatever it is called and wherever it lies."""

from __future__ import annotations

import io
import itertools
import json
import tarfile
import zipfile

import pytest

from autograder.errors import SubmissionError
from autograder.grading import which
from autograder.grading.intake import Rejected, read_submission
from autograder.grading.which import Candidate, choose, find_notebook, notebook_of
from tests.grading.notebooks import ANSWER, answered, cell, exercise, notebook, released, write

HANDOUT, WORKED = answered(), answered(add_backward=ANSWER)
OTHER_WORK = answered(add_backward=f"{ANSWER}  # again")
SCRATCH = notebook(cell("code", "scratch", "print(1)"))


def packed(*files):
    """A zip of (name, content)."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
    return data.getvalue()


def tarred(mode, **files):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as archive:
        for name, content in files.items():
            made = json.dumps(content).encode()
            info = tarfile.TarInfo(name.replace("__", "/") + ".ipynb")
            info.size = len(made)
            archive.addfile(info, io.BytesIO(made))
    return data.getvalue()


@pytest.fixture
def taken(tmp_path, release):
    """Whether the file at the path is the one that is graded, and as a submission with that answer."""

    def taken(files):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content) if isinstance(content, bytes) else write(path, content)
        try:
            path, notes = find_notebook(folder, folder, release)
        except SubmissionError as error:
            return None, str(error), False
        submission = read_submission(path, release, "ada", within=folder, notes=notes)
        if isinstance(submission, Rejected):
            return path.relative_to(folder).as_posix(), submission.reason, False
        return path.relative_to(folder).as_posix(), "; ".join(submission.problems), bool(submission.attempted)

    return taken


def copies(name):
    """How programs call a copy of the file."""
    stem = name.removesuffix(".ipynb")
    marks = (
        "-Copy1",
        " - Copy",
        " copy",
        " copy 2",
        " (1)",
        "(1)",
        "_1_",
        "-1",
        " - Kopie",
        " - Copy (2)",
        "-checkpoint",
    )
    return [*(f"{stem}{mark}.ipynb" for mark in marks), f"Copy of {name}", f"{stem}-Copy1-Copy2.ipynb",
            f"{stem.upper()}.IPYNB", f"{stem} (1).ipynb.txt", f"final/{name}", "final.ipynb"]  # fmt: skip


def test_an_untouched_handout_never_wins_over_a_worked_copy(taken, release):
    wrong = []
    for copy in copies(release.filename):
        for worked, blank in ((copy, release.filename), (release.filename, copy)):
            found, said, attempted = taken({worked: WORKED, blank: HANDOUT})
            if (found, attempted) != (worked, True) or "as handed out" not in said:
                wrong.append((worked, found, said))

    assert wrong == []


def test_of_two_copies_with_other_work_a_person_decides(taken, release):
    wrong = []
    for copy in copies(release.filename):
        found, said, _ = taken({copy: WORKED, release.filename: OTHER_WORK})
        if "checkpoint" not in copy and (found is not None or "nothing says which one counts" not in said):
            wrong.append((copy, found, said))

    assert wrong == []


def test_the_same_work_twice_is_one_work(taken, release):
    found, said, attempted = taken({release.filename: WORKED, "a-copy.ipynb": WORKED})

    assert (found, attempted) == (release.filename, True)
    assert "with the same work in them: 'a-copy.ipynb'" in said


def test_a_notebook_with_nothing_of_the_assignment_in_it_is_no_rival(taken, release):
    assert taken({release.filename: WORKED, "Untitled.ipynb": SCRATCH})[0] == release.filename
    assert taken({"mine.ipynb": WORKED, "Untitled.ipynb": SCRATCH})[0] == "mine.ipynb"


@pytest.mark.parametrize(
    "name",
    [
        "{}.txt", "{}.json", "a/b/c/d/e/{}", "work/Final.IPYNB", "{}.zip", "{}.download", "notes.json",
        "{} (1)", "{}.1", "{}~", "{}.txt.txt",
        "no-ending", ".ipynb_checkpoints/a-checkpoint.ipynb",
    ],
)  # fmt: skip
def test_a_notebook_under_another_name_or_deeper_is_found(taken, release, name):
    at = name.format(release.filename)

    found, said, attempted = taken({at: WORKED, "README.md": b"hello", "data/a.csv": b"1,2", "notes.txt": b"x"})

    assert (found, attempted) == (at, True)
    assert "it was read as" in said or "lay deeper" in said


@pytest.mark.parametrize(
    "data",
    [
        packed(("w/x.ipynb", WORKED), ("w/data.csv", b"1")),
        packed(("__MACOSX/._x.ipynb", b"\0"), ("x.ipynb", WORKED)),
        packed(("x.ipynb", HANDOUT), ("x-Copy1.ipynb", WORKED)),
        packed(("inner.zip", packed(("x.ipynb", WORKED)))),
        packed(("x.ipynb.json", WORKED)),
        tarred("w:gz", a__x=WORKED),
        tarred("w", x=WORKED),
    ],
    ids=["folder", "mac", "blank beside it", "twice", "json", "tar.gz", "tar"],
)
def test_a_notebook_in_an_archive_is_graded(taken, release, data):
    for name in ("work.zip", release.filename):
        found, said, attempted = taken({name: data})

        assert (found, attempted) == (name, True)
        assert "taken out of an archive" in said


def test_two_works_in_an_archive_are_left_to_a_person(release):
    with pytest.raises(SubmissionError, match="Several notebooks with work"):
        notebook_of(packed(("x.ipynb", WORKED), ("y.ipynb", OTHER_WORK)), release)


def test_an_archive_that_grows_without_end_is_refused(taken, release):
    bomb = packed((release.filename, b"\0" * 30_000_000))

    found, said, _ = taken({release.filename: bomb})

    assert (found, "more tightly" in said) == (release.filename, True)


def test_the_untouched_one_is_not_taken_where_the_other_cannot_be_read(taken, release):
    found, said, _ = taken({release.filename: HANDOUT, "mine.ipynb": json.dumps(WORKED)[:-50].encode()})

    assert found is None
    assert "as it was handed out" in said
    assert "'mine.ipynb' can't be read" in said


def test_a_notebook_that_can_be_read_counts_beside_one_that_cannot(taken, release):
    found, said, attempted = taken({"mine.ipynb": WORKED, release.filename: b"{"})

    assert (found, attempted) == ("mine.ipynb", True)
    assert "unreadable (The file is not JSON" in said  # fmt: skip


def test_the_order_of_the_files_says_nothing(release):
    files = {release.filename: HANDOUT, "a.ipynb": WORKED, "Untitled.ipynb": SCRATCH}
    chosen = {
        choose([Candidate(n, lambda n=n: json.dumps(files[n]).encode()) for n in order], release).candidate.path
        for order in itertools.permutations(files)
    }

    assert chosen == {"a.ipynb"}


def test_the_notebook_of_another_assignment_is_no_rival(tmp_path, release):
    relu = notebook(*exercise("relu_backward", "def relu_backward(grad_output, output, x): ..."))
    other = released(tmp_path, relu, assignment="ps3", name="activations")
    folder = tmp_path / "in"
    write(folder / "activations.ipynb", relu)
    write(folder / "mine.ipynb", WORKED)

    path, notes = find_notebook(folder, folder, release, [release, other])

    assert (path.name, notes[1]) == (
        "mine.ipynb", "other notebooks beside it were not graded, of another assignment: 'activations.ipynb'",
    )  # fmt: skip


def test_what_was_found_is_named_where_there_is_no_notebook(taken):
    assert "got none, but 'report.pdf', 'x.zip'" in taken({"report.pdf": b"%PDF", "x.zip": packed(("a.txt", b"1"))})[1]


# What is no notebook


@pytest.mark.parametrize(
    "data, what, advice",
    [
        (b"", "The file is empty", "save it"),
        (b"<<<<<<< HEAD\n{}\n=======\n[]\n>>>>>>> x\n", "merge conflict", "git checkout --ours"),
        (
            json.dumps(WORKED, indent=1).replace("\n", "\n>>>>>>> mine\n", 1).encode(),
            "merge conflict",
            "delete the marks",
        ),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS pointer", "git lfs pull"),
        (b"/annex/objects/SHA256E-s1--0.ipynb\n", "git-annex pointer", "git annex get"),
        (b"<!DOCTYPE html>\n<html></html>", "a web page", "Download .ipynb"),
        (b"\n<HTML lang='de'>", "a web page", "Download raw file"),
        (packed(("word/document.xml", b"<x/>")), "a Word document", "the .ipynb file itself"),
        (packed(("a.txt", b"x")), "a zip archive", "Unpack it"),
        (b"%PDF-1.7", "a PDF document", "the .ipynb file itself"),
        (b"\x89PNG\r\n\x1a\n", "a picture", "the .ipynb file itself"),
        (b"\xff\xd8\xff\xe0", "a picture", "the .ipynb file itself"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it"),
        (b"Rar!\x1a\x07", "a rar archive", "Unpack it"),
        (b'{"url": "https://docs.google.com/x", "doc_id": "1", "email": "a@x"}', "Google Drive", "Download"),
        (b"[InternetShortcut]\r\nURL=https://x\r\n", "a shortcut to a web page", "Download"),
        (b"L\0\0\0\x01\x14\x02\0", "a shortcut of Windows", "points to"),
        (b"\0\x05\x16\x07\0\2\0\0", "a companion file of macOS", "the .ipynb file itself"),
        (b"#!/usr/bin/env python\n# coding: utf-8\n\n# In[1]:\n", "a Python script", "the .ipynb file itself"),
        (b'{"message": "Not Found", "status": "404"}', "an error message", "Download"),
        (b"This is my answer.\n", "text that is no notebook", "the .ipynb file itself"),
        (b"{\\rtf1\\ansi", "an RTF document", "the .ipynb file itself"),
        (bytes(range(256)) * 4, "neither text nor a notebook", "the .ipynb file itself"),
        (json.dumps(json.dumps(WORKED)).encode(), "packed into text once more", "Download"),
        (b"[1, 2]", "a JSON list", "Open the notebook in Jupyter"),
        (json.dumps(WORKED)[:-40].encode(), "it may have been cut off", "Open the notebook in Jupyter"),
    ],
)
def test_what_is_no_notebook_is_told_for_what_it_is_with_advice_that_works(taken, release, data, what, advice):
    found, said, _ = taken({release.filename: data})

    assert found == release.filename
    assert what in said
    assert advice in said


@pytest.mark.parametrize("deep", [9, 10, 30, 63])
def test_a_worked_copy_is_found_however_deep_it_lies_beside_an_untouched_one(taken, release, deep):
    name = "d/" * deep + release.filename

    for files in ({name: WORKED}, {release.filename: HANDOUT, name: WORKED}):
        path, _, answered = taken(files)

        assert (path, answered) == (name, True)


CUT = {
    "DEPTH": {"d/e/f/rules.ipynb": WORKED},
    "ENTRIES": {"d/e/rules.ipynb": WORKED, "x/1": b"", "x/2": b""},
    "FILES": {"d/rules.ipynb": WORKED, "x/1": b"", "x/2": b""},
    "READ": {"d/rules.ipynb": WORKED, "e/rules.ipynb": HANDOUT},
}


@pytest.mark.parametrize("limit", CUT)
@pytest.mark.parametrize("beside", [True, False])
def test_where_a_limit_cuts_the_search_a_person_looks(taken, release, monkeypatch, limit, beside):
    monkeypatch.setattr(which, limit, 1)
    files = {name.replace("rules.ipynb", release.filename): content for name, content in CUT[limit].items()}

    path, said, _ = taken(({release.filename: HANDOUT} if beside or limit in ("READ", "FILES") else {}) | files)

    assert path is None
    assert "Not everything that was handed in was looked at" in said
    assert "A person has to look" in said


def test_work_that_was_found_counts_although_a_limit_cut_the_search(taken, release, monkeypatch):
    monkeypatch.setattr(which, "DEPTH", 1)

    path, said, answered = taken({release.filename: WORKED, "d/e/f/more.ipynb": HANDOUT})

    assert (path, answered) == (release.filename, True)
    assert "not everything was looked at" in said


@pytest.mark.parametrize(
    "name, data, what, advice",
    [
        ("ps3.7z", b"7z\xbc\xaf\x27\x1c" + bytes(40), "a 7z archive", "Unpack it"),
        ("ps3.rar", b"Rar!\x1a\x07\x01\0" + bytes(40), "a rar archive", "Unpack it"),
        ("vector-jacobian-products.py", b"import numpy as np\n", "a Python script", "exported from the notebook"),
        ("hw.pdf", b"%PDF-1.7\n", "a PDF document", "exported from the notebook"),
    ],
)
def test_a_file_of_another_kind_is_not_to_be_renamed(taken, name, data, what, advice):
    path, said, _ = taken({name: data})

    assert path is None
    assert f"none, but '{name}', which is {what}" in said
    assert advice in said
    assert "under that name" not in said


@pytest.mark.parametrize("mark", ["<<<<<<< HEAD\n", "=======\n", ">>>>>>> main\n", "||||||| base\n"])
@pytest.mark.parametrize("place", ['"cells"', '"nbformat"', '"source"', '"metadata"'])
def test_a_mark_of_a_merge_conflict_is_named_wherever_in_a_line_it_stands(taken, release, mark, place):
    _, said, _ = taken({release.filename: json.dumps(WORKED).replace(place, mark + place, 1).encode()})

    assert "merge conflict" in said
    assert "cut off" not in said
