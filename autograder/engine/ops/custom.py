"""Operations for exercises of one's own: ``autograder new rule`` adds them here, as rows like any other."""

from __future__ import annotations

__all__: list[str] = []
