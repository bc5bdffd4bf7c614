"""What a worker finds untrue, old or unwanted when it comes to send it is skipped; all else comes as things stand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from portal.mail import preferences, undelivered
from portal.mail.delivery import deliver_due
from portal.mail.kinds import KINDS
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.preparation.conversation import say
from portal.sessions import team
from portal.sessions.changes import cancel, move
from portal.sessions.models import Session, Teammate
from portal.settings import Settings
from tests.cast import make_session, opening
from tests.conftest import Time
from tests.kernel.smtp import mail_server, mailing_to
from tests.letters import ANA, PLAIN, SAM, mail, plain_letters, put, text_of  # noqa: F401  # a fixture


def test_nothing_is_sent_of_a_session_that_was_cancelled_meanwhile_but_that(
    app: Flask, settings: Settings, mentor: Mentor, mentee: Person, world: Time
) -> None:
    off, on = make_session(mentor, mentee, number=4), make_session(mentor, mentee, number=8)
    move(off, opening(mentor, 20).start, mentee=mentee)
    cancel(off, person=mentee, reason="Ill")
    with mail_server() as mailbox:
        assert deliver_due(app, mailing_to(mailbox.port, settings)) == 4
    subjects = [str(message["Subject"]).split(" ")[0] for _, message in mailbox.taken]
    assert subjects == ["Sam", "Booked:", "Cancelled:", "Cancelled:"]
    skipped = Outbox.select().where(Outbox.state == "skipped")
    assert {(row.subject, row.error) for row in skipped} == {(f"session {off.id}", "the session was cancelled")}
    assert (skipped.count(), on.ref in text_of(mailbox.taken[0][1])) == (4, True)


def test_a_letter_that_becomes_untrue_between_two_tries_is_not_tried_again(
    app: Flask, settings: Settings, mentor: Mentor, mentee: Person, world: Time
) -> None:
    session = make_session(mentor, mentee)
    with mail_server() as mailbox:
        mailbox.answer = "451 later"
        deliver_due(app, mailing_to(mailbox.port, settings))
        cancel(session, person=mentee, reason="Ill")
        mailbox.answer = "250 OK"
        world.pass_(minutes=1)
        deliver_due(app, mailing_to(mailbox.port, settings))
    assert [str(message["Subject"]).split(":")[0] for _, message in mailbox.taken] == ["Cancelled", "Cancelled"]


def test_a_letter_that_is_sent_again_brings_nothing_old(
    app: Flask, settings: Settings, mentor: Mentor, mentee: Person, world: Time
) -> None:
    session = make_session(mentor, mentee, number=4)
    Outbox.update(state="dead").execute()
    move(session, opening(mentor, 20).start, mentee=mentee)
    with mail_server() as mailbox:
        assert deliver_due(app, mailing_to(mailbox.port, settings)) == 2
        for letter in undelivered.undelivered():
            undelivered.send_again(letter.id)
        assert deliver_due(app, mailing_to(mailbox.port, settings)) == 0
    booked = Outbox.select().where(Outbox.kind.startswith("sessions/booked"))
    assert {letter.error for letter in booked} == {"something newer was sent"}


def test_a_teammate_who_was_taken_out_hears_nothing_more(
    app: Flask, settings: Settings, mentor: Mentor, mentee: Person, world: Time
) -> None:
    session = make_session(mentor, mentee, number=4)
    Session.update(kind="project").execute()
    team.invite(session, ["kai@example.org"], mentee=mentee)
    team.remove(session, Teammate.get().id, mentee=mentee)
    with mail_server() as mailbox:
        deliver_due(app, mailing_to(mailbox.port, settings))
    to_kai = [str(message["Subject"]) for to, message in mailbox.taken if to == ["kai@example.org"]]
    assert to_kai == ["No longer part of the session with Laila Mansour"]


def test_a_message_names_the_time_that_the_session_has_now(
    app: Flask, mentor: Mentor, mentee: Person, world: Time
) -> None:
    session = make_session(mentor, mentee, number=4)
    say(session, "Hello", person=mentee, key="a")
    later = opening(mentor, 20).start
    move(session, later, mentee=mentee)
    assert f"{later:%H:%M}–" in text_of(mail(app, "preparation/message"))


@pytest.mark.usefixtures("plain_letters")
def test_what_somebody_does_not_want_is_skipped_and_what_is_needed_comes(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch, world: Time
) -> None:
    monkeypatch.setitem(KINDS, PLAIN.name, replace(PLAIN, is_needed=False))
    preferences.stop(PLAIN.name, recipient=SAM)
    preferences.stop(PLAIN.name, recipient=SAM)
    put("a")
    put("a", ANA)
    with mail_server() as mailbox:
        assert deliver_due(app, mailing_to(mailbox.port, settings)) == 1
        monkeypatch.setitem(KINDS, PLAIN.name, PLAIN)
        put("b")
        assert deliver_due(app, mailing_to(mailbox.port, settings)) == 1
    assert mailbox.recipients == [ANA, SAM]
