"""Offering: the first in line gets an opening held for two hours and a mail; unused, it passes to the next."""

from __future__ import annotations

from portal.availability.claims import busy, claim
from portal.availability.models import Hold
from portal.availability.openings import MINUTES, quarter_of
from portal.clock import now
from portal.database import db, lock, version, write
from portal.errors import OpeningTaken, Refusal
from portal.mentors.models import Mentor
from portal.people.blocks import are_apart
from portal.people.codes import fingerprint, new_token
from portal.people.models import Person
from portal.rounds import alone
from portal.sessions.fairness import check_may_book
from portal.sessions.holding import open_to
from portal.waiting import mails, offers
from portal.waiting.fitting import LIFE, Fit, first_fit
from portal.waiting.models import Offer, Watch

MOST = 50
"""Offers made in one go; the next go is a second later."""
_quiet: tuple[object, ...] = ()
"""Where and when it was last seen that there is nothing to offer."""


def offer_due() -> int:
    """End the offers that no longer stand, and offer what is open to who waits for it, in the order of the line.
    Where nothing is due it only reads: two statements while nothing has changed, a few more after any change.
    Returns how many offers were made.
    """
    global _quiet  # noqa: PLW0603  # kept by the process, like any cache
    for offer_id in offers.over():
        offers.end(offer_id)
    moment = (db.obj, version(), quarter_of(now()))
    if moment == _quiet:
        return 0
    if first_fit() is None:
        _quiet = moment
        return 0
    return _go_along_the_line()


def _go_along_the_line() -> int:
    refused: list[Fit] = []
    made = 0
    while made < MOST:
        try:
            if not _offer_first(refused):
                break
            made += 1
        except Refusal:
            continue  # something has changed: looked up anew, the line stays in order
    return made


@write
def _offer_first(refused: list[Fit]) -> bool:
    """One offer, to the first in line: held, written down and told in one transaction. False where there is none.
    What was refused twice, and so not by a change, holds up nobody else.
    """
    one_at_a_time()
    fit = first_fit([fit for fit in refused if refused.count(fit) > 1])
    if fit is None:
        return False
    try:
        _offer(fit)
    except Refusal:
        refused.append(fit)
        raise
    return True


def one_at_a_time() -> None:
    """Who offers, or leaves a line, waits here for whoever else does, and then sees what they did."""
    alone("offers")


def _offer(fit: Fit) -> None:
    """Raises a Refusal where something has changed since it was looked up."""
    lock(Person, [fit.mentor_id, fit.person_id])
    mentor, person = Mentor.get_by_id(fit.mentor_id), Person.get_by_id(fit.person_id)
    watch = Watch.get_or_none(Watch.id == fit.watch_id)
    availability = open_to(mentor)
    check_may_book(person)
    taken = busy(person.id, quarter_of(fit.start)) & ((1 << fit.length // MINUTES) - 1)
    if watch is None or taken or are_apart(person.id, mentor.person_id):
        raise OpeningTaken("This time is no longer free.")
    held = _hold(fit)
    claim(availability, fit.start, fit.length, mentee_id=None, hold=held)
    is_last = offers.unused_in_a_row(watch.id) == offers.MOST_UNUSED - 1
    awaited = watch.expertise.name if watch.expertise_id is not None else mentor.name
    mails.offered(_note(fit, held), mentor=mentor, person=person, awaited=awaited, is_last=is_last)


def _hold(fit: Fit) -> Hold:
    """Of no browser until its person takes it, so that looking around gives nothing back."""
    held: Hold = Hold.create(
        ref=new_token(),
        holder=fingerprint(new_token()),
        person=fit.person_id,
        mentor=fit.mentor_id,
        start=fit.start,
        length=fit.length,
        held_at=now(),
        expires_at=now() + LIFE,
    )
    return held


def _note(fit: Fit, held: Hold) -> Offer:
    offer: Offer = Offer.create(
        ref=new_token(),
        person=fit.person_id,
        watch=fit.watch_id,
        mentor=fit.mentor_id,
        start=fit.start,
        length=fit.length,
        hold_ref=held.ref,
        expires_at=held.expires_at,
    )
    return offer


def let_go(ref: str, *, person: Person) -> None:
    """Do not take it: the next in line gets it at once. The place in line stays. Raises Missing."""
    offers.end(offers.find_offer(ref, person=person).id, as_well="passed")
    offer_due()
