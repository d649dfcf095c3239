"""The pictures of the class page show the numbers that they are given."""

from __future__ import annotations

import itertools
import re

import pytest

from autograder.reports.pictures import RIGHT, STATES, WIDTH, histogram, outcomes

BOX = re.compile(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+z")


def boxes(svg, fill):
    """The rectangles of one fill: left, top, width, height."""
    paths = re.findall(r'<path fill="([^"]+)" [^>]*d="([^"]*)"', svg)
    return [tuple(map(float, box)) for found, path in paths if found == fill for box in BOX.findall(path)]


def texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def row(name="add_backward", **counts):
    return {**dict.fromkeys(STATES, 0), **counts, "exercise": name}


def test_a_column_is_as_high_as_its_count_and_carries_it():
    made = histogram([0, 4, 0, 8, 2])

    heights = [height for _, _, _, height in boxes(made, "#4878a8")]
    assert heights == pytest.approx([heights[0], 2 * heights[0], heights[0] / 2], rel=1e-3)
    assert texts(made)[11:14] == ["4", "8", "2"]


def test_the_parts_of_a_bar_are_as_long_as_their_counts_and_stand_side_by_side():
    made = outcomes([row(passed=30, partial=10, not_attempted=20)])

    parts = [boxes(made, fill)[0] for fill in (STATES["passed"][1], "url(#outcomes-partial)", "none")]
    ends = [left + width for left, _, width, _ in parts]
    assert [width for _, _, width, _ in parts] == pytest.approx([3 * parts[1][2], parts[1][2], 2 * parts[1][2]], 1e-3)
    assert [left for left, _, _, _ in parts[1:]] == pytest.approx(ends[:2], abs=0.01)
    assert ends[2] == pytest.approx(WIDTH - RIGHT, abs=0.01)


def test_the_legend_has_the_states_that_occur():
    made = outcomes([row(passed=1), row("mul_backward", crashed=1)])

    assert [words for words, _, _ in STATES.values() if words in texts(made)] == ["right", "crashed"]


@pytest.mark.parametrize("most", [1, 2, 9, 11, 30, 200, 1999, 100_000])
def test_an_axis_has_a_few_whole_numbers_up_to_the_longest_bar(most):
    made = outcomes([row(passed=most)])

    numbers = [int(text) for text in texts(made) if text.isdigit()]
    steps = {after - before for before, after in itertools.pairwise(numbers)}
    assert (numbers[0], len(steps), len(numbers) <= 11) == (0, 1, True)
    assert most - min(steps) < numbers[-1] <= most


def test_a_long_name_leaves_room_for_the_bars():
    made = outcomes([row("a_very_long_name" * 20, passed=1)])

    assert boxes(made, STATES["passed"][1])[0][2] > WIDTH / 3
