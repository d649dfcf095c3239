"""Whose a folder is: its name is one piece of identity, held against every column of the roster at once."""

from __future__ import annotations

import re

from autograder.bridges.lms.identity import Identity, Kind, Sign, decide
from autograder.bridges.lms.names import shown
from autograder.bridges.lms.roster import STUDENT, Person, Roster

_COLUMNS: tuple[tuple[str, Kind], ...] = (
    (STUDENT, "student id"), ("username", "login"), ("sis_login_id", "login"), ("email", "e-mail address"),
    ("sis_user_id", "ID number"), ("idnumber", "ID number"), ("canvas_id", "number"), ("moodle_id", "number"),
)  # fmt: skip

_WORD = re.compile(r"[^\s_,;()+-]+")
_WORDS, _SHOWN = 16, 4


def whose(folder: str, roster: Roster | None) -> Identity:
    """The person whom the folder's name means: an id of ours or of an LMS, an address, a name, or several joined by _.

    Without a roster a folder is named by the student's id. What reads as one person's id and as another's login is
    nobody's.
    """
    if roster is None:
        person = Person(folder, {STUDENT: folder})
        return Identity(person, sure=True, maybe=(person,))
    signs = _signs(folder, roster)
    if not signs and "_" in folder:
        parts = [part.strip() for part in folder.split("_") if part.strip()]
        found = [_signs(part, roster) for part in parts]
        if all(found):
            signs = [sign for part in found for sign in part]
    if signs:
        return decide(signs)
    other = _without_zeros(folder, roster)
    if other:
        return Identity(
            None, f"nobody in the roster; {other.student} is there with fewer zeros in front: a spreadsheet may have "
            "taken them off. Correct the roster, or rename the folder", maybe=(other,),
        )  # fmt: skip
    pieces = _pieces(folder, roster)
    people = {person.student: person for _, some in pieces for sign in some for person in sign.people}
    if people:
        said = ", ".join(_said(text, some) for text, some in pieces)
        return Identity(None, f"{said}. Rename the folder to the student's id", maybe=tuple(people.values()))
    alike = roster.alike(folder)
    if alike:
        like = " or ".join(f"{shown(one.name)[1:-1]}'s ({one.student})" for one in alike[:_SHOWN])
        more = " and that of others" if len(alike) > _SHOWN else ""
        why = f"this is nobody's name in the roster exactly, and like {like}{more}"
        return Identity(None, f"{why}. Rename the folder to the student's id", maybe=alike)
    return Identity(None, "nobody in the roster. Rename the folder to the student's id, or add the student")


def _pieces(folder: str, roster: Roster) -> list[tuple[str, list[Sign]]]:
    """The folder's name in pieces, each as long as it can be and still be somebody's, with whose each is."""
    words = [found.span() for found in _WORD.finditer(folder)][:_WORDS]
    pieces: list[tuple[str, list[Sign]]] = []
    at = 0
    while at < len(words):
        for end in range(len(words), at, -1):
            text = folder[words[at][0] : words[end - 1][1]]
            signs = _signs(text, roster)
            if signs or end == at + 1:
                pieces.append((text, signs))
                at = end
                break
    return pieces


def _said(text: str, signs: list[Sign]) -> str:
    """What a piece is: "'4718' is van's number"."""
    whose = " and ".join(f"{' or '.join(one.student for one in sign.people)}'s {sign.kind}" for sign in signs)
    return f"{shown(text)} is {whose or 'nobody in the roster'}"


def _signs(text: str, roster: Roster) -> list[Sign]:
    """What the text is in the roster, column by column."""
    signs = [
        Sign(kind, text, (person,), column)
        for column, kind in _COLUMNS
        if (person := roster.find(column, text)) is not None
    ]
    named = roster.named(text)
    return [*signs, Sign("name", text, named)] if named else signs


def _without_zeros(text: str, roster: Roster) -> Person | None:
    """The person whose id is the text without zeros in front, or has zeros in front that the text lost."""
    bare = text.lstrip("0")
    if not text.isdigit() or not bare:
        return None
    found = {
        person.student: person
        for person in roster
        for column, _ in _COLUMNS
        if person.known.get(column, "").lstrip("0") == bare
    }
    return next(iter(found.values())) if len(found) == 1 else None
