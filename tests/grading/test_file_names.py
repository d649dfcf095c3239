"""The name of a file: what programs add to the names of copies is taken off, and nothing else is."""

from __future__ import annotations

from autograder.grading.file_names import without_copies

WANTED = "rules.ipynb"
COPIES = {
    "rules.ipynb": 0,
    "Rules.ipynb": 0,
    "rules-3.ipynb": 3,
    "rules-3-12.ipynb": 12,
    "rules (2).ipynb": 0,
    "rules_1_.ipynb": 0,
    "rules-Copy1.ipynb": 0,
    "rules - Copy.ipynb": 0,
    "rules - COPY (1)-4.ipynb": 4,
    "Kopie von rules.ipynb": 0,
    "rules-checkpoint.ipynb": 0,
    "rules.ipynb.txt": 0,
}
OTHERS = ("rules2.ipynb", "rules-final.ipynb", "my rules.ipynb", "losses-1.ipynb", "rules-\u0663.ipynb", "rules.pdf")


def test_what_programs_add_to_a_copy_is_taken_off():
    found = {name: without_copies(name, WANTED) for name in COPIES}

    assert found == {name: (WANTED, number) for name, number in COPIES.items()}


def test_another_name_stays_as_it_is():
    found = {name: without_copies(name, WANTED) for name in OTHERS}

    assert found == {name: (name, 0) for name in OTHERS}
