"""After a block neither is offered the other's openings, and everything looks as if there were none."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from portal.availability import hours
from portal.availability.choices import nearest_to, next_openings
from portal.availability.hours import Plan
from portal.clock import zone
from portal.directory import finding
from portal.directory.filter import Filter
from portal.directory.finding import find
from portal.directory.others import others_who_fit
from portal.errors import NotAllowedNow, OpeningTaken
from portal.mentors.models import Mentor
from portal.mentors.profile import hide
from portal.people import blocks
from portal.people.models import Person
from portal.people.pauses import pause
from portal.sessions.booking import book, rebook
from portal.sessions.changes import cancel, move
from portal.sessions.holding import Opening, hold
from portal.sessions.models import Session, Teammate
from portal.sessions.team import hand_over, invite
from portal.when import Reader
from tests.cast import (
    ALL_WEEK,
    BOOKING,
    REQUEST,
    Visitor,
    cookie_of,
    make_mentor,
    make_person,
    make_session,
    opening,
    starts_of,
    value_of,
)
from tests.conftest import Time
from tests.directory.shows import cards_of

PATH = "/mentors/laila-mansour"
OPEN = Plan("Etc/UTC", ALL_WEEK, lengths=(15, 30, 60), notice=0)
FREE = "This time is no longer free."
both_ways = pytest.mark.parametrize("by_mentor", [True, False])


def part(mentor: Mentor, mentee: Person, *, by_mentor: bool) -> None:
    """Either blocks the other."""
    one, other = (mentor.person, mentee) if by_mentor else (mentee, mentor.person)
    blocks.block(other, person=one)


def as_read(page: str) -> str:
    """Without the tokens, which differ each time."""
    return re.sub(r'name="csrf_token" value="[^"]+"|X-CSRFToken": "[^"]+"|name="hold" value="[^"]+"', "", page)


def offered(page: str) -> int:
    return page.count('class="opening"')


@both_ways
def test_find_leaves_out_who_is_apart(app: Flask, mentor: Mentor, mentee: Person, by_mentor: bool) -> None:
    sam, others = Visitor(app, mentee), (Visitor(app), Visitor(app, make_person("Noor Haddad")))
    make_mentor("Tobias Okafor")
    both = ["laila-mansour", "tobias-okafor"]
    queries = (
        "/",
        "/?q=negotiate",
        "/?when=weekend",
        "/?length=60&kind=career&expertise=offer-negotiation",
        "/?page=2",
    )
    for path in queries:
        assert (path, [card.slug for card in cards_of(sam.get(path).text)]) == (path, both)
    part(mentor, mentee, by_mentor=by_mentor)
    for path in queries:
        for page in (sam.get(path).text, sam.part(path.replace("page=2", "page=1")).text):
            assert (path, [card.slug for card in cards_of(page)]) == (path, ["tobias-okafor"])
            assert '<span class="count">1 mentor</span>' in page
        for other in others:
            assert (path, [card.slug for card in cards_of(other.get(path).text)]) == (path, both)
    blocks.unblock(mentee.id, person=mentor.person)
    blocks.unblock(mentor.person_id, person=mentee)
    assert [card.slug for card in cards_of(sam.get("/").text)] == both


def test_find_works_both_ways_between_two_mentors(app: Flask, mentor: Mentor) -> None:
    tobias = make_mentor("Tobias Okafor")
    blocks.block(mentor.person, person=tobias.person)
    shown = [[card.slug for card in cards_of(Visitor(app, who.person).get("/").text)] for who in (mentor, tobias)]
    assert shown == [["laila-mansour"], ["tobias-okafor"]]


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(),
        Filter(page=2),
        Filter(page=3),
        Filter(q="negotiate"),
        Filter(q="negotiate", page=2),
        Filter(when="weekend"),
    ],
)
def test_find_counts_as_if_who_is_apart_did_not_exist(
    world: Time, mentor: Mentor, mentee: Person, monkeypatch: pytest.MonkeyPatch, wanted: Filter
) -> None:
    """Pages of two, of which one more is looked at than is shown: each number of others meets each limit."""
    monkeypatch.setattr(finding, "PAGE", 2)
    monkeypatch.setattr(finding, "CAP", 1)
    reader = Reader(zone("Etc/UTC"), world.now)
    blocks.block(mentee, person=mentor.person)
    blocks.block(make_person("Bo Chen"), person=mentee)  # who is no mentor
    for number in range(8):
        found = [find(wanted, reader=reader, mentee_id=mentee.id, only_last_page=last) for last in (False, True)]
        Mentor.update(status="hidden").where(Mentor.person == mentor.person_id).execute()
        stranger = make_person(f"Asker {number}")
        without = [find(wanted, reader=reader, mentee_id=stranger.id, only_last_page=last) for last in (False, True)]
        Mentor.update(status="published").where(Mentor.person == mentor.person_id).execute()
        with_all = find(wanted, reader=reader, mentee_id=stranger.id)
        assert (number, found) == (number, without)
        assert with_all.total >= found[0].total
        days = ALL_WEEK[:5] if number % 2 else ALL_WEEK
        make_mentor(f"Mentor {number}", plan=replace(OPEN, lengths=(15,), weekly=days))


@both_ways
def test_openings_are_none_where_they_are_chosen(mentor: Mentor, mentee: Person, by_mentor: bool) -> None:
    start = starts_of(mentor)[4]
    assert len(nearest_to(mentor.person_id, start, 15, mentee_id=mentee.id)) == 3
    assert len(next_openings(mentor.person_id, 15, mentee_id=mentee.id)) == 6
    part(mentor, mentee, by_mentor=by_mentor)
    assert nearest_to(mentor.person_id, start, 15, mentee_id=mentee.id) == []
    assert next_openings(mentor.person_id, 15, mentee_id=mentee.id) == []
    assert len(next_openings(mentor.person_id, 15, mentee_id=make_person("Noor Haddad").id)) == 6


@both_ways
def test_hold_and_book_are_refused(mentor: Mentor, mentee: Person, by_mentor: bool) -> None:
    wanted = opening(mentor, 4)
    part(mentor, mentee, by_mentor=by_mentor)
    with pytest.raises(OpeningTaken, match=FREE.replace(".", r"\.")):
        hold(wanted, holder="a", mentee=mentee, draft={})
    with pytest.raises(OpeningTaken, match=FREE.replace(".", r"\.")):
        book(wanted, REQUEST, mentee=mentee, holder="a", hold_ref="a")
    assert Session.select().count() == 0
    hold(wanted, holder="b", mentee=make_person("Noor Haddad"), draft={})


def test_book_what_was_held_before_the_block_is_refused(mentor: Mentor, mentee: Person) -> None:
    wanted = opening(mentor, 4)
    held = hold(wanted, holder="a", mentee=mentee, draft={})
    blocks.block(mentee, person=mentor.person)
    with pytest.raises(OpeningTaken, match=FREE.replace(".", r"\.")):
        book(wanted, REQUEST, mentee=mentee, holder="a", hold_ref=held.ref)
    assert Session.select().count() == 0


def answers(sam: Visitor, mentor: Mentor, cancelled: Session, ahead: Session) -> list[tuple[str, int, str]]:
    """All that a mentee gets to read about this mentor's time."""
    wanted = value_of(Opening(mentor, ahead.start.replace(hour=16), 15))
    posts = [
        ("/holds", {"opening": wanted, "objective": "A counter-offer"}),
        ("/sessions", {"opening": wanted, "hold": "x", **BOOKING}),
        (f"/sessions/{cancelled.ref}/rebooking", {"opening": wanted, "hold": "y"}),
        (f"/sessions/{ahead.ref}/move", {"opening": wanted}),
    ]
    gets = [PATH, f"{PATH}?length=60&day=2026-11-25", f"/sessions/{cancelled.ref}", f"/sessions/{ahead.ref}/move"]
    read = [(path, sam.get(path)) for path in gets] + [(path, sam.post(path, data)) for path, data in posts]
    read.append(("part", sam.part(PATH)))
    return [(path, answer.status_code, as_read(answer.text)) for path, answer in read]


