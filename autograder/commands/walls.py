"""The box that a command uses, and what the terminal is told about it."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from autograder.grading.walls import Walls, raise_walls

__all__ = ["Walls", "proven_box", "tell"]


def proven_box(console: Console, *, accept_weak: bool, torch: bool) -> Walls:
    """The strongest box of this machine. Raises as `raise_walls`."""
    walls = raise_walls(accept_weak=accept_weak, torch=torch)
    tell(console, walls.tier, weak=walls.weak)
    return walls


def tell(console: Console, tier: str, *, weak: bool) -> None:
    """Say aloud that other walls stand than the best."""
    if weak:
        console.print("[yellow]Weak isolation: `make doctor` says what is missing.[/yellow]")
    elif tier != "namespaces":
        console.print(f"[yellow]Isolation: {escape(tier)}; `make doctor` says more.[/yellow]")
