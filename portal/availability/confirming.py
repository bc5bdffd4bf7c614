"""Hours that are still good: every four weeks a mentor says so, or sets them anew; else the openings leave search."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from portal.availability import mails
from portal.availability.derived import derive
from portal.availability.models import Availability, ExtraHours, WeeklyHours
from portal.clock import now, zone
from portal.database import column, lock, write
from portal.mentors.models import Mentor
from portal.people.models import Person

ASKED_AFTER = timedelta(days=28)
ANSWERED_WITHIN = timedelta(days=14)
BATCH = 100
"""So many mentors in one transaction."""


@write
def confirm(mentor: Mentor) -> None:
    """Say that the hours are still good: openings that had left are back. Done twice, it is done."""
    lock(Person, [mentor.person_id])
    availability = Availability.get_or_none(Availability.mentor == mentor)
    if availability is not None:
        was_lapsed = availability.is_lapsed
        availability.is_lapsed, availability.confirmed_at, availability.asked_at = False, now(), None
        availability.save(only=[Availability.is_lapsed, Availability.confirmed_at, Availability.asked_at])
        if was_lapsed:
            derive(availability)


def is_asked(availability: Availability) -> bool:
    """Whether it is time to say so."""
    return availability.asked_at is not None


def lapses_on(availability: Availability) -> date:
    """The date, in the mentor's zone, on which the openings leave search if nobody says so."""
    at = (availability.asked_at or now()) + ANSWERED_WITHIN
    day: date = at.astimezone(zone(availability.time_zone)).date()
    return day


def ask_and_lapse() -> int:
    """Ask the mentors whose four weeks are over, and take the openings of those out who did not answer for two
    more. Returns how many. Where there is nothing to do it only reads.
    """
    done = 0
    for when, go in ((_is_to_ask, _ask), (_is_to_lapse, _lapse)):
        while keys := column(_with_hours(when()).limit(BATCH)):
            done += go(keys)
    return done


def _is_to_ask() -> Any:
    return Availability.asked_at.is_null() & (Availability.confirmed_at <= now() - ASKED_AFTER)


def _is_to_lapse() -> Any:
    return ~Availability.is_lapsed & (Availability.asked_at <= now() - ANSWERED_WITHIN)


def _with_hours(wanted: Any) -> Any:
    """Of mentors in the directory, and not of empty weeks: there is nothing to ask about. The keys."""
    weekly = WeeklyHours.select(WeeklyHours.mentor)
    some = Availability.mentor << weekly.union(ExtraHours.select(ExtraHours.mentor))
    query = Availability.select(Availability.mentor).join(Mentor)
    return query.where(wanted & some & (Mentor.status == "published")).order_by(Availability.mentor)


@write
def _ask(keys: list[int]) -> int:
    for availability in _locked(keys, _is_to_ask()):
        availability.asked_at = now()
        availability.save(only=[Availability.asked_at])
        mails.still_good(availability, lapses_on=lapses_on(availability))
    return len(keys)


@write
def _lapse(keys: list[int]) -> int:
    for availability in _locked(keys, _is_to_lapse()):
        availability.is_lapsed = True
        availability.save(only=[Availability.is_lapsed])
        derive(availability)
        mails.still_good(availability, is_lapsed=True)
    return len(keys)


def _locked(keys: list[int], wanted: Any) -> list[Availability]:
    """Those of whom it is still true once nobody else is at work on them."""
    lock(Person, keys)
    query: Any = Availability.select(Availability, Mentor, Person).join(Mentor).join(Person)
    return list(query.where((Availability.mentor << keys) & wanted).order_by(Availability.mentor))
