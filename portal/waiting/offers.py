"""Offers: whether one still stands, taking it, and its end."""

from __future__ import annotations

from itertools import takewhile
from typing import Any

from peewee import JOIN, fn

from portal.availability.derived import release
from portal.availability.mentor_time import is_within_hours
from portal.availability.models import Hold
from portal.clock import now
from portal.database import column, lock, write
from portal.errors import Missing, OpeningTaken
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.blocks import between
from portal.people.codes import fingerprint
from portal.people.models import Block, Person
from portal.sessions.holding import give_back, involved
from portal.sessions.models import Session
from portal.waiting.mails import OFFER, subject_of
from portal.waiting.models import Offer, Watch

MOST_UNUSED = 3
"""So many offers that are not used, one after the other, end the waiting."""


def find_offer(ref: str, *, person: Person) -> Offer:
    """The offer of this name, for the person it was made to. Raises Missing."""
    offer: Offer | None = Offer.get_or_none((Offer.ref == ref) & (Offer.person == person.id))
    if offer is None:
        raise Missing
    return offer


def open_offer(person_id: int) -> Offer | None:
    """What is held for this person now."""
    offer: Offer | None = _all_open().where((Offer.person == person_id) & _stands()).first()
    return offer


def stands(offer: Offer) -> bool:
    """Whether it is still held for its person: a block, and a mentor who is hidden, end it without a word."""
    is_held = _all_open().where((Offer.id == offer.id) & _stands()).exists()
    return bool(is_held) and is_within_hours(offer.mentor_id, offer.start, offer.length)


def session_of(offer: Offer) -> Session | None:
    """What was booked by it."""
    booked = (Session.hold_ref == offer.hold_ref) & (Session.mentee == offer.person_id)
    session: Session | None = Session.get_or_none(booked)
    return session


def is_in_line(offer: Offer) -> bool:
    """Whether its person still waits for what it was made for."""
    return bool(Watch.select().where(Watch.id == offer.watch_id).exists())


def _all_open() -> Any:
    """With the mentor, and the hold where it is still there."""
    offers = Offer.select(Offer, Mentor).join(Mentor).switch(Offer)
    return offers.join(Hold, JOIN.LEFT_OUTER, on=Hold.ref == Offer.hold_ref).where(Offer.outcome == "open")


def _stands() -> Any:
    apart = Block.select().where(between(Offer.person, Offer.mentor))
    is_held = fn.COALESCE(Hold.expires_at, 0) > int(now().timestamp())
    return is_held & ~Hold.is_released & (Mentor.status == "published") & ~fn.EXISTS(apart)


@write
def take(ref: str, *, person: Person, holder: str) -> str:
    """Hand what is held to this browser (`holder`), which gives back what else it holds. Returns the name of the
    hold, from which it is booked; taken twice, it is taken. Raises Missing and OpeningTaken.
    """
    offer = find_offer(ref, person=person)
    lock(Person, involved(offer.mentor, holder, person))
    if session_of(offer) is None:
        if not stands(offer):
            raise OpeningTaken("This time is no longer held for you.")
        _hand_to(holder, Hold.get(Hold.ref == offer.hold_ref), person)
    return str(offer.hold_ref)


def _hand_to(holder: str, held: Hold, person: Person) -> None:
    if held.holder != fingerprint(holder):
        give_back(holder, person)
        Hold.update(holder=fingerprint(holder)).where(Hold.id == held.id).execute()


def over() -> list[int]:
    """The ids of the open offers that no longer stand: they were booked, given back, or ran out, or the mentor has
    no longer time then. One statement while none is open.
    """
    still_open = list(Offer.select().where(Offer.outcome == "open").order_by(Offer.id))
    standing = set(column(_all_open().select(Offer.id).where(_stands()))) if still_open else set()
    return [
        offer.id
        for offer in still_open
        if offer.id not in standing or not is_within_hours(offer.mentor_id, offer.start, offer.length)
    ]


@write
def end(offer_id: int, *, as_well: str = "") -> None:
    """End an offer that no longer stands; with `as_well`, one that still does as well, with this outcome. Its time
    is given back once, whoever ends it first.
    """
    offer = Offer.get_by_id(offer_id)
    lock(Person, [offer.mentor_id, offer.person_id])
    offer = Offer.get_by_id(offer_id)
    outcome = (_what_became_of(offer) or as_well) if offer.outcome == "open" else ""
    if outcome:
        Offer.update(outcome=outcome).where(Offer.id == offer.id).execute()
        _move_in_line(offer, outcome)
        held = list(Hold.select().where((Hold.ref == offer.hold_ref) & ~Hold.is_released))
        if held:
            release(held)


def _what_became_of(offer: Offer) -> str:
    """The outcome; empty while it stands."""
    if session_of(offer) is not None:
        return "booked"
    if now() >= offer.expires_at:
        return "unused" if _was_told(offer) else "gone"
    return "" if stands(offer) else "gone"


def _was_told(offer: Offer) -> bool:
    """Whether its mail went out: who never heard of it keeps their place."""
    letter = (Outbox.kind == OFFER.name) & (Outbox.subject == subject_of(offer)) & (Outbox.state == "sent")
    return bool(Outbox.select().where(letter).exists())


def _move_in_line(offer: Offer, outcome: str) -> None:
    """Who booked waits no longer, who used nothing three times neither; else who used nothing goes to the end."""
    mine = Watch.id == offer.watch_id
    if outcome == "booked" or (outcome == "unused" and unused_in_a_row(offer.watch_id) >= MOST_UNUSED):
        Watch.delete().where(mine).execute()
    elif outcome == "unused":
        Watch.update(since=now()).where(mine).execute()


def unused_in_a_row(watch_id: int | None) -> int:
    """How many of the latest offers to this watch were not used."""
    ended = Offer.select(Offer.outcome).where((Offer.watch == watch_id) & (Offer.outcome != "open"))
    latest = column(ended.order_by(Offer.id.desc()).limit(MOST_UNUSED))
    return len(list(takewhile(lambda outcome: outcome == "unused", latest)))
