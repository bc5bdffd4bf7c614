"""Mails: nobody adds a header, a recipient or an entry; nobody is written to without end."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest
from flask import Flask

from portal.errors import NotAllowedNow
from portal.mail.composing import compose
from portal.mail.kinds import KINDS
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.account import describe
from portal.people.models import Person
from portal.preparation import conversation, preparing
from portal.sessions import attendance, changes, team
from portal.sessions.booking import book
from portal.sessions.models import Session, Teammate
from portal.text import clean_line
from tests.attack.arms import BCC, EVIL, fault, runs
from tests.attack.conftest import PROJECT
from tests.cast import Visitor, make_person, opening
from tests.conftest import Time
from tests.letters import html_of, told

LISTED = {"List-Unsubscribe", "List-Unsubscribe-Post"}
HEADERS = {"Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"}
NOBODY = (
    "sam.rivera\u200b@example.org",
    "\u202etoni@example.org\u202c\u2060",
    "toni\u00ad@example.org",
    "toni@exam\ufeffple.org",
    "a@example.org\x00",
    "a@example.org\r\nBcc: b@example.org",
    "=?utf-8?q?x?=@example.org",
    "a@b@example.org",
    "Sam <sam.rivera@example.org>",
    "SAM.RIVERA@EXAMPLE.ORG",
    "mailto:sam.rivera@example.org",
    "LAILA.MANSOUR@example.org",
    " ".join(f"p{number}@example.org" for number in range(6)),
    " ".join(f"p{number}@example.org" for number in range(5_000)),
    "a" * 200_000,
)
"""No address, too many, or somebody's who is part already."""


@pytest.fixture
def session(mentor: Mentor, mentee: Person) -> Session:
    return book(opening(mentor, 20), PROJECT, mentee=mentee, holder="a", hold_ref="a")


@pytest.mark.parametrize("name", [BCC, EVIL, "=?utf-8?b?eA0KQmNjOiBldmlsQGV4YW1wbGUuY29t?="])
def test_a_name_adds_nothing_to_a_mail(app: Flask, mentor: Mentor, mentee: Person, world: Time, name: str) -> None:
    called = clean_line(name)[:80]
    mate = make_person("Toni Berg")
    for person in (mentee, mate):
        describe(person, name=called, headline=called, time_zone="Etc/UTC")
    Mentor.update(name=called).where(Mentor.person == mentor.person_id).execute()
    session = book(opening(mentor, 20), PROJECT, mentee=mentee, holder="a", hold_ref="a")
    team.invite(session, [mate.email], mentee=mentee)
    conversation.say(session, "Hello", person=mate, key="a")
    preparing.prepare(session, mentor=mentor.person, read="", line=called, links=())
    changes.ask_to_move(session, mentor=mentor.person, reason=called)
    changes.move(session, opening(mentor, 24).start, mentee=mentee)
    team.hand_over(Session.get(), Teammate.get().id, mentee=mentee)
    world.set(Session.get().start)
    attendance.say_late(Session.get(), person=mate)
    assert len({kind for kind, _ in told()}) == 9
    for letter in Outbox.select():
        with app.app_context():
            sent = bytes(compose(letter, app.config["SETTINGS"]))
        got = message_from_bytes(sent, policy=policy.default)
        headers = HEADERS if KINDS[letter.kind].is_needed else HEADERS | LISTED
        assert (letter.kind, set(got.keys()), got["To"]) == (letter.kind, headers, letter.recipient)
        assert runs(html_of(got)) == []  # type: ignore[arg-type]
        entries = [part for part in got.walk() if part.get_content_type() == "text/calendar"]
        assert {entry.get_content().count("BEGIN:VEVENT") for entry in entries} <= {1}


def test_an_address_that_is_none_or_too_many_or_ones_own_invites_nobody(
    app: Flask, session: Session, mentee: Person
) -> None:
    before, sam = told(), Visitor(app, mentee)
    for typed in NOBODY:
        answer = sam.post(f"/sessions/{session.ref}/teammates", {"emails": typed})
        assert (typed[:60], answer.status_code in (400, 409, 422), fault(answer)) == (typed[:60], True, "")
    assert (told() == before, Teammate.select().count()) == (True, 0)


def test_inviting_and_taking_out_again_and_again_comes_to_an_end(session: Session, mentee: Person) -> None:
    for _ in range(team.MOST_INVITATIONS):
        team.invite(session, ["victim@example.net"], mentee=mentee)
        team.remove(session, Teammate.get().id, mentee=mentee)
    with pytest.raises(NotAllowedNow, match=r"^A session can have 30 invitations in all"):
        team.invite(session, ["victim@example.net"], mentee=mentee)
    assert [kind for kind, _ in told()].count("sessions/invited") == 30
