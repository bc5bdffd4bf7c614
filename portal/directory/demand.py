"""What people ask for, kept without the person, and what of it is not offered."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import date, timedelta

import peewee

from portal.availability.openings import quarter_of
from portal.clock import now
from portal.database import tuples, write
from portal.directory.filter import LONGEST_NEED, Filter
from portal.directory.finding import find
from portal.directory.models import Asked
from portal.mentors.topics import key_of
from portal.when import Reader, monday_of

SHORTEST_NEED = 3
SHOWN_FROM = 3
"""Askers a need must have before its words are shown to anybody."""


@dataclass(frozen=True)
class Demand:
    """A need, how many asked for it, and whether anybody offers it at all."""

    need: str
    askers: int
    is_offered: bool


def note(typed: str, *, asker: str, secret_key: str, reader: Reader) -> None:
    """Keep a need that somebody rested on. `asker` names the browser or person, and is not kept."""
    need = key_of(typed)[:LONGEST_NEED].rstrip()
    if len(need) < SHORTEST_NEED:
        return
    findings = find(Filter(q=typed, when=""), reader=reader, mentee_id=None)
    soon = quarter_of(reader.now + timedelta(days=7))
    _keep(
        week=_week(reader.now.date()),
        need=need,
        asker=hmac.digest(secret_key.encode(), f"{_week(reader.now.date())} {asker}".encode(), "sha256").hex()[:32],
        offered=bool(findings.found),
        soon=any(quarter <= soon for found in findings.found for quarter in found.openings),
    )


@write
def _keep(**values: object) -> None:
    Asked.insert(**values).on_conflict(
        conflict_target=[Asked.week, Asked.need, Asked.asker], preserve=[Asked.offered, Asked.soon]
    ).execute()


def not_offered(weeks: int = 4, most: int = 8) -> list[Demand]:
    """What was asked for in the last weeks and is offered by nobody, or not soon; most asked first.

    Only needs that three people or more asked for in one week: the same asker has another hash in
    the next one, so askers of different weeks cannot be told apart and do not add up.
    """
    since = _week((now() - timedelta(weeks=weeks)).date())
    askers = peewee.fn.COUNT(Asked.asker.distinct())
    offered = peewee.fn.MAX(peewee.Case(None, [(Asked.offered, 1)], 0))
    weekly = (
        Asked.select(Asked.need, askers.alias("askers"), offered.alias("offered"))
        .where((Asked.week >= since) & ~Asked.soon)
        .group_by(Asked.week, Asked.need)
        .having(askers >= SHOWN_FROM)
    )
    most_asked = peewee.fn.MAX(weekly.c.askers)
    query = weekly.select_from(weekly.c.need, most_asked, peewee.fn.MAX(weekly.c.offered)).group_by(weekly.c.need)
    wanted = query.order_by(most_asked.desc(), weekly.c.need).limit(most)
    return [Demand(need, count, bool(is_offered)) for need, count, is_offered in tuples(wanted)]


def _week(day: date) -> str:
    return monday_of(day).isoformat()
