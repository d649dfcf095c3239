"""Whose work it is: every sign of identity that came with a file, held against the roster. One pure function decides.

A sign (a number, a name, an e-mail address, a login, a student id) points to one person of the roster, to several, or
to nobody. Where two signs point to different people, or to one person of whom the roster says something else, nothing
is decided, and both readings are in the answer. A name that is no one's, but like another person's, or another's login
or id, is such a contradiction too. Where one sign is unknown and the others are one person's, it is that person, and
the answer says by what. Nobody is ever guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from autograder.bridges.lms.likeness import likeness
from autograder.bridges.lms.names import resembles, shown
from autograder.bridges.lms.roster import Person

Kind: TypeAlias = Literal["number", "name", "e-mail address", "login", "student id", "ID number"]

_SHOWN = 4


@dataclass(frozen=True)
class Sign:
    """One piece of identity as it came, and whom in the roster it may mean (nobody: it is unknown there).

    ``column`` is the one of the roster in which it was looked up, nothing for a name. A ``passing`` sign is not one
    person's for good: Moodle's number is another one in each assignment. ``fields`` is set where a name is not the name
    of the ``people`` but, one by one, their login, id or address: it may speak against somebody, but alone it proves
    nothing. ``alike`` are people whose names are like one that is nobody's.
    """

    kind: Kind
    text: str
    people: tuple[Person, ...] = ()
    column: str = ""
    passing: bool = False
    fields: tuple[str, ...] = ()
    alike: tuple[Person, ...] = ()


@dataclass(frozen=True)
class Identity:
    """The person, or nobody and ``why``. ``note`` says by what, where not all signs say the same.

    ``sure`` is whether more than a name, or than a number that passes, says so. ``maybe`` are the people whom any sign
    may mean. ``agreed`` is whether several signs say so, each in its place, and none is unknown; ``named``
    whether a name or an address does. ``meant`` are those of ``maybe`` whom more means than a likeness or a number that
    passes.
    """

    person: Person | None
    why: str = ""
    note: str = ""
    sure: bool = False
    maybe: tuple[Person, ...] = ()
    agreed: bool = False
    named: bool = False
    meant: tuple[Person, ...] = ()


def decide(signs: Sequence[Sign]) -> Identity:
    """Whose the signs are. An empty sign says nothing and is left out."""
    signs = [sign for sign in signs if sign.text]
    meant = {person.student: person for sign in signs if not sign.passing for person in sign.people}
    return replace(_decide(signs), meant=tuple(meant.values()))


def _decide(signs: Sequence[Sign]) -> Identity:
    known = [sign for sign in signs if sign.people]
    maybe = tuple({person.student: person for sign in signs for person in (*sign.people, *sign.alike)}.values())
    if not known:
        nobody = f"this is nobody in the roster: {_readings(signs)}" if signs else "nothing says whose it is"
        return Identity(None, nobody, maybe=maybe)
    if all(sign.fields for sign in known):
        return Identity(None, f"{_readings(signs)}, which alone does not say whose it is", maybe=maybe)
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
    return Identity(
        person, note=_note(person, signs, known), sure=bool(firm) or len(known) > 1, maybe=maybe,
        agreed=len(known) > 1 and len(known) == len(signs) and not any(sign.fields for sign in known),
        named=any(sign.kind in ("name", "e-mail address") and not sign.fields for sign in known),
    )  # fmt: skip


def _objection(person: Person, signs: Iterable[Sign], known: Sequence[Sign]) -> str:
    """Why the unknown signs say that it is not ``person``, whom the known ones mean; or nothing."""
    for sign in signs:
        if sign.people:
            continue
        others = _likelier(sign, person)
        if others:
            return _readings([*known, replace(sign, alike=others)])
        recorded = person.known.get(sign.column, "") if sign.column else person.name
        if not recorded:
            continue
        if sign.column and not sign.passing:
            return f"{_readings([sign, *known])}, whose {sign.kind} in the roster is {shown(recorded)}"
        if sign.kind == "name" and all(one.passing for one in known) and not resembles(sign.text, recorded):
            return f"{_readings([*known, sign])}, and {person.student} is {shown(recorded)} there"
    return ""


def _likelier(sign: Sign, person: Person) -> tuple[Person, ...]:
    """Whose the name may be rather than ``person``'s, where it is nobody's exactly."""
    own = likeness(sign.text, person.name)
    return tuple(
        other
        for other in sign.alike
        if other.student != person.student and likeness(sign.text, other.name).speaks_against(own)
    )


def _note(person: Person, signs: Sequence[Sign], known: Sequence[Sign]) -> str:
    unknown = [sign for sign in signs if not sign.people]
    if not unknown:
        return _readings([sign for sign in known if sign.fields])
    unknown = [replace(sign, alike=(person,)) if person in sign.alike else sign for sign in unknown]
    by = " and the ".join(dict.fromkeys(sign.kind for sign in known))
    return f"taken as {person.student}'s by the {by} alone; {_readings(unknown)}"


def _readings(signs: Sequence[Sign]) -> str:
    """What each sign says: "the number is ada's, the name is Bo Chen's (bo)"."""
    return ", ".join(_reading(sign) for sign in signs)


def _reading(sign: Sign) -> str:
    who = " or ".join(person.student for person in sign.people)
    if sign.fields:
        which = " or ".join(f"{one.student}'s {field}" for one, field in zip(sign.people, sign.fields, strict=True))
        return f"the {sign.kind} {shown(sign.text)} is {which}"
    if not who:
        like = " or ".join(f"{shown(one.name)[1:-1]}'s ({one.student})" for one in sign.alike[:_SHOWN])
        if like:
            more = " and of others" if len(sign.alike) > _SHOWN else ""
            return f"the {sign.kind} {shown(sign.text)} is nobody's in the roster exactly, and like {like}{more}"
        return f"the {sign.kind} {shown(sign.text)} is nobody's in the roster"
    if sign.kind == "name":
        return f"the name is {shown(sign.text)[1:-1]}'s ({who})"
    return f"the {sign.kind} is {who}'s"
