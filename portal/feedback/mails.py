"""Mails after a session."""

from __future__ import annotations

from typing import Any

from portal.mail import outbox
from portal.mail.kinds import Kind, kind
from portal.people.models import Person
from portal.sessions.mails import Recipient, mentee_of, mentor_of, subject_of
from portal.sessions.models import Session

MEET_AGAIN = kind("feedback/meet_again", "You both want to meet again")
DID_IT_HELP = kind("feedback/did_it_help", "Did it help? Two weeks after a session")


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
