"""The conversation of a session: from booking until 7 days after the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from portal.database import column, rows, write
from portal.people.models import Block, Person
from portal.preparation import mails
from portal.preparation.models import Message, Reading, is_blocked_for
from portal.preparation.presence import is_looking, look
from portal.sessions.models import Session
from portal.sessions.turns import Seat, take, turn

OPEN_AFTER = timedelta(days=7)
"""So long after the end one can write."""
LATEST = 100
"""Messages a page shows unless it is asked for all, and messages in one answer to a poll."""


@dataclass(frozen=True)
class Talk:
    """Some of the messages, in order, as one person sees them."""

    messages: list[dict[str, Any]]
    has_earlier: bool
    last: int
    """The id of the last message that this person has seen, now that they have seen these."""


@turn("messages", "mentor", "mentee", "teammate")
def _why_not_write(seat: Seat) -> str:
    if seat.session.is_cancelled:
        return "This session was cancelled, so the conversation is closed."
    if seat.now >= seat.session.end + OPEN_AFTER:
        return "Messages can be written until 7 days after a session, and they are over."
    return ""


def why_not_write(seat: Seat) -> str:
    """Why the conversation is closed; empty while it is open."""
    return _why_not_write(seat)


@write
def say(session: Session, text: str, *, person: Person, key: str) -> None:
    """Write a message. The same text under the same `key` (made with the form) is one message."""
    seat = take("messages", session, person=person)
    # Whoever writes waits for the one before: ids appear in order, and nobody's "all after 17" leaves out an 18.
    key = f"{session.id} {person.id} {sha256(f'{key} {text}'.encode()).hexdigest()}"
    if Message.select().where(Message.key == key).exists():
        return
    written = Message.create(key=key, session=session, person=person, text=text, at=seat.now)
    _tell(seat, written.id)


def _tell(seat: Seat, message: int) -> None:
    """All but the writer, and those who have blocked the writer."""
    readings = {reading.person_id: reading for reading in Reading.select().where(Reading.session == seat.session)}
    deaf = set(column(Block.select(Block.person).where(Block.blocked == seat.person)))
    for email, other in _others(seat).items():
        if other is None:
            mails.message(seat, message, to=email, zone=seat.session.mentee.time_zone, shown=0, may_see=False)
        elif other.id not in deaf:
            reading = readings.get(other.id)
            shown, may_see = reading.message if reading else 0, is_looking(reading, seat.now)
            mails.message(seat, message, to=email, zone=other.time_zone, shown=shown, may_see=may_see)


def _others(seat: Seat) -> dict[str, Person | None]:
    """By e-mail address; None where a teammate has no account yet."""
    emails = [mate.email for mate in seat.team]
    others: dict[str, Person | None] = dict.fromkeys(emails)
    others |= {person.email: person for person in Person.select().where(Person.email << emails)}
    others |= {side.email: side for side in (seat.session.mentor.person, seat.session.mentee)}
    del others[seat.person.email]
    return others


def shown_to(seat: Seat, *, everything: bool = False) -> Talk:
    """The latest messages, or all. From now on this person has seen them."""
    latest = _visible_to(seat).order_by(Message.id.desc()).limit(None if everything else LATEST + 1)
    wanted = rows(latest)[::-1]
    has_earlier = not everything and len(wanted) > LATEST
    return _seen(seat, wanted[1:] if has_earlier else wanted, has_earlier=has_earlier)


def new_to(seat: Seat, after: int) -> Talk:
    """What came after message `after`. From now on this person has seen it."""
    wanted = rows(_visible_to(seat).where(Message.id > after).order_by(Message.id).limit(LATEST))
    return _seen(seat, wanted, after=after)


def message_for(seat: Seat, key: int) -> Message | None:
    """One message of others that this person can read, with who wrote it."""
    one = (Message.id == key) & (Message.person.is_null() | (Message.person != seat.person))
    found: Message | None = _among(seat, Message.select(Message, Person)).where(one).first()
    return found


def _seen(seat: Seat, messages: list[dict[str, Any]], *, after: int = 0, has_earlier: bool = False) -> Talk:
    last = messages[-1]["id"] if messages else after
    look(seat, last if messages else 0)
    return Talk(messages, has_earlier, last)


def _visible_to(seat: Seat) -> Any:
    columns = (Message.id, Message.person.alias("writer"), Message.text, Message.at, Person.name, Person.email)
    return _among(seat, Message.select(*columns))


def _among(seat: Seat, query: Any) -> Any:
    """Not what somebody wrote whom this person had blocked by then."""
    return query.left_outer_join(Person).where((Message.session == seat.session) & ~is_blocked_for(seat.person.id))
