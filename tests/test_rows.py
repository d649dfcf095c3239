"""The loop over rows: every row is tried, every failure is named, and a loop over nothing is no test."""

from __future__ import annotations

import pytest

from tests.rows import collected, for_each


def tried(test, **fixtures):
    """What the failure of a looped test says."""
    with pytest.raises(AssertionError) as caught:
        test(**fixtures)
    return str(caught.value)


def test_every_failing_row_is_named_with_its_reason_and_no_other():
    @for_each("number, limit", [pytest.param(n, 3, id=f"row {n}") for n in range(6)])
    def check(number, limit):
        assert number < limit, f"{number} is too many"

    said = tried(check)

    assert said.startswith("3 of 6 rows failed:")
    assert [f"row {n}: test_rows.py:" in said and f"{n} is too many" in said for n in range(6)] == [False] * 3 + [
        True
    ] * 3


def test_an_error_and_a_failed_expectation_count_as_an_assertion_does():
    @for_each("value", ["raises", "fails", "does not raise"])
    def check(value):
        if value == "raises":
            raise KeyError(value)
        if value == "fails":
            pytest.fail("no")
        with pytest.raises(ValueError):
            pass

    said = tried(check)

    assert "KeyError: 'raises'" in said
    assert "Failed: no" in said
    assert "DID NOT RAISE" in said


def test_rows_without_names_are_named_after_their_values_and_each_otherwise():
    @for_each("value, other", [(1, "a"), (2, []), (2, {}), (1, "a")])
    def check(tmp_path, value, other):
        assert (tmp_path, value) == ("folder", 0)

    said = tried(check, tmp_path="folder")

    assert [f"* {name}: " in said for name in ("1-a", "2-list", "2-dict", "1-a (3)")] == [True] * 4


def test_where_all_rows_hold_nothing_is_said():
    seen = []

    @for_each("value", [1, 2, 3])
    def check(value):
        seen.append(value)

    check()

    assert seen == [1, 2, 3]


def test_a_loop_over_nothing_is_no_test():
    with pytest.raises(ValueError, match="no row"), collected():
        pass


def test_two_rows_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two rows"), collected() as each:
        twice(each)


def twice(each):
    for _ in range(2):
        with each("same"):
            pass


def test_an_interrupt_is_not_a_row_that_failed():
    with pytest.raises(KeyboardInterrupt), collected() as each, each("row"):
        raise KeyboardInterrupt
