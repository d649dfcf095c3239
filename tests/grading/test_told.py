"""A stranger's path is told so that a person finds the file, and nothing in it acts on what shows it."""

from __future__ import annotations

from autograder.grading.told import told

PLAIN = (
    "a/b/c (1)/activations-and-losses.ipynb",
    "x [old], y; z & it's a=2 + ~3 #4.ipynb",
    "Übung/作业/задание é.ipynb",
    "ada@example.org.zip",
)
ACTS = {
    "\x1b[31mred": "'?[31mred'",
    "a\nb\r\tc\x07\x9b": "'a?b??c??'",
    "::error::x": "'??error??x'",
    "##[error]x": "'##?error]x'",
    "<b>`x`|*y*": "'?b??x???y?'",
    '{x} ${y} \\ "z"': "'?x? ??y? ? ?z?'",
    "\u202egnp.exe\u200b\ufeff": "'?gnp.exe??'",
    "\udc80\u3164": "'??'",
    "=cmd|' /c'!A0": "'?cmd?' /c'?A0'",
    "@everyone": "'?everyone'",
    "https://x.org": "'https?//x.org'",
}


def test_a_path_is_told_as_it_is():
    assert [told(name) for name in PLAIN] == [f"'{name}'" for name in PLAIN]


def test_what_is_spelt_in_two_characters_is_told_as_one():
    assert told("Scho\u0308n.ipynb") == "'Schön.ipynb'"


def test_nothing_that_acts_gets_through():
    assert {name: told(name) for name in ACTS} == ACTS


def test_of_a_long_path_the_end_is_told_too():
    said = told("a/" * 500 + "losses.ipynb")

    assert said.endswith("a/losses.ipynb' (cut)")
    assert len(said) < 140
