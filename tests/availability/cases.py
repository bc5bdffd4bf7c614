"""Mentors to try hours with: one who is always open, and random ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from portal.availability.claims import openings_of
from portal.availability.hours import Plan, merge
from portal.database import tuples
from portal.mentors.models import Mentor
from portal.people.codes import new_token
from portal.people.models import Audit, SignIn
from portal.schema import TABLES
from portal.sessions.booking import book
from portal.sessions.holding import Opening
from portal.sessions.models import Session
from tests.cast import REQUEST, make_person, starts_of

QUARTER = timedelta(minutes=15)
ALWAYS_OPEN = Plan("Etc/UTC", tuple((day, 0, 1440) for day in range(7)), lengths=(15, 30, 60), notice=0)


def day(number: int, hour: int = 0, minute: int = 0) -> datetime:
    """Of November 2026; the 23rd is a Monday."""
    return datetime(2026, 11, number, hour, minute, tzinfo=UTC)


def give(mentor: Mentor, start: datetime, length: int = 15) -> Session:
    """A session with somebody who has no other."""
    somebody = make_person(f"Mentee {Session.select().count()}")
    return book(Opening(mentor, start, length), REQUEST, mentee=somebody, holder=new_token(), hold_ref=new_token())


def shown(mentor: Mentor) -> dict[int, list[datetime]]:
    """What a page would offer, by length."""
    return {row.length: starts_of(mentor, row.length) for row in openings_of(mentor.person_id)}


def everything() -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables but who signs in where: equal before and after where nothing was changed."""
    looked_at = [table for table in TABLES if table not in (SignIn, Audit)]
    return {table.__name__: sorted(tuples(table.select()), key=repr) for table in looked_at}


@dataclass(frozen=True)
class Case:
    """A plan, the starts of taken quarters and of given sessions, and when somebody looks."""

    plan: Plan
    now: datetime
    taken: frozenset[datetime] = frozenset()
    begun: frozenset[datetime] = frozenset()


def random_case(chance: Random, zone: str, near: datetime, *, days: int) -> Case:
    """Something to disagree about within `days` days, much of it at the wall time of `near`."""
    plan = random_plan(chance, zone, near, horizon=days)
    now = near - chance.randrange(days * 24) * timedelta(hours=1) + chance.randrange(-4, 5) * QUARTER
    now += chance.choice([0, 0, 1, 899]) * timedelta(seconds=1)
    if plan.notice and chance.random() < 0.5:
        plan = replace(plan, notice=min(plan.notice, days * 720))
    taken, begun = random_claims(chance, now, days)
    return Case(plan, now, taken, begun)


def random_plan(chance: Random, zone: str, near: datetime, *, horizon: int) -> Plan:
    """Any plan the database takes, whose hours and exceptions lie around `near`."""
    wall = near.astimezone(ZoneInfo(zone))

    def span() -> tuple[int, int]:
        starts = chance.randrange(96)
        if chance.random() < 0.6:  # where something happens
            starts = min(max((wall.hour * 60 + wall.minute) // 15 + chance.randrange(-16, 12), 0), 95)
        return starts * 15, min(starts + chance.choice([1, 2, 3, 4, 8, 16, 32, 96]), 96) * 15

    def nearby() -> date:
        return wall.date() + timedelta(days=chance.randrange(-2, 4))

    weekly = [(chance.choice([wall.weekday(), chance.randrange(7)]), *span()) for _ in range(chance.randrange(9))]
    away = [nearby() for _ in range(chance.choice([0, 0, 0, 1, 2]))]
    return Plan(
        time_zone=zone,
        weekly=merge(weekly),
        off=tuple((first, first + timedelta(days=chance.randrange(3)), "") for first in away),
        extra=tuple((nearby(), *span()) for _ in range(chance.choice([0, 0, 1, 2]))),
        lengths=tuple(sorted(chance.sample([15, 30, 60], chance.randrange(1, 4)))),
        notice=chance.choice([0, 0, 1, 60, 95, 240, 1440]),
        gap=chance.choice([0, 0, 15, 30, 45, 60]),
        horizon=horizon,
        weekly_cap=chance.choice([None, None, 1, 2, 3]),
        paused_until=nearby() if chance.random() < 0.15 else None,
    )


def random_claims(chance: Random, now: datetime, days: int) -> tuple[frozenset[datetime], frozenset[datetime]]:
    """Sessions given (those begin), had as a mentee, and holds, from a week ago on."""
    taken, begun = set[datetime](), set[datetime]()
    first = datetime.fromtimestamp(now.timestamp() // 900 * 900, UTC) - timedelta(days=7)
    for _ in range(chance.choice([0, 1, 3, 12])):
        start = first + chance.randrange((7 + days) * 96) * QUARTER
        session = [start + step * QUARTER for step in range(chance.choice([1, 2, 4, 6]))]
        if not taken.intersection(session):
            taken.update(session)
            if chance.random() < 0.5:
                begun.add(start)
    return frozenset(taken), frozenset(begun)
