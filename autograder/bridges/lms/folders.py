"""Whose a folder is: its name is one piece of identity, held against every column of the roster at once."""

from __future__ import annotations

from autograder.bridges.lms.identity import Identity, Kind, Sign, decide
from autograder.bridges.lms.roster import STUDENT, Person, Roster

_COLUMNS: tuple[tuple[str, Kind], ...] = (
    (STUDENT, "student id"), ("username", "login"), ("sis_login_id", "login"), ("email", "e-mail address"),
    ("sis_user_id", "ID number"), ("idnumber", "ID number"), ("canvas_id", "number"), ("moodle_id", "number"),
)  # fmt: skip


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
    return Identity(None, "nobody in the roster. Rename the folder to the student's id, or add the student")


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
