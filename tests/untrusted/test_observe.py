"""What is copied of a returned value, to the byte."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.untrusted.observe import MAX_DEPTH, UnreadableError, data

SIZES = {
    "an array": (np.arange(100.0), 800),
    "a view that claims more than it has": (np.broadcast_to(1.0, (10, 10)), 800),
    "two arrays": ([np.zeros(3), np.zeros(2)], 40),
    "an array in a dict": ({"a": np.zeros(3)}, 24),
    "a range, as it is and as the array of it": (range(100), 1600),
    "text": ("abc", 12),
    "many numbers": ([float(number) for number in range(100)], 800),
}
"""Values, and the bytes that they take."""


def said(value: object, room: int) -> str:
    """What is said of a value where there is so much room: nothing if it is read."""
    try:
        data(value, room)
    except UnreadableError as error:
        return str(error)
    return ""


def test_a_value_is_read_where_it_just_fits_and_not_where_a_byte_is_missing():
    found = {name: (said(value, size), said(value, size - 1)) for name, (value, size) in SIZES.items()}

    assert {name: words for name, words in found.items() if words != ("", "too large")} == {}


@pytest.mark.parametrize("depth, readable", [(1, True), (MAX_DEPTH, True), (MAX_DEPTH + 1, False)])
def test_a_value_is_read_to_a_depth(depth, readable):
    value: object = "end"
    for _ in range(depth):
        value = [value]

    if readable:
        assert data(value, 1000) == value
    else:
        with pytest.raises(UnreadableError, match=f"nested more than {MAX_DEPTH} deep"):
            data(value, 1000)
