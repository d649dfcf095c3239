"""Pictures for the notebooks: where two arrays differ, what depends on what, how costs grow."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from . import _settings


def heatmap(got: Any, expected: Any, *, title: str = "absolute difference") -> None:
    """Show where ``got`` differs from ``expected``, two arrays of the same shape: the darker, the further.

    Entries that differ carry a cross as well. Axes before the last two are laid out below each other.
    Raises ValueError if the shapes differ.
    """
    if _settings.quiet:
        return
    a, b = np.asarray(got, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"heatmap compares arrays of one shape, got {a.shape} and {b.shape}")
    with np.errstate(invalid="ignore"):
        error = as_matrix(np.abs(a - b))
    wrong = ~np.isclose(as_matrix(a), as_matrix(b), rtol=1e-9, atol=1e-12, equal_nan=True)
    figure, axes = _figure(error.shape)
    if axes is None:
        return
    image = axes.imshow(np.where(np.isfinite(error), error, np.nan), cmap="Greys", vmin=0.0)
    rows, columns = np.nonzero(wrong)
    axes.scatter(columns, rows, marker="x", color="tab:red", label="differs")
    axes.set_title(f"{title}: {int(wrong.sum())} of {wrong.size} entries differ")
    figure.colorbar(image, ax=axes)
    _finish(figure)


def dependency(f: Callable[[Any], Any], x: Any, *, title: str = "which output depends on which input") -> None:
    """Show, for every output entry of ``f`` (rows), on which entries of ``x`` (columns) it depends near ``x``.

    Both are flattened in reading order. A filled square says that the output moves when that input does, not how far.
    """
    if _settings.quiet:
        return
    pattern = depends(f, x)
    figure, axes = _figure(pattern.shape)
    if axes is None:
        return
    axes.imshow(pattern, cmap="Greys", vmin=0, vmax=1.5)
    axes.set_xlabel("entry of the input")
    axes.set_ylabel("entry of the output")
    axes.set_title(title)
    _finish(figure)


def plot_costs(
    sizes: Sequence[float],
    costs: Mapping[str, Sequence[float]],
    *,
    xlabel: str = "number of inputs",
    ylabel: str = "numbers stored",
    title: str = "",
) -> None:
    """Plot what each way costs against the size, on logarithmic axes: one line a way, told apart by marker too."""
    if _settings.quiet:
        return
    figure, axes = _figure((4, 6))
    if axes is None:
        return
    for (name, values), marker in zip(costs.items(), "os^Dvx*" * (1 + len(costs) // 7), strict=False):
        axes.loglog(sizes, values, marker=marker, label=name)
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    axes.set_title(title)
    axes.legend()
    _finish(figure)


def depends(f: Callable[[Any], Any], x: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which entries of f(x) move when an entry of ``x`` does: booleans, (outputs, inputs), both in reading order."""
    start = np.array(x, dtype=np.float64)
    with np.errstate(all="ignore"):
        here = np.asarray(f(start.copy()), dtype=np.float64).ravel()
        pattern = np.zeros((here.size, start.size), dtype=bool)
        for column in range(start.size):
            for push in (0.37, -0.41):  # large, and in both directions: a kink or a flat piece hides small moves
                moved = start.copy()
                moved.flat[column] += push
                there = np.asarray(f(moved), dtype=np.float64).ravel()
                pattern[:, column] |= ~((there == here) | (np.isnan(there) & np.isnan(here)))
    return pattern


def as_matrix(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The array with two axes: all but the last one stacked below each other."""
    return np.atleast_2d(array.reshape(-1, array.shape[-1]) if array.ndim > 2 else array)


def _figure(shape: tuple[int, ...]) -> tuple[Any, Any]:
    """A figure of a size that suits a matrix of ``shape``, or (None, None) with a word where matplotlib is missing."""
    try:
        from matplotlib import pyplot
    except ImportError:
        print("matplotlib is not installed: no picture")
        return None, None
    height = min(8.0, max(2.5, 0.4 * shape[0] + 1.5))
    width = min(10.0, max(4.0, 0.4 * shape[1] + 2.0))
    figure, axes = pyplot.subplots(figsize=(width, height), layout="constrained")
    return figure, axes


def _finish(figure: Any) -> None:
    """Show the figure once: in the notebook's output, in a window, or (no screen) not at all."""
    from matplotlib import get_backend, pyplot
    from matplotlib.backends import BackendFilter, backend_registry

    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        ipython.display.display(figure)
        pyplot.close(figure)
    elif get_backend().lower() in backend_registry.list_builtin(BackendFilter.INTERACTIVE):
        pyplot.show()
    else:
        pyplot.close(figure)
