"""`make release`: from solutions/ to assignments/."""

from __future__ import annotations


def test_release_works(course):
    print([p.relative_to(course.root) for p in sorted(course.root.rglob("*"))])
    print(course.release("tiny-rules").read_text())
