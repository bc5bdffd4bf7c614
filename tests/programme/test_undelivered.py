"""Mails that were given up: a coordinator sees to whom and why, not what they say, and sends them again."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.mail import outbox
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.models import Person
from tests.cast import Visitor, make_session
from tests.conftest import Time


@pytest.fixture
def dead(mentor: Mentor, mentee: Person) -> Outbox:
    make_session(mentor, mentee)
    letter = Outbox.get(Outbox.kind == "sessions/booked_mentee")
    Outbox.update(state="dead", tries=8, error="SMTPRecipientsRefused: 550 <no> such mailbox").where(
        Outbox.id == letter.id
    ).execute()
    return letter


def test_undelivered_are_shown_with_the_reason_and_without_what_they_say(
    app: Flask, coordinator: Person, dead: Outbox
) -> None:
    inga = Visitor(app, coordinator)
    assert "1 mail could not be delivered" in inga.get("/coordinator").text
    page = inga.get("/coordinator/mails").text
    for text in ("You booked", "sam.rivera@example.org", "550 &lt;no&gt; such mailbox"):
        assert text in page
    assert ("counter" in page, "booked_mentor" in page) == (False, False)


def test_send_again_tries_it_anew_once(app: Flask, coordinator: Person, dead: Outbox) -> None:
    inga = Visitor(app, coordinator)
    assert inga.post(f"/coordinator/mails/{dead.id}/again").location == "/coordinator/mails"
    letter = Outbox.get_by_id(dead.id)
    assert (letter.state, letter.tries) == ("waiting", 0)
    again = inga.post(f"/coordinator/mails/{dead.id}/again")
    assert (again.status_code, "Somebody was faster with this mail." in again.text) == (409, True)
    assert outbox.lease(letter.next_at) is not None


def test_discard_ends_it(app: Flask, coordinator: Person, dead: Outbox) -> None:
    inga = Visitor(app, coordinator)
    assert inga.post(f"/coordinator/mails/{dead.id}/discarding").status_code == 303
    assert Outbox.get_by_id(dead.id).state == "discarded"
    assert "None. A mail that" in inga.get("/coordinator/mails").text


def test_undelivered_are_nobody_elses_business(app: Flask, mentee: Person, stranger: Person, dead: Outbox) -> None:
    for person in (mentee, stranger, None):
        visitor = Visitor(app, person)
        assert visitor.get("/coordinator/mails").status_code == 404
        for what in ("again", "discarding"):
            assert visitor.post(f"/coordinator/mails/{dead.id}/{what}").status_code == 404
    assert Outbox.get_by_id(dead.id).state == "dead"


@pytest.mark.parametrize(("minutes", "said"), [(59, False), (60, True)])
def test_mails_that_wait_for_an_hour_are_told(
    app: Flask, coordinator: Person, mentor: Mentor, mentee: Person, world: Time, minutes: int, said: bool
) -> None:
    make_session(mentor, mentee)
    world.pass_(minutes=minutes)
    page = Visitor(app, coordinator).get("/coordinator").text
    assert ("Mails have been waiting for 1 hour." in page) is said
