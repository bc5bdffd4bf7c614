"""Who is told of a message by mail, and how far everybody has read."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from portal import clock
from portal.mail.delivery import deliver_due
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.preparation import presence
from portal.preparation.models import Message, Reading
from portal.preparation.presence import HERE
from portal.sessions import team
from portal.sessions.models import Session
from tests.cast import Visitor, make_person
from tests.conftest import Time
from tests.letters import html_of, mail, text_of
from tests.preparation.conftest import SECOND, MakeSession, letters, seat, seen_by, write


def test_say_mails_all_others_once_until_they_look(
    app: Flask, make: MakeSession, mentor: Mentor, mentee: Person, world: Time
) -> None:
    session = make(kind="project")
    toni = make_person("Toni Berg", zone="Asia/Kolkata")
    team.invite(session, [toni.email, "not.yet@example.org"], mentee=mentee)
    for _ in range(3):
        write(session, mentee, "Hello\n\nhttp://portal.example.org/x " + "x" * 400)
    everybody = {mentor.person.email, toni.email, "not.yet@example.org"}
    assert (len(letters()), set(letters())) == (3, everybody)
    Outbox.update(tries=1).execute()
    seen_by(session, toni)
    world.pass_(minutes=1)
    write(session, mentee, "Again")
    assert letters()[3:] == [toni.email]
    message = mail(app, "preparation/message", "laila")
    assert message["Subject"] == "Sam wrote to you"
    text = text_of(message)
    assert "“Hello http://portal.example.org/x xxx" in text
    assert re.findall(r"“(.*)”", text)[0] == f"Hello http://portal.example.org/x {'x' * 265}…"
    assert f'href="http://portal.example.org/sessions/{session.ref}#conversation"' in html_of(message)
    assert "15:30–15:45 (Kolkata time)" in text_of(mail(app, "preparation/message", "toni"))


def test_mail_waits_for_those_who_look_and_is_taken_back_when_they_see_it(
    session: Session, mentor: Mentor, mentee: Person, world: Time
) -> None:
    write(session, mentor.person, "Hello")
    seen_by(session, mentee)
    assert letters() == []
    write(session, mentor.person, "Are you there?")
    letter = Outbox.get(Outbox.recipient == mentee.email, Outbox.kind == "preparation/message")
    assert letter.due_at - world.now == timedelta(minutes=1)
    seen_by(session, mentee)
    assert letters() == []
    write(session, mentor.person, "Fine")
    assert letters() == [mentee.email]


@pytest.mark.parametrize(("after", "waits"), [(-SECOND, True), (timedelta(), True), (SECOND, False)])
def test_mail_waits_for_those_seen_a_moment_ago_alone(
    session: Session, mentor: Mentor, mentee: Person, world: Time, after: timedelta, waits: bool
) -> None:
    write(session, mentee, "Hello")
    seen_by(session, mentor.person)
    world.set(world.now + HERE + after)
    write(session, mentee, "Again")
    letter = Outbox.select().where(Outbox.kind == "preparation/message").order_by(Outbox.id.desc()).get()
    assert (letter.due_at > world.now) is waits


def test_mail_that_was_sent_is_not_taken_back(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, world: Time
) -> None:
    write(session, mentee, "Hello")
    with clock.stopped_at(world.now):
        assert deliver_due(app, app.config["SETTINGS"]) >= 1
    seen_by(session, mentor.person)
    assert letters() == [mentor.person.email]


def test_reading_is_noted_when_there_is_something_new_alone(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, world: Time
) -> None:
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}"
    sam.get(path)
    assert Reading.select().count() == 0
    write(session, mentor.person, "Hello")
    sam.get(path)
    last, at = Message.get().id, world.now
    world.pass_(minutes=5)
    sam.get(path)
    sam.part(f"{path}/messages?after={last}")
    sam.part(f"{path}/messages?after=0")
    noted = Reading.get()
    assert (Reading.select().count(), noted.person_id, noted.message, noted.seen_at) == (1, mentee.id, last, at)


def test_reading_never_goes_back(session: Session, mentor: Mentor, mentee: Person) -> None:
    place = seat(session, mentee)
    for last, before in ((7, 0), (5, 0)):
        presence._note(place, last, before=before)
    assert Reading.get().message == 7