def test_who_was_blocked_reads_what_everybody_reads_about_a_mentor_without_openings(
    app: Flask, mentor: Mentor, mentee: Person
) -> None:
    sam = Visitor(app, mentee)
    cancelled, ahead = make_session(mentor, mentee, number=8), make_session(mentor, mentee, number=12)
    cancel(cancelled, person=mentor.person, reason="Ill")
    hours.save(replace(OPEN, weekly=()), mentor=mentor)
    closed = answers(sam, mentor, cancelled, ahead)
    assert [(path, status) for path, status, page in closed if offered(page)] == []
    hours.save(OPEN, mentor=mentor)
    assert offered(sam.get(PATH).text) > 0  # what the block takes away
    blocks.block(mentee, person=mentor.person)
    assert answers(sam, mentor, cancelled, ahead) == closed
    assert (Session.select().count(), Session.get_by_id(ahead.id).start) == (2, ahead.start)


def test_who_may_not_book_reads_the_same_about_who_blocked_them(app: Flask, mentor: Mentor, mentee: Person) -> None:
    sam, wanted = Visitor(app, mentee), opening(mentor, 20)
    other = make_mentor("Tobias Okafor")
    for number in range(3):
        make_session(other, mentee, number=4 * number)
    before = as_read(sam.hold(wanted).text)
    assert "You have 3 upcoming sessions" in before
    blocks.block(mentee, person=mentor.person)
    assert as_read(sam.hold(wanted).text) == before


