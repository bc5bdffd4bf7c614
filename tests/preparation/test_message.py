"""Messages: who may write and when, once each, seen by all but those who do not want to, and told by mail."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from portal import database
from portal.errors import Missing, NotAllowedNow
from portal.mentors.models import Mentor
from portal.people import blocks
from portal.people.models import Person
from portal.preparation.conversation import LATEST, new_to, say
from portal.preparation.models import Message
from portal.sessions import team
from portal.sessions.changes import cancel
from portal.sessions.models import Session
from tests.cast import Visitor, make_person
from tests.conftest import Time
from tests.preparation.conftest import SECOND, MakeSession, around, letters, seat, seen_by, write


def shown_on(page: str) -> list[tuple[str, str]]:
    """The messages on a page, and which of them are one's own."""
    return re.findall(r'<li class="message( own)?" id="message-\d+"><p>([^<]*)</p>', page)


def test_say_shows_it_to_both(app: Flask, session: Session, mentor: Mentor, mentee: Person) -> None:
    path, sam, laila = f"/sessions/{session.ref}", Visitor(app, mentee), Visitor(app, mentor.person)
    answer = sam.post(f"{path}/messages", {"text": "The offer is in euros, does that matter?", "key": "a"})
    assert (answer.status_code, answer.location) == (303, f"{path}#conversation")
    laila.post(f"{path}/messages", {"text": "Not for the method. See you soon", "key": "a"})
    said = ["The offer is in euros, does that matter?", "Not for the method. See you soon"]
    assert shown_on(sam.get(path).text) == [(" own", said[0]), ("", said[1])]
    assert shown_on(laila.get(path).text) == [("", said[0]), (" own", said[1])]
    assert re.search("Laila, today 09:00 · <a [^>]*>Report</a></small>", sam.get(path).text)


def test_say_is_for_those_in_the_session(
    app: Flask, make: MakeSession, mentee: Person, stranger: Person, coordinator: Person
) -> None:
    session = make(kind="project")
    toni = make_person("Toni Berg")
    team.invite(session, [toni.email], mentee=mentee)
    write(session, toni, "Hello from the team")
    assert seen_by(session, mentee) == ["Hello from the team"]
    for person in (stranger, coordinator):
        with pytest.raises(Missing):
            write(session, person, "Hello")
        visitor = Visitor(app, person)
        answers = [
            visitor.post(f"/sessions/{session.ref}/messages", {"text": "x"}),
            visitor.get(f"/sessions/{session.ref}/messages"),
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
    team.leave(session, person=toni)
    with pytest.raises(Missing):
        write(session, toni, "Hello")
    assert Message.select().count() == 1


def test_say_twice_with_one_form_is_one_message(app: Flask, session: Session, mentor: Mentor, mentee: Person) -> None:
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}"
    keys = re.findall(r'id="key" name="key" value="([^"]+)"', sam.get(path).text)
    for text in ("Hello", "Hello", "And more"):
        sam.post(f"{path}/messages", {"text": text, "key": keys[0]})
    assert seen_by(session, mentee) == ["Hello", "And more"]
    assert letters() == [mentor.person.email]
    say(session, "Hello", person=mentor.person, key=keys[0])
    assert seen_by(session, mentee) == ["Hello", "And more", "Hello"]


def test_say_at_the_same_moment_is_one_message(session: Session, mentor: Mentor, mentee: Person) -> None:
    def send(number: int) -> None:
        database.connect()
        try:
            say(session, f"Message {number % 2}", person=mentee, key="the same form")
        finally:
            database.disconnect()

    with ThreadPoolExecutor(8) as tapping:
        list(tapping.map(send, range(32)))
    assert sorted(seen_by(session, mentee)) == ["Message 0", "Message 1"]
    assert letters() == [mentor.person.email]


def test_say_the_same_again_is_another_message(session: Session, mentee: Person) -> None:
    for _ in range(2):
        write(session, mentee, "ok")
    assert seen_by(session, mentee) == ["ok", "ok"]


