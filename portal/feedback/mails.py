"""Mails after a session."""

from __future__ import annotations

from typing import Any

from portal.clock import now
from portal.feedback.models import WINDOW, FollowUp, Rating
from portal.mail import outbox
from portal.mail.kinds import Kind, kind
from portal.mail.outbox import Outbox
from portal.people.models import Person
from portal.sessions.attendance import was_missed
from portal.sessions.mails import Recipient, mentee_of, mentor_of, subject_of
from portal.sessions.models import Session, end_of_session


def _needs_no_rating(letter: Outbox) -> str:
    waits = (Session.ref == letter.facts["ref"]) & Rating.session.is_null() & ~was_missed()
    waits &= Session.cancelled_at.is_null() & (end_of_session() >= int((now() - WINDOW).timestamp()))
    return "" if Session.select().left_outer_join(Rating).where(waits).exists() else "there is nothing to rate"


def _was_answered(letter: Outbox) -> str:
    said = (Session.ref == letter.facts["ref"]) & FollowUp.helped.is_null(False)
    return "it was answered" if FollowUp.select().join(Session).where(said).exists() else ""


RATE = kind("feedback/rate", "How was it? After a session", unless=_needs_no_rating)
MEET_AGAIN = kind("feedback/meet_again", "You both want to meet again")
DID_IT_HELP = kind("feedback/did_it_help", "Did it help? Two weeks after a session", unless=_was_answered)


def rate(session: Session) -> None:
    """To the mentee, once it is over: did they get what they came for?"""
    _tell(RATE, session.id, mentee_of(session), ref=session.ref, objective=session.objective)


def meet_again(session: Session) -> None:
    """To both: each of them would like to meet again."""
    for to, is_mentor in ((mentor_of(session), True), (mentee_of(session), False)):
        _tell(MEET_AGAIN, session.id, to, ref=session.ref, is_mentor=is_mentor)


def did_it_help(row: dict[str, Any], mentee: Person) -> None:
    """To the mentee, two weeks later. `row` has the session's id, ref, what was meant to be done, and with whom."""
    to = Recipient(mentee.email, mentee.time_zone, row["mentor"])
    _tell(DID_IT_HELP, row["id"], to, ref=row["ref"], about=row["about"])


def _tell(kind: Kind, session_id: int, to: Recipient, **words: Any) -> None:
    outbox.put(kind, subject=subject_of(session_id), to=to.email, zone=to.zone, words={"other": to.other, **words})
