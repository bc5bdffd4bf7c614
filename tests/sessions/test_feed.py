"""A private calendar feed: all of one's sessions, at an address that only its owner has, and can change."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from icalendar import Calendar

from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions import feed, team
from portal.sessions.changes import cancel, change_questions, move
from portal.sessions.models import Feed, Session
from tests.cast import Visitor, make_session, opening
from tests.conftest import Time

ADDRESS = re.compile(r'value="(http://portal\.example\.org/calendar/[\w.-]+\.ics)"')


def address_of(app: Flask, person: Person) -> str:
    """What the page shows, made if there is none; as a path."""
    visitor = Visitor(app, person)
    if Feed.get_or_none(Feed.person == person.id) is None:
        assert visitor.post("/calendar/feed").location == "/calendar"
    found = ADDRESS.search(visitor.get("/calendar").text)
    assert found is not None
    return found[1].removeprefix("http://portal.example.org")


def titles(app: Flask, address: str) -> list[str]:
    answer = Visitor(app).get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    return [str(event["SUMMARY"]) for event in Calendar.from_ical(answer.data).walk("VEVENT")]


def test_feed_has_the_sessions_of_every_role_and_nothing_else(
    app: Flask, mentor: Mentor, mentee: Person, stranger: Person
) -> None:
    session = make_session(mentor, mentee, number=8)
    Session.update(kind="project").execute()
    team.invite(Session.get(), ["noor.haddad@example.org"], mentee=mentee)
    off = make_session(mentor, mentee, number=16)
    cancel(off, person=mentee, reason="Ill")
    noor = Person.create(email="noor.haddad@example.org", name="Noor", created_at=session.created_at)
    shown = {person.email: titles(app, address_of(app, person)) for person in (mentor.person, mentee, noor, stranger)}
    assert list(shown.values()) == [["Session with Sam Rivera"], *[["Session with Laila Mansour"]] * 2, []]


def test_feed_is_not_sent_again_while_it_is_the_same(app: Flask, mentor: Mentor, mentee: Person, world: Time) -> None:
    session, path = make_session(mentor, mentee, number=8), address_of(app, mentee)
    visitor = Visitor(app)
    edition = visitor.get(path).headers["ETag"]

    def again() -> int:
        nonlocal edition
        answer = visitor.get(path, headers={"If-None-Match": edition})
        edition = answer.headers["ETag"]
        assert (answer.status_code, len(answer.data) > 0) in ((304, False), (200, True))
        return answer.status_code

    assert again() == 304
    world.pass_(hours=1)
    assert again() == 304
    change_questions(session, ("Another one?",), mentee=mentee)
    assert [again(), again()] == [200, 304]
    move(session, opening(mentor, 20).start, mentee=mentee)
    assert [again(), again()] == [200, 304]
    cancel(Session.get(), person=mentee, reason="Ill")
    assert [again(), again()] == [200, 304]


def test_feed_answers_head_without_a_body(app: Flask, mentee: Person) -> None:
    answer = Visitor(app).client.head(address_of(app, mentee))
    assert (answer.status_code, answer.data, answer.headers["ETag"][:1]) == (200, b"", '"')
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_a_new_address_ends_the_old_one(app: Flask, mentee: Person) -> None:
    old, sam = address_of(app, mentee), Visitor(app, mentee)
    sam.post("/calendar/feed")
    new = address_of(app, mentee)
    assert [Visitor(app).get(path).status_code for path in (old, new)] == [404, 200]
    assert sam.post("/calendar/feed/end").status_code == 303
    assert (Visitor(app).get(new).status_code, "webcal:" in sam.get("/calendar").text) == (404, False)


def test_an_address_that_is_guessed_is_none(app: Flask, mentee: Person, stranger: Person) -> None:
    path, other = address_of(app, mentee), address_of(app, stranger)
    seed, proof = path.removeprefix("/calendar/").removesuffix(".ics").split(".")
    wrong = other.removeprefix("/calendar/").removesuffix(".ics").split(".")[1]
    for token in (
        seed,
        f"{seed}.",
        f"{seed}.{wrong}",
        f"{seed}.{proof[:-1]}",
        f"x.{proof}",
        ".",
        "x",
        f"{seed}.{proof}x",
    ):
        assert (token, Visitor(app, stranger).get(f"/calendar/{token}.ics").status_code) == (token, 404)
    assert proof not in str([row.__data__ for row in Feed.select()])


def test_the_page_is_for_those_who_are_signed_in(app: Flask, mentee: Person) -> None:
    for method, path in (("get", "/calendar"), ("post", "/calendar/feed"), ("post", "/calendar/feed/end")):
        assert getattr(Visitor(app), method)(path).status_code == 303
    assert Feed.select().count() == 0


@pytest.mark.parametrize("has_feed", [True, False])
def test_who_has_a_feed_gets_no_entry_by_mail_of_what_is_booked_from_then_on(
    app: Flask, mentor: Mentor, mentee: Person, world: Time, has_feed: bool
) -> None:
    before = make_session(mentor, mentee, number=8)
    world.pass_(minutes=1)
    if has_feed:
        feed.make(mentee)
    after = make_session(mentor, mentee, number=16)
    for session in (before, after):
        move(session, opening(mentor, 40).start, mentee=mentee)
    mailed = {
        (letter.recipient, letter.kind, letter.facts["ref"]): bool(letter.facts["calendar"])
        for letter in Outbox.select()
    }
    for (to, _, ref), has_entry in mailed.items():
        assert has_entry is not (has_feed and to == mentee.email and ref == after.ref)
