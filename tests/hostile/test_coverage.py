"""The list of attacks and the folders are about the same things."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.hostile.folders import FOLDERS, HERE, Folder
from tests.rows import for_each

KEYS = {
    *("title", "from", "assignment", "student", "earns", "status", "rejected", "problems", "never", "unlisted"),
    "in_fresh_boxes",
    *("beside", "first", "second"),
}


def listed() -> Iterator[tuple[str, str, str]]:
    """(paragraph, attack, folder) of every line of the README's tables."""
    paragraph = ""
    for line in (HERE / "README.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            paragraph = line.removeprefix("## ")
        elif line.startswith("| ") and line != "| attack | folders |":
            _, attack, folders, _ = line.split("|")
            yield from ((paragraph, attack.strip(), name) for name in re.findall(r"`([^`]+)`", folders))


LISTED = list(listed())


def test_every_kind_of_attack_has_a_folder_and_every_folder_its_line():
    assert sorted(name for _, _, name in LISTED) == sorted(folder.name for folder in FOLDERS)
    assert len(FOLDERS) >= 60


def test_a_folder_names_the_paragraph_in_which_it_is_listed():
    paragraphs = {name: paragraph for paragraph, _, name in LISTED}

    assert {folder.name: folder.declared["from"] for folder in FOLDERS} == paragraphs


@for_each("folder", [pytest.param(folder, id=folder.name) for folder in FOLDERS])
def test_a_declaration_can_be_read(folder: Folder):
    assert folder.declared.keys() <= KEYS
    assert folder.declared["title"]
    assert [student.expects for student in folder.students]
