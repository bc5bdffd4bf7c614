"""An open conversation asks for news: what is new, once, and nothing where nothing is."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal import database
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.preparation.models import Message, Reading
from portal.sessions import team
from portal.sessions.attendance import mark_absent, say_late
from portal.sessions.changes import ask_to_move, cancel
from portal.sessions.models import Session
from tests.cast import Visitor, make_person
from tests.conftest import Time
from tests.preparation.conftest import MakeSession, write

HTMX = {"HX-Request": "true"}


class Open:
    """A session's page that stays open, as its browser keeps it."""

    def __init__(self, app: Flask, person: Person, session: Session) -> None:
        self.visitor, self.path = Visitor(app, person), f"/sessions/{session.ref}/messages"
        self.page = self.visitor.get(f"/sessions/{session.ref}").text
        self._keep(self.page)

    def poll(self) -> TestResponse:
        answer = self.visitor.part(f"{self.path}?after={self.after}&now={self.now}")
        self._keep(answer.text)
        return answer

    def send(self, text: str, **more: Any) -> TestResponse:
        shown = {"after": self.after, "now": self.now, "key": self.key}
        answer = self.visitor.post(self.path, {**shown, "text": text}, headers=HTMX, **more)
        self._keep(answer.text)
        return answer

    def _keep(self, html: str) -> None:
        for name in ("after", "now", "key"):
            for value in re.findall(rf'name="{name}" value="([^"]*)"', html):
                setattr(self, name, value)

    after: str
    now: str
    key: str


def texts(answer: TestResponse) -> list[str]:
    return re.findall(r'<li class="message(?: own)?" id="message-\d+"><p>([^<]*)</p>', answer.text)


def test_poll_brings_what_is_new_once(app: Flask, session: Session, mentor: Mentor, mentee: Person) -> None:
    sam = Open(app, mentee, session)
    assert (sam.poll().status_code, sam.poll().data) == (204, b"")
    write(session, mentor.person, "Hello")
    write(session, mentor.person, "And more")
    news = sam.poll()
    assert (news.status_code, texts(news), 'id="now"' in news.text) == (200, ["Hello", "And more"], False)
    assert ("<html" in news.text, 'id="say-error"' in news.text, 'id="key"' in news.text) == (False, False, False)
    assert [sam.poll().status_code for _ in range(2)] == [204, 204]


def test_poll_brings_the_top_of_the_page_when_it_says_something_else(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, world: Time
) -> None:
    sam = Open(app, mentee, session)
    world.set(session.start - timedelta(minutes=15))
    news = sam.poll()
    assert ('<section id="now" hx-swap-oob="outerHTML">' in news.text, "Join video" in news.text) == (True, True)
    assert (texts(news), sam.poll().status_code) == ([], 204)
    say_late(session, person=mentor.person)
    assert ("Laila is 5 minutes late" in sam.poll().text, sam.poll().status_code) == (True, 204)


def test_poll_names_what_asks_for_an_answer(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, world: Time
) -> None:
    sam, asks, absent = Open(app, mentee, session), "Laila asks for another time.", "Laila says that you did not come."
    ask_to_move(session, mentor=mentor.person, reason="My train")
    news = sam.poll().text
    assert (asks in news, absent in news, asks in sam.visitor.get(f"/sessions/{session.ref}").text) == (
        True,
        False,
        False,
    )
    world.set(session.start + timedelta(minutes=10))
    mark_absent(session, person=mentor.person)
    news = sam.poll().text
    assert (asks in news, absent in news) == (False, True)


def test_poll_of_a_closed_conversation_ends_it(app: Flask, session: Session, mentor: Mentor, mentee: Person) -> None:
    sam = Open(app, mentee, session)
    assert "data-poll" in sam.page
    cancel(session, person=mentor.person, reason="Ill")
    for news in (sam.poll(), sam.send("Oh")):
        assert ('id="write" hx-swap-oob="true"' in news.text, "conversation is closed" in news.text) == (True, True)
        assert ("data-poll" in news.text, "<textarea" in news.text) == (False, False)
    assert (sam.send("Oh").status_code, Message.select().count()) == (409, 0)


def test_poll_of_one_who_is_no_longer_part_loads_the_page_anew(app: Flask, make: MakeSession, mentee: Person) -> None:
    session = make(kind="project")
    toni = make_person("Toni Berg")
    team.invite(session, [toni.email], mentee=mentee)
    mate = Open(app, toni, session)
    team.leave(session, person=toni)
    answer = mate.poll()
    assert (answer.status_code, answer.headers["HX-Refresh"], answer.data) == (200, "true", b"")


def test_poll_after_signing_out_asks_to_sign_in(app: Flask, session: Session, mentee: Person) -> None:
    sam = Open(app, mentee, session)
    sam.visitor.client.delete_cookie("portal")
    assert sam.poll().headers["HX-Redirect"].startswith("/sign-in?next=")


