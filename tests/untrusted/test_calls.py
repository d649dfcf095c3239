"""Calls: inputs arrive as they are, what comes back is data, and one call's fate is not another's."""

from dataclasses import replace

import numpy as np
import pytest

from autograder.boundary.job import Call, NamedFunction, Opaque, Task
from tests.boundary.boxes import QUICK, answers, box_of, call, job, only, read, values

RETURNS = {
    "None": ("None", None),
    "a bool": ("True", True),
    "an int": ("7", 7),
    "a huge int": ("7 ** 100", 7**100),
    "a float": ("0.1", 0.1),
    "text": ("'detach'", "detach"),
    "a tuple": ("(1, [2.0], {'a': None})", (1, [2.0], {"a": None})),
    "a subclass of int": ("type('I', (int,), {'__int__': lambda s: 99})(7)", 7),
    "a named tuple": ("__import__('collections').namedtuple('P', 'x y')(1, 2)", (1, 2)),
    "a default dict": ("__import__('collections').defaultdict(int, a=1)", {"a": 1}),
    "a generator": ("(i for i in range(3))", Opaque("generator")),
    "an endless generator": ("iter(int, 1)", Opaque("callable_iterator")),
    "a set": ("{1}", Opaque("set")),
    "a complex number": ("1j", Opaque("complex")),
    "bytes": ("b'x'", Opaque("bytes")),
    "an object that lies": (
        "type('L', (), {'__class__': float, '__eq__': lambda s, o: True, '__float__': lambda s: 1.0})()",
        None,
    ),
    "a list with a stranger": ("[1, {2}]", [1, Opaque("set")]),
    "a dict with odd keys": ("{1: 2}", Opaque("dict with keys that are not text")),
}
ARRAYS = {
    "an array": ("np.arange(3.0)", np.arange(3.0)),
    "float32": ("np.arange(3, dtype='f4')", np.arange(3, dtype="f4")),
    "integers": ("np.arange(3)", np.arange(3)),
    "booleans": ("np.array([True, False])", np.array([True, False])),
    "0-d": ("np.array(2.0)", np.array(2.0)),
    "a NumPy scalar": ("np.float64(2.0)", np.array(2.0)),
    "a float32 scalar": ("np.float32(2.0)", np.array(2.0, "f4")),
    "empty": ("np.zeros((0, 3))", np.zeros((0, 3))),
    "reversed": ("np.arange(4.0)[::-1]", np.arange(4.0)[::-1]),
    "read-only": ("np.broadcast_to(1.0, (2, 2))", np.ones((2, 2))),
    "a matrix": ("np.matrix([[1.0, 2.0]])", np.array([[1.0, 2.0]])),
    "long double": ("np.arange(3, dtype=np.longdouble)", np.arange(3.0)),
    "big-endian": ("np.arange(3, dtype='>f8')", np.arange(3.0)),
    "masked, nothing hidden": ("np.ma.array([1.0, 2.0])", np.array([1.0, 2.0])),
    "a range": ("range(3)", np.arange(3)),
    "something like an array": (
        "type('A', (), {'__array__': lambda s, *a, **k: np.ones(2), '__len__': lambda s: 2})()",
        np.ones(2),
    ),
    "a subclass that lies": (
        "np.ones(2).view(type('L', (np.ndarray,), {'__eq__': lambda s, o: True, 'copy': lambda s: 1}))",
        np.ones(2),
    ),
}
TABLES = {
    "rows": ("[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]", [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
    "rows of one": ("[(1.0,), (2.0,), (3.0,), (4.0,)]", [(1.0,), (2.0,), (3.0,), (4.0,)]),
    "boxes": ("([[1.0], [2.0]], [[3.0], [4.0]])", ([[1.0], [2.0]], [[3.0], [4.0]])),
    "ragged rows": ("[[1.0, 2.0], [3.0, 4.0, 5.0]]", [[1.0, 2.0], [3.0, 4.0, 5.0]]),
    "lists and tuples": ("[[1.0, 2.0], (3.0, 4.0)]", [[1.0, 2.0], (3.0, 4.0)]),
    "a number among lists": ("[[1.0, 2.0], [3.0, 4.0], 5.0]", [[1.0, 2.0], [3.0, 4.0], 5.0]),
    "an integer among floats": ("[1.0, 2.0, 3.0, 4]", [1.0, 2.0, 3.0, 4]),
    "empty rows": ("[[], [], [], []]", [[], [], [], []]),
    "rows of text": ("[['a', 'b'], ['c', 'd']]", [["a", "b"], ["c", "d"]]),
}
SCALARS = {
    "a list of NumPy scalars": ("list(np.arange(5.0))", [np.array(float(n)) for n in range(5)]),
    "a tuple of float32 scalars": ("tuple(np.arange(5, dtype='f4'))", tuple(np.arange(5, dtype="f4"))),
    "scalars of several types": (
        "[np.float64(1), np.float32(2), 3.0, np.int8(4), True]",
        [np.float64(1), np.float32(2), 3.0, np.int8(4), True],
    ),
    "boolean scalars": ("[np.bool_(n % 2) for n in range(5)]", [np.bool_(n % 2) for n in range(5)]),
}
STRANGE_ARRAYS = {
    "objects": "np.array([None, 1.0], dtype=object)",
    "complex": "np.ones(2, dtype=complex)",
    "strings": "np.array(['a'])",
    "dates": "np.array(['2020'], dtype='M8')",
    "records": "np.zeros(2, dtype=[('a', float)])",
    "masked": "np.ma.array([1.0, 2.0], mask=[True, False])",
}
UNREADABLE = {
    "terabytes by stride 0": "np.broadcast_to(1.0, (1 << 20, 1 << 20))",
    "a list that holds itself": "a = []; a.append(a); return a",
    "a deep tuple": "t = ()\n    for _ in range(100_000): t = (t,)\n    return t",
    "a long list": "[None] * 10**6",
    "a list of one large array": "[np.zeros(10**6)] * 100",
    "a huge text": "'x' * 10**8",
    "a range without end": "range(1 << 60)",
    "an integer without end": "1 << 10**6",
}


def body(source):
    return source if "return" in source else f"return {source}"


@pytest.fixture(scope="module")
def returned(box):
    sources = {**{n: s for n, (s, _) in (RETURNS | TABLES | ARRAYS | SCALARS).items()}, **STRANGE_ARRAYS, **UNREADABLE}
    cells = ["import numpy as np"] + [f"def f{n}():\n    {body(source)}" for n, source in enumerate(sources.values())]
    outcome = box.run(job(cells, *(call(f"f{n}", ()) for n in range(len(sources)))))
    return {name: only(outcome, f"f{n}") for n, name in enumerate(sources)}


@pytest.mark.parametrize("name", RETURNS)
def test_plain_values_come_back_as_they_are(returned, name):
    got, expected = returned[name].value, RETURNS[name][1]

    assert returned[name].status in ("returned", "raised" if expected is None else "returned")
    assert got == expected
    assert type(got) is type(expected)


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_come_back_as_plain_arrays_of_their_dtype(returned, name):
    got, expected = returned[name].value, ARRAYS[name][1]

    assert type(got) is np.ndarray
    assert (got.dtype, got.shape) == (expected.dtype, expected.shape)
    assert np.array_equal(got, expected)


@pytest.mark.parametrize("name", TABLES)
def test_tables_of_numbers_come_back_as_they_are(returned, name):
    assert repr(returned[name].value) == repr(TABLES[name][1])


@pytest.mark.parametrize("name", SCALARS)
def test_scalars_in_a_list_come_back_one_by_one(returned, name):
    got, expected = returned[name].value, SCALARS[name][1]

    assert type(got) is type(expected)
    assert [float(one) for one in got] == [float(one) for one in expected]
    assert [getattr(one, "dtype", None) for one in got] == [getattr(one, "dtype", None) for one in expected]
    assert all(type(one) in (np.ndarray, float, bool) for one in got)


@pytest.mark.parametrize("name", STRANGE_ARRAYS)
def test_arrays_that_are_no_real_numbers_are_opaque(returned, name):
    assert returned[name].status == "returned"
    assert isinstance(returned[name].value, Opaque)


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_looked_at_is_unreadable(returned, name):
    assert returned[name].status == "unreadable"
    assert returned[name].raised.type == "Unreadable"


def test_inputs_arrive_with_their_layout_and_can_be_written_to(box):
    source = "def f(x, y):\n    y[0] = 1\n    return [list(x.strides), x.flags.writeable, float(x[0, 0])]"
    x = np.arange(24.0).reshape(4, 6)[::-1, ::2]

    answer = only(box.run(job([source], call("f", [x, np.zeros(2)]))), "f")

    assert answer.value == [list(x.strides), True, 18.0]


def test_inputs_can_be_asked_for_unwritable(box):
    task = Task("f", calls=(Call("frozen", ([np.zeros(2)],), read_only=True),))

    answer = only(box.run(job(["def f(xs):\n    xs[0] += 1"], task)), "f")

    assert (answer.status, answer.raised.type) == ("raised", "ValueError")


def test_inputs_that_were_changed_are_named(box):
    source = """
def f(a, b, c, d, *, e, g):
    a += 1; b.append(1); d['w'][0] = -0.0; e.sort()
    return a"""
    arguments = (np.zeros(2), [1.0], np.zeros(2), {"w": np.zeros(2)})
    task = Task("f", calls=(Call("one", arguments, {"e": [2, 1], "g": [1.0, None, "x", (True,)]}),))

    answer = only(box.run(job([source], task)), "f")

    assert answer.changed == ("0", "1", "3", "e")


def test_each_call_gets_inputs_of_its_own(box):
    x = np.zeros(2)

    got = answers(box.run(job(["def f(x):\n    x += 1\n    return x"], call("f", [x], [x]))), "f")

    assert [a.value.tolist() for a in got] == [[1.0, 1.0], [1.0, 1.0]]


def test_functions_are_built_in_the_box_and_their_calls_counted(box):
    functions = [NamedFunction("vjp_scale", {"d": np.full(2, k)}) for k in (2.0, 3.0)]
    source = "def f(steps, g):\n    for step in reversed(steps): g = step(g)\n    return steps[0](g)"

    answer = only(box.run(job([source], call("f", [functions, np.ones(2)]))), "f")

    assert answer.value.tolist() == [12.0, 12.0]
    assert answer.calls == {"vjp_scale": 2, "vjp_scale#2": 1}
    assert answer.changed == ()


def test_a_function_that_does_not_exist_is_not_the_students_error(box):
    outcome = box.run(job(["def f(g):\n    return 1"], call("f", [NamedFunction("no such function")])))

    assert outcome.ended == "killed"
    assert "f" not in outcome.replies


RAISES = {
    "an error": ("1 / 0", "ZeroDivisionError"),
    "an exit": ("raise SystemExit", "SystemExit"),
    "an interrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "a question": ("input()", "InputUnavailableError"),
    "too few arguments": ("g(1)", "TypeError"),
    "recursion": ("return f()", "RecursionError"),
    "memory": ("np.ones((1 << 20, 1 << 20))", "MemoryError"),
    "an endless loop": ("while True: pass", "OutOfTime"),
    "an endless loop that catches": (
        "\n    while True:\n        try: pass\n        except Exception: pass",
        "OutOfTime",
    ),
    "a process": ("import subprocess; subprocess.run(['true'])", "PermissionError"),
    "a hostile conversion": (
        "return type('A', (), {'__array__': lambda s: 1 / 0, '__len__': lambda s: 1})()",
        "ZeroDivisionError",
    ),
}


@pytest.fixture(scope="module")
def mishaps():
    box = box_of("namespaces", QUICK)
    cells = ["import numpy as np\ndef g(a, b):\n    pass"]
    cells += [f"def f{n}():\n    {source.replace('f()', f'f{n}()')}" for n, (source, _) in enumerate(RAISES.values())]
    cells += ["import sys, os\ndef last():\n    print('still here')\n    return 42"]
    return box.run(job(cells, *(call(f"f{n}", ()) for n in range(len(RAISES))), call("last", ())))


@pytest.mark.parametrize("number, name", list(enumerate(RAISES)), ids=list(RAISES))
def test_what_a_call_raises_is_its_answer(mishaps, number, name):
    answer = only(mishaps, f"f{number}")

    assert (answer.status, answer.raised.type) == ("raised", RAISES[name][1])


def test_the_place_in_the_notebook_is_named(mishaps):
    raised = only(mishaps, "f0").raised

    assert (raised.cell, raised.line) == ("c1", 2)


def test_the_exercises_after_all_that_are_answered(mishaps):
    answer = only(mishaps, "last")

    assert (answer.value, answer.stdout) == (42, "still here\n")


def test_a_task_whose_calls_are_all_endless_ends(box):
    quick = box_of("namespaces", QUICK)

    outcome = quick.run(job(["def f(x):\n    while True: pass"], call("f", *([n] for n in range(8)))))

    assert {a.raised.type for a in answers(outcome, "f")} == {"OutOfTime"}
    assert answers(outcome, "f")[-1].raised.message.startswith("not run")


@pytest.mark.parametrize(
    "source", ["import numpy as np\nnp.seterr(all='raise')", "import warnings\nwarnings.simplefilter('error')"]
)
def test_strict_settings_of_a_cell_do_not_turn_warnings_into_errors(box, source):
    rule = "import numpy as np\ndef f(x):\n    return 1 / (1 + np.exp(-x))"

    answer = only(box.run(job([source, rule], call("f", [np.array([-1000.0])]))), "f")

    assert answer.status == "returned"


def test_the_recursion_limit_is_its_default_at_each_call(box):
    source = "import sys\ndef f():\n    was = sys.getrecursionlimit()\n    sys.setrecursionlimit(5000)\n    return was"

    got = answers(box.run(job([source], call("f", (), ()))), "f")

    assert [a.value for a in got] == [1000, 1000]


def test_answer_variables_are_read_and_missing_ones_said_to_be_missing(box):
    outcome = box.run(job(["a = 1\nb = {'enc': 'none'}"], read("a", "b", "c")))

    assert values(outcome) == [1, {"enc": "none"}, None]
    assert [r.status for r in answers(outcome, "read")] == ["returned", "returned", "missing"]


def test_an_exercise_without_a_function_is_missing(box):
    assert only(box.run(job(["x = 1"], call("f", [1]))), "f").status == "missing"


def test_large_inputs_and_answers_cross_whole(box):
    x = np.random.default_rng(0).normal(size=(1000, 2000))

    answer = only(box.run(job(["def f(x):\n    return x.T"], call("f", [x]))), "f")

    assert np.array_equal(answer.value, x.T)


def test_long_lists_of_numpy_scalars_cross_whole(box):
    source = "import numpy as np\ndef f(n):\n    return list(np.arange(n) * 0.5)"

    outcome = box.run(job([source], call("f", *([20_000] for _ in range(8))), call("g", ())))

    assert [len(answer.value) for answer in answers(outcome, "f")] == [20_000] * 8


def test_together_an_endless_exercise_is_given_up_after_its_first_endless_call():
    source = "def f(x):\n    while True: pass\ndef g():\n    return 1"

    outcome = box_of("namespaces", QUICK).run(job([source], call("f", [1], [2]), call("g", ())))

    assert [a.raised.message[:7] for a in answers(outcome, "f")] == ["stopped", "not run"]
    assert only(outcome, "g").value == 1


def test_a_patched_library_harms_only_its_owner(box):
    right = "import numpy as np\ndef right(x):\n    return x + 1"
    evil = """
import builtins, json, struct
def evil():
    np.asarray = np.array_equal = lambda *a, **k: 1
    json.dumps = struct.pack = None
    builtins.isinstance = lambda *a: True
    return 1"""

    together = box.run(job([right, evil], call("evil", ()), call("right", [1.0])))
    alone = box.run(job([right, evil], call("right", [1.0])))

    assert together.ended in ("killed", "malformed")
    assert only(alone, "right").value == 2.0


def test_torch_is_there_where_the_assignment_is_about_it(box):
    source = "import torch.nn as nn\nimport torch\ndef f(x):\n    return torch.tensor(x, requires_grad=True) * 2"

    answer = only(box.run(job([source], call("f", [np.arange(3.0)]), torch=True)), "f")

    assert np.array_equal(answer.value, np.arange(3.0) * 2)


def test_small_answers_arrive_together_and_large_ones_and_where_it_is_asked_for_one_by_one(box):
    sources = (
        "import numpy as np",
        "def small(x):\n    return x",
        "def large(x):\n    return np.full(5 << 19, x)",
        "def of_many_parts(x):\n    return [None, str(x)] * 12_000",
    )
    tasks = [call(name, [1.0], [2.0], [3.0]) for name in ("small", "large", "of_many_parts")]

    together, alone = box.run(job(sources, *tasks)), box.run(job(sources, tasks[0]))
    piecewise = box.run(replace(job(sources, tasks[0]), piecewise=True))

    assert {name: reply.burst is not None for name, reply in together.replies.items()} == {
        "small": True,
        "large": False,
        "of_many_parts": False,
    }
    assert [len(answers(together, task.exercise)) for task in tasks] == [3, 3, 3]
    assert piecewise.replies["small"].burst is None
    assert values(alone, "small") == values(together, "small") == values(piecewise, "small") == [1.0, 2.0, 3.0]
