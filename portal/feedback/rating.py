"""Rating a session: once, from its end, for 14 days."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from portal.clock import now
from portal.database import rows, write
from portal.errors import Stale
from portal.feedback import wishes
from portal.feedback.models import WINDOW, Rating, Standing
from portal.people.models import Person
from portal.prepared import PreparedModels, once_for_each_engine, slot
from portal.sessions.changes import note
from portal.sessions.models import RATED, Session
from portal.sessions.turns import Seat, take, turn


@dataclass(frozen=True)
class Answer:
    """What the mentee says."""

    reached: str
    stars: int
    next_step: str = ""
    line: str = ""
    thank_you: str = ""
    again: bool | None = None
    """Whether the mentee would like to meet again; None where they did not answer that."""


@turn("rating", "mentee")
def _why_not_rate(seat: Seat) -> str:
    session = seat.session
    if session.is_cancelled:
        return "This session was cancelled, so there is nothing to rate."
    if seat.now < session.end:
        return "You can rate this session once it is over."
    if seat.now > session.end + WINDOW:
        return "A session can be rated for 14 days, and they are over."
    if not seat.was_held:
        return "One of you did not come, so there is nothing to rate."
    return "You have rated this session already." if rating_of(session) else ""


def rating_of(session: Session) -> Rating | None:
    """What was said of it."""
    found: list[Rating] = _of_session().models(session=session.id)
    return found[0] if found else None


@once_for_each_engine
def _of_session() -> PreparedModels:
    return PreparedModels(Rating.select().where(Rating.session == slot("session")))


@write
def rate(session: Session, answer: Answer, *, mentee: Person) -> None:
    """Rate a session. Raises NotAllowedNow before its end, after 14 days, or the second time."""
    seat = take("rating", session, person=mentee)
    Rating.create(
        session=session,
        reached=answer.reached,
        stars=answer.stars,
        next_step=answer.next_step,
        line=answer.line,
        line_status="waiting" if answer.line else "none",
        thank_you=answer.thank_you,
        created_at=now(),
    )
    _add(session.mentor_id, answer)
    note(seat, RATED)
    if answer.again is not None:
        wishes.keep(seat, again=answer.again)


def _add(mentor_id: int, answer: Answer) -> None:
    got_it = int(answer.reached == "yes")
    Standing.insert(mentor=mentor_id, ratings=1, stars=answer.stars, reached=got_it).on_conflict(
        conflict_target=[Standing.mentor],
        update={
            Standing.ratings: Standing.ratings + 1,
            Standing.stars: Standing.stars + answer.stars,
            Standing.reached: Standing.reached + got_it,
        },
    ).execute()


def standing_of(mentor_id: int) -> Standing:
    """A mentor's ratings, summed up."""
    return Standing.get_or_none(Standing.mentor == mentor_id) or Standing(mentor=mentor_id)


def lines_about(mentor_id: int, most: int = 10) -> list[dict[str, object]]:
    """What people say: lines that were let through, without names, the latest first."""
    query = (
        Rating.select(Rating.line, Rating.stars, Session.kind, Session.length, Session.start)
        .join(Session)
        .where(_shown(mentor_id))
        .order_by(Rating.created_at.desc())
        .limit(most)
    )
    return rows(query)


def mark_of(line: str) -> str:
    """By what a line is named in an address: neither its writer nor its session follows from it."""
    return sha256(line.encode()).hexdigest()[:16]


def shown_line(mentor_id: int, mark: str) -> Rating | None:
    """The line about this mentor that others can read and that has this mark, with its session."""
    shown = Rating.select(Rating, Session).join(Session).where(_shown(mentor_id)).order_by(Rating.created_at.desc())
    return next((rating for rating in shown if mark_of(rating.line) == mark), None)


@write
def take_back(mentor_id: int, line: str) -> None:
    """A coordinator keeps from others what they could read: all lines about this mentor that say just this."""
    same = Rating.select(Rating.session).join(Session).where(_shown(mentor_id) & (Rating.line == line))
    if not Rating.update(line_status="refused").where(Rating.session << same).execute():
        raise Stale("This line is not shown any more. Nothing was done.")


def _shown(mentor_id: int) -> Any:
    return (Session.mentor == mentor_id) & (Rating.line_status == "shown")


@write
def let_through(rating: Rating) -> None:
    """A coordinator lets others read the line."""
    _decide(rating, "shown")


@write
def refuse(rating: Rating) -> None:
    """A coordinator keeps the line from others."""
    _decide(rating, "refused")


def _decide(rating: Rating, status: str) -> None:
    waits = (Rating.session == rating.session_id) & (Rating.line_status == "waiting")
    if not Rating.update(line_status=status).where(waits).execute():
        raise Stale("Somebody has decided on this line since you opened it. Nothing was done.")