def test_poll_opened_in_a_browser_is_the_session(app: Flask, session: Session, mentee: Person) -> None:
    answer = Visitor(app, mentee).get(f"/sessions/{session.ref}/messages?after=1")
    assert (answer.status_code, answer.location) == (303, f"/sessions/{session.ref}#conversation")


@pytest.mark.parametrize("after", ["x", "-1", "1.0", "٣", "9" * 10, "1 or 1=1"])
def test_poll_after_nonsense_is_refused(app: Flask, session: Session, mentee: Person, after: str) -> None:
    sam = Visitor(app, mentee)
    assert sam.part(f"/sessions/{session.ref}/messages?after={after}").status_code == 400
    answer = sam.post(f"/sessions/{session.ref}/messages", {"text": "x", "after": after}, headers=HTMX)
    assert answer.status_code == 400


def test_send_brings_the_message_and_what_came_before_it(
    app: Flask, session: Session, mentor: Mentor, mentee: Person
) -> None:
    sam = Open(app, mentee, session)
    write(session, mentor.person, "Hello")
    first = sam.key
    answer = sam.send("Hi")
    assert (answer.status_code, texts(answer)) == (200, ["Hello", "Hi"])
    assert (sam.key != first, 'id="say-error" role="alert" hx-swap-oob="true"></p>' in answer.text) == (True, True)
    assert sam.poll().status_code == 204


def test_send_again_after_a_lost_answer_is_one_message(app: Flask, session: Session, mentee: Person) -> None:
    sam = Open(app, mentee, session)
    for _ in range(2):
        sam.visitor.post(sam.path, {"text": "Hi", "key": sam.key, "after": sam.after}, headers=HTMX)
    assert Message.select().count() == 1


def test_two_quick_sends_with_one_form_keep_both(app: Flask, session: Session, mentee: Person) -> None:
    sam = Open(app, mentee, session)
    answers = [
        sam.visitor.post(sam.path, {"text": text, "key": sam.key, "after": sam.after}, headers=HTMX)
        for text in ("One", "Two")
    ]
    assert [texts(answer) for answer in answers] == [["One"], ["One", "Two"]]


def chat(make: MakeSession, world: Time, *, before: timedelta = timedelta(minutes=5)) -> Session:
    session = make(format="chat")
    world.set(session.start - before)
    return session


def test_chat_shows_who_is_here(app: Flask, make: MakeSession, mentor: Mentor, mentee: Person, world: Time) -> None:
    session = chat(make, world)
    sam = Open(app, mentee, session)
    assert "Laila is not here yet." in sam.page
    laila = Open(app, mentor.person, session)
    assert "Sam is here." in laila.page
    assert ("Laila is here." in sam.poll().text, sam.poll().status_code) == (True, 204)


@pytest.mark.parametrize(("seconds", "here"), [(44, True), (45, True), (46, False)])
def test_chat_forgets_who_has_not_been_seen(
    app: Flask, make: MakeSession, mentor: Mentor, mentee: Person, world: Time, seconds: int, here: bool
) -> None:
    session = chat(make, world)
    Open(app, mentor.person, session)
    world.pass_(seconds=seconds)
    assert ("Laila is here." in Open(app, mentee, session).page) is here


@pytest.mark.parametrize(("seconds", "noted"), [(19, False), (20, True), (21, True)])
def test_presence_is_noted_every_twenty_seconds(
    app: Flask, make: MakeSession, mentee: Person, world: Time, seconds: int, noted: bool
) -> None:
    session = chat(make, world)
    sam, begun = Open(app, mentee, session), world.now
    world.pass_(seconds=seconds)
    before = database.version()
    sam.poll()
    assert (Reading.get().seen_at - begun == timedelta(seconds=seconds if noted else 0)) is True
    assert database.is_postgres() or (database.version() != before) is noted


@pytest.mark.parametrize(("before", "noted"), [(901, False), (900, True), (899, True), (-899, True), (-900, False)])
def test_presence_matters_from_fifteen_minutes_ahead_until_the_end(
    app: Flask, make: MakeSession, mentee: Person, world: Time, before: int, noted: bool
) -> None:
    session = chat(make, world, before=timedelta(seconds=before))
    Open(app, mentee, session)
    assert (Reading.select().count() == 1) is noted


def test_presence_matters_in_a_chat_alone(app: Flask, session: Session, mentee: Person, world: Time) -> None:
    world.set(session.start)
    sam, before = Open(app, mentee, session), database.version()
    sam.poll()
    # A PostgreSQL server's other databases move its version on.
    assert database.is_postgres() or database.version() == before
    assert Reading.select().count() == 0
