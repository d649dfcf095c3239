"""Names of time zones as clocks write them (CET, EDT), where they can mean one thing only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

_MONTHS = range(1, 13)


def named(moment: datetime, name: str, zone: str = "") -> datetime | None:
    """In UTC, what a clock calls ``moment`` and ``name``; None where no clock does, or two that differ.

    In the ``zone`` of the course, if it has one, the name means what it means there. Otherwise all places of the world
    that call their time so in that year must agree: IST is India's, Ireland's and Israel's.
    """
    if name in ("GMT", "UTC"):
        return moment.replace(tzinfo=UTC)
    here = set(_called(moment, name, _zone(zone))) or set(_called(moment, name, _users(name, moment.year)))
    return here.pop() if len(here) == 1 else None


def _called(moment: datetime, name: str, zones: Iterable[ZoneInfo]) -> Iterator[datetime]:
    """``moment`` in UTC by each zone that calls it ``name``, the hour that comes twice in autumn included."""
    for zone in zones:
        for fold in (0, 1):
            there = moment.replace(tzinfo=zone, fold=fold)
            if there.tzname() == name:
                yield there.astimezone(UTC)


@lru_cache(maxsize=1024)
def _users(name: str, year: int) -> tuple[ZoneInfo, ...]:
    """The zones that use ``name`` in ``year``; none where it is not the same to all of them."""
    found, offsets = [], set()
    for zone in _every():
        mine = {there.utcoffset() for there in _months(zone, year) if there.tzname() == name}
        offsets |= mine
        found += [zone] if mine else []
    return tuple(found) if len(offsets) == 1 else ()


def _months(zone: ZoneInfo, year: int) -> Iterator[datetime]:
    return (datetime(year, month, 15, 12, tzinfo=zone) for month in _MONTHS)


@cache
def _every() -> tuple[ZoneInfo, ...]:
    return tuple(map(ZoneInfo, sorted(available_timezones())))


def _zone(name: str) -> tuple[ZoneInfo, ...]:
    try:
        return (ZoneInfo(name),) if name else ()
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return ()
