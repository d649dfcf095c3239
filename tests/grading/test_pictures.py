"""Pictures in written answers stay, whatever an editor made of them; a limit costs pictures and never a word."""

from __future__ import annotations

import base64
import json

import nbformat
import pytest

from autograder.grading.intake import take
from autograder.grading.notebook_json import MARKDOWN_CHARACTERS
from autograder.grading.pictures import BYTES, BYTES_IN_ALL, Album, lift_data_uris
from tests.grading.notebooks import answered, cell, find, inserted

PNG, JPEG, GIF = b"\x89PNG\r\n\x1a\n" + bytes(30), b"\xff\xd8\xff\xe0" + bytes(30), b"GIF89a" + bytes(30)


def b64(content):
    return base64.b64encode(content).decode()


def essay(release, source, attachments=None, more=()):
    """What becomes of an essay with this text."""
    made = inserted(answered(essay_sums=source), "", *more)
    if attachments is not None:
        find(made, "essay-sums")["attachments"] = attachments
    submission = take(json.dumps(made).encode(), release, "ada")
    nbformat.validate(submission.notebook)
    found = next(one for one in submission.notebook["cells"] if one["id"] == "essay-sums")
    return found["source"], found.get("attachments", {}), submission


ONE = {"a photo (1).png": {"image/png": b64(PNG)}}
SHOWN = "![](attachment:picture-1.png)"
FORMS = {
    "as Jupyter writes it": ("![](attachment:a%20photo%20(1).png)", ONE),
    "with blanks": ("![](attachment:a photo (1).png)", ONE),
    "with a title": ('![](attachment:a%20photo%20(1).png "mine")', ONE),
    "in angle brackets": ("![](<attachment:a photo (1).png>)", ONE),
    "as HTML": ('<img src="attachment:a%20photo%20(1).png" width="300"/>', ONE),
    "behind a label": ("![][1]\n\n[1]: attachment:a%20photo%20(1).png", ONE),
    "as a link": ("[](attachment:a%20photo%20(1).png)", ONE),
    "in the text": (f"![](data:image/png;base64,{b64(PNG)})", None),
    "in the text, as HTML": (f"<img src='data:image/png;base64,{b64(PNG)}'>", None),
    "in the text, behind a label": (f"![][p]\n\n[p]: data:image/png;base64,{b64(PNG)}", None),
    "under a wrong type": ("![](attachment:x)", {"x": {"image/svg+xml": b64(PNG)}}),
    "as lines": ("![](attachment:x)", {"x": {"image/png": [b64(PNG)[:20] + "\n", b64(PNG)[20:]]}}),
}


def test_a_picture_stays_in_whatever_form_an_editor_wrote_it(release):
    found = {form: essay(release, f"words {source}", kept) for form, (source, kept) in FORMS.items()}

    assert {form: (" ".join(text.split()), pictures) for form, (text, pictures, _) in found.items()} == {
        form: (f"words {SHOWN}", {"picture-1.png": {"image/png": b64(PNG)}}) for form in FORMS
    }


@pytest.mark.parametrize("content, ending, kind", [(JPEG, "jpg", "image/jpeg"), (GIF, "gif", "image/gif")])
def test_the_first_bytes_say_what_a_picture_is(release, content, ending, kind):
    text, pictures, _ = essay(release, "![](attachment:x)", {"x": {"image/png": b64(content)}})

    assert (text, pictures) == (f"![](attachment:picture-1.{ending})", {f"picture-1.{ending}": {kind: b64(content)}})


NOT_KEPT = {
    "missing in the file": ("![](attachment:gone.png)", {}),
    "of another kind": ("![](attachment:x)", {"x": {"image/svg+xml": "<svg onload='alert(1)'/>"}}),
    "of another kind, by its bytes": ("![](attachment:x)", {"x": {"image/png": b64(b"<script>alert(1)</script>")}}),
    "of another kind, no base64": ("![](attachment:x)", {"x": {"image/png": "!!!"}}),
    "of another kind, no text": ("![](attachment:x)", {"x": {"image/png": 7}}),
    "missing in the file, no bundle": ("![](attachment:x)", {"x": 7}),
    "missing in the file, no attachments": ("![](attachment:x)", [1]),
    "of another kind, in the text": ("![](data:image/svg+xml;base64,PHN2Zz4=)", None),
    "larger than 5 MB": ("![](attachment:x)", {"x": {"image/png": b64(PNG + bytes(BYTES))}}),
}


def test_what_is_not_kept_is_said_on_the_spot_and_among_what_was_noticed(release):
    for why, (source, attachments) in NOT_KEPT.items():
        text, pictures, submission = essay(release, f"words {source} and more words", attachments)

        reason = why.partition(",")[0]
        assert text.startswith("words *[picture not kept: " + reason), why
        assert text.endswith("]* and more words"), why
        assert pictures == {}, why
        assert any("essay-sums: pictures were not kept" in told and reason in told for told in submission.problems), why


def test_pictures_that_were_not_kept_for_one_reason_are_counted(release):
    _, _, submission = essay(release, "![](attachment:a.png) and ![](attachment:b.png)", {})

    assert any("2 missing in the file" in told for told in submission.problems)


