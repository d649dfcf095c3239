"""The options of `autograder test`: those of pytest's that are passed on, one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

OPTIONS = (
    click.option("--hidden", is_flag=True, help="All checks with the hidden cases, and points: what `grade` records."),
    click.option("-k", "keyword", default="", metavar="EXPRESSION", help="Only items whose name fits."),
    click.option("-x", "--exitfirst", is_flag=True, help="Stop at the first failure."),
    click.option("--maxfail", type=click.IntRange(0), default=0, metavar="N", help="Stop after N failures."),
    click.option("-v", "--verbose", count=True, help="Say more; may be given several times."),
    click.option("-q", "--quiet", count=True, help="Say less."),
    click.option("-n", "--numprocesses", "workers", default="", metavar="N", help="Worker processes, or auto."),
    click.option("--junitxml", "--junit-xml", default="", metavar="FILE", help="Write JUnit XML, with points."),
    click.option("--collect-only", "--co", is_flag=True, help="List the items and run nothing."),
    click.option("-r", "report", default="", metavar="CHARS", help="What the summary lists, as pytest's -r."),
    click.option("--durations", type=click.IntRange(0), default=None, metavar="N", help="The N slowest items."),
    click.option("--color", type=click.Choice(["auto", "yes", "no"]), default="auto", help="Coloured output."),
    click.option("--allow-weak-isolation", "allow_weak", is_flag=True, help="Run even where only weak walls stand."),
)


def pytest_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command all of them."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function
