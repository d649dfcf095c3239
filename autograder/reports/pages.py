"""What all pages have in common: the templates, the policy that nothing runs or loads, the size they keep below."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.boundary.text import clean
from autograder.reports.values import bonus, points

if TYPE_CHECKING:  # a command that prints on the terminal makes no page
    from jinja2 import Environment, Template

SECURITY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
SIZE = 300_000
"""Bytes of a page; what students' code wrote is cut further until it fits."""


def template(name: str) -> Template:
    """A template of this folder. Everything put into it is escaped."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    environment.filters["points"] = points
    environment.filters["bonus"] = bonus
    return environment


def _printable(value: Any) -> Any:
    """Text without characters that act on what shows them, whoever wrote it."""
    plain = isinstance(value, str) and not hasattr(value, "__html__")  # what has that is markup of our own
    return clean(value, SIZE, keep="\n\t") if plain else value
