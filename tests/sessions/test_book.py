"""Booking: an opening becomes a session, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from portal.availability.models import Claim, Hold
from portal.errors import NotAllowedNow, OpeningTaken, TooManyUpcoming
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions.booking import book
from portal.sessions.holding import Opening, hold
from portal.sessions.models import Session, SessionEvent
from tests.cast import BOOKING, REQUEST, Visitor, make_mentor, make_person, make_session, opening, starts_of, value_of
from tests.conftest import Time


def test_book_takes_the_time_of_both(mentor: Mentor, mentee: Person) -> None:
    session = make_session(mentor, mentee, length=30)
    first = int(session.start.timestamp()) // 900
    claims = sorted(Claim.select(Claim.person, Claim.quarter).tuples())
    assert claims == sorted((person, first + step) for person in (mentor.person_id, mentee.id) for step in (0, 1))


def test_book_tells_both_and_keeps_an_event(mentor: Mentor, mentee: Person) -> None:
    session = make_session(mentor, mentee)
    told = [(letter.kind, letter.recipient) for letter in Outbox.select().order_by(Outbox.id)]
    assert told == [
        ("sessions/booked_mentor", "laila.mansour@example.org"),
        ("sessions/booked_mentee", "sam.rivera@example.org"),
    ]
    assert [(event.session_id, event.what) for event in SessionEvent.select()] == [(session.id, "booked")]


def test_book_refuses_a_taken_opening_and_changes_nothing(mentor: Mentor, mentee: Person, stranger: Person) -> None:
    wanted = opening(mentor)
    book(wanted, REQUEST, mentee=mentee, holder="a", hold_ref="a")
    with pytest.raises(OpeningTaken):
        book(wanted, REQUEST, mentee=stranger, holder="b", hold_ref="b")
    assert (Session.select().count(), Outbox.select().count()) == (1, 2)


def test_book_refuses_an_overlap_with_a_longer_session(mentor: Mentor, mentee: Person, stranger: Person) -> None:
    long = opening(mentor, 0, 60)
    book(long, REQUEST, mentee=mentee, holder="a", hold_ref="a")
    inside = Opening(mentor, long.start + timedelta(minutes=45), 15)
    with pytest.raises(OpeningTaken):
        book(inside, REQUEST, mentee=stranger, holder="b", hold_ref="b")
    after = Opening(mentor, long.start + timedelta(minutes=60), 15)
    assert book(after, REQUEST, mentee=stranger, holder="b", hold_ref="c").start == after.start


def test_book_refuses_a_mentee_who_is_busy(mentor: Mentor, mentee: Person) -> None:
    make_session(mentor, mentee)
    other = make_mentor("Tobias Okafor")
    with pytest.raises(OpeningTaken, match="You have another session"):
        book(opening(other), REQUEST, mentee=mentee, holder="a", hold_ref="b")


def test_book_refuses_a_mentor_who_is_busy_as_mentee(mentor: Mentor, stranger: Person) -> None:
    other = make_mentor("Tobias Okafor")
    make_session(other, mentor.person)
    assert starts_of(mentor)[0] > starts_of(other)[0] - timedelta(hours=1)
    taken = Opening(mentor, Session.get().start, 15)
    with pytest.raises(OpeningTaken):
        book(taken, REQUEST, mentee=stranger, holder="b", hold_ref="b")


def test_book_again_with_the_same_hold_is_the_same_session(mentor: Mentor, mentee: Person) -> None:
    wanted = opening(mentor)
    first = book(wanted, REQUEST, mentee=mentee, holder="a", hold_ref="once")
    again = book(wanted, REQUEST, mentee=mentee, holder="a", hold_ref="once")
    assert (again.id, Session.select().count(), Outbox.select().count()) == (first.id, 1, 2)


@pytest.mark.parametrize(("booked", "refused"), [(2, False), (3, True)])
def test_book_up_to_three_upcoming(mentor: Mentor, mentee: Person, booked: int, refused: bool) -> None:
    for number in range(booked):
        make_session(mentor, mentee, number=number)
    if refused:
        with pytest.raises(TooManyUpcoming):
            make_session(mentor, mentee)
    else:
        assert make_session(mentor, mentee).mentee_id == mentee.id


def test_book_oneself_is_refused(mentor: Mentor) -> None:
    with pytest.raises(NotAllowedNow):
        make_session(mentor, mentor.person)


@pytest.mark.parametrize(
    "shift", [timedelta(minutes=-15), timedelta(minutes=7), timedelta(hours=9), timedelta(days=15), timedelta(days=-1)]
)
def test_book_outside_the_hours_is_refused(mentor: Mentor, mentee: Person, shift: timedelta) -> None:
    first = starts_of(mentor)[0]
    with pytest.raises(OpeningTaken):
        book(Opening(mentor, first + shift, 15), REQUEST, mentee=mentee, holder="a", hold_ref="a")
    assert Claim.select().count() == 0


def test_hold_keeps_others_out_for_ten_minutes(mentor: Mentor, mentee: Person, stranger: Person, world: Time) -> None:
    wanted = opening(mentor)
    hold(wanted, holder="a", mentee=mentee, draft={})
    world.pass_(minutes=9, seconds=59)
    with pytest.raises(OpeningTaken):
        hold(wanted, holder="b", mentee=stranger, draft={})
    world.pass_(seconds=1)
    assert hold(wanted, holder="b", mentee=stranger, draft={}).start == wanted.start


def test_hold_another_gives_the_first_back(mentor: Mentor, mentee: Person, stranger: Person) -> None:
    first, second = opening(mentor, 0), opening(mentor, 1)
    hold(first, holder="a", mentee=mentee, draft={})
    hold(second, holder="a", mentee=mentee, draft={})
    assert starts_of(mentor)[0] == first.start
    assert Hold.select().where(~Hold.is_released).count() == 1


def test_book_from_a_hold_through_the_pages(app: Flask, mentor: Mentor, mentee: Person) -> None:
    sam, wanted = Visitor(app, mentee), opening(mentor)
    held = sam.hold(wanted)
    form = sam.get(held.location)
    assert (held.status_code, form.status_code) == (303, 200)
    booked = sam.post("/sessions", {"opening": value_of(wanted), "hold": held.location.rsplit("/", 1)[1], **BOOKING})
    again = sam.post("/sessions", {"opening": value_of(wanted), "hold": held.location.rsplit("/", 1)[1], **BOOKING})
    assert booked.status_code == again.status_code == 303
    assert booked.location == again.location == f"/sessions/{Session.get().ref}"
    assert sam.get(held.location).location == booked.location


def test_book_a_taken_opening_offers_the_nearest_and_keeps_what_was_typed(
    app: Flask, mentor: Mentor, mentee: Person, stranger: Person
) -> None:
    wanted = opening(mentor, 4)
    make_session(mentor, stranger, number=4)
    answer = Visitor(app, mentee).post("/sessions", {"opening": value_of(wanted), "hold": "x", **BOOKING})
    around = [wanted.start + timedelta(minutes=15 * step) for step in (-2, -1, 1)]
    assert answer.status_code == 409
    assert [f'data-opening="{start:%Y-%m-%dT%H:%M:%SZ}"' in answer.text for start in around] == [True] * 3
    assert 'name="objective" value="A counter-offer"' in answer.text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("objective", "", "Say in one sentence what you want to walk away with."),
        ("objective", "x" * 161, "At most 160 characters, please."),
        ("questions", "", "Write at least one question, so that your mentor can prepare."),
        ("questions", "a\nb\nc\nd", "At most 3 questions, one on each line; there are 4."),
        ("kind", "studies", "Not a valid choice."),
        ("format", "phone", "Not a valid choice."),
        ("link", "javascript:alert(1)", "This is not a web link. It starts with https:// and has no spaces."),
    ],
)
def test_book_with_bad_input_says_what_is_wrong_and_keeps_it(
    app: Flask, mentor: Mentor, mentee: Person, field: str, value: str, said: str
) -> None:
    typed = {**BOOKING, "objective": "Kept objective", field: value}
    answer = Visitor(app, mentee).post("/sessions", {"opening": value_of(opening(mentor)), "hold": "x", **typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert field == "objective" or "Kept objective" in answer.text
    assert Session.select().count() == 0


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "laila-mansour",
        "laila-mansour 2026-11-24T11:00:00 15",
        "laila-mansour 0001-01-01T00:00:00Z 15",
        "laila-mansour 2026-11-24T11:00:00Z 17",
    ],
)
def test_hold_what_is_no_opening_is_a_clear_400(app: Flask, mentor: Mentor, visitor: Visitor, value: str) -> None:
    answer = visitor.post("/holds", {"opening": value})
    assert answer.status_code == 400
    assert "This is not an opening. Go back and tap one." in answer.text


def test_hold_of_another_browser_does_not_exist(app: Flask, mentor: Mentor, mentee: Person, stranger: Person) -> None:
    held = Visitor(app, mentee).hold(opening(mentor))
    assert Visitor(app, stranger).get(held.location).status_code == 404


def test_make_person_is_once(world: Time) -> None:
    assert make_person("Sam Rivera").id == make_person("Sam Rivera").id
