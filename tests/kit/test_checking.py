"""check() itself: which exercise is meant, and how it fails in plain Python, in IPython and in the box."""

from __future__ import annotations

import functools
import subprocess
import sys
import textwrap

import pytest
from IPython.core.interactiveshell import InteractiveShell

from autograder.kit import check
from tests.kit.exercises import mix_backward as right

pytestmark = pytest.mark.usefixtures("known")


def run_in(variables, line="check(target)"):
    """Run a line as a notebook's cell would: with ``variables`` as its globals."""
    exec(line, {"check": check, **variables})


def test_a_lambda_is_found_by_the_variable_it_stands_under(capsys):
    run_in({"double": lambda x: 2 * x}, "check(double)")

    assert capsys.readouterr().out.startswith("double:")


def test_a_renamed_function_is_found_by_its_variable(capsys):
    def helper(x):
        return 2 * x

    run_in({"double": helper}, "check(double)")

    assert capsys.readouterr().out.startswith("double:")


def test_a_partial_without_a_name_is_found_by_its_variable(capsys):
    run_in({"double": functools.partial(lambda k, x: k * x, 2)}, "check(double)")

    assert capsys.readouterr().out.startswith("double:")


def test_a_function_under_two_exercises_names_is_checked_for_both(capsys):
    def double(x):
        return 2 * x

    with pytest.raises(AssertionError):
        run_in({"double": double, "apply_all": double}, "check(double)")

    out = capsys.readouterr().out
    assert "double: 4 of 4" in out
    assert "apply_all: " in out


def test_an_exercise_can_be_named_in_quotes(capsys):
    run_in({"double": lambda x: 2 * x}, 'check("double")')

    assert capsys.readouterr().out.startswith("double:")


@pytest.mark.parametrize(
    "line, message",
    [
        ("check(lambda x: x)", "no exercise is called <lambda>"),
        ("check(print)", "no exercise is called print"),
        ('check("nothing")', "no exercise is called 'nothing'"),
        ('check("double")', "double is not defined yet"),
        ("check(3)", "got int"),
        ("check(None)", "Hand over the function itself"),
    ],
)
def test_what_is_no_exercise_is_told_what_to_do(line, message):
    with pytest.raises(AssertionError, match=r"^[^\n]*$") as caught:
        run_in({}, line)

    assert message in str(caught.value)


def test_check_returns_nothing(capsys):
    returned = check(right)

    assert returned is None


def test_the_failure_is_an_assertion_error_by_name_and_kind():
    with pytest.raises(AssertionError) as caught:
        check(lambda: None)

    assert type(caught.value).__name__ == "AssertionError"


def test_in_the_box_nothing_is_checked_or_shown(quiet, capsys):
    check(lambda: 1 / 0)
    check("no such exercise", answer=...)

    assert capsys.readouterr().out == ""


@pytest.fixture
def shell(capsys):
    """A real IPython shell with check and one exercise in its namespace."""
    shell = InteractiveShell.instance()
    shell.colors = "nocolor"
    shell.user_ns["check"] = check
    yield shell
    InteractiveShell.clear_instance()


WRONG = textwrap.dedent(
    """
    def double(x):
        return 3 * x
    """
)


def test_in_ipython_the_traceback_is_one_line(shell, capsys):
    shell.run_cell(WRONG)

    shell.run_cell("check(double)")

    out = capsys.readouterr().out
    assert "AssertionError: double: 3 of 4 checks fail" in out
    assert "Traceback" not in out
    assert "checking.py" not in out


def test_in_ipython_the_error_keeps_its_name(shell):
    shell.run_cell(WRONG)

    result = shell.run_cell("check(double)")

    assert isinstance(result.error_in_exec, AssertionError)


def test_in_ipython_table_and_text_come_in_one_bundle(shell):
    bundles = []
    shell.display_pub.publish = lambda data, **_: bundles.append(data)
    shell.run_cell("def double(x):\n    return 2 * x")

    shell.run_cell("check(double)")

    assert [sorted(bundle) for bundle in bundles] == [["text/html", "text/plain"]]


def test_in_ipython_an_error_names_the_line_of_the_cell(shell, capsys):
    shell.run_cell("def double(x):\n    y = x\n    return y.nothing")

    shell.run_cell("check(double)")

    assert "(line 3: return y.nothing)" in capsys.readouterr().out


def test_importing_the_kit_loads_nothing_heavy():
    code = (
        "import sys; import autograder.kit; "
        "print([m for m in ('torch', 'matplotlib', 'IPython', 'autograder.kit.repairs') if m in sys.modules])"
    )

    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert out.strip() == "[]"
