"""What the documents name is there: links, files, examples in Python and CSV; and nothing of anybody's machine."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from types import ModuleType

import pytest

from autograder.boundary import aliases
from tests.cohort.make import ROOT
from tests.docs.dry import understand
from tests.docs.pages import PAGES, blocks, code_in_sentences, links, name_of
from tests.this_course import CATALOGUE

each_page = pytest.mark.parametrize("page", PAGES, ids=name_of)
LANGUAGES = {"", "text", "sh", "python", "csv", "yaml"}
WRITTEN = re.compile(
    r"(submitted|collected|autograded|feedback|reports|backups|gradescope|lab|\.mutants|example|answer-key|results)(/.*)?"
    r"|gradebook\.db|grades\.csv|roster\.csv|gradebook\.csv|\.course-secret|\.venv(/.*)?|index\.html|report\.json"
    r"|students/.*|results\.json|result\.json|timestamp\.txt|pytest\.ini|conftest\.py|requirements\.txt|kit/|kit\.zip"
    r"|\.github/workflows/(checks|grade)\.yml|autograder\.(zip|py)|autograder/answers"
    r"|public/data/|public/_answers\.json|autograder/boxes|benchmarks/RESULTS\.md|\w+\.(pem|yaml)"
)
"""Files that the course's commands write, that students bring, or that lie elsewhere."""

PS2 = "ps2-vector-jacobian-products"
PLACES = (ROOT, ROOT / "docs", ROOT / "assignments", ROOT / "assignments" / PS2, ROOT / "solutions" / PS2)
MACHINES = re.compile(r"(?<![\w.~])/(?:work|root|home|opt|usr|Users|mnt)/|[A-Z]:\\\\")
ADDRESSES = re.compile(r"https?://\S*(?:index|registry|mirror|simple)\S*|--(?:extra-)?index-url", re.IGNORECASE)


def is_a_path(code: str) -> bool:
    """Whether code in a sentence is the name of a file or folder, without blanks to fill in."""
    looks = re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", code) and (
        "/" in code or re.search(r"\.(md|py|json|yml|toml)$", code)
    )
    return bool(looks) and not re.search(r"psN|\d\.\d", code)


@each_page
def test_every_link_leads_somewhere(page):
    inside = [link for link in links(page) if "://" not in link]

    missing = [link for link in inside if not (page.parent / link.partition("#")[0]).exists()]

    assert missing == []


@each_page
def test_every_file_that_is_named_is_there(page):
    named = [code for code in code_in_sentences(page) if is_a_path(code) and not WRITTEN.fullmatch(code)]

    missing = [code for code in named if not any((place / code).exists() for place in PLACES)]

    assert missing == []


@each_page
def test_every_block_is_marked_as_what_it_is(page):
    assert {block.language for block in blocks(page)} <= LANGUAGES


@each_page
def test_every_example_in_python_is_right(page, monkeypatch):
    monkeypatch.setenv("COURSE", str(ROOT))
    monkeypatch.setenv("GRADER", sys.prefix)
    monkeypatch.setattr("os.execv", lambda program, words: understand(words[words.index("autograder") :]))

    aliases.install()  # examples of content say `kit`

    for block in blocks(page):
        if block.language == "python":
            module = ModuleType("example")
            monkeypatch.setitem(sys.modules, "example", module)
            with suppress(SystemExit):
                exec(compile(block.text, f"{block.page}:{block.line}", "exec"), vars(module))


@each_page
def test_no_machine_and_no_registry_is_named(page):
    text = page.read_text(encoding="utf-8")

    assert MACHINES.findall(text) + ADDRESSES.findall(text) == []


def test_every_document_is_on_the_list_of_documents():
    listed = {link for link in links(ROOT / "README.md") if link.endswith(".md")}

    assert listed == {name_of(page) for page in PAGES} - {"README.md"}


def test_every_target_of_the_makefile_is_in_the_readme():
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shown = {
        words[1]
        for block in blocks(ROOT / "README.md")
        for line in block.text.splitlines()
        if (words := line.split()) and words[0] == "make"
    }

    assert targets == shown


def test_the_number_of_exercises_is_what_is_declared():
    rows = re.findall(r"^\| `(ps\d-[\w-]+)` \|.*\| (\d+) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)

    assert {name: int(count) for name, count in rows} == {name: len(found) for name, found in CATALOGUE.items()}
