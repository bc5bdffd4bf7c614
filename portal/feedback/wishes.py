"""The wish to meet again: each side is asked alone, and only a double yes is ever read aloud.

A single yes must leave no trace: what is read, written, shown and sent is the same for a yes and a no,
until both have said yes.
"""

from __future__ import annotations

from portal.database import column, tuples, write
from portal.feedback import mails
from portal.feedback.models import WINDOW, Wish
from portal.people.blocks import are_apart, between
from portal.people.models import Block, Person
from portal.sessions.models import Session
from portal.sessions.turns import Seat, take, turn


@turn("wish", "mentor")
def _why_not_wish(seat: Seat) -> str:
    session = seat.session
    if session.is_cancelled:
        return "This session was cancelled, so there is nothing to answer."
    if seat.now < session.end:
        return "You are asked once the session is over."
    if seat.now > session.end + WINDOW:
        return "You could answer for 14 days, and they are over."
    if not seat.was_held:
        return "One of you did not come, so there is nothing to answer."
    return "You have answered this already." if _has_answered(seat) else ""


def _has_answered(seat: Seat) -> bool:
    own = (Wish.session == seat.session) & (Wish.person == seat.person)
    return bool(Wish.select().where(own).exists())


@write
def wish(session: Session, *, mentor: Person, again: bool) -> None:
    """Say, once, whether one would like to meet again. Raises NotAllowedNow."""
    keep(take("wish", session, person=mentor), again=again)


def keep(seat: Seat, *, again: bool) -> None:
    """Keep the wish of this place, inside the transaction of its turn. The second yes is told to both."""
    Wish.create(session=seat.session, person=seat.person, again=again, at=seat.now)
    if is_mutual(seat.session):
        mails.meet_again(seat.session)


def is_mutual(session: Session) -> bool:
    """Whether both would like to meet again, and nobody has blocked the other."""
    sides = {session.mentor_id, session.mentee_id}
    wished = column(Wish.select(Wish.person).where((Wish.session == session) & Wish.again))
    return sides <= set(wished) and not are_apart(session.mentor_id, session.mentee_id)


def both_wish(seat: Seat) -> bool:
    """Whether the page of this place says so: to the two sides alone. Who was told goes on reading it: a later
    block takes it from nobody but who blocked.
    """
    sides = {seat.session.mentor_id, seat.session.mentee_id}
    yes = dict(tuples(Wish.select(Wish.person, Wish.at).where((Wish.session == seat.session) & Wish.again)))
    if seat.role == "teammate" or seat.stage != "over" or not sides <= yes.keys():
        return False
    hides = (Block.person == seat.person) | (Block.at <= max(yes.values()))
    return not Block.select().where(between(*sides) & hides).exists()
