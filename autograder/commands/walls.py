"""The box that a command uses, and what the terminal is told about it."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from autograder.boundary import tiers
from autograder.boundary.text import clean
from autograder.boundary.visible import Data
from autograder.boundary.warm import WarmBox
from autograder.grading.walls import Walls, raise_walls

__all__ = ["Walls", "proven_box", "tell", "warm_box"]

LONGEST = 300  # characters of a reason


def warm_box(begun: WarmBox | None, *, torch: bool, data: Data = ()) -> WarmBox:
    """The box that was begun early, if it is of this kind; else one that begins now."""
    if begun is not None and (begun.began, begun.data) == (torch, data):
        return begun
    return tiers.begin(torch=torch, data=data)


def proven_box(console: Console, *, accept_weak: bool, torch: bool, begun: WarmBox | None = None) -> Walls:
    """The strongest box of this machine. Raises as `raise_walls`."""
    walls = raise_walls(accept_weak=accept_weak, torch=torch, begun=begun)
    tell(console, walls.tier, weak=walls.weak, not_warm=walls.not_warm)
    return walls


def tell(console: Console, tier: str, *, weak: bool, not_warm: str = "") -> None:
    """Say aloud that other walls stand than the best, and why boxes are fresh ones, which takes longer."""
    if weak:
        console.print("[yellow]Weak isolation: `make doctor` says what is missing.[/yellow]")
    elif tier != "namespaces":
        console.print(f"[yellow]Isolation: {escape(tier)}; `make doctor` says more.[/yellow]")
    if not_warm:
        reason = clean(" ".join(not_warm.split()), LONGEST)
        told = f"Fresh boxes instead of warm ones, which takes longer: {reason}"
        console.print(told, markup=False, highlight=False, soft_wrap=True)
