"""A person's private calendar feed: all their sessions, at an address that nobody can guess and they can change."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from portal.clock import now
from portal.database import write
from portal.errors import Missing
from portal.mail.calendar import Entry
from portal.people.codes import new_token, same
from portal.people.models import Person
from portal.sessions.agenda import sessions_of
from portal.sessions.ical import entry_of
from portal.sessions.models import Feed, Session, Teammate

PAST = timedelta(days=60)
"""So long ago do the sessions begin that a feed shows."""


@write
def make(person: Person) -> Feed:
    """A feed at a new address; an earlier address stops at once. Its sessions are those it had."""
    Feed.insert(person=person, seed=new_token(), since=now()).on_conflict(
        conflict_target=[Feed.person], preserve=[Feed.seed]
    ).execute()
    made: Feed = Feed.get(Feed.person == person.id)
    return made


@write
def end(person: Person) -> None:
    """Its address stops, and mails bring calendar entries again."""
    Feed.delete().where(Feed.person == person.id).execute()


def feed_of(person: Person) -> Feed | None:
    """The person's feed, if they have one."""
    found: Feed | None = Feed.get_or_none(Feed.person == person.id)
    return found


def token_of(feed: Feed, secret_key: str) -> str:
    """The secret part of its address. Nobody can make it from what the database holds."""
    return f"{feed.seed}.{_proof(feed.seed, secret_key)}"


def reader_of(token: str, secret_key: str) -> Person:
    """Whose feed is at this address. Raises Missing, also for who is suspended."""
    seed, _, proof = token.partition(".")
    if not same(proof, _proof(seed, secret_key)):
        raise Missing
    person: Person | None = Person.select().join(Feed, on=Feed.person == Person.id).where(Feed.seed == seed).first()
    if person is None or person.is_suspended:
        raise Missing
    return person


def _proof(seed: str, secret_key: str) -> str:
    return hmac.digest(secret_key.encode(), f"feed {seed}".encode(), "sha256").hex()[:32]


def entries(person: Person, past: timedelta | None = PAST) -> list[Entry]:
    """Their sessions, as mentee, mentor or teammate, the earliest first; none that was cancelled, nor began longer ago
    than `past`. One statement.
    """
    recent = Session.start > now() - past if past is not None else True
    found = sessions_of(person).where(Session.cancelled_at.is_null() & recent).order_by(Session.start, Session.id)
    return [entry_of(session, other=session.other_name(person)) for session in found]


def uses_feed(email: str, session: Session) -> bool:
    """Whether a session came to this reader after they had a feed, so that no mail needs to bring it."""
    feeds = Feed.select().join(Person, on=Feed.person == Person.id)
    return bool(feeds.where((Person.email == email) & (Feed.since <= _came_at(email, session))).exists())


def _came_at(email: str, session: Session) -> datetime:
    """When it was booked; for a teammate, and for who took it over as one, when they were invited."""
    invited = Teammate.get_or_none((Teammate.session == session) & (Teammate.email == email))
    came: datetime = session.created_at if invited is None else invited.invited_at
    return came


def edition(found: list[Entry], zone: str) -> str:
    """Changes whenever what the feed says does."""
    return hashlib.sha256(repr((found, zone)).encode()).hexdigest()[:32]
