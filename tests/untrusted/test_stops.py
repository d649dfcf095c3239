"""Stops: what is run while the cells are loaded has the names as they stand there, and disturbs no later cell."""

from dataclasses import replace

import pytest

from autograder.boundary.job import Rebound, Stop
from tests.boundary.boxes import call, job, read, values

ANSWER = "scale = 2.0\ndef helper(x):\n    return scale * x\ndef f(x):\n    return sum([helper(x)])"

LATER = {
    "an assignment": ("scale = 3.0", "scale"),
    "a function": ("def helper(x):\n    return 0.0", "helper"),
    "a class": ("class helper:\n    def __init__(self, x): pass", "helper"),
    "an import": ("import math as helper", "helper"),
    "a loop": ("for scale in range(5): pass", "scale"),
    "a walrus": ("(scale := 7.0)", "scale"),
    "a with": ("import io\nwith io.StringIO() as helper: pass", "helper"),
    "a deletion": ("del helper", "helper"),
    "a builtin": ("sum = 0", "sum"),
    "a builtin in a loop": ("for sum in range(2): pass", "sum"),
    "the answer itself": ("def f(x):\n    return 0.0", "f"),
}


def at_both(box, sources, stop=1, task=None):
    task = task or call("f", [1.0])
    return box.run(replace(job(sources, task), stops=(Stop(stop, task),)))


@pytest.mark.parametrize("source, name", LATER.values(), ids=LATER)
def test_at_its_stop_an_answer_is_what_it_was_there_and_what_changed_it_is_reported(box, source, name):
    outcome = at_both(box, [ANSWER, "other = 1", source])

    assert outcome.early["f"].returned[0].value == 2.0
    assert outcome.replies["f"].returned[0].value != 2.0
    assert outcome.rebound == (Rebound("c2", name),)


def test_names_that_an_answer_does_not_use_are_not_reported(box):
    outcome = at_both(box, [ANSWER, "g = f\nx = 3\nunused = sum"])

    assert outcome.rebound == ()


def test_answers_at_a_stop_leave_the_later_cells_as_they_would_be(box):
    drawn = (
        "import random, sys\nimport numpy as np\nseen = [random.random(), np.random.random(), sys.getrecursionlimit()]"
    )
    first = """import random, sys
import numpy as np
sys.setrecursionlimit(1234)
def f(x):
    return random.random() + np.random.random()"""
    sources = [first, drawn]
    seen = read("seen")

    without = box.run(job(sources, seen))
    stopped = box.run(replace(job(sources, seen), stops=(Stop(1, call("f", [1.0])),)))

    assert values(stopped) == values(without)


def test_what_is_read_at_a_stop_is_what_it_was_there(box):
    first, second = read("a", exercise="one"), read("a", exercise="two")

    outcome = box.run(replace(job(["a = 1", "a = 2", "a = 3"]), stops=(Stop(1, first), Stop(2, second))))

    assert {name: reply.returned[0].value for name, reply in outcome.early.items()} == {"one": 1, "two": 2}
    assert all(reply.complete for reply in outcome.early.values())


def test_an_answer_that_ends_the_box_at_its_stop_costs_no_cell(box):
    source = "import os\ndef f(x):\n    os._exit(3)"

    outcome = at_both(box, [source, "after = 1"])

    assert (outcome.ended, outcome.left_out) == ("killed", ())
    assert outcome.detail.endswith("during exercise f")


def test_a_later_cell_that_ends_the_box_is_left_out_and_the_stop_stays_where_it_is(box):
    sources = ["import os\nos._exit(1)", "def f(x):\n    return 1.0", "def f(x):\n    return 2.0"]

    outcome = at_both(box, sources, stop=2)

    assert outcome.left_out == ("c0",)
    assert (outcome.early["f"].returned[0].value, outcome.replies["f"].returned[0].value) == (1.0, 2.0)


def test_what_ends_the_box_while_it_is_read_at_its_stop_costs_no_cell(box):
    source = """import os
class Deadly:
    def __len__(self): return 1
    def __array__(self, *args, **kwargs): os._exit(3)
a = Deadly()"""

    outcome = box.run(replace(job([source, "after = 1"]), stops=(Stop(1, read("a", exercise="one")),)))

    assert (outcome.ended, outcome.left_out) == ("killed", ())
    assert outcome.detail.endswith("during exercise one")


def test_what_a_later_cell_does_to_an_array_that_was_returned_comes_too_late(box):
    answer = "import numpy as np\nkept = np.ones(50_000)\ndef f(x):\n    return kept"

    outcome = at_both(box, [answer, "kept[:] = 7.0"])

    early, late = (replies["f"].returned[0].value for replies in (outcome.early, outcome.replies))
    assert (early.min(), early.max(), late.min()) == (1.0, 1.0, 7.0)