@both_ways
def test_form_of_an_opening_held_before_signing_in_is_not_offered(
    app: Flask, mentor: Mentor, mentee: Person, by_mentor: bool
) -> None:
    browser, wanted = Visitor(app), opening(mentor, 4)
    held = browser.hold(wanted, objective="A counter-offer").location
    with browser.client.session_transaction() as cookie:
        cookie.update(cookie_of(mentee))
    assert browser.get(held).status_code == 200
    part(mentor, mentee, by_mentor=by_mentor)
    gone = browser.get(held)
    assert (gone.status_code, offered(gone.text), "The 10 minutes are over." in gone.text) == (409, 0, True)
    assert "A counter-offer" in gone.text


@both_ways
def test_rebooking_offers_neither_the_mentor_nor_others_who_are_apart(
    app: Flask, mentor: Mentor, mentee: Person, world: Time, by_mentor: bool
) -> None:
    tobias, ines = make_mentor("Tobias Okafor"), make_mentor("Ines Prado")
    cancelled = make_session(mentor, mentee, number=8)
    cancel(cancelled, person=mentor.person, reason="Ill")
    reader = Reader(zone("Etc/UTC"), world.now)

    def fitting() -> set[str]:
        return {found.row.slug for found in others_who_fit(cancelled, reader, mentee.id)}

    page = Visitor(app, mentee).get(f"/sessions/{cancelled.ref}").text
    assert ("Book again with Laila" in page, fitting()) == (True, {"tobias-okafor", "ines-prado"})
    for other in (mentor, tobias):
        part(other, mentee, by_mentor=by_mentor)
    page = Visitor(app, mentee).get(f"/sessions/{cancelled.ref}").text
    assert ("Book again with Laila" in page, "Tobias Okafor" in page, fitting()) == (False, False, {"ines-prado"})
    for other in (mentor, tobias):
        with pytest.raises(OpeningTaken, match=FREE.replace(".", r"\.")):
            rebook(cancelled, opening(other, 20), mentee=mentee, holder="a", hold_ref=other.slug)
    assert rebook(cancelled, opening(ines, 20), mentee=mentee, holder="a", hold_ref="a").mentor == ines


@both_ways
def test_a_session_ahead_stays_and_does_not_move(app: Flask, mentor: Mentor, mentee: Person, by_mentor: bool) -> None:
    session, sam = make_session(mentor, mentee, number=8), Visitor(app, mentee)
    assert offered(sam.get(f"/sessions/{session.ref}/move").text) > 0
    part(mentor, mentee, by_mentor=by_mentor)
    assert offered(sam.get(f"/sessions/{session.ref}/move").text) == 0
    with pytest.raises(OpeningTaken, match=FREE.replace(".", r"\.")):
        move(session, starts_of(mentor)[20], mentee=mentee)
    kept = Session.get_by_id(session.id)
    assert (kept.start, kept.is_cancelled, kept.moves) == (session.start, False, 0)


def test_handover_across_a_block_sounds_like_one_to_somebody_paused(
    world: Time, mentor: Mentor, mentee: Person
) -> None:
    session = make_session(mentor, mentee, number=8)
    Session.update(kind="project").where(Session.id == session.id).execute()
    noor, bo, uma = (make_person(name) for name in ("Noor Haddad", "Bo Chen", "Uma Rao"))
    invite(session, [noor.email, bo.email, uma.email], mentee=mentee)
    mates = [row.id for row in Teammate.select().order_by(Teammate.id)]
    blocks.block(noor, person=mentor.person)
    pause(bo, world.now.date().replace(day=30))
    for mate in mates[:2]:
        with pytest.raises(
            NotAllowedNow, match=r"^They cannot have this session\. Choose somebody else, or cancel it\.$"
        ):
            hand_over(session, mate, mentee=mentee)
    hand_over(session, mates[2], mentee=mentee)
    assert Session.get_by_id(session.id).mentee == uma


def test_hidden_is_not_what_a_block_looks_like(app: Flask, mentor: Mentor, mentee: Person) -> None:
    """The control: of a hidden mentor there is no page, of one who blocked the reader there is."""
    blocks.block(mentee, person=mentor.person)
    assert Visitor(app, mentee).get(PATH).status_code == 200
    hide(mentor)
    assert Visitor(app, mentee).get(PATH).status_code == 404
