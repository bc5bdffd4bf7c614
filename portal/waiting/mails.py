"""The mail of an offer."""

from __future__ import annotations

from portal.clock import now
from portal.mail import outbox
from portal.mail.kinds import kind
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.waiting.models import Offer


def _is_over(letter: Outbox) -> str:
    open_now = (Offer.ref == letter.facts["ref"]) & (Offer.outcome == "open") & (Offer.expires_at > now())
    return "" if Offer.select().where(open_now).exists() else "it is no longer held"


OFFER = kind("waiting/offer", "An opening you waited for", unless=_is_over)


def subject_of(offer: Offer) -> str:
    """What its letter tells of."""
    return f"offer {offer.id}"


def offered(offer: Offer, *, mentor: Mentor, person: Person, awaited: str, is_last: bool) -> None:
    """To the first in line: what is held, and until when. `is_last`: unused, it ends the waiting for `awaited`."""
    words = {
        "ref": offer.ref,
        "mentor": mentor.name,
        "start": int(offer.start.timestamp()),
        "length": offer.length,
        "until": int(offer.expires_at.timestamp()),
        "awaited": awaited,
        "is_last": is_last,
    }
    outbox.put(OFFER, subject=subject_of(offer), to=person.email, zone=person.time_zone, words=words)
