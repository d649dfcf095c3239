"""What an author is told: everything that is wrong, at once, each with its file, its line and the next step."""

from __future__ import annotations

import sys

import pytest

from tests.authoring.course import ONE, Begun

KINDS = ("rule", "function", "repair", "predict", "essay")


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Two versions of a file that are written within a second look alike to Python's cache."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)


@pytest.fixture
def begun(tmp_path):
    return Begun.at(tmp_path, "rule")


def only(problems):
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


def test_what_new_writes_is_in_order_as_it_is(tmp_path):
    begun = Begun.at(tmp_path, *KINDS, torch=True)

    assert begun.problems() == []


def test_two_things_wrong_in_two_files_are_told_at_once(begun):
    begun.change("public", "lambda torch, x: x * x", "lambda torch, x: x * x * x")
    begun.change_notebook("grad_output, output, x)", "grad_output, x, output)")

    problems = begun.problems()

    assert any("is declared as my_rule_backward(grad_output, output, x)" in one.wrong for one in problems)
    assert any("the oracle in PyTorch differ" in one.wrong for one in problems)
    assert all(one.next_step and one.where.startswith(f"solutions/{ONE}/") for one in problems)


def test_a_wrong_backward_row_is_told_for_the_case_at_its_line(begun):
    begun.change("private", "2.0 * g * x)", "2.5 * g * x)")

    problems = begun.problems()

    where = f"solutions/{ONE}/private/my_rule.py"
    assert any("is not PyTorch's" in one.wrong and "case 'vector'" in one.wrong for one in problems)
    assert any("differences measure" in one.wrong for one in problems)
    assert {one.where.rsplit(",", 1)[0] for one in problems} == {where}


def test_a_mistake_that_is_none_is_told_at_its_line(begun):
    line = begun.change("private", "    return g * y\n", "    return 2 * g * x\n")

    problem = only(begun.problems())

    assert "no case exposes the mistake multiplied-by-the-output" in problem.wrong
    assert 0 < line - int(problem.where.rsplit(" ", 1)[1]) <= 3


def test_two_mistakes_that_answer_the_same_are_told(begun):
    begun.change("private", "    return g * y\n", "    return g * x\n")

    problems = begun.problems()

    assert any("answers the same as one-factor-only in every case" in one.wrong for one in problems)


def test_a_hint_that_asks_nothing_is_told(begun):
    begun.change("private", "Is that its slope?", "That is wrong.")

    assert "asks nothing" in only(begun.problems()).wrong


def test_a_right_answer_that_is_wrong_is_told(begun):
    begun.change("private", "g * x + x * g", "g * x + g")

    problems = begun.problems()

    assert all("the right answer as_a_sum" in one.wrong for one in problems)
    assert any("not right in values" in one.wrong for one in problems)
    assert any("public check" in one.wrong for one in problems)


def test_hidden_cases_without_a_plain_one_are_told(begun):
    text = begun.path("private").read_text()
    for name in ("vector", "matrix", "three axes"):
        text = text.replace(f'case("{name}", ', f'case("{name}", check="edges", ')
    begun.path("private").write_text(text)

    assert any("no hidden case in the check `values`" in one.wrong for one in begun.problems())


def test_a_share_for_a_check_that_has_no_case_is_told(begun):
    begun.change(
        "private", "    op=operation,", "    op=operation,\n    shares={'edges': 0.2, 'cost': 0.1, 'stabilty': 0.1},"
    )

    assert "the check `stabilty`, which has no case" in only(begun.problems()).wrong


def test_a_stored_answer_that_is_wrong_is_told(tmp_path):
    begun = Begun.at(tmp_path, "function")
    begun.change("public", "7.0", "8.0", "my_function")

    problems = begun.problems()

    assert problems
    assert all("the public check does not pass it" in one.wrong for one in problems)
    assert "--write" in problems[0].next_step


def test_an_exercise_without_a_cell_and_a_cell_without_an_exercise_are_told(begun):
    begun.change_notebook('"my_rule_backward', '"my_other_backward')

    said = [str(problem) for problem in begun.problems()]

    assert any("no notebook has a solution cell with the id 'my_rule_backward'" in one for one in said)
    assert any("no notebook has a check cell with the id 'my_rule_backward-check'" in one for one in said)
    assert any("'my_other_backward' belongs to no exercise" in one for one in said)


def test_an_answer_outside_of_its_marks_is_told(begun):
    begun.change_notebook("### BEGIN SOLUTION", "# my answer")

    assert "not between its marks" in only(begun.problems()).wrong


def test_every_file_that_is_not_python_is_told_with_its_line(tmp_path):
    begun = Begun.at(tmp_path, "rule", "function")
    for topic in ("my_rule", "my_function"):
        begun.path("public", topic).write_text("x = 1\ny = (\n")

    problems = begun.problems()

    assert [one.where for one in problems] == [
        f"solutions/{ONE}/public/my_function.py, line 2",
        f"solutions/{ONE}/public/my_rule.py, line 2",
    ]


def test_what_a_declaration_raises_is_told_with_its_line(begun):
    begun.change("private", "    op=operation,", "    op=operation,\n    wrong=1,")

    problem = only(begun.problems())

    assert "private/my_rule.py, line " in problem.wrong
    assert "wrong" in problem.wrong


def test_what_a_reference_raises_is_told_with_its_line(tmp_path):
    begun = Begun.at(tmp_path, "function")
    line = begun.change(
        "private", "reference=lambda x: np.mean(x**2)", "reference=lambda x: np.mean(x**2) / [][0]", "my_function"
    )

    problem = only(begun.problems())

    assert problem.where == f"solutions/{ONE}/private/my_function.py, line {line}"
    assert "IndexError" in problem.wrong


def test_the_public_half_may_not_look_into_the_private_one(begun):
    begun.change(
        "public", "from kit.draws import normal", "from kit.draws import normal\n\nfrom ..private import my_rule"
    )

    problems = begun.problems()

    assert problems[0].where == f"solutions/{ONE}/public/my_rule.py, line 8"
    assert "ships to students" in problems[0].next_step
