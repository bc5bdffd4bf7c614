"""Holding an opening: one for each browser and person, for 10 minutes, with what was typed before."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from portal.availability import hours
from portal.availability.hours import Plan
from portal.availability.models import Claim, Hold
from portal.errors import NotAllowedNow, OpeningTaken
from portal.mentors.models import Mentor
from portal.mentors.profile import Profile, hide, save_draft
from portal.people.models import Person
from portal.sessions.booking import book
from portal.sessions.holding import Opening, hold
from portal.sessions.models import Session
from tests.cast import ALL_WEEK, BOOKING, MONDAY, REQUEST, Visitor, make_person, opening, starts_of, value_of
from tests.conftest import Time


def test_hold_keeps_what_was_typed_before(app: Flask, mentor: Mentor, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    typed = {
        "objective": "Kept <objective>",
        "questions": "One?\nTwo?",
        "kind": "project",
        "format": "chat",
        "link": "https://a.example",
    }
    form = sam.get(sam.hold(opening(mentor), **typed).location).text
    for shown in ('value="Kept &lt;objective&gt;"', "One?\nTwo?", 'value="https://a.example"', "Held for you, "):
        assert (shown, shown in form) == (shown, True)
    assert chosen(form) == [("kind", "project"), ("format", "chat")]


def test_hold_is_still_said_when_the_form_is_not_complete(app: Flask, mentor: Mentor, mentee: Person) -> None:
    sam, start = Visitor(app, mentee), opening(mentor)
    ref = sam.hold(start).location.rsplit("/", 1)[1]
    for held, said in ((ref, True), ("another", False)):
        answer = sam.post("/sessions", {"opening": value_of(start), "hold": held, **BOOKING, "objective": ""})
        assert (answer.status_code, "Held for you, " in answer.text) == (422, said)


def chosen(form: str) -> list[tuple[str, str]]:
    """Name and value of each radio button that is on."""
    return re.findall(r'<input checked [^>]*name="(\w+)" type="radio" value="(\w+)"', form)


def test_hold_with_a_wish_the_mentor_does_not_offer_falls_to_their_usual_kind_and_first_format(
    app: Flask, mentor: Mentor, mentee: Person
) -> None:
    sam, wanted = Visitor(app, mentee), value_of(opening(mentor))
    held = sam.post("/holds", {"opening": wanted, "kind": "studies", "format": "phone"})
    assert chosen(sam.get(held.location).text) == [("kind", "career"), ("format", "video")]
    typed = {"opening": wanted, "hold": held.location.rsplit("/", 1)[1], "objective": "x", "questions": "y"}
    assert sam.post("/sessions", typed).status_code == 303
    assert (Session.get().kind, Session.get().format) == ("career", "video")


@pytest.mark.parametrize(("seconds", "status"), [(599, 200), (600, 409), (601, 409)])
def test_hold_page_for_ten_minutes(
    app: Flask, mentor: Mentor, mentee: Person, world: Time, seconds: int, status: int
) -> None:
    sam, wanted = Visitor(app, mentee), opening(mentor)
    held = sam.hold(wanted, objective="Kept objective")
    world.pass_(seconds=seconds)
    page = sam.get(held.location)
    assert (page.status_code, "Kept objective" in page.text) == (status, True)
    over = "The 10 minutes are over. Take the time again if it is still free."
    assert (over in page.text, f'value="{value_of(wanted)}"' in page.text) == (status == 409, True)


def test_book_after_the_hold_has_run_out_works_while_it_is_free(
    app: Flask, mentor: Mentor, mentee: Person, world: Time
) -> None:
    sam, wanted = Visitor(app, mentee), opening(mentor)
    held = sam.hold(wanted)
    world.pass_(minutes=11)
    booked = sam.post("/sessions", {"opening": value_of(wanted), "hold": held.location.rsplit("/", 1)[1], **BOOKING})
    assert (booked.status_code, Session.get().start) == (303, wanted.start)


def test_hold_that_was_given_back_says_so(app: Flask, mentor: Mentor, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    first, second = sam.hold(opening(mentor, 0)), sam.hold(opening(mentor, 2))
    assert (sam.get(first.location).status_code, sam.get(second.location).status_code) == (409, 200)


def test_hold_by_one_person_in_two_browsers_is_one(app: Flask, mentor: Mentor, mentee: Person) -> None:
    for number in (0, 2):
        assert Visitor(app, mentee).hold(opening(mentor, number)).status_code == 303
    assert Hold.select().where(~Hold.is_released).count() == 1
    assert Claim.select().where(Claim.person == mentee).count() == 1


def test_hold_without_being_signed_in_leads_to_the_form_and_takes_the_time(
    app: Flask, mentor: Mentor, visitor: Visitor
) -> None:
    wanted = opening(mentor)
    held = visitor.hold(wanted)
    form = visitor.get(held.location)
    assert (held.status_code, form.status_code, "Your e-mail" in form.text) == (303, 200, True)
    assert wanted.start not in starts_of(mentor)


def test_hold_a_taken_opening_offers_the_nearest(app: Flask, mentor: Mentor, mentee: Person, stranger: Person) -> None:
    wanted = opening(mentor, 4)
    Visitor(app, stranger).hold(wanted)
    answer = Visitor(app, mentee).hold(wanted, objective="Kept objective")
    assert (answer.status_code, "This time is no longer free." in answer.text) == (409, True)
    assert 'name="objective" value="Kept objective"' in answer.text
    assert answer.text.count("data-opening=") == 3


def test_hold_ones_own_opening_is_refused(app: Flask, mentor: Mentor) -> None:
    answer = Visitor(app, mentor.person).hold(opening(mentor))
    assert (answer.status_code, "This is your own opening." in answer.text, Hold.select().count()) == (409, True, 0)
    with pytest.raises(NotAllowedNow):
        hold(opening(mentor), holder="a", mentee=mentor.person, draft={})


def test_hold_of_a_mentor_who_was_hidden_meanwhile_says_so(app: Flask, mentor: Mentor, mentee: Person) -> None:
    sam, wanted = Visitor(app, mentee), opening(mentor)
    held = sam.hold(wanted)
    hide(mentor)
    answers = [
        sam.hold(wanted),
        sam.post("/sessions", {"opening": value_of(wanted), "hold": held.location[7:], **BOOKING}),
    ]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert ["This mentor takes no bookings right now." in answer.text for answer in answers] == [True, True]
    with pytest.raises(OpeningTaken):
        hold(wanted, holder="b", mentee=None, draft={})
    assert Session.select().count() == 0


def test_hold_of_nobody_and_of_who_is_not_public_yet_does_not_exist(
    app: Flask, visitor: Visitor, mentor: Mentor
) -> None:
    save_draft(Profile("Bo Chen", "Soon"), person=make_person("Bo Chen"))
    start = opening(mentor).start
    for slug in ("bo-chen", "nobody", "x" * 5000):
        assert visitor.post("/holds", {"opening": f"{slug} {start:%Y-%m-%dT%H:%M:%SZ} 15"}).status_code == 404
    assert Visitor(app, mentor.person).get("/holds/nothing").status_code == 404


def test_hold_in_another_offset_is_the_same_instant(app: Flask, mentor: Mentor, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    assert sam.post("/holds", {"opening": "laila-mansour 2026-11-23T14:30:00+05:30 15"}).status_code == 303
    assert Hold.get().start.isoformat() == "2026-11-23T09:00:00+00:00"
    for value in ("2026-11-23T09:00:00.5Z 15", "2026-11-23T09:00:01Z 15", "2026-11-23T09:07:00Z 15"):
        assert (value, sam.post("/holds", {"opening": f"laila-mansour {value}"}).status_code) == (value, 409)


def test_book_a_name_of_a_hold_that_is_far_too_long_is_cut(app: Flask, mentor: Mentor, mentee: Person) -> None:
    name = "".join(f"{number:x}" for number in range(30_000))
    sam, wanted = Visitor(app, mentee), value_of(opening(mentor))
    for _ in range(2):
        assert sam.post("/sessions", {"opening": wanted, "hold": name, **BOOKING}).status_code == 303
    assert [len(session.hold_ref) for session in Session.select()] == [64]


def test_book_with_the_hold_of_another_does_not_exist(
    app: Flask, mentor: Mentor, mentee: Person, stranger: Person
) -> None:
    sam, wanted = Visitor(app, mentee), opening(mentor)
    ref = sam.hold(wanted).location.rsplit("/", 1)[1]
    sam.post("/sessions", {"opening": value_of(wanted), "hold": ref, **BOOKING})
    mallory = Visitor(app, stranger)
    assert mallory.get(f"/holds/{ref}").status_code == 404
    stolen = mallory.post("/sessions", {"opening": value_of(opening(mentor)), "hold": ref, **BOOKING})
    assert (stolen.status_code, Session.select().count()) == (404, 1)


def test_taken_page_of_a_mentor_with_nothing_left_leads_to_others(app: Flask, mentor: Mentor, mentee: Person) -> None:
    far = Opening(mentor, opening(mentor).start, 60)
    hours.save(Plan("Etc/UTC", (), lengths=(15,)), mentor=mentor)
    answer = Visitor(app, mentee).hold(far)
    assert (answer.status_code, "Laila has no other opening of this length right now." in answer.text) == (409, True)
    assert 'href="/?q=Offer+negotiation"' in answer.text


def test_book_what_is_held_although_notice_has_passed_meanwhile(mentor: Mentor, mentee: Person, world: Time) -> None:
    hours.save(Plan("Etc/UTC", ALL_WEEK, notice=240), mentor=mentor)
    first = opening(mentor)
    assert first.start == world.now + timedelta(minutes=240)
    held = hold(first, holder="a", mentee=mentee, draft={})
    world.pass_(minutes=9)
    assert book(first, REQUEST, mentee=mentee, holder="a", hold_ref=held.ref).start == first.start


def test_book_after_the_hold_ran_out_needs_notice_again(mentor: Mentor, mentee: Person, world: Time) -> None:
    hours.save(Plan("Etc/UTC", ALL_WEEK, notice=240), mentor=mentor)
    first = opening(mentor)
    held = hold(first, holder="a", mentee=mentee, draft={})
    world.pass_(minutes=10)
    with pytest.raises(OpeningTaken):
        book(first, REQUEST, mentee=mentee, holder="a", hold_ref=held.ref)


def test_book_what_is_held_is_refused_once_it_would_have_begun(mentor: Mentor, mentee: Person, world: Time) -> None:
    world.set(MONDAY.replace(hour=9, minute=55))
    soon = Opening(mentor, MONDAY.replace(hour=10), 15)
    held = hold(soon, holder="a", mentee=mentee, draft={})
    world.pass_(minutes=5)
    with pytest.raises(OpeningTaken):
        book(soon, REQUEST, mentee=mentee, holder="a", hold_ref=held.ref)


def test_hold_counts_for_the_weekly_cap(mentor: Mentor, mentee: Person, stranger: Person, world: Time) -> None:
    hours.save(Plan("Etc/UTC", ALL_WEEK, notice=0, weekly_cap=1), mentor=mentor)
    first, second = opening(mentor, 0), opening(mentor, 4)
    hold(first, holder="a", mentee=mentee, draft={})
    with pytest.raises(OpeningTaken):
        hold(second, holder="b", mentee=stranger, draft={})
