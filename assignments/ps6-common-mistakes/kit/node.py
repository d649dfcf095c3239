"""``Node``: one number in a computational graph of scalars. It remembers where it came from, and computes nothing."""

from __future__ import annotations

from collections.abc import Sequence


class Node:
    """The value of one step, the nodes it was computed from, and its local derivative with respect to each of them.

    ``parents`` is a tuple of nodes, the same one twice for ``x * x``; ``local_grads`` is a tuple of floats of the same
    length, in the same order; ``grad`` starts at 0.0. A leaf (an input) has no parents. All four may be written to.
    Two nodes are equal only if they are the same node, whatever their values.
    """

    def __init__(self, value: float, parents: Sequence[Node] = (), local_grads: Sequence[float] = ()) -> None:
        """Raises ValueError unless every parent has one local derivative, TypeError for parents that are no Nodes."""
        if len(parents) != len(local_grads):
            raise ValueError(f"a Node needs one local derivative per parent, got {len(local_grads)} for {len(parents)}")
        strangers = [type(parent).__name__ for parent in parents if not isinstance(parent, Node)]
        if strangers:
            raise TypeError(f"the parents of a Node are Nodes, got {', '.join(strangers)}")
        self.value = float(value)
        self.parents = tuple(parents)
        self.local_grads = tuple(float(slope) for slope in local_grads)
        self.grad = 0.0

    def __repr__(self) -> str:
        count = len(self.parents)
        origin = "a leaf" if not count else f"{count} parent{'s' if count > 1 else ''}"
        return f"Node(value={self.value!r}, grad={self.grad!r}, {origin})"
