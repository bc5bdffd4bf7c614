"""After a session: the next step with its tick, and two weeks later one question, "did it help?"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import Case, fn

from portal.clock import now
from portal.database import rows, write
from portal.feedback import mails
from portal.feedback.models import FollowUp, Rating
from portal.feedback.rating import rating_of
from portal.mentors.models import Mentor
from portal.people.blocks import blocks
from portal.people.models import Person
from portal.sessions.models import Session, end_of_session
from portal.sessions.turns import Seat, take, turn

ASKED_FROM = timedelta(days=14)
ASKED_UNTIL = timedelta(days=42)
"""From and until so long after the end it can be said whether the session helped."""
STEPS_SHOWN = 20
BATCH = 100
"""So many mails go into the outbox in one transaction."""


@turn("next-step", "mentee")
def _why_not_tick(seat: Seat) -> str:
    rating = rating_of(seat.session)
    return "" if rating and rating.next_step else "There is no next step to tick."


@write
def tick(session: Session, *, mentee: Person, is_done: bool) -> None:
    """Tick the next step, or take the tick off. Done twice, it is done; the first time counts."""
    seat = take("next-step", session, person=mentee)
    before = follow_up_of(session)
    if is_done != bool(before and before.done_at):
        _keep(session.id, done_at=seat.now if is_done else None)


@turn("outcome", "mentee")
def _why_not_say_outcome(seat: Seat) -> str:
    end = seat.session.end
    if not rating_of(seat.session):
        return "Only who has rated a session is asked whether it helped."
    if seat.now < end + ASKED_FROM:
        return "You are asked two weeks after the session."
    if seat.now > end + ASKED_UNTIL:
        return "This could be said until six weeks after the session."
    said = follow_up_of(seat.session)
    return "You have said so already." if said and said.helped else ""


@write
def say_outcome(session: Session, helped: str, *, mentee: Person) -> None:
    """Say, once, whether it helped: "yes", "partly" or "no"."""
    seat = take("outcome", session, person=mentee)
    _keep(session.id, helped=helped, helped_at=seat.now)


def follow_up_of(session: Session) -> FollowUp | None:
    """What became of it, where something was said."""
    found: FollowUp | None = FollowUp.get_or_none(FollowUp.session == session.id)
    return found


def _keep(session_id: int, **said: Any) -> None:
    _keep_all([session_id], **said)


def _keep_all(session_ids: Iterable[int], **said: Any) -> None:
    FollowUp.insert_many([{"session": session_id, **said} for session_id in session_ids]).on_conflict(
        conflict_target=[FollowUp.session], update=said
    ).execute()


@dataclass(frozen=True)
class Step:
    """A next step of a mentee, or a session of which they are asked whether it helped."""

    ref: str
    next_step: str
    objective: str
    mentor: str
    start: datetime
    is_done: bool
    is_asked: bool
    """Whether it is the time to say if it helped."""


def steps(mentee: Person) -> list[Step]:
    """What the mentee wanted to do next: first what they are asked of, then open ones, the latest first; one
    statement.
    """
    asked = _is_time(now()) & FollowUp.helped.is_null()
    query = (
        _rated()
        .select(
            Session.ref,
            Rating.next_step,
            Session.objective,
            Mentor.name.alias("mentor"),
            Session.start,
            FollowUp.done_at.is_null(False).alias("is_done"),
            asked.alias("is_asked"),
        )
        .where((Session.mentee == mentee.id) & ((Rating.next_step != "") | asked))
        .order_by(Case(None, [(asked, 0)], 1), FollowUp.done_at.is_null(False), Session.start.desc())
        .limit(STEPS_SHOWN)
    )
    return [Step(**{**row, "is_done": bool(row["is_done"]), "is_asked": bool(row["is_asked"])}) for row in rows(query)]


def ask_due() -> int:
    """Ask by mail, once, who has rated and not said yet whether it helped. Not who has blocked the mentor; a
    block by the mentor is nothing to notice. Returns how many were asked.
    """
    asked = 0
    while some := _ask_some():
        asked += some
    return asked


@write
def _ask_some() -> int:
    waiting = _is_time(now()) & FollowUp.asked_at.is_null() & FollowUp.helped.is_null()
    about = fn.COALESCE(fn.NULLIF(Rating.next_step, ""), Session.objective).alias("about")
    query = (
        _rated()
        .select(Session.id, Session.ref, Session.mentee, about, Mentor.name.alias("mentor"))
        .where(waiting & ~blocks(Session.mentee, Session.mentor))
        .limit(BATCH)
    )
    due = rows(query)
    mentees = {person.id: person for person in Person.select().where(Person.id << [row["mentee"] for row in due])}
    for row in due:
        mails.did_it_help(row, mentees[row["mentee"]])
    if due:
        _keep_all([row["id"] for row in due], asked_at=now())
    return len(due)


def _rated() -> Any:
    return Session.select().join(Rating).switch(Session).join(Mentor).switch(Session).left_outer_join(FollowUp)


def _is_time(instant: datetime) -> Any:
    end, seconds = end_of_session(), int(instant.timestamp())
    latest, earliest = (seconds - int(span.total_seconds()) for span in (ASKED_FROM, ASKED_UNTIL))
    return (end <= latest) & (end >= earliest)
