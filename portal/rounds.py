"""Rounds: what the worker does for everything whose time has come since it last looked.

How far a round has looked is kept in the transaction of what it did: however often the worker is killed, and
however many there are, each thing comes up once. What came due while no worker ran comes up in the next round.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import peewee

from portal.clock import now
from portal.database import Table, UTCDateTime, lock, write
from portal.held import holds
from portal.when import monday_of

log = logging.getLogger(__name__)

LONGEST = timedelta(hours=1)
"""A round that finds nothing due is noted so often: each note makes remembered answers of the directory old."""

Span = tuple[datetime, datetime]
"""After the first instant, up to and including the second."""


class Round(Table):
    """How far a round has looked. Where the name is one for `alone`, the row is only there to be locked."""

    name = peewee.TextField(primary_key=True)
    until = UTCDateTime()


holds(Round, plain={"name": "names a round", "until": "how far it has looked"})


def go_round(name: str, *, is_due: Callable[[Span], bool], work: Callable[[Span], int]) -> int:
    """Do `work`, in one transaction, on what came due since the last round of this name. `is_due` looks first,
    cheaply and without a lock. The first round finds nothing: it begins now. Returns what `work` does.
    """
    last = Round.get_or_none(Round.name == name)
    return 0 if last is not None and _is_quiet((last.until, now()), is_due) else _go(name, work)


def _is_quiet(span: Span, is_due: Callable[[Span], bool]) -> bool:
    if span[1] <= span[0]:
        return span[0] - span[1] <= LONGEST
    return span[1] - span[0] < LONGEST and not is_due(span)


@write
def _go(name: str, work: Callable[[Span], int]) -> int:
    lock(Round, [name])
    last: Round | None = Round.get_or_none(Round.name == name)
    instant = now()
    if last is None:
        Round.create(name=name, until=instant)
        return 0
    if instant <= last.until and last.until - instant <= LONGEST:
        return 0
    Round.update(until=instant).where(Round.name == name).execute()
    if instant <= last.until:
        log.warning("round %s had looked until %s: the clock was wrong, it begins anew", name, last.until)
        return 0
    return work((last.until, instant))


def alone(name: str) -> None:
    """Within a transaction: what runs under this name waits here for whoever else does, and then sees what they did.
    It locks a row that stands for the name, made if missing. No round may have the name: here `until` says nothing.
    """
    Round.insert(name=name, until=now()).on_conflict(action="nothing", conflict_target=[Round.name]).execute()
    lock(Round, [name])


def has_come(span: Span, zone: ZoneInfo, at: time, *, weekday: int | None = None) -> bool:
    """Whether it became this time there, today, or on this day of the current week (Monday is 0)."""
    local = span[1].astimezone(zone)
    day = local.date() if weekday is None else monday_of(local.date()) + timedelta(days=weekday)
    return span[0] < datetime.combine(day, at, tzinfo=zone) <= span[1]


def passes_quarter(span: Span) -> bool:
    """Whether a quarter of an hour begins in it. Between two of them it is a full hour nowhere on earth."""
    first, last = (int(instant.timestamp()) // 900 for instant in span)
    return first < last
