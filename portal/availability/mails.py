"""Mails about hours."""

from __future__ import annotations

from datetime import date

from portal.availability.models import Availability
from portal.mail import outbox
from portal.mail.kinds import kind
from portal.mail.outbox import Outbox
from portal.when import date_in_full


def _was_said(letter: Outbox) -> str:
    """They were set anew, or confirmed, since it was asked."""
    words = letter.facts
    same = (Availability.mentor == words["mentor"]) & (Availability.confirmed_at == words["confirmed_at"])
    return "" if Availability.select().where(same).exists() else "the hours were confirmed"


STILL_GOOD = kind(
    "availability/still_good", "Are your hours still good?", readers="mentor", unless=_was_said, links=("mentor",)
)


def still_good(availability: Availability, *, is_lapsed: bool = False, lapses_on: date | None = None) -> None:
    """To the mentor: are these hours still good? Or, two weeks later, that the openings have left search."""
    person = availability.mentor.person
    confirmed_at = int(availability.confirmed_at.timestamp())
    outbox.put(
        STILL_GOOD,
        subject=f"hours of mentor {availability.mentor_id}",
        version=f"confirmed at {confirmed_at}{', lapsed' if is_lapsed else ''}",
        to=person.email,
        zone=person.time_zone,
        words={
            "mentor": availability.mentor_id,
            "confirmed_at": confirmed_at,
            "is_lapsed": is_lapsed,
            "lapses_on": date_in_full(lapses_on) if lapses_on else "",
        },
    )
