"""Demonstrations are run where a cell needs a name of theirs; what only the box lacks costs a line and not a cell."""

import sys

import pytest

from autograder.boundary.job import Cell, Job, Task


def shows(source, *offers):
    return Cell(f"demo-{offers[0]}", source, ours=True, offers=offers)


def loaded(box, *cells, names=("value",), torch=False, aloud=False):
    """What the variables `names` are when the cells have run."""
    outcome = box.run(Job(cells, (Task("read", "read", names=names),), torch=torch, aloud=aloud))
    assert outcome.ended == "finished", outcome.detail
    return {one.case: one.value if one.status == "returned" else one.status for one in outcome.replies["read"].returned}


MUL = shows("def mul(a, b):\n    return a * b", "mul")
NEEDED = {
    "when a cell runs": "value = mul(2, 3)",
    "when a function is called": "def f():\n    return mul(2, 3)\n\nvalue = f()",
    "in a default": "def f(by=mul):\n    return by(2, 3)\n\nvalue = f()",
    "in an annotation": "def f(x: mul):\n    return 6\n\nvalue = f(1)",
    "in a class": "class A:\n    by = staticmethod(mul)\n\nvalue = A.by(2, 3)",
    "as a decorator": "@(lambda f: mul)\ndef by(): ...\n\nvalue = by(2, 3)",
    "under a magic": "%time value = mul(2, 3)",
    "in a timed cell": "%%time\nvalue = mul(2, 3)",
    "in a text that is run": "value = eval('mul(2, 3)')",
    "by the module's name": "from __main__ import mul as by\nvalue = by(2, 3)",
    "deleted": "del mul\nvalue = 6",
}


@pytest.mark.parametrize("aloud", [False, True])
def test_a_demonstration_runs_where_its_name_is_needed(box, aloud):
    found = {how: loaded(box, MUL, Cell("a", source), aloud=aloud)["value"] for how, source in NEEDED.items()}

    assert found == dict.fromkeys(NEEDED, 6)


NOT_NEEDED = {
    "an argument of that name": "def f(mul):\n    return mul\n\nvalue = 6",
    "an attribute": "import operator\nvalue = operator.mul(2, 3)",
    "a name of ones own": "mul = 3\nvalue = mul * 2",
    "a comment": "value = 6  # mul",
    "a method called eval": 'class A:\n    def eval(self, mul):\n        """mul"""\n\nA().eval(mul=1)\nvalue = 6',
}


def test_a_demonstration_does_not_run_where_nothing_needs_it(box):
    demo = shows("def mul(a, b):\n    return a * b\n\nran = 1", "mul", "ran_at_all")

    found = {how: loaded(box, demo, Cell("a", source), names=("value", "ran")) for how, source in NOT_NEEDED.items()}

    assert found == {how: {"value": 6, "ran": "missing"} for how in NOT_NEEDED}


def test_a_name_of_ones_own_wins_where_it_wins_in_jupyter(box):
    above, below = Cell("a", "x = 1"), Cell("b", "value = x")
    demo = shows("x = 2", "x")

    assert loaded(box, demo, above, below) == {"value": 1}
    assert loaded(box, above, demo, below) == {"value": 2}


def test_demonstrations_need_one_another_in_the_order_of_the_notebook(box):
    cells = (
        Cell("early", "def later():\n    return twice(base)"),
        shows("base = 3", "base"),
        shows("base = base + 1\ndef twice(x):\n    return 2 * x", "twice", "base2"),
        Cell("use", "value = later()"),
    )

    assert loaded(box, *cells) == {"value": 8}


BOX_ONLY = {
    "a module": "import no_such_module_at_all\n",
    "a name from a module": "from no_such_module_at_all.part import thing as other\n",
    "PyTorch": "import torch; x = torch.ones(3)\nprint(x)\n",
    "a file": "text = open('at-home-only.csv').read()\nprint(text)\n",
    "a network": "import socket\nsocket.create_connection(('127.0.0.1', 9), 1)\n",
    "a decorator": "import torch\n\n@torch.no_grad()\ndef unused(): ...\n",
    "a module under a magic": "%matplotlib inline\nimport no_such_module_at_all\n",
}


