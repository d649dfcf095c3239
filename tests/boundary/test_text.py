"""Student-made text is harmless wherever it is shown."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.boundary.text import clean, encodable


@settings(deadline=None)
@given(st.text(), st.integers(1, 50))
def test_cleaned_text_fits_and_holds_nothing_that_acts(text, limit):
    cleaned = clean(text, limit)

    assert len(cleaned) <= limit
    assert not [c for c in cleaned if unicodedata.category(c).startswith("C")]


def test_what_was_cut_off_is_marked():
    assert clean("x" * 100, 10) == "x" * 9 + "…"


def test_plain_words_stay_as_they_are():
    assert clean("Größe ≤ 3 ∂L/∂x 学生", 100) == "Größe ≤ 3 ∂L/∂x 学生"


def test_escape_sequences_and_direction_marks_go():
    assert clean("\x1b[31mred\u202e\u2066\u2028\x00\x85", 100) == "[31mred"


def test_lines_stay_where_they_are_wanted():
    assert clean("a\nb", 10, keep="\n") == "a\nb"


@settings(deadline=None)
@given(st.text(st.characters(categories=("Cs", "L"))))
def test_encodable_text_can_be_encoded(text):
    assert encodable(text).encode("utf-8")[:0] == b""
