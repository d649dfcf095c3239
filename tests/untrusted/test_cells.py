"""Loading: what a notebook may hold without costing its owner anything, and what is reported where."""

import pytest

from tests.boundary.boxes import call, job, only, read, values

HABITS = {
    "a magic": "%matplotlib inline\nafter = 1",
    "an installation": "!pip install numpy\nafter = 1",
    "an installation by magic": "%pip install numpy\nafter = 1",
    "a timing": "%timeit 1 + 1\nafter = 1",
    "a timing whose value is kept": "after = %time 1\n",
    "a timing that is looked at": "result = %timeit -o 1 + 1\nprint(result.best)\nafter = 1",
    "a timed statement": "%time after = 1",
    "a timed cell": "%%time\nafter = 1",
    "a timed cell with a comment above": "# how long?\n\n%time after = 1",
    "a profiled cell": "%%prun\nafter = 1",
    "a captured cell": "%%capture out\nafter = 1\nprint(after)",
    "what was captured": "print(out.stdout)\nout.show()\nafter = 1",
    "an unknown magic": "%no_such_magic at all\nafter = 1",
    "help": "len?\nafter = 1",
    "lines of a command": "files = !ls\nassert files == []\nafter = 1",
    "await at the top": "import asyncio\nawait asyncio.sleep(0)\nafter = 1",
    "a task awaited": "import asyncio\nasync def one():\n    return 1\nafter = await asyncio.create_task(one())",
    "await under a magic": "%time after = await one()",
    "display": "display(1, metadata=2)\nafter = 1",
    "IPython's display": "from IPython.display import display, Markdown\ndisplay(Markdown('x'))\nafter = 1",
    "the shell": "get_ipython().run_line_magic('matplotlib', 'inline')\nafter = 1",
    "the shell, imported": "from IPython import get_ipython\nget_ipython().run_line_magic('load_ext', 'x')\nafter = 1",
    "the shell's hooks": "get_ipython().events.register('post_run_cell', print)\nafter = 1",
    "a warning": "import warnings\nwarnings.warn('careful')\nafter = 1",
    "a NumPy warning": "import numpy as np\nnp.log(np.zeros(2))\nafter = 1",
    "stderr": "import sys\nsys.stderr.write('x' * 10000)\nafter = 1",
    "a closed stdout": "import sys\nsys.stdout.close()\nprint('x')\nafter = 1",
    "no stdout at all": "import os, sys\nos.close(1)\nsys.stdout = None\nafter = 1",
    "bytes to stdout": "import sys\nsys.stdout.buffer.write(b'x')\nsys.stdout.flush()\nafter = 1",
    "threads": "import threading\nt = threading.Thread(target=print)\nt.start()\nt.join()\nafter = 1",
    "a pool of threads": "from concurrent.futures import ThreadPoolExecutor as P\nafter = sum(P(4).map(int, '1'))",
    "matplotlib": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.savefig('x.png')\nafter = 1",
    "a dataclass": "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: 'int' = 1\nafter = P().x",
    "a pickle": "import pickle\nclass Q: pass\npickle.loads(pickle.dumps(Q()))\nafter = 1",
    "its own source": "import inspect\ndef f():\n    return 1\nassert 'return 1' in inspect.getsource(f)\nafter = f()",
    "a file of its own": "open('notes.txt', 'w').write('1')\nafter = int(open('notes.txt').read())",
    "carriage returns": "if True:\r\n    after = 1\r\n",
    "indented": "    after = 1",
    "a lone surrogate": "s = '\ud800'\nafter = 1",
    "the main module": "assert __name__ == '__main__'\nafter = 1",
    "what the host is called": "job = channel = sys = os = np = capture = notebook = None\nafter = 1",
    "a subprocess that is caught": "import subprocess\ntry: subprocess.run(['ls'])\nexcept OSError: after = 1",
    "nothing": "",
    "a comment": "# nothing",
}


@pytest.fixture(scope="module")
def habits(box):
    """One box for all habits: each cell is followed by one that notes whether the end was reached."""
    sources = []
    for number, source in enumerate(HABITS.values()):
        sources += ["after = 1" if "after" not in source else "after = None", source, f"noted_{number} = after"]
    return box.run(job(sources, read(*(f"noted_{n}" for n in range(len(HABITS))))))


@pytest.mark.parametrize("number, habit", list(enumerate(HABITS)), ids=list(HABITS))
def test_a_habit_costs_nothing(habits, number, habit):
    raised = habits.load[3 * number + 1].raised

    assert raised is None
    assert values(habits)[number] == 1


