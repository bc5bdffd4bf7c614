"""Weeks in which a mentor's cap is reached, said before somebody looks for a time in them."""

from __future__ import annotations

from datetime import date, timedelta

from portal.availability.mentor_time import claims_of, weeks_at_cap
from portal.availability.models import Availability, Claim
from portal.availability.openings import instant_of, quarter_of, week_of
from portal.clock import now, zone
from portal.database import column


def full_weeks(availability: Availability) -> list[date]:
    """Their Mondays in the mentor's zone, as far as the horizon reaches. One statement, and none without a cap."""
    if availability.weekly_cap is None:
        return []
    theirs, instant = zone(availability.time_zone), now()
    this_week, _ = week_of(quarter_of(instant), theirs)
    last = quarter_of(instant + timedelta(days=availability.horizon))
    given = claims_of(availability.mentor_id, this_week) & Claim.begins
    full = weeks_at_cap(availability, column(Claim.select(Claim.quarter).where(given)))
    return [instant_of(first).astimezone(theirs).date() for first, _ in full if first <= last]
