"""Mails after a session."""

from __future__ import annotations

from typing import Any

from portal.feedback.models import FollowUp
from portal.feedback.unrated import waits_for_rating
from portal.mail import outbox
from portal.mail.kinds import Kind, kind
from portal.mail.outbox import Outbox
from portal.people.models import Person
from portal.sessions.mails import subject_of
from portal.sessions.models import Session
from portal.sessions.recipients import Recipient, mentee_of, mentor_of


def _needs_no_rating(letter: Outbox) -> str:
    waits = Session.select().where((Session.ref == letter.facts["ref"]) & waits_for_rating())
    return "" if waits.exists() else "there is nothing to rate"


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
