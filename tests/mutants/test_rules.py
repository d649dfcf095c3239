"""Faults by rule: which ones a line gets, what is left alone, and that the same seed draws the same ones."""

from __future__ import annotations

from pathlib import Path

from tests.mutants import rules

ROWS = {
    "x = a < b": {"x = (a <= b)"},
    "x = a <= b < c": {"x = (a < b < c)", "x = (a <= b <= c)"},
    "x = a and b": {"x = (a or b)", "x = (b)", "x = (a)"},
    "x = not a": {"x = (a)"},
    "x = 3": {"x = 4", "x = 0"},
    "x = 0.5": {"x = 0.25", "x = 1.0"},
    "x = True": {"x = False"},
    "x = a if b else c": {"x = a if True else c", "x = a if False else c"},
    "x = [a for a in b if c]": {"x = [a for a in b if True]"},
    "x = f(a, flag=b)": {"x = f(a)"},
    "x = os.O_CREAT | os.O_NOFOLLOW": {"x = os.O_CREAT", "x = os.O_NOFOLLOW"},
    "x = a + b": {"x = (a - b)"},
    "x = 'é' and a * b": {"x = ('é' or a * b)", "x = (a * b)", "x = ('é')", "x = 'é' and (a / b)"},
    "x += a": {"x -= a", "pass"},
    "f(a)": {"pass"},
    "a.b = c": {"pass"},
    "raise Wrong(3, flag=True)": {"pass"},
    "with suppress(OSError): pass": {"with suppress(): pass"},
    "def f():\n    g = a\n    return g": {
        "def f():\n    return None\n    return g",
        "def f():\n    g = a\n    return None",
    },
}
"""A line and every text that the rules make of it."""

LEFT_ALONE = (
    '"""A docstring."""',
    "x = 'text'",
    "x = f'{1 + 1}'",
    "x: Literal[3]",
    "def f(a: Literal[3]) -> Literal[4]: ...",
    "@decorator(3)\ndef f(): ...",
    "if TYPE_CHECKING:\n    import numpy",
    "__all__ = [3]",
    "Rows = Literal[3]",
    "x = 'a' + b",
    "x = folder / name",
)


def _made(source: str) -> set[str]:
    found = rules.mutants("autograder/kit/x.py", source)
    return {mutant.of(source) for mutant in found if rules.compiles(mutant, source)}


def test_a_line_gets_the_faults_of_the_rules_and_no_others():
    made = {line: _made(line) for line in ROWS}

    assert made == ROWS


def test_text_annotations_and_what_only_a_type_checker_reads_are_left_alone():
    changed = {line: made for line in LEFT_ALONE if (made := _made(line))}

    assert changed == {}


def test_a_fault_keeps_its_key_when_lines_are_added_elsewhere():
    before = "def f(a):\n    return a < 3\n"
    after = "import os\n\n\ndef g():\n    return 1\n\n\n" + before

    keys = {mutant.key for mutant in rules.mutants("x.py", before)}

    assert keys
    assert keys <= {mutant.key for mutant in rules.mutants("x.py", after)}
    assert not keys & {mutant.key for mutant in rules.mutants("y.py", before)}


def test_a_seed_draws_the_same_from_every_room_and_another_seed_others():
    source = Path(rules.__file__).read_text(encoding="utf-8")
    rooms = {room: rules.mutants(f"autograder/{room}/x.py", source) for room in ("kit", "judging")}

    first, again, other = (list(rules.draw(rooms, seed))[:40] for seed in ("1", "1", "2"))

    assert first == again
    assert set(first) != set(other)
    assert sum(mutant.path.startswith("autograder/kit") for mutant in first) == 20
    assert len({mutant.rule for mutant in first}) > 5
