"""Which mails one gets: chosen on a page, or stopped by the link in one of them, signed in or not."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from portal.mail.composing import compose
from portal.mail.kinds import KINDS
from portal.mail.outbox import Outbox
from portal.mail.preferences import unwanted_by
from portal.mail.tokens import token_of
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.preparation.preparing import prepare
from portal.settings import Settings
from tests.cast import Visitor, make_session
from tests.conftest import Time
from tests.letters import html_of, mail, text_of

SAM = "sam.rivera@example.org"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def link(app: Flask, mentor: Mentor, mentee: Person) -> str:
    """The path of the link in a mail to Sam that is not needed."""
    prepare(make_session(mentor, mentee), mentor=mentor.person, read="", line="Read this", links=())
    message = mail(app, "preparation/prepared")
    found = re.fullmatch(r"<http://portal\.example\.org(/mails/stop/[\w.-]+)>", message["List-Unsubscribe"])
    assert found is not None
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = f"http://portal.example.org{found[1]}"
    assert (f"No more of these: {url}" in text_of(message), f'href="{url}"' in html_of(message)) == (True, True)
    return found[1]


def test_looking_at_the_link_changes_nothing(app: Flask, link: str) -> None:
    for _ in range(5):
        assert Visitor(app).get(link).status_code == 200
    assert Visitor(app).client.head(link).status_code == 200
    assert unwanted_by(SAM) == set()


def test_one_click_by_a_mail_program_stops_this_kind_alone(app: Flask, link: str) -> None:
    """RFC 8058: a POST without cookies and without a token of ours; twice is once."""
    for _ in range(2):
        assert app.test_client().post(link, data=ONE_CLICK).status_code == 200
    assert unwanted_by(SAM) == {"preparation/prepared"}
    assert "You get no more of these" in Visitor(app).get(link).text


def test_the_button_stops_it_for_who_is_not_signed_in(app: Flask, link: str) -> None:
    page = Visitor(app).get(link).text
    assert ("Your mentor wrote back before a session" in page, "Send me no more of these" in page) == (True, True)
    assert Visitor(app).post(link).location == link
    assert unwanted_by(SAM) == {"preparation/prepared"}


@pytest.mark.parametrize("token", ["x", "MQ.x", "", "MQ"])
def test_a_token_that_is_made_up_is_none(app: Flask, link: str, token: str) -> None:
    assert Visitor(app).get(f"/mails/stop/{token}").status_code == 404
    assert app.test_client().post(f"/mails/stop/{token}").status_code == 404


def test_the_way_out_is_in_plain_letters_however_long(
    app: Flask, settings: Settings, mentee: Person, mentor: Mentor
) -> None:
    """RFC 2369 wants an address there, not an encoded word."""
    prepare(make_session(mentor, mentee), mentor=mentor.person, read="", line="x", links=())
    letter = Outbox.get(Outbox.kind == "preparation/prepared")
    Outbox.update(id=2_000_000_000).where(Outbox.id == letter.id).execute()
    far = replace(settings, portal_url="https://mentoring.a-rather-long-faculty-name.university.example.org")
    with app.app_context():
        raw = bytes(compose(Outbox.get_by_id(2_000_000_000), far))
    found = [line for line in raw.splitlines() if line.startswith(b"List-Unsubscribe: ")]
    assert [line.startswith(b"List-Unsubscribe: <https://mentoring.a-rather") for line in found] == [True]


def test_what_a_booking_needs_has_no_such_link(app: Flask, link: str) -> None:
    message = mail(app, "sessions/booked_mentee")
    assert (message["List-Unsubscribe"], "No more of these" in text_of(message)) == (None, False)
    needed = Outbox.get(Outbox.kind == "sessions/booked_mentee")
    token = token_of(needed, app.config["SECRET_KEY"])
    assert [Visitor(app).get(f"/mails/stop/{token}").status_code, unwanted_by(SAM)] == [404, set()]


def boxes(page: str) -> dict[str, bool]:
    """The kinds to tick, and which are."""
    found = re.findall(r'<input ([^>]*)name="wanted"([^>]*)>', page)
    tags = [" ".join(parts) for parts in found]
    return {re.findall(r'value="([^"]+)"', tag)[0]: "checked" in tag for tag in tags}


def test_the_page_has_every_kind_that_is_not_needed(app: Flask, mentee: Person, coordinator: Person) -> None:
    mine = boxes(Visitor(app, mentee).get("/you/mails").text)
    optional = {name for name, kind in KINDS.items() if not kind.is_needed}
    coordinators = {name for name, kind in KINDS.items() if kind.readers == "coordinator"}
    optional -= {name for name, kind in KINDS.items() if kind.readers == "invited"}
    assert (set(mine), set(mine.values())) == (optional - coordinators, {True})
    assert set(boxes(Visitor(app, coordinator).get("/you/mails").text)) == optional


def test_choose_keeps_what_is_ticked_and_stops_the_others(app: Flask, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    assert sam.post("/you/mails", {"wanted": ["preparation/soon", "feedback/rate"]}).status_code == 303
    assert {name for name, is_on in boxes(sam.get("/you/mails").text).items() if is_on} == {
        "preparation/soon",
        "feedback/rate",
    }
    assert sam.post("/you/mails", {"wanted": []}).status_code == 303
    assert set(boxes(sam.get("/you/mails").text).values()) == {False}
    sam.post("/you/mails", {"wanted": list(boxes(sam.get("/you/mails").text))})
    assert unwanted_by(SAM) == set()


@pytest.mark.parametrize("name", ["sessions/cancelled", "programme/weekly", "no/such", "x" * 5000])
def test_choose_refuses_what_is_not_offered_and_changes_nothing(app: Flask, mentee: Person, name: str) -> None:
    answer = Visitor(app, mentee).post("/you/mails", {"wanted": [name]})
    assert (answer.status_code, 'class="error"' in answer.text, unwanted_by(SAM)) == (422, True, set())


def test_the_page_is_for_those_who_are_signed_in(app: Flask) -> None:
    assert (Visitor(app).get("/you/mails").status_code, Visitor(app).post("/you/mails").status_code) == (303, 303)


def test_a_link_is_not_that_of_a_later_letter_with_the_same_id(app: Flask, link: str, world: Time) -> None:
    """SQLite begins to count anew where the latest letters were forgotten."""
    letter = Outbox.get(Outbox.kind == "preparation/prepared")
    Outbox.update(recipient="ana@example.org", created_at=world.now + timedelta(days=91)).where(
        Outbox.id == letter.id
    ).execute()
    assert [Visitor(app).get(link).status_code, app.test_client().post(link, data=ONE_CLICK).status_code] == [404, 404]
    assert unwanted_by("ana@example.org") == set()
