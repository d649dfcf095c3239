"""Notes: what an adapter can say of an answer that gave it nothing to compare. One table, in our own words.

A note travels like any other result, as a short text; the ladder of feedback turns it into a finding. Only the texts of
the table count: whatever else an answer returns stays what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PREFIX = "note: "

NOTES: Mapping[str, tuple[str, str]] = {
    "no dict": ("type", "expected a dict with the keys 'W1', 'b1', 'W2' and 'b2', got something else"),
    "other keys": ("count", "expected a dict with exactly the keys 'W1', 'b1', 'W2' and 'b2', got other keys"),
    "no pair": ("count", "expected two results, as the signature in the text says: a tuple of two"),
    "no list": ("type", "expected a list with one number for each step as the second result"),
    "blocked by the forward pass": (
        "missing",
        "blocked: it runs on your forward pass, which gives no (prediction, cache) here. Get its check to pass first",
    ),
    "no list of nodes": ("type", "expected a list of Nodes, got something else: is there a return statement?"),
    "no tensor": (
        "type",
        "an operation on a Tensor, or Tensor(...) itself, gave something without .data and .backward()",
    ),
    "not refused": (
        "value",
        "y.backward() without a gradient was accepted for a y of more than one element; it has to raise an error",
    ),
}
"""Name of the note to (rung of the ladder, message)."""


def note(name: str) -> str:
    """The note called ``name`` in the form in which it travels. Raises KeyError for a name that is not in the table."""
    NOTES[name]
    return PREFIX + name


def read(value: Any) -> tuple[str, str] | None:
    """(rung, message) if ``value`` is a note, else None."""
    if not isinstance(value, str) or not value.startswith(PREFIX):
        return None
    return NOTES.get(value[len(PREFIX) :])