MISHAPS = {
    "an error": ("x = 1\n\n1 / 0", "ZeroDivisionError", 3),
    "a syntax error": ("x = 1\ndef f(:\n", "SyntaxError", 2),
    "a syntax error under a magic": ("%matplotlib inline\ndef f(:\n", "SyntaxError", 2),
    "an error in a function from another cell": ("helper(0)", "ZeroDivisionError", 2),
    "a null byte": ("x = '\0'", None, None),
    "an exit": ("import sys\nsys.exit()", "SystemExit", 2),
    "exit()": ("exit()", "SystemExit", 1),
    "an interrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt", 1),
    "its own exception": ("class Mine(BaseException): pass\nraise Mine", "Mine", 2),
    "a question": ("x = input('?')", "InputUnavailableError", 1),
    "a missing package": ("import pandas", "ModuleNotFoundError", 1),
    "PyTorch": ("import torch.nn as nn", "ImportError", 1),
    "a hostile message": ("class E(Exception):\n    def __str__(self): raise SystemExit\nraise E", "E", 3),
    "recursion": ("def f(): f()\nf()", "RecursionError", 1),
    "a nest of parentheses": ("(" * 300 + ")" * 300, "SyntaxError", 1),
    "too much memory": ("x = bytearray(1 << 40)", "MemoryError", 1),
    "an installation that runs": ("import subprocess\nsubprocess.run(['pip'])", None, None),
}


@pytest.fixture(scope="module")
def mishaps(box):
    sources = ["def helper(x):\n    return 1 / x", *(source for source, _, _ in MISHAPS.values()), "end = 42"]
    return box.run(job(sources, read("end")))


@pytest.mark.parametrize("number, name", list(enumerate(MISHAPS)), ids=list(MISHAPS))
def test_a_cell_that_raises_is_reported_with_its_place(mishaps, number, name):
    _, kind, line = MISHAPS[name]

    raised = mishaps.load[number + 1].raised

    assert raised is not None
    if kind:
        cell = "c0" if "another cell" in name else f"c{number + 1}"
        assert (raised.type, raised.cell, raised.line) == (kind, cell, line)


def test_loading_goes_on_after_every_cell_that_raises(mishaps):
    assert values(mishaps) == [42]


def test_the_reason_why_torch_is_missing_is_clear(mishaps):
    raised = mishaps.load[1 + list(MISHAPS).index("PyTorch")].raised

    assert raised.message == "PyTorch is not available while this assignment is graded: write the rule in NumPy"


def test_what_a_cell_prints_is_reported_up_to_a_cap(box):
    outcome = box.run(job(["print('hello')", "print('x' * 10**6)", "import os\nos.write(1, b'low')", "print('last')"]))

    printed = [report.stdout for report in outcome.load]
    assert printed[0] == "hello\n"
    assert len(printed[1]) == 4096
    assert printed[2:] == ["low", "last\n"]


def test_the_last_definition_of_a_name_wins(box):
    outcome = box.run(
        job(["def f():\n    return g()", "def g():\n    return 1", "def g():\n    return 2"], call("f", ()))
    )

    assert only(outcome, "f").value == 2


def test_the_kit_is_the_graders_own_and_keeps_quiet(box):
    source = "import kit\nfrom kit import _settings\nimport kit.functions\nquiet = _settings.quiet\nname = kit.__name__"

    outcome = box.run(job([source], read("quiet", "name")))

    assert values(outcome) == [True, "autograder.kit"]


def test_random_numbers_are_the_same_in_every_run(box):
    draws = "import random\nimport numpy as np\nr = [random.random(), float(np.random.rand()), hash('x')]"
    rule = "def f():\n    return np.random.rand(2)"

    first, second = (box.run(job([draws, rule], read("r"), call("f", ()))) for _ in range(2))

    assert values(first) == values(second)
    assert only(first, "f").value.tolist() == only(second, "f").value.tolist()


def test_an_exercise_draws_the_same_numbers_whatever_ran_before_it(box):
    sources = ["import numpy as np\ndef f():\n    return np.random.rand(2)\ndef g():\n    return np.random.rand(5)"]

    together = box.run(job(sources, call("g", ()), call("f", ())))
    alone = box.run(job(sources, call("f", ())))

    assert only(together, "f").value.tolist() == only(alone, "f").value.tolist()
