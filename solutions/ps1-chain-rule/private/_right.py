"""What right answers of several files share, written as a student might."""

from __future__ import annotations

from collections import deque


def reachable(output):
    found, todo = {output}, deque([output])
    while todo:
        for parent in todo.popleft().parents:
            if parent not in found:
                found.add(parent)
                todo.append(parent)
    return found
