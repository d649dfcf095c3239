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


def test_rows_without_names_have_numbers_and_fixtures_are_handed_on():
    @for_each("value", [1, 2])
    def check(tmp_path, value):
        assert (tmp_path, value) == ("folder", 1)

    assert "* 1 2: " in tried(check, tmp_path="folder")


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
    @for_each("value", [pytest.param(1, id="same"), pytest.param(2, id="same")])
    def check(value):
        pass

    with pytest.raises(ValueError, match="two rows"):
        check()


def test_an_interrupt_is_not_a_row_that_failed():
    with pytest.raises(KeyboardInterrupt), collected() as each, each("row"):
        raise KeyboardInterrupt
