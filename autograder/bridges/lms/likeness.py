"""How like a person's name a text is that is not that name: misspelt, a part of it, with more around it, initials.

Nobody is found by it. It only says to whom a name may belong, so that work is not given to somebody else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from autograder.bridges.lms.names import spellings, spelt

UNLIKE, SHARES, PART, WHOLE = range(4)
"""Nothing in common; a word or the initials; nothing but words of the name; the whole name, or misspelt, or more."""

_BETWEEN = re.compile(r"[\W_]+")
_LONGEST = 120
_ANYWHERE, _AT_AN_END = 5, 3  # letters of a word that is found within a longer one
_LATIN = str.maketrans({
    **dict(zip("абвгдезийклмнопрстуфхыэ", "abvgdeziiklmnoprstufhye", strict=True)), "ё": "e", "ж": "zh", "ц": "ts",
    "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya", "і": "i", "ї": "i", "є": "e", "ґ": "g",
})  # fmt: skip


@dataclass(frozen=True)
class Likeness:
    """``level`` is one of the four; ``off`` how many letters are other ones; ``covers`` which letters of the text."""

    level: int = UNLIKE
    off: int = 0
    covers: frozenset[int] = frozenset()

    def speaks_against(self, owner: Likeness) -> bool:
        """Whether the text may be this person's rather than the ``owner``'s."""
        if self.level == UNLIKE or self.level < owner.level:
            return False
        if not self.covers <= owner.covers:
            return True
        likelier = self.level > owner.level or (self.level == WHOLE and self.off < owner.off)
        return self.covers == owner.covers and likelier


@lru_cache(maxsize=100_000)
def likeness(text: str, name: str) -> Likeness:
    """How like ``name`` the text is; the likest of all ways to spell them."""
    found = (_likeness(words, others) for words in _ways(text[:_LONGEST]) for others in _ways(name[:_LONGEST]))
    return max(found, key=lambda one: (one.level, -one.off, len(one.covers)), default=Likeness())


def _likeness(text: tuple[str, ...], name: tuple[str, ...]) -> Likeness:
    letters = "".join(text)
    everything = frozenset(range(len(letters)))
    orders = _orders(name)
    off = min(distance(letters, order) for order in orders)
    if off <= _allowed(letters):
        return Likeness(WHOLE, off, everything)
    segments, missing = _cover(text, name)
    left = frozenset(at for start, word in segments for at in range(start, start + len(word)))
    covers = everything - left
    inside = [
        order for order in orders if _size(order) > _AT_AN_END and _within(order, letters, _AT_AN_END) is not None
    ]
    if inside or (not missing and covers):
        at = letters.find(inside[0]) if inside else 0
        return Likeness(WHOLE, off, covers | frozenset(range(at, at + len(inside[0])) if inside else ()))
    if not covers:
        initials = ["".join(word[0] for word in some) for some in (name, name[1:] + name[:1], name[::-1])]
        alike = len(name) > 1 and letters in initials
        return Likeness(SHARES, off, everything) if alike else Likeness()
    level = PART
    for start, word in segments:
        fits = next((other for other in missing if other.startswith(word)), None)
        if fits is None:
            level = SHARES
        else:
            missing.remove(fits)
            covers |= frozenset(range(start, start + len(word)))
    return Likeness(level, off, covers)


def _cover(text: tuple[str, ...], name: tuple[str, ...]) -> tuple[list[tuple[int, str]], list[str]]:
    """What is left of the text, with its places, and of the name, when words that are in both are taken out."""
    segments, at = [], 0
    least = _AT_AN_END if len(text) == 1 else _AT_AN_END + 1
    for word in text:
        segments.append((at, word))
        at += len(word)
    missing = []
    for word in sorted(name, key=len, reverse=True):
        found = next((one for one in segments if _size(word) > 1 and one[1] == word), None)
        found = found or next((one for one in segments if _near(one[1], word)), None)
        if found:
            segments.remove(found)
            continue
        places = ((one, _within(word, one[1], least)) for one in segments)
        one, place = next(((one, place) for one, place in places if place is not None), ((0, ""), -1))
        if place < 0:
            missing.append(word)
            continue
        start, whole = one
        rest = [(start, whole[:place]), (start + place + len(word), whole[place + len(word) :])]
        index = segments.index(one)
        segments[index : index + 1] = [part for part in rest if part[1]]
    return segments, missing


def _within(word: str, text: str, least: int) -> int | None:
    """Where in the text the word stands: a short one at an end only, since it is a part of many others.

    ``least`` letters it has to have: one more where the text has words of its own, as Moodle's names have.
    """
    size = _size(word)
    if size >= _ANYWHERE and word in text:
        return text.find(word)
    if size >= least and text.startswith(word):
        return 0
    return len(text) - len(word) if size >= least and text.endswith(word) else None


def _size(word: str) -> int:
    """How much a word says, in letters: one without small and capital ones (Chinese, Korean) says as much as two."""
    return sum(2 if char.isalpha() and char.lower() == char.upper() else 1 for char in word)


def _near(one: str, other: str) -> bool:
    """Whether two words are misspellings of each other, or one is the short form of the other: Max, Maximilian."""
    few, many = sorted((one, other), key=len)
    return (few == one and _size(few) >= _AT_AN_END and many.startswith(few)) or distance(one, other) <= _allowed(few)


def _allowed(text: str) -> int:
    """How many letters may be other ones. A name of three letters is another name where one is."""
    return 0 if len(text) < 4 else max(1, len(text) // 5)


def distance(one: str, other: str) -> int:
    """How many letters to add, leave out, replace, or swap with the next; any large number where it is no matter."""
    most = max(_allowed(one), _allowed(other))
    if one == other:
        return 0
    if abs(len(one) - len(other)) > most or len(set(one) ^ set(other)) > 2 * most:
        return max(len(one), len(other))
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, there in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != there))
            if i > 1 and j > 1 and (char, one[i - 2]) == (other[j - 2], there):
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


@lru_cache(maxsize=20_000)
def _ways(text: str) -> tuple[tuple[str, ...], ...]:
    """The words of the text in each way to write their umlauts, in Latin letters."""
    words = [word for word in _BETWEEN.split(text) if spelt(word)]
    if not words:
        return ()
    plain = tuple(min(spelt(word), key=len).translate(_LATIN) for word in words)
    spelt_out = tuple(max(spelt(word), key=len).translate(_LATIN) for word in words)
    return tuple({way for way in (plain, spelt_out) if all(way)})


@lru_cache(maxsize=20_000)
def _orders(name: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(spellings(" ".join(name)))
