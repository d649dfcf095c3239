"""Which arguments of pytest's are passed on, and that no other ones are."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.bridges.pytest_plugin.options import Options

PARSED = {
    "keyword": "relu",
    "maxfail": 1,
    "verbose": -1,
    "numprocesses": "auto",
    "xmlpath": "out.xml",
    "collectonly": True,
    "reportchars": "A",
    "durations": 3,
    "color": "no",
}
THEIRS = {"plugins": ["evil"], "rootdir": ".", "confcutdir": ".", "inifilename": "pytest.ini", "pyargs": True}


def test_what_pytest_parsed_becomes_the_same_words_again():
    options = Options.of(SimpleNamespace(**PARSED))

    assert options.words() == [
        *(
            "-k",
            "relu",
            "--maxfail=1",
            "-q",
            "--junitxml=out.xml",
            "--collect-only",
            "-rA",
            "--durations=3",
            "--color=no",
        )
    ]
    assert options.workers == "auto"


def test_options_that_choose_code_or_folders_are_left_behind():
    assert Options.of(SimpleNamespace(**PARSED, **THEIRS)) == Options.of(SimpleNamespace(**PARSED))


def test_nothing_asked_for_is_nothing_said():
    assert Options().words() == []
    assert Options().distribution(by_exercise=True) == []


def test_the_file_to_write_stays_where_it_was_asked_for():
    assert Options(junitxml="out.xml").below(Path("/here")).junitxml == "/here/out.xml"
    assert Options(junitxml="/there/out.xml").below(Path("/here")).junitxml == "/there/out.xml"


@pytest.mark.parametrize("by_exercise, scope", [(True, "loadscope"), (False, "loadfile")])
def test_workers_are_isolated_interpreters(by_exercise, scope):
    words = Options(workers="3").distribution(by_exercise=by_exercise)

    assert words[words.index("--dist") + 1] == scope
    assert words[-1].startswith("3*popen//python=")
    assert words[-1].endswith(" -I")
