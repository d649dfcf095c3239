"""An essay that was left as it was waits for a person where its answer may stand elsewhere, and only there."""

from __future__ import annotations

import copy
import json

import pytest

from autograder.grading import notebook_json
from autograder.grading.intake import read_submission, take
from autograder.grading.which import find_notebook
from tests.grading.notebooks import ANSWER, SKELETON, answered, cell, find, inserted, write

WORDS = "Every path from the input to the output adds one more product, so gradients are added."
CHINESE = "因为每一条路径都给出一个乘积所以梯度要相加"
STEP = "    # the same for both\n"


def left(release, made, **given):
    """Whether the essay waits for a person, and what was noticed."""
    submission = take(json.dumps(made).encode(), release, "ada", **given)
    return submission.essays["essay-sums"], "; ".join(submission.problems)


def showing(*outputs, source="show()"):
    own = cell("code", "own", source)
    own["outputs"] = list(outputs)
    return inserted(answered(), "", own)


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def shown(kind, text):
    return {"output_type": "display_data", "metadata": {}, "data": {kind: text}}


MAY_BE_ONE = {
    "a comment behind an answer": answered(add_backward=f"{ANSWER}\n# {WORDS}"),
    "comment lines behind an answer": answered(add_backward=f"{ANSWER}\n\n# " + WORDS.replace(", ", "\n# ")),
    "a comment within an answer": answered(add_backward=ANSWER.replace("    return", f"    # {WORDS}\n    return")),
    "a text above an answer": answered(add_backward=f'"""\nEssay: {WORDS}\n"""\n{ANSWER}'),
    "a text behind a line": answered(add_backward=f"{ANSWER}\nessay = '{WORDS}'"),
    "prose in an answer": answered(add_backward=f"{ANSWER}\n\n{WORDS}"),
    "Chinese in an answer": answered(add_backward=f"{ANSWER}\n# {CHINESE}"),
    "a comment in a demonstration": answered(demo_torch=f"# {WORDS}\nimport torch"),
    "a text in a demonstration": answered(demo_torch=f'import torch\n"""{WORDS}"""'),
    "printed by an own cell": showing(stream(WORDS)),
    "printed in lines": showing(stream(WORDS.replace(" ", " \n").splitlines(keepends=True))),
    "shown by an own cell": showing(shown("text/markdown", WORDS)),
    "a picture shown by an own cell": showing(shown("image/png", "iVBORw0KGgo=")),
    "a result of an own cell": showing({**shown("image/jpeg", ["/9j/"]), "output_type": "execute_result"}),
}  # fmt: skip
IS_NONE = {
    "nothing": answered(),
    "an answer": answered(add_backward=ANSWER),
    "an answer with ordinary comments": answered(add_backward=SKELETON.replace(
        "    raise", f"{STEP}    da = grad_output  # the gradient of a\n{STEP}    db = da\n    raise")),
    "an answer with a short docstring": answered(add_backward=ANSWER.replace(
        "    return", '    """Gradients of a and b, unbroadcast."""\n    return')),
    "a demonstration that was changed": answered(demo_torch="import torch  # works now\nprint(torch.ones(3))"),
    "numbers printed by an own cell": showing(stream("max error 1.2e-10\nshape (2, 3)\n")),
    "warnings": showing(stream(WORDS, "stderr")),
    "an error": showing({"output_type": "error", "ename": "E", "evalue": WORDS, "traceback": [WORDS]}),
    "what our check said": showing(stream(WORDS), source="check(add_backward)"),
    "outputs that are none": showing(7, None, {"data": [WORDS]}, {"output_type": "stream", "text": {"a": WORDS}}),
}  # fmt: skip


def test_an_essay_waits_where_its_answer_may_stand_in_code_or_outputs(release):
    found = {name: left(release, made) for name, made in MAY_BE_ONE.items()}

    assert {name: waits for name, (waits, _) in found.items()} == dict.fromkeys(MAY_BE_ONE, True)
    assert all("left as released: essay-sums" in said for _, said in found.values())
    assert all("is not kept here" in found[name][1] for name in found if "own cell" in name)


def test_ordinary_work_sends_nobody_to_read_an_essay_that_is_not_there(release):
    assert {name: left(release, made) for name, made in IS_NONE.items()} == dict.fromkeys(IS_NONE, (False, ""))


def test_a_picture_attached_to_the_stub_is_an_answer_and_stays(release):
    made = answered()
    find(made, "essay-sums")["attachments"] = {"a.png": {"image/png": "iVBORw0KGgo="}}

    waits, said = left(release, made)

    assert waits
    assert "pictures that its text does not show stand below it" in said


def test_a_picture_attached_to_any_other_text_is_an_answer_too(release):
    for name in ("text-add", "own"):
        made = inserted(answered(), "", cell("markdown", "own", ""))
        find(made, name)["attachments"] = {"a.png": {"image/png": "iVBORw0KGgo="}}

        assert left(release, made)[0], name


def test_a_file_that_is_skimmed_loses_no_sign_of_an_answer(release, monkeypatch):
    whole = {
        name: left(release, made)[0] for name, made in (MAY_BE_ONE | IS_NONE).items() if name != "what our check said"
    }
    monkeypatch.setattr(notebook_json, "WHOLE_BYTES", 0)

    skimmed = {
        name: left(release, copy.deepcopy(made))[0] for name, made in (MAY_BE_ONE | IS_NONE).items() if name in whole
    }

    assert skimmed == whole


@pytest.mark.parametrize(
    "name", ["essay.md", "answers/Essay.TXT", "essay.docx", "scan.pdf", "IMG_1.HEIC", "photo.jpeg"]
)
def test_a_document_beside_the_notebook_makes_the_essay_wait_and_is_named(tmp_path, release, name):
    write(tmp_path / "in" / release.filename, answered(add_backward=ANSWER))
    write(tmp_path / "in" / name, WORDS)

    path, notes = find_notebook(tmp_path / "in", tmp_path, release)
    submission = read_submission(path, release, "ada", within=tmp_path, notes=notes)

    assert submission.essays == {"essay-sums": True}
    assert f"may hold a written answer: '{name}'" in "; ".join(submission.problems)


@pytest.mark.parametrize(
    "name", ["README.md", "requirements.txt", "timestamp.txt", "data.csv", "kit/rules.py", "kit.zip"]
)
def test_what_belongs_to_a_course_beside_the_notebook_is_no_essay(tmp_path, release, name):
    write(tmp_path / "in" / release.filename, answered(add_backward=ANSWER))
    write(tmp_path / "in" / name, WORDS)

    path, notes = find_notebook(tmp_path / "in", tmp_path, release)

    assert (read_submission(path, release, "ada", within=tmp_path, notes=notes).essays, notes) == (
        {"essay-sums": False},
        (),
    )
