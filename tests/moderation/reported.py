"""A session in which something was written, and reports of it."""

from __future__ import annotations

from dataclasses import replace

from portal.feedback.rating import Answer, rate
from portal.mentors.models import Mentor
from portal.moderation.models import Report
from portal.moderation.reportable import subject_at
from portal.moderation.reporting import report
from portal.people.codes import new_token
from portal.people.models import Person
from portal.preparation.conversation import say
from portal.preparation.models import Message
from portal.preparation.preparing import prepare
from portal.sessions.booking import book
from portal.sessions.models import Session
from portal.sessions.team import invite
from tests.cast import REQUEST, opening
from tests.conftest import Time

PRIVATE = ("One <objective> of mine", "A question of mine?", "A line back", "A <message> of hers", "Thank you so much")
"""What stands in the session, and nowhere else."""


def full_session(mentor: Mentor, mentee: Person, world: Time, *, mates: tuple[str, ...] = ()) -> Session:
    """Held and rated an hour ago, with everything written that can be."""
    wanted = replace(REQUEST, objective=PRIVATE[0], questions=(PRIVATE[1],), kind="project")
    session = book(opening(mentor), wanted, mentee=mentee, holder=new_token(), hold_ref=new_token())
    if mates:
        invite(session, mates, mentee=mentee)
    prepare(session, mentor=mentor.person, read="", line=PRIVATE[2], links=("https://example.org/read",))
    say(session, PRIVATE[3], person=mentor.person, key="a")
    world.set(session.end)
    rate(session, Answer("yes", 5, line="Clear and <kind>.", thank_you=PRIVATE[4]), mentee=mentee)
    return session


def place(session: Session, part: str) -> str:
    return f"sessions/{session.ref}/{part}"


def message_place(session: Session) -> str:
    return place(session, f"message-{Message.get(Message.session == session).id}")


def reported(where: str, person: Person, *, reason: str = "unwelcome", words: str = "At night.") -> Report:
    """Their report of what is there."""
    assert report(subject_at(where, person=person), person=person, reason=reason, words=words)
    made: Report = Report.select().order_by(Report.id.desc()).get()
    return made