@pytest.mark.parametrize("whose", ["ours", "the student's"])
def test_what_the_box_lacks_costs_a_line_and_not_the_cell(box, whose):
    found = {}
    for what, lines in BOX_ONLY.items():
        source = f"before = 1\n{lines}value = before + 1\n"
        cell = shows(source, "value") if whose == "ours" else Cell("a", source)
        found[what] = loaded(box, cell, Cell("b", "value = value"))["value"]

    assert found == dict.fromkeys(BOX_ONLY, 2)


def test_an_error_that_is_the_students_ends_the_cell_as_in_jupyter(box):
    assert loaded(box, Cell("a", "value = 1\n1 / 0\nvalue = 2")) == {"value": 1}


PYTORCH = {
    "an annotation": "def f(t: torch.Tensor | None = None) -> list[torch.Tensor]:\n    return 6\n\nvalue = f()",
    "a default": "def f(kind=torch.float64):\n    return 6\n\nvalue = f()",
    "a base class": "class Mine(torch.nn.Module):\n    def f(self):\n        return 6\n\nvalue = Mine().f()",
    "a branch": "def f(x):\n    if isinstance(x, torch.Tensor):\n        return x.item()\n    return x\n\nvalue = f(6)",
    "a context": "with torch.no_grad():\n    value = 6",
    "a mode to choose": "with torch.set_grad_enabled(False), torch.inference_mode():\n    value = 6",
    "a decorator": "@torch.no_grad()\ndef f(x):\n    return x\n\nvalue = f(6)",
    "a decorator without brackets": "@torch.inference_mode\ndef f(x):\n    return x\n\nvalue = f(6)",
    "a context that was imported": "from torch import no_grad\n\nwith no_grad():\n    value = 6",
    "a seed in a block": "if True:\n    torch.manual_seed(0)\n    torch.set_default_dtype(torch.float)\n    value = 6",
    "a question": "def f(x):\n    return 0 if torch.is_tensor(x) else x\n\nvalue = f(6)",
}


def test_pytorch_can_be_named_where_it_cannot_be_used(box):
    demo = shows("import torch", "torch")

    found = {how: loaded(box, demo, Cell("a", source))["value"] for how, source in PYTORCH.items()}

    assert found == dict.fromkeys(PYTORCH, 6)


@pytest.mark.parametrize("use", ["torch.ones(3)", "torch.pi + 1", "list(torch.e)", "float(torch.inf)", "bool(torch.x)"])
def test_pytorch_that_is_not_there_computes_nothing(box, use):
    source = f"import torch\n\ntry:\n    {use}\nexcept ImportError as error:\n    value = str(error)"

    assert "write the rule in NumPy" in loaded(box, shows("import torch", "torch"), Cell("a", source))["value"]


NEWER = {
    'print(f"{point["a"]}")': "3.12",
    "type Number = int": "3.12",
    "def first[T](x): ...": "3.12",
    "class Box[T]: ...": "3.12",
    'name = t"{x}"': "3.14",
    "try:\n    pass\nexcept ValueError, TypeError:\n    pass": "3.14",
}


def test_syntax_of_a_newer_python_is_named_with_both_versions(box):
    here = sys.version_info[:2]
    said = {}
    for source, since in NEWER.items():
        if tuple(map(int, since.split("."))) > here:
            outcome = box.run(Job((Cell("a", source),), (Task("read", "read", names=("x",)),)))
            raised = outcome.load[0].raised
            said[source] = f"Python {since} or newer, and Python {here[0]}.{here[1]} grades" in raised.message

    assert said
    assert False not in said.values(), said


def test_wrong_syntax_of_any_python_is_not_called_new(box):
    outcome = box.run(Job((Cell("a", "def f(x)\n    return x"),), (Task("read", "read", names=("x",)),)))

    assert "newer" not in outcome.load[0].raised.message


def test_a_picture_that_fails_costs_nothing(box):
    source = (
        "import matplotlib.pyplot as plt\n\nplt.plot([[[1.0]]])\nfigure, axes = plt.subplots(1, 2)\nvalue = len(axes)"
    )

    assert loaded(box, Cell("a", source)) == {"value": 2}
