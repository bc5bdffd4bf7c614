"""Hours that are still good: every four weeks a mentor says so, or sets them anew; else the openings leave search."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from portal.availability import mails
from portal.availability.derived import derive
from portal.availability.models import Availability, ExtraHours, WeeklyHours
from portal.clock import now, zone
from portal.database import lock, write
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.rounds import Span, go_round

ASKED_AFTER = timedelta(days=28)
LAPSED_AFTER = timedelta(days=42)
"""Without an answer."""


@write
def confirm(mentor: Mentor) -> None:
    """Say that the hours are still good: openings that had left are back. Done twice, it is done."""
    lock(Person, [mentor.person_id])
    availability = Availability.get_or_none(Availability.mentor == mentor)
    if availability is not None:
        was_lapsed, availability.is_lapsed, availability.confirmed_at = availability.is_lapsed, False, now()
        availability.save(only=[Availability.is_lapsed, Availability.confirmed_at])
        if was_lapsed:
            derive(availability)


def is_asked(availability: Availability) -> bool:
    """Whether it is time to say so."""
    return bool(availability.is_lapsed or availability.confirmed_at <= now() - ASKED_AFTER)


def lapses_on(availability: Availability) -> date:
    """The date, in the mentor's zone, on which the openings leave search if nobody says so."""
    at = availability.confirmed_at + LAPSED_AFTER
    day: date = at.astimezone(zone(availability.time_zone)).date()
    return day


def ask_and_lapse() -> int:
    """Ask the mentors whose four weeks are over, and take the openings of those out who did not answer for two
    more. Returns how many.
    """
    return go_round("hours", is_due=_is_due, work=_go)


def _is_due(span: Span) -> bool:
    return bool(Availability.select().where(_since(span, ASKED_AFTER) | _since(span, LAPSED_AFTER)).exists())


def _since(span: Span, after: timedelta) -> Any:
    """Hours whose last confirmation became so old in this time."""
    return (Availability.confirmed_at > span[0] - after) & (Availability.confirmed_at <= span[1] - after)


def _go(span: Span) -> int:
    lapsed = _with_hours(_since(span, LAPSED_AFTER))
    for availability in lapsed:
        lock(Person, [availability.mentor_id])
        availability.is_lapsed = True
        availability.save(only=[Availability.is_lapsed])
        derive(availability)
        mails.still_good(availability, is_lapsed=True)
    asked = [row for row in _with_hours(_since(span, ASKED_AFTER)) if not row.is_lapsed]
    for availability in asked:
        mails.still_good(availability, lapses_on=lapses_on(availability))
    return len(lapsed) + len(asked)


def _with_hours(wanted: Any) -> list[Availability]:
    """Of mentors in the directory, and not of empty weeks: there is nothing to ask about."""
    weekly = WeeklyHours.select(WeeklyHours.mentor)
    some = Availability.mentor << weekly.union(ExtraHours.select(ExtraHours.mentor))
    query: Any = Availability.select(Availability, Mentor, Person).join(Mentor).join(Person)
    return list(query.where(wanted & some & (Mentor.status == "published")).order_by(Availability.mentor))
