"""The line: who waits before whom, and who in it can be offered something now."""

from __future__ import annotations

from typing import Any, NamedTuple

from peewee import fn

from portal.database import tuples
from portal.mail.preferences import Unwanted
from portal.mentors.models import MentorExpertise
from portal.people.models import Person
from portal.sessions.fairness import may_book
from portal.waiting.mails import OFFER
from portal.waiting.models import Offer, Watch


class Waiter(NamedTuple):
    """Somebody in line, and what they wait for: one of the two ids is None."""

    watch_id: int
    person_id: int
    mentor_id: int | None
    expertise_id: int | None
    length: int
    part: str
    zone: str


def in_line() -> list[Waiter]:
    """Those who can be offered something now, the first in line first; one statement.

    Passed over are those who have an offer already, who may not book, and who do without the mail. They keep
    their place.
    """
    has_one = Offer.select(Offer.person).where(Offer.outcome == "open")
    is_silent = Unwanted.select().where((Unwanted.recipient == Person.email) & (Unwanted.kind == OFFER.name))
    ready = Watch.person.not_in(has_one) & may_book() & ~fn.EXISTS(is_silent)
    terms = (Watch.mentor, Watch.expertise, Watch.length, Watch.part)
    line = Watch.select(Watch.id, Watch.person, *terms, Person.time_zone).join(Person).where(ready)
    return [Waiter(*row) for row in tuples(line.order_by(Watch.since, Watch.id))]


def people_before(mine: Any) -> Any:
    """How many others are before this watch in line, as a column: they wait since earlier for the same mentor or
    expertise, for what this mentor helps with, or for a mentor who helps with this. Any length and part counts.
    """
    other = Watch.alias()
    is_earlier = (other.since < mine.since) | ((other.since == mine.since) & (other.id < mine.id))
    topics = MentorExpertise.select(MentorExpertise.expertise).where(MentorExpertise.mentor == mine.mentor)
    able = MentorExpertise.select(MentorExpertise.mentor).where(MentorExpertise.expertise == mine.expertise)
    is_same = (other.mentor == mine.mentor) | (other.expertise == mine.expertise)
    overlaps = is_same | (other.expertise << topics) | (other.mentor << able)
    others = other.select(fn.COUNT(other.person.distinct()))
    return others.where(is_earlier & overlaps & (other.person != mine.person))


def how_many_wait() -> int:
    """People who wait for an opening."""
    return int(Watch.select(Watch.person).distinct().count())
