"""Waiting for an opening: joining a line, and leaving it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from peewee import JOIN, Case, fn

from portal.clock import now
from portal.database import column, lock, tuples, write
from portal.errors import Missing, NotAllowedNow
from portal.mail import preferences
from portal.mentors.models import Expertise, Mentor
from portal.people.models import Person
from portal.sessions.models import Session
from portal.waiting import offers
from portal.waiting.line import people_before
from portal.waiting.mails import OFFER
from portal.waiting.models import Offer, Watch
from portal.waiting.offering import offer_due, one_at_a_time

MOST = 10
"""What one person can wait for at the same time."""
ENOUGH = f"You wait for {MOST} already, which is as many as one person can. Leave one to wait for another."


@dataclass(frozen=True)
class Terms:
    """What is waited for: minutes, or 0 for any length; a part of the day, or empty for any time."""

    length: int = 0
    part: str = ""


class Awaited(NamedTuple):
    """A line somebody is in. Of a mentor, `slug` names the page, where it is public; of an expertise there is none."""

    id: int
    mentor_id: int | None
    name: str
    slug: str | None
    length: int
    part: str
    people_before: int


@write
def wait_for_mentor(mentor: Mentor, terms: Terms, *, person: Person) -> Watch:
    """Wait for an opening of this mentor. Done twice it changes the terms, and the place in line stays. Raises
    Missing, and NotAllowedNow for oneself and for more than one can wait for.
    """
    if not mentor.is_published:
        raise Missing
    if mentor.person_id == person.id:
        raise NotAllowedNow("You cannot wait for yourself.")
    return _wait(terms, person, mentor=mentor)


@write
def wait_for_expertise(expertise: Expertise, terms: Terms, *, person: Person) -> Watch:
    """The same for an opening of anybody with this expertise."""
    return _wait(terms, person, expertise=expertise)


def _wait(terms: Terms, person: Person, mentor: Mentor | None = None, expertise: Expertise | None = None) -> Watch:
    lock(Person, [person.id])
    same = Watch.mentor == mentor if mentor is not None else Watch.expertise == expertise
    watch: Watch | None = Watch.get_or_none((Watch.person == person.id) & same)
    if watch is None:
        if Watch.select().where(Watch.person == person.id).count() >= MOST:
            raise NotAllowedNow(ENOUGH)
        watch = Watch(person=person.id, mentor=mentor, expertise=expertise, since=now())
    watch.length, watch.part = terms.length, terms.part
    watch.save()
    return watch


def leave(watch_id: int, *, person: Person) -> None:
    """Leave a line. What is held by it goes on to the next at once. Of one that is not theirs, nothing is done."""
    _leave(Watch.id == watch_id, person)
    offer_due()


def leave_all(person: Person) -> None:
    """Leave every line. What is held by them goes on when the worker next looks. It locks the lines, so within a
    transaction it comes first.
    """
    _leave(Watch.id.is_null(False), person)


@write
def _leave(which: Any, person: Person) -> None:
    one_at_a_time()
    theirs = which & (Watch.person == person.id)
    held = Offer.select(Offer.id).join(Watch, on=Offer.watch == Watch.id).where(theirs & (Offer.outcome == "open"))
    for offer_id in column(held):
        offers.end(offer_id, as_well="passed")
    Watch.delete().where(theirs).execute()


def lines_of(person: Person) -> list[Awaited]:
    """What somebody waits for, and how many are before them; one statement. Without what they have just booked."""
    slug = Case(None, [(Mentor.status == "published", Mentor.slug)])
    what = (Watch.mentor, Case(None, [(Watch.mentor.is_null(False), Mentor.name)], Expertise.name), slug)
    lines = Watch.select(Watch.id, *what, Watch.length, Watch.part, people_before(Watch))
    lines = lines.join(Mentor, JOIN.LEFT_OUTER).switch(Watch).join(Expertise, JOIN.LEFT_OUTER)
    by_offer = Offer.select().join(Session, on=Session.hold_ref == Offer.hold_ref).where(Offer.watch == Watch.id)
    mine = (Watch.person == person.id) & ~fn.EXISTS(by_offer.where(Offer.outcome == "open"))
    return [Awaited(*row) for row in tuples(lines.where(mine).order_by(Watch.id))]


def is_silent(person: Person) -> bool:
    """Whether they do without the mail that tells of an opening, so that they are passed over."""
    return OFFER.name in preferences.unwanted_by(person.email)


def hear_again(person: Person) -> None:
    """They want that mail again."""
    preferences.choose([OFFER.name], recipient=person.email, among=[OFFER.name])
