"""Holds: an opening is one browser's for 10 minutes while the form is filled, or for longer where it was waited for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.availability.claims import claim
from portal.availability.derived import release
from portal.availability.models import Availability, Claim, Hold
from portal.clock import now
from portal.database import lock, write
from portal.errors import Missing, NotAllowedNow, OpeningTaken
from portal.mentors.models import Mentor
from portal.people.blocks import are_apart
from portal.people.codes import fingerprint, new_token
from portal.people.models import Person
from portal.sessions.fairness import check_may_book

LIFE = timedelta(minutes=10)


@dataclass(frozen=True)
class Opening:
    """A start and a length that a page offered."""

    mentor: Mentor
    start: datetime
    length: int


@write
def hold(opening: Opening, *, holder: str, mentee: Person | None, draft: dict[str, Any]) -> Hold:
    """Reserve an opening for this browser (`holder`) for 10 minutes, with what was typed before.

    A browser, and a person, holds one opening at a time: the earlier one is given back. Raises
    OpeningTaken, TooManyUpcoming, Paused, and NotAllowedNow for one's own opening.
    """
    if mentee is not None and mentee.id == opening.mentor.person_id:
        raise NotAllowedNow("This is your own opening. Mentees book it; you can change it in My hours.")
    lock(Person, involved(opening.mentor, holder, mentee))
    availability = open_to(opening.mentor)
    if mentee is not None:
        check_may_book(mentee)
    give_back(holder, mentee)
    held: Hold = Hold.create(
        ref=new_token(),
        holder=fingerprint(holder),
        person=mentee,
        mentor=opening.mentor.person_id,
        start=opening.start,
        length=opening.length,
        draft=json.dumps(draft),
        held_at=now(),
        expires_at=now() + LIFE,
    )
    claim(availability, opening.start, opening.length, mentee_id=mentee.id if mentee else None, hold=held)
    return held


def open_to(mentor: Mentor) -> Availability:
    """The time of a mentor who takes bookings. Raises OpeningTaken."""
    published = Mentor.select().where((Mentor.person == mentor.person_id) & (Mentor.status == "published"))
    availability: Availability | None = Availability.get_or_none(Availability.mentor == mentor.person_id)
    if availability is None or not published.exists():
        raise OpeningTaken("This mentor takes no bookings right now.")
    return availability


def involved(mentor: Mentor, holder: str, mentee: Person | None) -> list[int]:
    """Everybody whose time this browser's next hold or session changes, to be locked in one go: two that
    lock one after the other could wait for each other.
    """
    return [mentor.person_id, *([mentee.id] if mentee else []), *(hold.mentor_id for hold in _held(holder, mentee))]


@write
def give_back(holder: str, mentee: Person | None) -> None:
    """Release what this browser, and this person, holds."""
    earlier = _held(holder, mentee)
    if earlier:
        release(earlier)


def _held(holder: str, mentee: Person | None) -> list[Hold]:
    mine = Hold.holder == fingerprint(holder)
    if mentee is not None:
        stands = Claim.select(Claim.hold).where((Claim.person == mentee) & Claim.hold.is_null(False))
        mine |= (Hold.id << stands) & (Hold.mentor != mentee.id)
    return list(Hold.select().where(~Hold.is_released & mine))


def held_now(ref: str, holder: str, opening: Opening) -> Hold | None:
    """The hold of this name by which this browser still has this opening; None if it has not."""
    held: Hold | None = Hold.get_or_none((Hold.ref == ref) & (Hold.holder == fingerprint(holder)) & ~Hold.is_released)
    same = (opening.mentor.person_id, opening.start, opening.length)
    if held is None or not held.stands(now()) or (held.mentor_id, held.start, held.length) != same:
        return None
    return held


def stands_for(held: Hold, mentee: Person | None) -> bool:
    """Whether its time is still held for this mentee, who may have been nobody yet when it was taken: a block
    ends it without a word.
    """
    return held.stands(now()) and (mentee is None or not are_apart(mentee.id, held.mentor_id))


@write
def keep_draft(held: Hold, draft: dict[str, Any]) -> None:
    """Remember what was typed, for when it is proved who did."""
    Hold.update(draft=json.dumps(draft)).where(Hold.id == held.id).execute()


def how_long(held: Hold) -> str:
    """For how long it was held, for the beginning of a sentence: for who waited in line it was longer."""
    minutes = int((held.expires_at - held.held_at).total_seconds()) // 60
    return f"The {minutes} minutes" if minutes < 120 else f"The {minutes // 60} hours"


def find_hold(ref: str, *, holder: str | None) -> Hold:
    """The hold of this name, for the browser that made it. Raises Missing."""
    held: Hold | None = Hold.get_or_none(Hold.ref == ref)
    if held is None or holder is None or held.holder != fingerprint(holder):
        raise Missing
    return held


@write
def forget_old() -> None:
    """What was typed into a form and never booked is not kept longer than a day."""
    Hold.delete().where(Hold.is_released & (Hold.expires_at < now() - timedelta(days=1))).execute()