def test_a_limit_costs_the_surplus_only(release):
    photo = PNG + bytes(4_000_000)
    attachments = {str(n): {"image/png": b64(photo)} for n in range(7)}
    text, pictures, submission = essay(
        release, " ".join(f"word {n} ![](attachment:{n})" for n in range(7)), attachments
    )

    assert len(pictures) == BYTES_IN_ALL // len(photo)
    assert all(f"word {n}" in text for n in range(7))
    assert "beyond 20 MB in all" in " ".join(submission.problems)


def test_a_picture_in_the_text_does_not_count_as_words(release):
    text, pictures, _ = essay(release, f"first ![](data:image/png;base64,{b64(PNG + bytes(3_000_000))}) last")

    assert (text, len(pictures)) == (f"first {SHOWN} last", 1)


def test_a_long_text_is_cut_and_not_left_out(release):
    text, _, submission = essay(release, "My words. " + "x" * MARKDOWN_CHARACTERS)

    assert text.startswith("My words.")
    assert "cut the rest" in text
    assert "longer than" in " ".join(submission.problems)


def test_a_picture_elsewhere_leaves_a_mark(release):
    other = cell("markdown", "mine", "see ![](attachment:x) here")
    other["attachments"] = {"x": {"image/png": b64(PNG)}}

    *_, submission = essay(release, "My essay.", more=[other])

    found = next(one for one in submission.notebook["cells"] if one["id"] == "own-1")
    assert found["source"] == "see *[picture not kept: in a cell that is no written answer]* here"
    assert "attachments" not in found


def test_a_picture_where_the_essay_may_stand_is_kept(release):
    other = cell("markdown", "mine", "![](attachment:x)")
    other["attachments"] = {"x": {"image/png": b64(PNG)}}

    submission = take(json.dumps(inserted(answered(), "", other)).encode(), release, "ada")

    found = next(one for one in submission.notebook["cells"] if one["id"] == "own-1")
    assert found["attachments"] == {"picture-1.png": {"image/png": b64(PNG)}}
    assert submission.essays == {"essay-sums": True}


def test_text_without_pictures_stays_as_it_is(release):
    text, *_ = essay(release, words := "The attachment: none. [a](b) ![c](https://example.org/d.png) `data:` [1]: x")

    assert text == words


TANGLES = ("![" * 50_000 + "](attachment" * 50_000, "<img " * 200_000, "[" * 900_000, "data:image/" * 90_000)


@pytest.mark.parametrize("tangle", TANGLES, ids=["images", "tags", "brackets", "data"])
def test_a_tangle_of_openings_is_gone_through_once(tangle):
    """Were each opening held against each closing, this would take hours."""
    text, _ = Album().take("essay", lift_data_uris(f"{tangle} attachment:x", {}), {}, keep=True)

    same = text == f"{tangle} *[picture not kept: missing in the file]*"
    assert same  # what differs in a megabyte takes pytest minutes to say


DRAWING = "<svg xmlns='http://www.w3.org/2000/svg' width='9'><text>a (b)</text><script>alert(1)</script></svg>"


def test_a_drawing_that_stands_in_the_text_as_it_is_goes_as_a_whole(release):
    mark = "*[picture not kept: of another kind than PNG, JPEG and GIF]*"
    forms = {
        f"![d](data:image/svg+xml;utf8,{DRAWING})": mark,
        f"![d](data:image/svg+xml;charset=utf-8,<?xml version='1.0'?>{DRAWING})": mark,
        f'<img src="data:image/svg+xml,{DRAWING}">': mark,
        f"![d](data:image/svg+xml;utf8,{DRAWING}) and ![e](data:image/svg+xml;utf8,{DRAWING})": f"{mark} and {mark}",
        "![d](data:image/svg+xml;utf8,<svg width='9'>)": mark,
    }

    found = {form: essay(release, f"first {form} last")[0] for form in forms}

    assert found == {form: f"first {shown} last" for form, shown in forms.items()}


def test_a_picture_that_no_text_shows_stays_below_the_text(release):
    for words in ("", "My words."):
        text, pictures, submission = essay(release, words, ONE)

        assert text == f"{words}\n\n*[attached, and not shown in the text]*\n\n![a photo  1 .png]{SHOWN[3:]}".lstrip()
        assert pictures == {"picture-1.png": {"image/png": b64(PNG)}}
        assert "essay-sums: pictures that its text does not show stand below it" in submission.problems


def test_a_picture_in_a_file_of_its_own_is_marked_and_noticed(release):
    for form in (
        "![x](photo.png)",
        "![](<my photo.png>)",
        "![x](./a/b.png)",
        "![x](C:\\a.png)",
        "<img src='photo.png'>",
    ):
        text, _, submission = essay(release, f"first {form} last")

        assert "*[picture not kept: in a file of its own]* last" in text, form
        assert any("in files of their own" in said for said in submission.problems), form
    for form in ("![x](https://x.org/a.png)", "[x](notes.md)", "![x]", "a ! [b](c)"):
        assert essay(release, f"first {form} last")[0] == f"first {form} last"
