"""Pictures: drawn without a screen, silent in the box, and of dependency nothing but yes or no."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from matplotlib import pyplot

from autograder.kit import dependency, heatmap, pictures, plot_costs

pytestmark = pytest.mark.usefixtures("figures")


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4)])
def test_a_heatmap_counts_the_entries_that_differ(figures, shape):
    got = np.zeros(shape)
    got[(0,) * len(shape)] = np.nan

    heatmap(got, np.zeros(shape))

    assert figures[0].axes[0].get_title() == f"absolute difference: 1 of {got.size} entries differ"


def test_a_heatmap_of_two_shapes_is_refused():
    with pytest.raises(ValueError, match=r"got \(2,\) and \(3,\)"):
        heatmap(np.zeros(2), np.zeros(3))


def test_an_elementwise_function_depends_on_the_diagonal():
    pattern = pictures.depends(np.exp, np.arange(3.0))

    assert np.array_equal(pattern, np.eye(3, dtype=bool))


def test_a_sum_depends_on_everything():
    pattern = pictures.depends(np.sum, np.zeros((2, 2)))

    assert pattern.shape == (1, 4)
    assert pattern.all()


def test_the_pattern_holds_no_derivatives():
    pattern = pictures.depends(lambda x: 7 * x, np.ones(2))

    assert pattern.dtype == bool


def test_dependency_leaves_its_input_alone(figures):
    x = np.arange(3.0)

    dependency(lambda x: np.cumsum(x), x)

    assert np.array_equal(x, np.arange(3.0))
    assert len(figures) == 1


def test_costs_are_drawn_one_line_a_way(figures):
    plot_costs([1, 10, 100], {"full Jacobian": [1, 100, 10_000], "VJP": [1, 10, 100]})

    assert [line.get_label() for line in figures[0].axes[0].lines] == ["full Jacobian", "VJP"]


def draw_all():
    """Every picture once."""
    heatmap(np.zeros(2), np.ones(2))
    dependency(np.exp, np.zeros(2))
    plot_costs([1, 2], {"a": [1, 2]})


def test_in_the_box_no_picture_is_drawn(quiet, figures):
    draw_all()

    assert figures == []


def test_without_matplotlib_a_word_takes_the_pictures_place(monkeypatch, figures, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)

    draw_all()

    assert capsys.readouterr().out == "matplotlib is not installed: no picture\n" * 3
    assert figures == []


def test_without_a_screen_a_finished_figure_is_closed():
    figure = pyplot.figure()

    ORIGINAL_FINISH(figure)

    assert not pyplot.fignum_exists(figure.number)


ORIGINAL_FINISH = pictures._finish
