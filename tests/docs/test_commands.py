"""Every command in the documents means something, and is run, page by page, in a scratch copy of the course."""

from __future__ import annotations

import pytest

from tests.docs import pages
from tests.docs.dry import IncompleteError, MisreadError, understand
from tests.docs.exceptions import NOT_RUN, reason_not_to_run
from tests.docs.pages import PAGES, Command, blocks, commands, is_ours, name_of
from tests.docs.scratch import RUN_ELSEWHERE, Scratch

ALL = [command for page in PAGES for command in commands(page)]
each_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


@each_page
def test_every_command_line_is_in_a_block_that_is_run(page):
    elsewhere = [
        f"{block.page}:{block.line}: {line}"
        for block in blocks(page)
        if block.language not in ("sh", "python")
        for line in block.text.splitlines()
        if is_ours(line)
    ]

    assert elsewhere == [], "mark the block as sh"


def test_every_command_would_be_understood():
    misread = []
    for command in ALL:
        try:
            understand(command.words)
        except MisreadError as error:
            misread.append(f"{command}\n    {error}")

    assert not misread, "\n".join(misread)


@each_page
def test_a_command_in_a_sentence_names_what_there_is(page):
    misread = []
    for code in filter(is_ours, pages.code_in_sentences(page)):
        try:
            understand(pages.without_dots(code))
        except IncompleteError:
            continue
        except MisreadError as error:
            misread.append(f"{code}: {error}")

    assert misread == []


@each_page
def test_of_every_command_it_is_decided_whether_it_is_run(page):
    for command in commands(page):
        reason_not_to_run(command)


OUTSIDE = (
    "pip install --editable .", "make clean", "make nonsense", "rm -r /", "rm -r autograded/../..", "dask scheduler",
    "autograder lab", "echo x >> ~/.profile", "echo x > /etc/passwd", "make grade; rm x", "echo $(rm x)", "curl x",
)  # fmt: skip


@pytest.mark.parametrize("text", OUTSIDE)
def test_a_command_that_reaches_outside_the_copy_is_not_run(text):
    try:
        reason = reason_not_to_run(Command("page", 1, text))
    except LookupError:
        return

    assert reason


def test_no_exception_is_left_over():
    used = {start for start in NOT_RUN for command in ALL if f"{' '.join(command.words)} ".startswith(f"{start} ")}

    assert used == set(NOT_RUN)


@pytest.mark.parametrize("words", [["make", "nonsense"], ["autograder", "grade", "--frobnicate"], ["nbgrader", "fly"]])
def test_a_wrong_command_would_be_noticed(words):
    with pytest.raises(MisreadError):
        understand(words)


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if name_of(page) not in RUN_ELSEWHERE], ids=name_of)
def test_the_commands_of_a_page_run_in_order(page, tmp_path):
    scratch = Scratch.made(tmp_path, name_of(page))

    failed = [told for command in commands(page) if not reason_not_to_run(command) for told in scratch.run(command)]

    assert not failed, "\n".join(failed)
