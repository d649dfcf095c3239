"""Tables that a reader sorts without a script: radio buttons choose which of the orders, worked out here, applies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ORDERS = 4  # the style sheet knows so many


@dataclass(frozen=True)
class Cell:
    """One cell: text, perhaps a link, a bar (0 to 1), and more text that is shown on demand."""

    text: str
    link: str = ""
    bar: float | None = None
    more: str = ""


@dataclass(frozen=True)
class Row:
    """A row with its place in each order of its table."""

    cells: tuple[Cell, ...]
    places: tuple[int, ...]
    status: str = ""

    @property
    def style(self) -> str:
        """The places as CSS properties: ``--k0:4;--k1:2``."""
        return ";".join(f"--k{number}:{place}" for number, place in enumerate(self.places))


@dataclass(frozen=True)
class Table:
    """A table with an ``id``; ``orders`` are the words on the buttons, the first one is how the rows stand."""

    id: str
    caption: str
    heads: tuple[str, ...]
    numeric: frozenset[int]
    orders: tuple[str, ...]
    rows: tuple[Row, ...]


def table(
    id: str,
    caption: str,
    heads: Sequence[str],
    items: Sequence[Mapping[str, Any]],
    cells: Callable[[Any], Sequence[Cell]],
    orders: Mapping[str, Callable[[Any], Any]],
    *,
    numeric: Sequence[int] = (),
) -> Table:
    """A table of ``items``, which ``cells`` turns into cells and ``orders`` (words to sort key) into their places."""
    if len(orders) > ORDERS:
        raise ValueError(f"{id}: {len(orders)} orders, at most {ORDERS}")
    first, *others = orders.values()
    standing = sorted(items, key=first)
    places = [dict(enumerate(range(len(standing))))]
    for key in others:
        ranked = sorted(range(len(standing)), key=lambda place, by=key: by(standing[place]))  # type: ignore[misc]
        places.append({place: rank for rank, place in enumerate(ranked)})
    rows = tuple(Row(tuple(cells(item)), tuple(rank[n] for rank in places)) for n, item in enumerate(standing))
    return Table(id, caption, tuple(heads), frozenset(numeric), tuple(orders), rows)
