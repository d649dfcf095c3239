"""Whose work it is: every sign of identity that came with a file, held against the roster. One pure function decides.

A sign (a number, a name, an e-mail address, a login, a student id) points to one person of the roster, to several, or
to nobody. Where two signs point to different people, or to one person of whom the roster says something else, nothing
is decided, and both readings are in the answer. Where one sign is unknown and the others are one person's, it is that
person, and the answer says by what. Nobody is ever guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from autograder.bridges.lms.names import resembles, shown
from autograder.bridges.lms.roster import Person

Kind: TypeAlias = Literal["number", "name", "e-mail address", "login", "student id", "ID number"]


@dataclass(frozen=True)
class Sign:
    """One piece of identity as it came, and whom in the roster it may mean (nobody: it is unknown there).

    ``column`` is the one of the roster in which it was looked up, nothing for a name. A ``passing`` sign is not one
    person's for good: Moodle's number is another one in each assignment.
    """

    kind: Kind
    text: str
    people: tuple[Person, ...] = ()
    column: str = ""
    passing: bool = False


@dataclass(frozen=True)
class Identity:
    """The person, or nobody and ``why``. ``note`` says by what, where not all signs say the same.

    ``sure`` is whether more than a name, or than a number that passes, says so. ``maybe`` are the people whom any sign
    may mean.
    """

    person: Person | None
    why: str = ""
    note: str = ""
    sure: bool = False
    maybe: tuple[Person, ...] = ()


def decide(signs: Sequence[Sign]) -> Identity:
    """Whose the signs are. An empty sign says nothing and is left out."""
    signs = [sign for sign in signs if sign.text]
    known = [sign for sign in signs if sign.people]
    maybe = tuple({person.student: person for sign in known for person in sign.people}.values())
    if not known:
        return Identity(
            None, f"this is nobody in the roster: {_readings(signs)}" if signs else "nothing says whose it is"
        )
    common = [person for person in known[0].people if all(person in sign.people for sign in known)]
    if not common:
        return Identity(None, _readings(signs), maybe=maybe)
    if len(common) > 1:
        who = " or ".join(person.student for person in common)
        unknown = [sign for sign in signs if not sign.people]
        return Identity(None, f"this is {who}" + (f", and {_readings(unknown)}" if unknown else ""), maybe=maybe)
    (person,) = common
    against = _objection(person, signs, known)
    if against:
        return Identity(None, against, maybe=maybe)
    firm = [sign for sign in known if sign.kind != "name" and not sign.passing]
    return Identity(person, note=_note(person, signs, known), sure=bool(firm) or len(known) > 1, maybe=maybe)


def _objection(person: Person, signs: Iterable[Sign], known: Sequence[Sign]) -> str:
    """Why the unknown signs say that it is not ``person``, whom the known ones mean; or nothing."""
    for sign in signs:
        if sign.people:
            continue
        recorded = person.known.get(sign.column, "") if sign.column else person.name
        if not recorded:
            continue
        if sign.column and not sign.passing:
            return f"{_readings([sign, *known])}, whose {sign.kind} in the roster is {shown(recorded)}"
        if sign.kind == "name" and all(one.passing for one in known) and not resembles(sign.text, recorded):
            return f"{_readings([*known, sign])}, and {person.student} is {shown(recorded)} there"
    return ""


def _note(person: Person, signs: Sequence[Sign], known: Sequence[Sign]) -> str:
    unknown = [sign for sign in signs if not sign.people]
    if not unknown:
        return ""
    by = " and the ".join(dict.fromkeys(sign.kind for sign in known))
    return f"taken as {person.student}'s by the {by} alone; {_readings(unknown)}"


def _readings(signs: Sequence[Sign]) -> str:
    """What each sign says: "the number is ada's, the name is Bo Chen's (bo)"."""
    return ", ".join(_reading(sign) for sign in signs)


def _reading(sign: Sign) -> str:
    who = " or ".join(person.student for person in sign.people)
    if not who:
        return f"the {sign.kind} {shown(sign.text)} is nobody's in the roster"
    if sign.kind == "name":
        return f"the name is {shown(sign.text)[1:-1]}'s ({who})"
    return f"the {sign.kind} is {who}'s"