def test_say_until_seven_days_after_the_end(session: Session, mentee: Person, mentor: Mentor, world: Time) -> None:
    can = []
    for instant in around(session.end + timedelta(days=7)):
        world.set(instant)
        can.append([seat(session, person).can("messages") for person in (mentee, mentor.person)])
    assert can == [[True, True], [False, False], [False, False]]
    with pytest.raises(NotAllowedNow, match="until 7 days after a session, and they are over"):
        write(session, mentee, "Hello")


def test_say_in_a_cancelled_session_is_refused(app: Flask, session: Session, mentee: Person, mentor: Mentor) -> None:
    write(session, mentee, "Hello")
    cancel(session, person=mentor.person, reason="Ill")
    answer = Visitor(app, mentee).post(f"/sessions/{session.ref}/messages", {"text": "Oh"})
    closed = "This session was cancelled, so the conversation is closed."
    assert (answer.status_code, closed in answer.text) == (409, True)
    page = Visitor(app, mentee).get(f"/sessions/{session.ref}").text
    assert (shown_on(page), closed in page, "data-poll" in page) == ([(" own", "Hello")], True, False)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Write something first."),
        (" \r\n\u202e\x1b ", "Write something first."),
        ("x" * 4001, "At most 4000 characters, please."),
    ],
)
def test_say_with_bad_input_says_so_and_keeps_it(
    app: Flask, session: Session, mentee: Person, typed: str, said: str
) -> None:
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}/messages"
    answer = sam.post(path, {"text": typed, "key": "a"})
    assert (answer.status_code, said in answer.text, typed.strip(" \r\n\u202e\x1b") in answer.text) == (422, True, True)
    part = sam.post(path, {"text": typed, "key": "a"}, headers={"HX-Request": "true"})
    assert (part.status_code, said in part.text, "<html" in part.text) == (422, True, False)
    assert Message.select().count() == 0


def test_say_takes_a_long_text_and_shows_it_safely(app: Flask, session: Session, mentee: Person) -> None:
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}"
    text = "<script>alert(1)</script>\u202e https://example.org/x\r\n```\r\n<b>\r\n```\r\n" + "x" * 3900
    assert sam.post(f"{path}/messages", {"text": text, "key": "a"}).status_code == 303
    page = sam.get(path).text
    link = '<a href="https://example.org/x" rel="nofollow noopener noreferrer ugc">https://example.org/x</a>'
    for shown in ("&lt;script&gt;alert(1)&lt;/script&gt;", link, "<pre><code>&lt;b&gt;\n</code></pre>", "x" * 3900):
        assert (shown[:20], shown in page) == (shown[:20], True)
    assert ("<script>alert" in page, "\u202e" in page) == (False, False)


def test_a_long_conversation_shows_its_end_first(app: Flask, session: Session, mentee: Person) -> None:
    for number in range(LATEST):
        write(session, mentee, f"Message {number}")
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}"
    assert "Earlier messages" not in sam.get(path).text
    write(session, mentee, "The last one")
    page = sam.get(path).text
    assert (len(shown_on(page)), shown_on(page)[-1][1], "Earlier messages" in page) == (LATEST, "The last one", True)
    page = sam.get(f"{path}?messages=all").text
    assert (len(shown_on(page)), shown_on(page)[0][1], "Earlier messages" in page) == (LATEST + 1, "Message 0", False)
    place, first = seat(session, mentee), Message.select().order_by(Message.id).get().id
    assert [len(new_to(place, after).messages) for after in (first - 1, first + 1)] == [LATEST, LATEST - 1]


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_what_somebody_blocked_wrote_since_is_not_shown(
    session: Session, mentor: Mentor, mentee: Person, world: Time, after: int
) -> None:
    blocked_at = world.now + timedelta(minutes=1)
    world.set(blocked_at)
    blocks.block(mentor.person, person=mentee)
    world.set(blocked_at + after * SECOND)
    write(session, mentor.person, "Hello")
    assert seen_by(session, mentee) == (["Hello"] if after < 0 else [])
    assert seen_by(session, mentor.person) == ["Hello"]
    assert letters() == []


def test_who_is_blocked_still_reads_the_other(session: Session, mentor: Mentor, mentee: Person) -> None:
    blocks.block(mentor.person, person=mentee)
    write(session, mentee, "See you there")
    assert letters() == [mentor.person.email]
    assert seen_by(session, mentor.person) == ["See you there"]
