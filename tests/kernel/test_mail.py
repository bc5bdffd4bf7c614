"""Mails as a mail server gets them: right words, the reader's zone, once, and nothing smuggled in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from flask import Flask

from portal.availability.hours import Plan
from portal.mail import outbox
from portal.mail.delivery import deliver_due
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.account import describe
from portal.people.models import Person
from portal.sessions.models import Session
from portal.settings import Settings
from tests.cast import ALL_WEEK, BOOKING, MONDAY, Visitor, make_mentor, make_session, opening, value_of
from tests.conftest import Time
from tests.kernel.smtp import SENDER, Mailbox, mail_server, mailing_to
from tests.letters import PLAIN, html_of, plain_letters, text_of  # noqa: F401  # a fixture

SAM, LAILA = "sam.rivera@example.org", "laila.mansour@example.org"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, mailbox: Mailbox) -> Settings:
    """As in all tests, but for the mail server."""
    return mailing_to(mailbox.port, settings)


def put(subject: str, *, to: str = SAM, **words: str) -> None:
    outbox.put(PLAIN, subject=subject, to=to, zone="Europe/Berlin", words={"seed": subject, **words})


def test_code_mail_signs_in(app: Flask, settings: Settings, mailbox: Mailbox, mentee: Person, visitor: Visitor) -> None:
    visitor.post("/sign-in", {"email": SAM.upper(), "next": "/"})
    assert deliver_due(app, settings) == 1
    mail = mailbox.to(SAM)
    code = str(mail["Subject"]).split(" ")[0]
    assert (mail["Subject"], mail["From"], mail["To"]) == (f"{code} is your sign-in code", SENDER, SAM)
    assert (mail["Auto-Submitted"], parsedate_to_datetime(mail["Date"])) == ("auto-generated", MONDAY)
    assert text_of(mail).startswith(f"Your sign-in code is {code}\n")
    assert f">{code}</p>" in html_of(mail)
    entered = visitor.post("/sign-in/code", {"code": code, "next": "/sessions"})
    assert (entered.status_code, entered.location) == (303, "/sessions")


def test_booked_mails_are_in_each_readers_zone(
    app: Flask, settings: Settings, mailbox: Mailbox, mentee: Person
) -> None:
    mentor = make_mentor(zone="Asia/Kolkata", plan=Plan("Asia/Kolkata", ALL_WEEK, lengths=(15,), notice=0))
    session = make_session(mentor, mentee)
    assert f"{session.start:%Y-%m-%d %H:%M}" == "2026-11-23 08:15"
    deliver_due(app, settings)
    told = {
        LAILA: ("Sam Rivera booked", "Monday 23 November 2026, 13:45–14:00 (Kolkata time)"),
        SAM: ("Booked: Laila Mansour,", "Monday 23 November 2026, 09:15–09:30 (Berlin time)"),
    }
    assert mailbox.recipients == [LAILA, SAM]
    for address, (subject, when) in told.items():
        mail = mailbox.to(address)
        assert mail["Subject"] == f"{subject} {when}"
        for part in (text_of(mail), html_of(mail)):
            assert (part.count(when), part.count("2026")) == (1, 1)
            assert f"http://portal.example.org/sessions/{session.ref}" in part
            assert ("A counter-offer I can send tomorrow" in part, "Is a counter normal?" in part) == (True, True)


@pytest.mark.usefixtures("plain_letters")
def test_mail_has_a_text_and_an_html_part(app: Flask, settings: Settings, mailbox: Mailbox, mentor: Mentor) -> None:
    put("one")
    deliver_due(app, settings)
    mail = mailbox.to(SAM)
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


EVIL = "Sam\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script>"


def test_headers_cannot_be_smuggled_in_through_a_form(
    app: Flask, settings: Settings, mailbox: Mailbox, mentor: Mentor, mentee: Person
) -> None:
    sam = Visitor(app, mentee)
    you = {"name": EVIL, "headline": EVIL, "time_zone": "Etc/UTC", "next": ""}
    asked = {
        **BOOKING,
        "objective": EVIL,
        "questions": "Is it?\r\nBcc: all@example.org",
        "link": "https://example.org/<b>",
    }
    assert sam.post("/you", you).status_code == 303
    assert sam.post("/sessions", {"opening": value_of(opening(mentor)), **asked}).status_code == 303
    assert sam.post("/sign-in", {"email": f"{SAM}\r\nBcc: all@example.org"}).status_code == 422
    assert deliver_due(app, settings) == 2
    assert mailbox.recipients == [LAILA, SAM]
    for _, mail in mailbox.taken:
        assert (mail["Bcc"], mail["Cc"], len(mail.get_all("To", [])), len(mail.get_all("Subject", []))) == (
            None,
            None,
            1,
            1,
        )
        assert [part.get_content_type() for part in mail.walk()] == [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "text/calendar",
            "application/ics",
        ]
        assert ("<script" in html_of(mail), '<b>"' in html_of(mail)) == (False, False)
        assert "&lt;script&gt;" in html_of(mail)


def test_headers_cannot_be_smuggled_in_behind_the_forms(
    app: Flask, settings: Settings, mailbox: Mailbox, mentor: Mentor, mentee: Person
) -> None:
    """Where a bad name is in the database all the same, its mail does not go, and the next one does."""
    describe(mentee, name="Sam\nBcc: all@example.org", headline="", time_zone="Etc/UTC")
    make_session(mentor, mentee)
    assert (deliver_due(app, settings), mailbox.recipients) == (1, [SAM])
    assert mailbox.to(SAM)["Bcc"] is None
    assert Outbox.get(Outbox.recipient == LAILA).sent_at is None


@pytest.mark.usefixtures("plain_letters")
def test_put_twice_is_sent_once(app: Flask, settings: Settings, mailbox: Mailbox) -> None:
    for subject, to in (("one", SAM), ("one", SAM), ("one", LAILA), ("two", SAM)):
        put(subject, to=to)
    assert (deliver_due(app, settings), deliver_due(app, settings)) == (3, 0)
    put("one")
    assert deliver_due(app, settings) == 0
    assert mailbox.recipients == [SAM, LAILA, SAM]


@pytest.mark.usefixtures("plain_letters")
def test_letter_that_is_leased_is_nobody_elses_until_the_lease_is_over(world: Time) -> None:
    put("one")
    taken = outbox.lease(world.now)
    assert (taken and taken.tries, outbox.lease(world.now)) == (1, None)
    assert outbox.lease(world.now + timedelta(minutes=5, seconds=-1)) is None
    again = outbox.lease(world.now + timedelta(minutes=5))
    assert again is not None
    assert again.tries == 2


def test_rebooked_facts_do_not_change_a_letter_that_waits(
    app: Flask, settings: Settings, mailbox: Mailbox, mentor: Mentor, mentee: Person
) -> None:
    make_session(mentor, mentee)
    describe(mentee, name="Somebody Else", headline="", time_zone="Asia/Tokyo")
    Session.update(objective="Changed").execute()
    deliver_due(app, settings)
    assert str(mailbox.to(LAILA)["Subject"]).startswith("Sam Rivera booked ")
    assert ("Changed" in text_of(mailbox.to(LAILA)), "(Berlin time)" in text_of(mailbox.to(SAM))) == (False, True)
