"""The session page: what is needed now, for its two sides alone; and the list of sessions."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions.agenda import agenda
from portal.sessions.booking import Request, book
from portal.sessions.changes import cancel
from portal.sessions.models import Session
from tests.cast import REQUEST, Visitor, make_mentor, make_session, opening
from tests.conftest import Time

JOIN = 'href="https://meet.example.org/room"'
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def meeting(mentor: Mentor, mentee: Person, **changes: str) -> Session:
    request = Request(**{**REQUEST.__dict__, **changes})
    return book(opening(mentor, 4), request, mentee=mentee, holder="a", hold_ref="a")


def test_show_leads_each_side_to_what_is_theirs(app: Flask, mentor: Mentor, mentee: Person) -> None:
    session = meeting(mentor, mentee, link="https://example.org/draft?a=1&b=2")
    path = f"/sessions/{session.ref}"
    sams, lailas = Visitor(app, mentee).get(path).text, Visitor(app, mentor.person).get(path).text
    for page in (sams, lailas):
        assert ("A counter-offer I can send tomorrow" in page, "<li>Is a counter normal?</li>" in page) == (True, True)
        assert 'href="https://example.org/draft?a=1&amp;b=2" rel="nofollow noopener noreferrer ugc"' in page
    assert ("You want to walk away with" in sams, "Edit the questions" in sams) == (True, True)
    assert ("Sam wants to walk away with" in lailas, "Edit the questions" in lailas) == (True, False)
    assert ("Sam Rivera&#39;s headline" in lailas, "Times in Berlin" in sams, "Today 11:00–11:15" in sams) == (
        True,
    ) * 3


def test_show_of_a_stranger_does_not_exist(
    app: Flask, mentor: Mentor, mentee: Person, stranger: Person, coordinator: Person
) -> None:
    session = meeting(mentor, mentee)
    for person in (stranger, coordinator):
        browser = Visitor(app, person)
        for path in ("", "/calendar.ics", "/rating"):
            answer = browser.get(f"/sessions/{session.ref}{path}")
            assert (path, answer.status_code, "counter" in answer.text) == (path, 404, False)
        assert browser.post(f"/sessions/{session.ref}/questions", {"questions": "x"}).status_code == 404
    nothing = Visitor(app, mentee).get("/sessions/nothing")
    assert nothing.text.split("<main")[1] == Visitor(app, mentee).get(f"/sessions/{'x' * 22}").text.split("<main")[1]
    assert (nothing.status_code, Visitor(app).get(f"/sessions/{session.ref}").status_code) == (404, 303)


@pytest.mark.parametrize(
    ("before", "joins"),
    [
        (15 * MINUTE + SECOND, False),
        (15 * MINUTE, True),
        (15 * MINUTE - SECOND, True),
        (-15 * MINUTE + SECOND, True),
        (-15 * MINUTE, False),
    ],
)
def test_join_from_fifteen_minutes_ahead_until_the_end(
    app: Flask, mentor: Mentor, mentee: Person, world: Time, before: timedelta, joins: bool
) -> None:
    session = meeting(mentor, mentee)
    world.set(session.start - before)
    for person in (mentee, mentor.person):
        assert (JOIN in Visitor(app, person).get(f"/sessions/{session.ref}").text) is joins


def test_video_link_is_on_no_page_of_others(
    app: Flask, mentor: Mentor, mentee: Person, stranger: Person, world: Time
) -> None:
    session = meeting(mentor, mentee)
    world.set(session.start)
    pages = ["/", "/mentors/laila-mansour", f"/sessions/{session.ref}", "/sessions", "/profile"]
    assert ["meet.example.org" in Visitor(app, stranger).get(path).text for path in pages] == [False] * 5


def test_show_says_how_to_meet(app: Flask, mentee: Person, world: Time) -> None:
    formats = ("video", "phone", "in_person", "chat")
    full = make_mentor("Full Detail", formats=formats, phone="+49 30 1", place="Café <Einstein>", kinds=("career",))
    bare = make_mentor("Bare Detail", formats=formats, video_link="", kinds=("career",))
    said = {
        ("full-detail", "video"): "By video. The link to join appears here 15 minutes before.",
        ("full-detail", "phone"): "By phone: +49 30 1",
        ("full-detail", "in_person"): "In person: Café &lt;Einstein&gt;",
        ("full-detail", "chat"): "By chat, on this page.",
        ("bare-detail", "video"): "By video. Bare sends the link.",
        ("bare-detail", "phone"): "By phone. Bare calls.",
        ("bare-detail", "in_person"): "In person. Agree on the place below.",
        ("bare-detail", "chat"): "By chat, on this page.",
    }
    for mentor in (full, bare):
        for how in formats:
            session = book(
                opening(mentor),
                Request("x", ("y",), "career", how),
                mentee=mentee,
                holder="a",
                hold_ref=f"{mentor.slug} {how}",
            )
            page = Visitor(app, mentee).get(f"/sessions/{session.ref}").text
            assert (mentor.slug, how, said[mentor.slug, how] in page) == (mentor.slug, how, True)
            cancel(session, person=mentee, reason="Next")


def test_show_says_what_was_wanted_once_it_is_over(app: Flask, mentor: Mentor, mentee: Person, world: Time) -> None:
    session = meeting(mentor, mentee)
    for after, words in ((-SECOND, ("You want to", "Sam wants to")), (timedelta(), ("You wanted to", "Sam wanted to"))):
        world.set(session.end + after)
        for person, said in zip((mentee, mentor.person), words, strict=True):
            page = Visitor(app, person).get(f"/sessions/{session.ref}").text
            assert (said, f"<h2>{said} walk away with</h2>" in page) == (said, True)


def test_show_tells_the_mentor_who_calls(app: Flask, mentee: Person) -> None:
    mentor = make_mentor("Full Detail", formats=("phone",), phone="+49 30 1")
    path = f"/sessions/{meeting(mentor, mentee, format='phone').ref}"
    said = [Visitor(app, person).get(path).text for person in (mentor.person, mentee)]
    assert ["By phone: Sam calls +49 30 1" in page for page in said] == [True, False]


@pytest.mark.parametrize(("after", "now"), [(-SECOND, "Now"), (timedelta(), "Over")])
def test_show_says_when_it_is(
    app: Flask, mentor: Mentor, mentee: Person, world: Time, after: timedelta, now: str
) -> None:
    session, sam = meeting(mentor, mentee), Visitor(app, mentee)
    when = re.compile(r'<section id="now">\s*<p class="muted">([^<]+)<')
    assert when.findall(sam.get(f"/sessions/{session.ref}").text) == ["In 2 h"]
    world.set(session.start - SECOND)
    assert when.findall(sam.get(f"/sessions/{session.ref}").text) == ["Now"]
    world.set(session.end + after)
    page = sam.get(f"/sessions/{session.ref}").text
    assert when.findall(page) == [now]
    assert ("Cancel this session" in page, "Edit the questions" in page) == (False, False)


def test_change_questions_until_the_start(app: Flask, mentor: Mentor, mentee: Person, world: Time) -> None:
    session = meeting(mentor, mentee)
    path, sam = f"/sessions/{session.ref}/questions", Visitor(app, mentee)
    world.set(session.start - SECOND)
    answer = sam.post(path, {"questions": "1. What first?\r\n\r\n  - And <then>?\n• Last  one?"})
    assert (answer.status_code, answer.location) == (303, f"/sessions/{session.ref}")
    assert Session.get_by_id(session.id).question_list == ["What first?", "And <then>?", "Last one?"]
    assert "<li>And &lt;then&gt;?</li>" in sam.get(answer.location).text
    world.set(session.start)
    late = sam.post(path, {"questions": "Too late?"})
    said = "This session has started, so it is too late to change the questions."
    assert (late.status_code, said in late.text) == (409, True)
    assert len(Session.get_by_id(session.id).question_list) == 3


def test_change_questions_of_a_cancelled_session_is_refused(app: Flask, mentor: Mentor, mentee: Person) -> None:
    session = meeting(mentor, mentee)
    cancel(session, person=mentor.person, reason="Ill")
    answer = Visitor(app, mentee).post(f"/sessions/{session.ref}/questions", {"questions": "Still?"})
    assert (answer.status_code, "This session was cancelled already." in answer.text) == (409, True)


def test_change_questions_is_the_mentees(app: Flask, mentor: Mentor, mentee: Person) -> None:
    session = meeting(mentor, mentee)
    answer = Visitor(app, mentor.person).post(f"/sessions/{session.ref}/questions", {"questions": "Mine?"})
    assert (answer.status_code, Session.get_by_id(session.id).question_list) == (404, ["Is a counter normal?"])


def test_change_questions_with_bad_input_says_so_and_keeps_it(app: Flask, mentor: Mentor, mentee: Person) -> None:
    session, sam = meeting(mentor, mentee), Visitor(app, mentee)
    for typed, said in (
        ("", "Write at least one question, so that your mentor can prepare."),
        ("\n1. \n- \n", "Write at least one question, so that your mentor can prepare."),
        ("a\nb\nc\nd", "At most 3 questions, one on each line; there are 4."),
        ("x" * 301, "A question is at most 300 characters."),
        ("x" * 1001, "At most 1000 characters, please."),
    ):
        answer = sam.post(f"/sessions/{session.ref}/questions", {"questions": typed})
        assert (typed[:9], answer.status_code, said in answer.text, "<details open>" in answer.text) == (
            typed[:9],
            422,
            True,
            True,
        )
    assert "x" * 1001 in answer.text
    assert Session.get_by_id(session.id).question_list == ["Is a counter normal?"]


def test_agenda_is_next_first_then_latest_past(app: Flask, mentor: Mentor, mentee: Person, world: Time) -> None:
    laila, sam = mentor, mentee
    own = make_mentor("Sam Rivera", zone="Europe/Berlin")
    late, soon, cancelled = (make_session(laila, sam, number=number) for number in (20, 0, 8))
    given = make_session(own, laila.person, number=12)
    cancel(cancelled, person=sam, reason="Ill")
    world.set(soon.end)
    mine = agenda(sam)
    assert [session.id for session in mine.ahead] == [given.id, late.id]
    assert [session.id for session in mine.past] == [cancelled.id, soon.id]
    page = Visitor(app, sam).get("/sessions").text
    assert re.findall(r'data-session="([^"]+)"', page) == [s.ref for s in (given, late, cancelled, soon)]
    assert page.count("you mentor") == 1
    assert ("Say how it went" in page, ">Cancelled<" in page) == (True, True)


def test_agenda_without_sessions_says_what_to_do(app: Flask, mentee: Person, mentor: Mentor, stranger: Person) -> None:
    meeting(mentor, mentee)
    page = Visitor(app, stranger).get("/sessions").text
    assert ("Nothing ahead" in page, "data-session" in page, "Before" in page) == (True, False, False)
