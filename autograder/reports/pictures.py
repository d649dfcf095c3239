"""Pictures of a class as inline SVG: drawn by matplotlib, the same bytes for the same numbers, nothing to load.

Words stay words (the browser's own letters, and a dollar sign is a dollar sign), ink takes the page's colour, and
states differ by hatching as well as by colour.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK = "#010203"  # replaced by the page's own ink
STATES: Mapping[str, tuple[str, str, str]] = {
    "passed": ("right", "#2e8b57", ""),
    "partial": ("partly right", "#e6b450", "//"),
    "failed": ("not right", "#c8553d", "\\\\"),
    "crashed": ("crashed", "#7a1f1f", "xx"),
    "internal": ("could not be graded", "#7b5ea7", "++"),
    "not_attempted": ("not attempted", "none", ""),
}
"""A status in the report: its words, colour and hatching."""

_SETTINGS: Mapping[str, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "hatch.linewidth": 0.5,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


def histogram(counts: Sequence[int]) -> Markup:
    """How many scores lie in each of equal parts of the points."""

    from matplotlib.ticker import MaxNLocator

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        width = 100 / len(counts)
        places = [width * number + width / 2 for number in range(len(counts))]
        bars = axes.bar(places, counts, width * 0.92, color="#4878a8", edgecolor=INK, linewidth=0.6)
        axes.bar_label(bars, [str(count) if count else "" for count in counts], padding=1)
        axes.set(xlim=(0, 100), xlabel="percent of all points", ylabel="submissions", xticks=range(0, 101, 10))
        axes.set_ylim(0, max([*counts, 1]) * 1.15)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.spines[["top", "right"]].set_visible(False)

    return _svg("scores", (7.2, 2.5), draw, "Histogram of the scores")


def outcomes(exercises: Sequence[Mapping[str, Any]]) -> Markup:
    """One bar for each exercise, divided by how it ended; in the notebook's order, from the top."""

    from matplotlib.ticker import MaxNLocator

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        names = [str(row["exercise"]) for row in exercises]
        left = [0] * len(names)
        for state, (words, colour, hatch) in STATES.items():
            counts = [int(row[state]) for row in exercises]
            if any(counts):
                shown = [(place, count) for place, count in enumerate(counts) if count]
                axes.barh(
                    [place for place, _ in shown],
                    [count for _, count in shown],
                    left=[left[place] for place, _ in shown],
                    height=0.72, color=colour, edgecolor=INK, linewidth=0.4, hatch=hatch, label=words,
                )  # fmt: skip
                left = [start + count for start, count in zip(left, counts, strict=True)]
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlim(0, max([*left, 1]))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.xaxis.tick_top()
        axes.spines[["bottom", "right"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
        if any(left):
            figure.legend(loc="outside lower left", ncols=3, frameon=False)

    return _svg("outcomes", (7.2, 0.215 * len(exercises) + 0.9), draw, "How each exercise ended")


def _svg(name: str, size: tuple[float, float], draw: Any, label: str) -> Markup:
    """A figure as an SVG element that can stand in a page beside others."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context({**_SETTINGS, "svg.hashsalt": name}):
        figure = Figure(figsize=size, layout="constrained")
        figure.patch.set_visible(False)
        FigureCanvasSVG(figure)
        draw(figure)
        for axes in figure.axes:
            axes.patch.set_visible(False)
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return Markup(_inline(written.getvalue(), name, label))


def _inline(svg: str, name: str, label: str) -> str:
    """The SVG without what belongs to a file of its own; ids begin with ``name``."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<style[^>]*>.*?</style>", "", body, flags=re.DOTALL)
    body = re.sub(r' xmlns(:\w+)?="[^"]*"', "", body)
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    used = set(re.findall(r'(?:xlink:href="#|url\(#)([^")]+)', body))
    body = re.sub(r' id="([^"]+)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", body)
    body = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{name}-", body)
    body = body.replace(INK, "currentColor").replace("'DejaVu Sans'", "system-ui, 'DejaVu Sans', sans-serif")
    body = re.sub(r"\s*\n\s*", "\n", body)
    return body.replace("<svg", f'<svg role="img" aria-label="{label}" class="picture"', 1)
