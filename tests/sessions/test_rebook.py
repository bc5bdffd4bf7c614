"""Booking a cancelled session anew: one tap, the same mentor or another, with everything kept."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from portal.availability import hours
from portal.availability.hours import Plan
from portal.availability.models import Claim
from portal.errors import Missing, NotAllowedNow, OpeningTaken, TooManyUpcoming
from portal.mentors import profile
from portal.mentors.models import Mentor
from portal.people import blocks
from portal.people.models import Person
from portal.sessions.booking import Request, book, rebook
from portal.sessions.changes import cancel
from portal.sessions.holding import Opening
from portal.sessions.models import Session
from tests.cast import ALL_WEEK, Visitor, make_mentor, make_person, make_session, opening, starts_of, value_of
from tests.letters import told

ASKED = Request(
    "A counter-offer I can send tomorrow",
    ("Is a counter normal?", "What <else>?"),
    "career",
    "chat",
    link="https://example.org/offer?a=1&b=2",
    context="Ask for the numbers in writing",
)


@pytest.fixture
def cancelled(mentor: Mentor, mentee: Person) -> Session:
    session = book(opening(mentor, 4, 30), ASKED, mentee=mentee, holder="a", hold_ref="a")
    cancel(session, person=mentor.person, reason="Ill, sorry")
    return session


def asked_of(session: Session) -> Request:
    """What the session says, as what was asked."""
    names = ("objective", "kind", "format", "link", "context")
    words: dict[str, Any] = {name: getattr(session, name) for name in names}
    return Request(questions=tuple(session.question_list), **words)


def offered(page: str) -> list[str]:
    """The openings of a page, all of which are sent to the one form."""
    return re.findall(r'name="opening" value="([^"]+)"', page)


def hold_of(page: str) -> str:
    (found,) = re.findall(r'name="hold" value="([^"]+)"', page)
    return str(found)


@pytest.mark.parametrize("with_whom", ["same", "other"])
def test_rebook_keeps_everything(cancelled: Session, mentor: Mentor, mentee: Person, with_whom: str) -> None:
    taker = mentor if with_whom == "same" else make_mentor("Omar Aziz", formats=("phone", "chat"))
    again = rebook(cancelled, opening(taker, 2, 30), mentee=mentee, holder="b", hold_ref="b")
    assert (again.id != cancelled.id, again.mentor_id, again.mentee_id) == (True, taker.person_id, mentee.id)
    # The last time was with Laila: what came of it is not for Omar.
    asked = ASKED if with_whom == "same" else replace(ASKED, context="")
    assert (asked_of(again), again.length, again.sequence, again.moves) == (asked, 30, 0, 0)
    assert told()[-2:] == [
        ("sessions/booked_mentor", taker.person.email),
        ("sessions/booked_mentee", mentee.email),
    ]
    assert Session.get_by_id(cancelled.id).is_cancelled


def test_rebook_in_one_tap_from_the_page(app: Flask, cancelled: Session, mentor: Mentor, mentee: Person) -> None:
    make_mentor("Omar Aziz")
    sam, path = Visitor(app, mentee), f"/sessions/{cancelled.ref}"
    page = sam.get(path).text
    assert "Cancelled late by Laila Mansour: “Ill, sorry”" in page
    assert "Your objective, questions and link come along." in page
    laila, omar = ([value for value in offered(page) if value.startswith(slug)] for slug in ("laila", "omar"))
    assert laila == [value_of(Opening(mentor, start, 30)) for start in starts_of(mentor, 30)[:6]]
    assert (len(omar), f'<form id="rebook" method="post" action="{path}/rebooking">' in page) == (3, True)
    answer = sam.post(f"{path}/rebooking", {"opening": omar[1], "hold": hold_of(page)})
    again = Session.get(Session.cancelled_at.is_null())
    assert (answer.status_code, answer.location, asked_of(again)) == (
        303,
        f"/sessions/{again.ref}",
        replace(ASKED, context=""),
    )
    assert (again.mentor.slug, value_of(Opening(again.mentor, again.start, 30))) == ("omar-aziz", omar[1])
    assert "Booked. Everything you wrote came along." in sam.get(answer.location).text


def test_rebook_sent_twice_is_one_session(app: Flask, cancelled: Session, mentee: Person) -> None:
    sam, path = Visitor(app, mentee), f"/sessions/{cancelled.ref}"
    page = sam.get(path).text
    tap = {"opening": offered(page)[0], "hold": hold_of(page)}
    answers = [sam.post(f"{path}/rebooking", tap) for _ in range(3)]
    assert ({answer.status_code for answer in answers}, len({answer.location for answer in answers})) == ({303}, 1)
    assert (Session.select().count(), Claim.select().count(), len(told())) == (2, 4, 6)


def test_rebook_what_was_taken_meanwhile_keeps_everything(
    app: Flask, cancelled: Session, mentor: Mentor, mentee: Person
) -> None:
    sam, path = Visitor(app, mentee), f"/sessions/{cancelled.ref}"
    page = sam.get(path).text
    make_session(mentor, make_person("Noor Haddad"), length=30)
    answer = sam.post(f"{path}/rebooking", {"opening": offered(page)[0], "hold": hold_of(page)})
    assert (answer.status_code, "This time is no longer free." in answer.text) == (409, True)
    typed = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', answer.text))
    assert {name: typed[name] for name in ("objective", "kind", "format", "link", "context")} == {
        "objective": ASKED.objective,
        "kind": "career",
        "format": "chat",
        "link": "https://example.org/offer?a=1&amp;b=2",
        "context": ASKED.context,
    }
    assert "Is a counter normal?\nWhat &lt;else&gt;?" in answer.text
    kept = {name: value.replace("&amp;", "&") for name, value in typed.items() if name != "csrf_token"}
    kept["questions"] = "\n".join(ASKED.questions)
    held = sam.post("/holds", {**kept, "opening": offered(answer.text)[0]})
    form = sam.get(held.location).text
    assert (held.status_code, f'value="{ASKED.objective}"' in form, ASKED.context in form) == (303, True, True)
    booked = sam.post("/sessions", {**kept, "opening": offered(answer.text)[0], "hold": held.location.split("/")[-1]})
    assert (booked.status_code, asked_of(Session.get(Session.mentee == mentee, Session.cancelled_at.is_null()))) == (
        303,
        ASKED,
    )


def test_rebook_of_a_session_that_stands_is_refused(app: Flask, mentor: Mentor, mentee: Person) -> None:
    session, sam = make_session(mentor, mentee), Visitor(app, mentee)
    path = f"/sessions/{session.ref}"
    assert 'id="rebook"' not in sam.get(path).text
    answer = sam.post(f"{path}/rebooking", {"opening": value_of(opening(mentor, 3)), "hold": "b"})
    said = "Only a cancelled session can be booked anew. Move this one instead."
    assert (answer.status_code, said in answer.text, Session.select().count()) == (409, True, 1)


def test_rebook_is_the_mentees(app: Flask, cancelled: Session, mentor: Mentor, stranger: Person) -> None:
    for person in (mentor.person, stranger):
        tap = {"opening": value_of(opening(mentor, 3, 30)), "hold": "b"}
        assert Visitor(app, person).post(f"/sessions/{cancelled.ref}/rebooking", tap).status_code == 404
        with pytest.raises(Missing):
            rebook(cancelled, opening(mentor, 3, 30), mentee=person, holder="b", hold_ref="b")
    assert 'id="rebook"' not in Visitor(app, mentor.person).get(f"/sessions/{cancelled.ref}").text
    assert Session.select().count() == 1


@pytest.mark.parametrize(("ahead", "allowed"), [(1, True), (2, True), (3, False)])
def test_rebook_counts_towards_three_upcoming(
    app: Flask, cancelled: Session, mentor: Mentor, mentee: Person, ahead: int, allowed: bool
) -> None:
    for number in range(ahead):
        make_session(mentor, mentee, number=20 + number)
    sam, path = Visitor(app, mentee), f"/sessions/{cancelled.ref}"
    said = "You have 3 upcoming sessions, which is as many as one person can have."
    assert (said in sam.get(path).text, 'id="rebook"' in sam.get(path).text) == (not allowed, allowed)
    if allowed:
        rebook(cancelled, opening(mentor, 0, 30), mentee=mentee, holder="b", hold_ref="b")
    else:
        with pytest.raises(TooManyUpcoming):
            rebook(cancelled, opening(mentor, 0, 30), mentee=mentee, holder="b", hold_ref="b")
        tap = {"opening": value_of(opening(mentor, 0, 30)), "hold": "b"}
        answer = sam.post(f"{path}/rebooking", tap)
        assert (answer.status_code, said in answer.text) == (409, True)
    assert Session.select().where(Session.cancelled_at.is_null()).count() == min(ahead + 1, 3)


@pytest.mark.parametrize(("kinds", "formats"), [(("project",), ("chat",)), (("career",), ("video",))])
def test_rebook_with_who_does_not_offer_the_like_is_refused(
    app: Flask, cancelled: Session, mentee: Person, kinds: tuple[str, ...], formats: tuple[str, ...]
) -> None:
    other = make_mentor("Omar Aziz", kinds=kinds, formats=formats)
    sam, path = Visitor(app, mentee), f"/sessions/{cancelled.ref}"
    assert [value for value in offered(sam.get(path).text) if value.startswith("omar")] == []
    with pytest.raises(NotAllowedNow, match="This mentor no longer offers such a session"):
        rebook(cancelled, opening(other, 0, 30), mentee=mentee, holder="b", hold_ref="b")


def test_rebook_at_another_length_is_refused(cancelled: Session, mentor: Mentor, mentee: Person) -> None:
    for length in (15, 60):
        with pytest.raises(NotAllowedNow):
            rebook(cancelled, opening(mentor, 0, length), mentee=mentee, holder="b", hold_ref="b")


def test_rebook_with_a_mentor_who_changed_meanwhile_offers_others_alone(
    app: Flask, cancelled: Session, mentor: Mentor, mentee: Person
) -> None:
    make_mentor("Omar Aziz")
    Mentor.update(formats=("video",)).where(Mentor.person == mentor.person_id).execute()
    page = Visitor(app, mentee).get(f"/sessions/{cancelled.ref}").text
    assert {value.split(" ")[0] for value in offered(page)} == {"omar-aziz"}
    assert ("Book with somebody else who fits, in one tap" in page, "Book again with" in page) == (True, False)


@pytest.mark.parametrize("how", ["hidden", "blocks", "is blocked", "paused"])
def test_rebook_with_a_mentor_who_takes_no_bookings_is_refused(
    app: Flask, cancelled: Session, mentor: Mentor, mentee: Person, how: str
) -> None:
    wanted = opening(mentor, 0, 30)
    {
        "hidden": lambda: profile.hide(mentor),
        "blocks": lambda: blocks.block(mentee, person=mentor.person),
        "is blocked": lambda: blocks.block(mentor.person, person=mentee),
        "paused": lambda: hours.save(Plan("Etc/UTC", (), lengths=(30,), notice=0), mentor=mentor),
    }[how]()
    assert offered(Visitor(app, mentee).get(f"/sessions/{cancelled.ref}").text) == []
    with pytest.raises(OpeningTaken):
        rebook(cancelled, wanted, mentee=mentee, holder="b", hold_ref="b")
    assert Session.select().count() == 1


def test_rebook_lists_at_most_three_others_who_are_free_when_the_mentee_is(
    app: Flask, cancelled: Session, mentor: Mentor, mentee: Person
) -> None:
    early = Plan("Etc/UTC", ALL_WEEK, lengths=(30,), notice=0, horizon=1)
    for name in ("Omar Aziz", "Ines Costa", "Kwame Boateng", "Yuki Tanaka"):
        make_mentor(name, plan=early)
    apart = make_mentor("Bo Chen", plan=early)
    blocks.block(apart.person, person=mentee)
    make_mentor("Zoe Zhang", plan=replace(early, lengths=(15,)))
    busy = make_mentor("Ana Lima", kinds=("career",))
    taken = make_session(busy, mentee, length=30)
    page = Visitor(app, mentee).get(f"/sessions/{cancelled.ref}").text
    others = re.findall(r'<article class="card" data-mentor="([^"]+)"', page)
    assert (len(others), set(others) & {"laila-mansour", "bo-chen", "zoe-zhang"}) == (3, set())
    assert [value for value in offered(page) if f"{taken.start:%Y-%m-%dT%H:%M}" in value] == []


def test_rebook_does_not_offer_the_mentee_their_own_openings(app: Flask, mentor: Mentor) -> None:
    omar, ines = make_mentor("Omar Aziz"), make_mentor("Ines Costa")
    session = book(opening(mentor, 4, 30), ASKED, mentee=omar.person, holder="a", hold_ref="a")
    cancel(session, person=mentor.person, reason="Ill, sorry")
    page = Visitor(app, omar.person).get(f"/sessions/{session.ref}").text
    assert re.findall(r'<article class="card" data-mentor="([^"]+)"', page) == [ines.slug]
